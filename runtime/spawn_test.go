package runtime_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
)

func TestSpawnNamesAndNumbersPaths(t *testing.T) {
	system := newSystem(t, runtime.Config{Name: "shop"})
	nothing := func(*runtime.Context[int], int) error { return nil }
	var refs []runtime.Ref[int]
	for _, name := range []string{"", "orders", "", ""} {
		ref, err := runtime.SpawnFunc(system, name, nothing)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	parent := spawn(t, system, runtime.Props[act]{Name: "parent", New: performer})
	tell(t, parent, func(ctx *runtime.Context[act]) error {
		for _, name := range []string{"", "child"} {
			child, err := runtime.SpawnFunc(ctx, name, nothing)
			if err != nil {
				t.Error(err)
			}
			refs = append(refs, child)
		}
		return nil
	})
	parent.StopWhenEmpty()
	<-parent.Done()
	for i, want := range []string{"shop/1", "shop/orders", "shop/3", "shop/4", "shop/parent/1", "shop/parent/child"} {
		if got := refs[i].Path(); got != want || refs[i].String() != want {
			t.Errorf("path %s, string %v, want %s", got, refs[i], want)
		}
	}
	if zero := (runtime.Ref[int]{}); zero.Path() != "" || zero.String() != "" {
		t.Errorf("the zero Ref has the path %q", zero.Path())
	}
}

func TestSpawnRefusesANameThatIsTakenUntilItsActorIsDone(t *testing.T) {
	system := newSystem(t)
	for range 50 * scale {
		ref := spawn(t, system, runtime.Props[act]{Name: "one", New: performer})
		_, err := runtime.Spawn(system, runtime.Props[act]{Name: "one", New: performer})
		const want = `runtime: name is taken: spawn "one" under troupe`
		if !errors.Is(err, runtime.ErrNameTaken) || err.Error() != want {
			t.Fatalf("got  %v\nwant %s", err, want)
		}
		ref.Stop()
		<-ref.Done()
	}
}

// Of many who want the same name one gets it.
func TestSpawnGivesANameToOneOnly(t *testing.T) {
	system := newSystem(t)
	for range 20 * scale {
		var spawning sync.WaitGroup
		won := make(chan runtime.Ref[act], 16)
		for range 16 {
			spawning.Go(func() {
				ref, err := runtime.Spawn(system, runtime.Props[act]{Name: "one", New: performer})
				if err == nil {
					won <- ref
				} else if !errors.Is(err, runtime.ErrNameTaken) {
					t.Error(err)
				}
			})
		}
		spawning.Wait()
		if len(won) != 1 {
			t.Fatalf("%d have the name", len(won))
		}
		ref := <-won
		ref.Stop()
		<-ref.Done()
	}
}

// A starter spawns a child and then fails to start.
type starter struct {
	runtime.Func[act]
	start func(*runtime.Context[act]) error
}

func (s starter) Started(ctx *runtime.Context[act]) error { return s.start(ctx) }

func TestSpawnWhoseStartFailsLeavesNothingBehind(t *testing.T) {
	for name, test := range map[string]struct {
		start func(*runtime.Context[act]) error
		want  string
		is    func(error) bool
	}{
		"error": {
			func(*runtime.Context[act]) error { return errFails },
			"runtime: start troupe/one: it fails",
			func(err error) bool { return errors.Is(err, errFails) },
		},
		"panic": {
			func(*runtime.Context[act]) error { panic("no") },
			"runtime: start troupe/one: panic: no",
			func(err error) bool { var p *runtime.PanicError; return errors.As(err, &p) },
		},
		"stop and error": {
			func(ctx *runtime.Context[act]) error { ctx.Stop(); return errFails },
			"runtime: start troupe/one: it fails",
			func(err error) bool { return errors.Is(err, errFails) },
		},
		"New panics": {nil, "runtime: start troupe/one: panic: New", func(err error) bool { return err != nil }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				letters := collectDeadLetters(system)
				var child runtime.Ref[act]
				props := runtime.Props[act]{Name: "one", New: func() runtime.Actor[act] {
					if test.start == nil {
						panic("New")
					}
					return starter{start: func(ctx *runtime.Context[act]) error {
						child, _ = runtime.Spawn(ctx, runtime.Props[act]{Name: "child", New: performer})
						if err := ctx.Self().Tell(ctx, fine); err != nil {
							t.Error(err)
						}
						return test.start(ctx)
					}}
				}}
				ref, err := runtime.Spawn(system, props)
				if ref != (runtime.Ref[act]{}) || err == nil || err.Error() != test.want || !test.is(err) {
					t.Errorf("got  %v, %v\nwant %s", ref, err, test.want)
				}
				<-child.Done()
				checkIdentity(t, system.Stats())
				if actors := system.Stats().Actors; actors != 0 {
					t.Errorf("%d actors are left", actors)
				}
				spawn(t, system, runtime.Props[act]{Name: "one", New: performer})
				synctest.Wait()
				if got, want := len(letters.list()), system.Stats().DeadLettered; uint64(got) != want {
					t.Errorf("%d dead letters, want %d", got, want)
				}
			})
		})
	}
}

// Goexit ends the goroutine that spawns, but not the books.
func TestSpawnWhoseStartCallsGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			_, _ = runtime.Spawn(system, runtime.Props[act]{Name: "one", New: func() runtime.Actor[act] {
				return starter{start: func(*runtime.Context[act]) error { goruntime.Goexit(); return nil }}
			}})
			t.Error("Spawn returned")
		}()
		<-gone
		synctest.Wait()
		spawn(t, system, runtime.Props[act]{Name: "one", New: performer})
		if actors := system.Stats().Actors; actors != 1 {
			t.Errorf("%d actors live, want 1", actors)
		}
	})
}

// A message may come while Started runs; it is handled when that has returned.
func TestSpawnReturnsAfterStartedAndBeforeAMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		spawn(t, system, runtime.Props[act]{New: func() runtime.Actor[act] {
			return starter{
				Func: func(ctx *runtime.Context[act], do act) error { return do(ctx) },
				start: func(ctx *runtime.Context[act]) error {
					err := ctx.Self().Tell(ctx, note(j, "handled"))
					j.add("started")
					return err
				},
			}
		}})
		synctest.Wait()
		j.check(t, "started", "handled")
	})
}

func TestSpawnIntoAStoppedSystemOrActor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		parent := spawn(t, system, runtime.Props[act]{Name: "parent", New: performer})
		ctx := contextOf(t, parent)
		parent.Stop()
		<-parent.Done()
		_, err := runtime.Spawn(ctx, runtime.Props[act]{Name: "child", New: performer})
		want := `runtime: stopped: spawn "child" under troupe/parent`
		if !errors.Is(err, runtime.ErrStopped) || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if err := system.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		_, err = runtime.Spawn(system, runtime.Props[act]{New: performer})
		want = `runtime: stopped: spawn "" under troupe`
		if !errors.Is(err, runtime.ErrStopped) || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
}
