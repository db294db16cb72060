package pipeline_test

import (
	"context"
	"errors"
	"github.com/troupe-go/troupe/supervisor"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/pipeline"
	"github.com/troupe-go/troupe/runtime"
)

// endless is a source of 0, 1, 2, ... that tells how many it was asked for, and that it has ended.
func endless(asked *int, ended *bool) pipeline.Flow[int] {
	return pipeline.FromSeq(func(yield func(int) bool) {
		defer func() { *ended = true }()
		for ; yield(*asked); *asked++ {
		}
	})
}

// hang is a sink's function that stands still until it is cancelled.
func hang(ctx context.Context, _ int) error {
	<-ctx.Done()
	return ctx.Err()
}

// Rules 2.08, 3.12 and 3.13: a cancel stops the source and everything else at once, and what was under way is counted.
func TestCancelStopsEverythingAndCountsWhatIsLost(t *testing.T) {
	for name, cancel := range map[string]func(*pipeline.Run, func()){
		"Cancel":         func(r *pipeline.Run, _ func()) { r.Cancel() },
		"end of context": func(_ *pipeline.Run, end func()) { end() },
	} {
		for shape, stage := range shapes {
			t.Run(name+"/"+shape, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					asked, ended := 0, false
					ctx, end := context.WithCancel(context.Background())
					defer end()
					dead := 0
					system := newSystem(t)
					system.DeadLetters(func(runtime.DeadLetter) { dead++ })
					flow := pipeline.FlatMap(pipeline.Map(endless(&asked, &ended), add, stage), func(_ context.Context, n int) ([]int, error) {
						return []int{n, n, n}, nil
					}, pipeline.Stage{Buffer: 5})
					run, err := pipeline.ForEach(flow, hang, pipeline.Stage{Buffer: 5}).Run(ctx, system, pipeline.Config{})
					if err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
					cancel(run, end)
					err = run.Wait(t.Context())
					if !errors.Is(err, pipeline.ErrCancelled) || name != "Cancel" && !errors.Is(err, context.Canceled) {
						t.Errorf("Wait returns %v, want an error that wraps ErrCancelled, and the reason", err)
					}
					if !ended {
						t.Error("the source goes on")
					}
					if system.Stats().Actors != 0 || dead != 0 {
						t.Errorf("%d actors are left, and %d dead letters were made", system.Stats().Actors, dead)
					}
					// What the sink has begun is one; two results of its item, or one, wait in front of it or inside of the FlatMap.
					s := run.Stats()
					if s.Dropped == 0 || s.Stages[0].Out-s.Stages[1].In+s.Stages[1].Out-s.Stages[2].In > s.Dropped {
						t.Errorf("stats are %+v", s)
					}
					run.Cancel() // rules 3.06 and 3.07: nothing happens
					if again := run.Wait(t.Context()); again != err {
						t.Errorf("after another Cancel Wait returns %v", again)
					}
				})
			})
		}
	}
}

func TestDrainLetsEverythingArrive(t *testing.T) {
	for shape, stage := range shapes {
		t.Run(shape, func(t *testing.T) {
			asked, ended := 0, false
			begun := make(chan struct{}, 1)
			flow := pipeline.Map(endless(&asked, &ended), func(_ context.Context, n int) (int, error) {
				select {
				case begun <- struct{}{}:
				default:
				}
				return n, nil
			}, stage)
			run := start(t, newSystem(t), pipeline.ToSlice(pipeline.Batch(flow, 10, 0), new([][]int)))
			<-begun
			if err := run.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			s := run.Stats()
			if s.Dropped != 0 || s.Stages[0].Out != s.Stages[1].In || s.Stages[2].Out != s.Stages[3].In || !ended {
				t.Errorf("stats are %+v", s)
			}
		})
	}
}

func TestDrainEndsWithItsContextAndThenCancels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, ended := 0, false
		run := start(t, newSystem(t), pipeline.ForEach(endless(&asked, &ended), hang))
		synctest.Wait()
		ctx, end := context.WithCancel(t.Context())
		defer end()
		go func() { synctest.Wait(); end() }()
		if err := run.Drain(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Drain returns %v", err)
		}
		if err := run.Wait(t.Context()); !errors.Is(err, pipeline.ErrCancelled) {
			t.Errorf("Wait returns %v", err)
		}
	})
}

// A shutdown ends the sources, whether they are at work or wait, and everything that they have sent arrives.
func TestShutdownDrains(t *testing.T) {
	sources := map[string]func() pipeline.Flow[int]{
		"iterator": func() pipeline.Flow[int] {
			return pipeline.FromSeq(func(yield func(int) bool) {
				for n := 0; yield(n); n++ {
				}
			})
		},
		"channel that blocks": func() pipeline.Flow[int] {
			ch := make(chan int, 100)
			for n := range 100 {
				ch <- n
			}
			return pipeline.FromChan(ch)
		},
		"intake": func() pipeline.Flow[int] { return pipeline.NewIntake[int]().Flow() },
	}
	for name, source := range sources {
		for shape, stage := range shapes {
			t.Run(name+"/"+shape, func(t *testing.T) {
				system := newSystem(t)
				flow := pipeline.Map(source(), add, stage)
				var got []int
				run := start(t, system, pipeline.ToSlice(flow, &got))
				if name != "intake" {
					for run.Stats().Stages[2].In < 50 {
						select {
						case <-run.Done():
							t.Fatal(run.Wait(t.Context()))
						default:
						}
					}
				}
				if err := system.Shutdown(t.Context()); err != nil {
					t.Fatal(err)
				}
				s := finish(t, run)
				if s.Dropped != 0 || s.Stages[0].Out != uint64(len(got)) {
					t.Errorf("%d items arrived; stats are %+v", len(got), s)
				}
			})
		}
	}
}

func TestStopOfTheParentEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		runs := make(chan *pipeline.Run, 1)
		asked, ended := 0, false
		parent, err := runtime.SpawnFunc(system, "parent", func(ctx *runtime.Context[int], _ int) error {
			run, err := pipeline.ForEach(endless(&asked, &ended), hang).Run(ctx, ctx, pipeline.Config{Name: "run"})
			runs <- run
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = parent.TryTell(1)
		run := <-runs
		synctest.Wait()
		parent.Stop()
		if err := run.Wait(t.Context()); !errors.Is(err, runtime.ErrStopped) && !errors.Is(err, pipeline.ErrCancelled) {
			t.Errorf("Wait returns %v", err)
		}
		<-parent.Done()
		if !ended {
			t.Error("the source goes on")
		}
	})
}

// Code that does not return is given up, and the run ends without it.
func TestFunctionThatDoesNotReturnIsAbandoned(t *testing.T) {
	for shape, stage := range shapes {
		t.Run(shape, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				never := make(chan struct{})
				flow := pipeline.Map(pipeline.FromSeq(numbers(100)), func(_ context.Context, n int) (int, error) {
					<-never
					return n, nil
				}, stage)
				run := start(t, newSystem(t), pipeline.ForEach(flow, func(context.Context, int) error { return nil }))
				synctest.Wait()
				run.Cancel()
				if err := run.Wait(t.Context()); !errors.Is(err, pipeline.ErrCancelled) {
					t.Errorf("Wait returns %v", err)
				}
				close(never)
			})
		})
	}
}

func TestReadThatDoesNotReturnIsAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		var got []string
		run := start(t, newSystem(t), pipeline.ToSlice(pipeline.Lines(&slowReader{"x\n", 2, never}), &got))
		synctest.Wait()
		run.Cancel()
		if err := run.Wait(t.Context()); !errors.Is(err, pipeline.ErrCancelled) {
			t.Errorf("Wait returns %v", err)
		}
		want(t, got, []string{"x", "x"})
		close(never)
	})
}

func TestLeavingTheLoopEndsTheRun(t *testing.T) {
	for name, leave := range map[string]func(pipeline.Flow[int], *runtime.System, context.Context){
		"break": func(f pipeline.Flow[int], s *runtime.System, ctx context.Context) {
			for range f.All(ctx, s) {
				break
			}
		},
		"panic": func(f pipeline.Flow[int], s *runtime.System, ctx context.Context) {
			defer func() { _ = recover() }()
			for range f.All(ctx, s) {
				panic("on purpose")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			system := newSystem(t)
			asked, ended := 0, false
			leave(pipeline.Map(endless(&asked, &ended), add), system, t.Context())
			if !ended {
				t.Error("the source goes on after the loop")
			}
		})
	}
}

func TestLoopEndsWithTheErrorOfTheRun(t *testing.T) {
	system := newSystem(t)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	asked, ended := 0, false
	var last error
	for n, err := range endless(&asked, &ended).All(ctx, system) {
		if last = err; n == 10 {
			end()
		}
	}
	if !errors.Is(last, pipeline.ErrCancelled) || !errors.Is(last, context.Canceled) {
		t.Errorf("the last error is %v", last)
	}
	flow := pipeline.Map(pipeline.FromSeq(numbers(10)), func(context.Context, int) (int, error) { return 0, errOnPurpose })
	again := flow.All(t.Context(), system)
	for range 2 {
		var all []error
		for _, err := range again {
			all = append(all, err)
		}
		if len(all) != 1 || !errors.Is(all[0], errOnPurpose) && !errors.Is(all[0], pipeline.ErrUsed) {
			t.Errorf("the errors are %v", all)
		}
	}
}

// Rules 1.05, 1.07, 2.09 and 2.10: one end follows the last item, without being asked for, and nothing follows the end.
func TestEndComesOnceAfterTheLastItem(t *testing.T) {
	for _, n := range []int{0, 1, 1000} {
		ch := make(chan int, 1000)
		run := start(t, newSystem(t), pipeline.ToChan(pipeline.Map(pipeline.FromSeq(numbers(n)), add), ch))
		finish(t, run)
		var got []int
		for v := range ch { // a second end would close it again, and panic; an item after it too
			got = append(got, v-1)
		}
		want(t, got, slices.Collect(numbers(n)))
	}
}

// The end of a run and its last items may come together: a loop gets them all.
func TestLoopGetsTheTailBesideTheEnd(t *testing.T) {
	system := newSystem(t)
	for i := range stressed(2000, 100) {
		n := 2 + i%3
		ch := make(chan int)
		go func() {
			for v := range n {
				ch <- v
			}
			close(ch)
		}()
		got := 0
		for _, err := range pipeline.FromChan(ch).All(t.Context(), system) {
			if err != nil {
				t.Fatal(err)
			}
			got++
		}
		if got != n {
			t.Fatalf("the loop had %d of %d items, and no error", got, n)
		}
	}
}

// No function is called after a cancel, and no loop's body, whatever is there already.
func TestNothingIsCalledAfterACancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := 0
		run := start(t, newSystem(t), pipeline.ForEach(pipeline.FromSlice(make([]int, 200)), func(ctx context.Context, _ int) error {
			if ctx.Err() != nil {
				late++
			}
			<-ctx.Done()
			return nil
		}))
		synctest.Wait()
		run.Cancel()
		<-run.Done()
		if late > 0 {
			t.Errorf("the function was called %d times more", late)
		}
	})
	ctx, end := context.WithCancel(t.Context())
	defer end()
	for n, err := range pipeline.FromSlice(make([]int, 5000)).All(ctx, newSystem(t)) {
		if err == nil && ctx.Err() != nil {
			t.Fatalf("the body was called after the cancel, with %d", n)
		}
		end()
	}
}

// An iterator that is asked for no more learns so from its next yield, however quick it was.
func TestIteratorEndsAtItsNextItem(t *testing.T) {
	for _, drains := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			more := 0
			quick, over := make(chan struct{}), make(chan struct{})
			flow := pipeline.FromSeq(func(yield func(int) bool) {
				for i := range 20_001 {
					yield(i)
				}
				close(quick)
				<-over
				for yield(0) {
					more++
				}
			})
			run := start(t, newSystem(t), pipeline.ForEach(flow, func(context.Context, int) error { return nil }))
			<-quick
			if drains {
				go func() { _ = run.Drain(t.Context()) }()
			} else {
				run.Cancel()
			}
			synctest.Wait()
			close(over)
			<-run.Done()
			if more > 0 {
				t.Errorf("drains: %v: %d items more were asked for", drains, more)
			}
		})
	}
}

// A Cancel counts, however many other calls came before it.
func TestCancelCountsAmongManyDrains(t *testing.T) {
	run := start(t, newSystem(t), pipeline.ForEach(pipeline.FromSeq(numbers(1<<40)), hang))
	var wg sync.WaitGroup
	for range 5000 {
		wg.Go(func() { _ = run.Drain(context.Background()) })
	}
	run.Cancel()
	<-run.Done()
	wg.Wait()
}

// A run that a supervisor restarts, because a sibling has failed, has ended: nothing of it comes twice.
func TestRestartOfAGroupEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := make([]int, 10)
		runs, siblings := make(chan *pipeline.Run, 1), make(chan runtime.Ref[int], 1)
		parent, err := runtime.Spawn(newSystem(t), runtime.Props[int]{
			Children: supervisor.Config{Strategy: supervisor.AllForOne},
			New: func() runtime.Actor[int] {
				return runtime.Func[int](func(ctx *runtime.Context[int], _ int) error {
					sibling, err := runtime.SpawnFunc(ctx, "sibling", func(*runtime.Context[int], int) error { return errOnPurpose })
					if err != nil {
						return err
					}
					flow := pipeline.FromSeq(func(yield func(int) bool) {
						for i := 0; i < 10 && yield(i); i++ {
							<-time.After(time.Second)
						}
					})
					run, err := pipeline.ForEach(flow, func(_ context.Context, v int) error { seen[v]++; return nil }).
						Run(context.Background(), ctx, pipeline.Config{})
					runs <- run
					siblings <- sibling
					return err
				})
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = parent.TryTell(1)
		run, sibling := <-runs, <-siblings
		<-time.After(3500 * time.Millisecond)
		_ = sibling.TryTell(1)
		if err := run.Wait(t.Context()); !errors.Is(err, runtime.ErrStopped) && !errors.Is(err, pipeline.ErrCancelled) {
			t.Errorf("Wait returns %v", err)
		}
		<-time.After(time.Minute)
		if slices.Max(seen) > 1 || seen[5] > 0 {
			t.Errorf("the items came %v times", seen)
		}
	})
}

// The contexts of all functions end with the parent, and not one after the other.
func TestStopOfTheParentEndsAllContextsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var ended time.Duration
		runs := make(chan *pipeline.Run, 1)
		parent, err := runtime.SpawnFunc(newSystem(t), "parent", func(ctx *runtime.Context[int], _ int) error {
			flow := pipeline.FromSeq(func(yield func(int) bool) {
				yield(1)
				<-time.After(3 * time.Second)
			})
			run, err := pipeline.ForEach(flow, func(ctx context.Context, _ int) error {
				<-ctx.Done()
				ended = time.Since(began)
				return nil
			}).Run(context.Background(), ctx, pipeline.Config{})
			runs <- run
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = parent.TryTell(1)
		run := <-runs
		synctest.Wait()
		parent.Stop()
		_ = run.Wait(t.Context())
		if ended != 0 {
			t.Errorf("the sink's context ended %v after the stop of the parent", ended)
		}
	})
}

// Where a function was abandoned the figures are not exact, but no nonsense.
func TestFiguresAfterAnAbandonment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		flow := pipeline.FlatMap(pipeline.FromSlice(slices.Collect(numbers(20))), func(_ context.Context, n int) ([]int, error) {
			if n == 6 {
				<-never
			}
			return make([]int, 100), nil
		})
		run := start(t, newSystem(t), pipeline.ForEach(flow, func(context.Context, int) error { return nil }))
		synctest.Wait()
		run.Cancel()
		<-run.Done()
		if s := run.Stats(); s.Dropped > 1000 {
			t.Errorf("stats are %+v", s)
		}
		close(never)
	})
}
