package workerpool_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

// told is an OnError that remembers.
type told struct{ ch chan failedJob }

type failedJob struct {
	req int
	err error
}

func newTold() *told { return &told{make(chan failedJob, 1<<12)} }

func (t *told) onError(req int, err error) { t.ch <- failedJob{req, err} }

// all returns the jobs whose failure was told, in the order of their numbers, and checks each error.
func (t *told) all(tb testing.TB, is func(error) bool) (reqs []int) {
	tb.Helper()
	for len(t.ch) > 0 {
		f := <-t.ch
		if !is(f.err) {
			tb.Errorf("of job %d, OnError is told %v", f.req, f.err)
		}
		reqs = append(reqs, f.req)
	}
	slices.Sort(reqs)
	return reqs
}

func wraps(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func TestFailuresOfJobsThatNobodyWaitsForAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errOdd := errors.New("odd")
		heard := newTold()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 3, OnError: heard.onError,
			Work: func(_ context.Context, n int) (int, error) {
				switch {
				case n%4 == 1:
					return 0, errOdd
				case n%4 == 3:
					panic(errOdd)
				}
				return n, nil
			},
		})
		var want []int
		for n := range 20 {
			if err := pool.Go(t.Context(), n); err != nil {
				t.Fatal(err)
			}
			if n%2 == 1 {
				want = append(want, n)
			}
		}
		synctest.Wait()
		if got := heard.all(t, wraps(errOdd)); !slices.Equal(got, want) {
			t.Errorf("OnError is told of %v, want %v", got, want)
		}
		wantStats(t, pool, workerpool.Stats{Workers: 3, Done: 10, Failed: 10, Restarts: 5})
	})
}

func TestJobsThatNobodyWaitsForAreToldOfWhenThePoolStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := newTold()
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 2, Work: g.work, OnError: heard.onError})
		for n := range 10 {
			if err := pool.TryGo(n); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		pool.Stop()
		if n := len(heard.ch); n < 8 {
			t.Errorf("after Stop OnError has been told of %d jobs, want the 8 that had not begun", n)
		}
		<-pool.Done()
		if got := heard.all(t, wraps(runtime.ErrStopped)); len(got) != 10 {
			t.Errorf("OnError is told of %v, want all 10", got)
		}
		s, err := pool.Stats(t.Context())
		if want := (workerpool.Stats{Workers: 2, Accepted: 10, Failed: 2, Left: 8}); s != want || !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("the last figures are %+v, %v, want %+v and ErrStopped", s, err, want)
		}
		if err := pool.Go(t.Context(), 1); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("Go returns %v, want ErrStopped", err)
		}
	})
}

// The pool does not know which job that is, but that there was one; when Work returns after all, it is told.
func TestAbandonedJobThatNobodyWaitsForIsCountedAndToldWhenItReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard, never := newTold(), make(chan struct{})
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1, OnError: heard.onError,
			Work: func(_ context.Context, n int) (int, error) {
				if n == 2 {
					<-never
				}
				return n, nil
			},
		})
		for n := range 3 {
			if err := pool.Go(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		pool.Stop()
		<-pool.Done()
		if s, _ := pool.Stats(t.Context()); s.Done != 2 || s.Failed != 1 || s.Accepted != 3 || s.Busy != 0 {
			t.Errorf("the last figures are %+v, want 2 jobs done and one failed", s)
		}
		close(never)
		synctest.Wait()
		if got := heard.all(t, wraps(runtime.ErrAbandoned)); !slices.Equal(got, []int{2}) {
			t.Errorf("OnError is told of %v, want job 2", got)
		}
	})
}

func TestPanicOfOnErrorHarmsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1, OnError: func(int, error) { panic("on purpose") },
			Work: func(_ context.Context, n int) (int, error) { return n, errors.New("on purpose") },
		})
		for n := range 5 {
			if err := pool.Go(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 1, Failed: 5})
	})
}

func TestOnErrorMayUseThePool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pool *workerpool.Pool[int, int]
		var asked atomic.Int32
		pool = newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1,
			OnError: func(n int, _ error) {
				if _, err := pool.Stats(context.Background()); err == nil {
					asked.Add(1)
				}
				pool.Stop()
			},
			Work: func(_ context.Context, n int) (int, error) { return n, errors.New("on purpose") },
		})
		for n := range 5 {
			if err := pool.Go(t.Context(), n); err != nil {
				break
			}
		}
		<-pool.Done()
		if asked.Load() == 0 {
			t.Error("OnError got no figures")
		}
	})
}

func TestOverflowPolicies(t *testing.T) {
	for _, c := range []struct {
		policy  mailbox.Overflow
		refused bool  // the fifth Submit
		dropped int   // the job whose future fails
		done    []int // in this order
	}{
		{mailbox.Reject, true, -1, []int{0, 1, 2, 3}},
		{mailbox.DropNewest, false, 4, []int{0, 1, 2, 3}},
		{mailbox.DropOldest, false, 1, []int{0, 2, 3, 4}},
		{mailbox.DropLast, false, 4, []int{0, 1, 2, 3}},
	} {
		t.Run(c.policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate()
				pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 1, Queue: 3, Overflow: c.policy, Work: g.work})
				var futures []workerpool.Future[int]
				for n := range 4 {
					futures = append(futures, submit(t, pool, n))
					synctest.Wait()
				}
				f, err := pool.Submit(t.Context(), 4)
				if c.refused != errors.Is(err, mailbox.ErrFull) || !c.refused && err != nil {
					t.Fatalf("with a full queue Submit returns %v", err)
				}
				if !c.refused {
					futures = append(futures, f)
				}
				want := workerpool.Stats{Workers: 1, Busy: 1, Queued: 3}
				if c.dropped >= 0 {
					want.Dropped = 1
					if _, err := futures[c.dropped].Wait(t.Context()); !errors.Is(err, mailbox.ErrFull) {
						t.Errorf("the dropped job ends with %v, want ErrFull", err)
					}
				}
				wantStats(t, pool, want)
				close(g.open)
				synctest.Wait()
				if got := g.order(); !slices.Equal(got, c.done) {
					t.Errorf("jobs %v were done, want %v", got, c.done)
				}
			})
		})
	}
}

func TestUrgentJobsGoFirst(t *testing.T) {
	for name, c := range map[string]workerpool.Config[int, int]{
		"Less":   {Less: func(a, b int) bool { return a%3 < b%3 }},
		"Levels": {Levels: 3, Level: func(n int) int { return n % 3 }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate()
				c.Workers, c.Work = 1, g.work
				pool := newPool(t, newSystem(t), c)
				for n := range 10 {
					submit(t, pool, n)
					synctest.Wait()
				}
				close(g.open)
				synctest.Wait()
				if got, want := g.order(), []int{0, 3, 6, 9, 1, 4, 7, 2, 5, 8}; !slices.Equal(got, want) {
					t.Errorf("jobs begin in the order %v, want %v", got, want)
				}
			})
		})
	}
}

func TestHandingInAllocatesNothingForAJobThatNobodyWaitsFor(t *testing.T) {
	pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 2, Work: double})
	ctx := context.Background()
	submitAll := func(one func()) float64 {
		return testing.AllocsPerRun(5, func() {
			for range 10_000 {
				one()
			}
		}) / 10_000
	}
	if n := submitAll(func() { _ = pool.Go(ctx, 1) }); n > 0.05 { // an idle worker that is woken may need a goroutine
		t.Errorf("Go allocates %.2f times a job, want none", n)
	}
	if n := submitAll(func() { _, _ = pool.Submit(ctx, 1) }); n > 2.05 {
		t.Errorf("Submit allocates %.2f times a job, want two", n)
	}
}

// An idle pool keeps no job alive, nor its result.
func TestDoneJobIsNotKept(t *testing.T) {
	pool := newPool(t, newSystem(t), workerpool.Config[*[1 << 10]byte, *[1 << 10]byte]{
		Workers: 1, Work: func(_ context.Context, b *[1 << 10]byte) (*[1 << 10]byte, error) { return b, nil },
	})
	freed := make(chan struct{}, 2)
	for _, hand := range []func(*[1 << 10]byte) error{
		func(b *[1 << 10]byte) error { return pool.Go(t.Context(), b) },
		func(b *[1 << 10]byte) error { _, err := pool.Do(t.Context(), b); return err },
	} {
		b := new([1 << 10]byte)
		goruntime.AddCleanup(b, func(int) { freed <- struct{}{} }, 0)
		if err := hand(b); err != nil {
			t.Fatal(err)
		}
		b = nil
		for len(freed) == 0 {
			goruntime.GC()
		}
		<-freed
	}
}

// A Goexit of OnError ends the goroutine that it is called on, and nothing else: all jobs end, and are counted.
func TestGoexitOfOnErrorHarmsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1,
			OnError: func(int, error) { goruntime.Goexit() },
			Work: func(ctx context.Context, n int) (int, error) {
				if n < 0 {
					return 0, errors.New("on purpose")
				}
				return g.work(ctx, n)
			},
		})
		if err := pool.Go(t.Context(), -1); err != nil {
			t.Fatal(err)
		}
		busy := submit(t, pool, 0)
		synctest.Wait()
		if err := pool.Go(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		last := submit(t, pool, 2)
		go pool.Stop() // on a goroutine that OnError ends
		<-pool.Done()
		for _, f := range []workerpool.Future[int]{busy, last} {
			if _, err := f.Wait(t.Context()); !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("a job ends with %v", err)
			}
		}
		if s, _ := pool.Stats(t.Context()); s.Failed != 2 || s.Left != 2 {
			t.Errorf("stats are %+v, want 2 failed and 2 left", s)
		}
	})
}

// A job whose Work crashes after it was abandoned is told of as well as one whose Work returns.
func TestAbandonedJobIsToldOfWhenItsWorkCrashes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []error
		late := make(chan struct{})
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1,
			OnError: func(_ int, err error) { told = append(told, err) },
			Work:    func(context.Context, int) (int, error) { <-late; panic("late") },
		})
		if err := pool.Go(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		pool.Stop()
		<-pool.Done()
		close(late)
		synctest.Wait()
		if len(told) != 1 || !errors.Is(told[0], runtime.ErrAbandoned) {
			t.Errorf("OnError is told %v", told)
		}
	})
}
