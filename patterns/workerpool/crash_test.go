package workerpool_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func TestPanicFailsItsJobAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errOnPurpose := errors.New("on purpose")
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 1, Work: func(_ context.Context, n int) (int, error) {
			switch n {
			case 1:
				panic("on purpose")
			case 2:
				panic(errOnPurpose)
			case 3:
				goruntime.Goexit()
			}
			return n, nil
		}})
		var futures []workerpool.Future[int]
		for n := range 5 {
			futures = append(futures, submit(t, pool, n))
		}
		var panicked *runtime.PanicError
		_, err := futures[1].Wait(t.Context())
		if !errors.As(err, &panicked) || panicked.Value != "on purpose" || len(panicked.Stack) == 0 {
			t.Errorf("the job that panicked ends with %v, want a *runtime.PanicError with value and stack", err)
		}
		if text := "workerpool: job failed: panic: on purpose"; err.Error() != text {
			t.Errorf("the error says %q, want %q", err, text)
		}
		if _, err := futures[2].Wait(t.Context()); !errors.Is(err, errOnPurpose) {
			t.Errorf("the job that panicked with an error ends with %v, want that error", err)
		}
		if _, err := futures[3].Wait(t.Context()); !errors.Is(err, runtime.ErrGoexit) {
			t.Errorf("the job that called Goexit ends with %v, want ErrGoexit", err)
		}
		for _, n := range []int{0, 4} {
			if got, err := futures[n].Wait(t.Context()); got != n || err != nil {
				t.Errorf("bystander %d ends with %d, %v", n, got, err)
			}
		}
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 1, Done: 2, Failed: 3, Restarts: 3})
	})
}

// With Retries the job is tried again before any other job on that worker, and fails once when all tries are used up.
func TestRetriesAreUsedUpBeforeTheJobFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries []int
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1, Retries: 2,
			Work: func(_ context.Context, n int) (int, error) {
				tries = append(tries, n)
				if n == 0 || n == 1 && len(tries) < 6 {
					panic("on purpose")
				}
				return n, nil
			},
		})
		var futures []workerpool.Future[int]
		for n := range 3 {
			futures = append(futures, submit(t, pool, n))
		}
		synctest.Wait()
		if want := []int{0, 0, 0, 1, 1, 1, 2}; !slices.Equal(tries, want) {
			t.Errorf("jobs were tried in the order %v, want %v", tries, want)
		}
		var panicked *runtime.PanicError
		if _, err := futures[0].Wait(t.Context()); !errors.As(err, &panicked) {
			t.Errorf("a job that panics each time ends with %v, want a *runtime.PanicError", err)
		}
		for n := 1; n < 3; n++ {
			if got, err := futures[n].Wait(t.Context()); got != n || err != nil {
				t.Errorf("job %d ends with %d, %v", n, got, err)
			}
		}
		wantStats(t, pool, workerpool.Stats{Workers: 1, Done: 2, Failed: 1, Retried: 4, Restarts: 5})
	})
}

// While a job is being retried, its worker is busy: the next job goes to another.
func TestRetryingWorkerGetsNoOtherJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var tried atomic.Bool
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 2, Retries: 1,
			Work: func(ctx context.Context, n int) (int, error) {
				if n == 0 && !tried.Swap(true) {
					panic("on purpose")
				}
				return g.work(ctx, n)
			},
		})
		submit(t, pool, 0)
		synctest.Wait()
		submit(t, pool, 1)
		synctest.Wait()
		if n := len(g.begun); n != 2 {
			t.Errorf("%d jobs are being worked on, want both", n)
		}
		wantStats(t, pool, workerpool.Stats{Workers: 2, Busy: 2, Retried: 1, Restarts: 1})
		close(g.open)
	})
}

// A fifth of all attempts panics. Without Retries each job is begun once and ends once; with enough, all succeed.
func TestEveryJobEndsOnceUnderPanics(t *testing.T) {
	for _, retries := range []int{0, 1000} {
		t.Run(fmt.Sprintf("retries %d", retries), func(t *testing.T) {
			const submitters, each = 8, 250
			const jobs = submitters * each
			var attempts [jobs]atomic.Int32
			var all atomic.Int64
			pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
				Workers: 4, Queue: 16, Retries: retries,
				Work: func(_ context.Context, id int) (int, error) {
					attempts[id].Add(1)
					if all.Add(1)%5 == 0 {
						panic(id)
					}
					return id, nil
				},
			})
			var done, failed atomic.Uint64
			var wg sync.WaitGroup
			for s := range submitters {
				wg.Go(func() {
					var futures []workerpool.Future[int]
					for i := range each {
						futures = append(futures, submit(t, pool, s*each+i))
					}
					for i, f := range futures {
						id := s*each + i
						got, err := f.Wait(context.Background())
						var panicked *runtime.PanicError
						switch {
						case err == nil && got == id:
							done.Add(1)
						case errors.As(err, &panicked) && panicked.Value == id:
							failed.Add(1)
						default:
							t.Errorf("job %d ends with %d, %v", id, got, err)
						}
					}
				})
			}
			wg.Wait()
			for id := range attempts {
				if n := attempts[id].Load(); n == 0 || retries == 0 && n != 1 {
					t.Errorf("job %d was begun %d times", id, n)
				}
			}
			if retries > 0 && failed.Load() > 0 {
				t.Errorf("%d jobs failed, want none with retries", failed.Load())
			}
			s, err := pool.Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if s.Done != done.Load() || s.Failed != failed.Load() || s.Done+s.Failed != jobs || s.Busy != 0 || s.Queued != 0 {
				t.Errorf("stats are %+v, want %d done and %d failed of %d", s, done.Load(), failed.Load(), jobs)
			}
			// Each panic restarts a worker; the last one may still be at it.
			for panics := uint64(all.Load()) / 5; s.Restarts != panics; {
				goruntime.Gosched()
				if s, err = pool.Stats(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A worker is a holder as any actor is, and a crash takes back what it held.
func TestPanickingWorkGivesItsLeasesBack(t *testing.T) {
	system := newSystem(t)
	permits, err := semaphore.New(system, semaphore.Config{Permits: 1})
	if err != nil {
		t.Fatal(err)
	}
	pool := newPool(t, system, workerpool.Config[int, int]{Workers: 3, Work: func(ctx context.Context, n int) (int, error) {
		lease, err := permits.Acquire(ctx, 1)
		if err != nil {
			return 0, err
		}
		if n%2 == 0 {
			panic("on purpose")
		}
		return n, lease.Release()
	}})
	var futures []workerpool.Future[int]
	for n := range 50 {
		futures = append(futures, submit(t, pool, n))
	}
	for n, f := range futures {
		if _, err := f.Wait(t.Context()); (err == nil) != (n%2 == 1) {
			t.Errorf("job %d ends with %v", n, err)
		}
	}
}

// act is a message that its receiver carries out.
type act func(*runtime.Context[act]) error

func perform(ctx *runtime.Context[act], do act) error { return do(ctx) }

// restart restarts the pool's actors, by the failure of a sibling under AllForOne, while 8 jobs are in.
func restart(t *testing.T, work func(context.Context, int) (int, error)) (
	*runtime.System, *workerpool.Pool[int, int], []workerpool.Future[int],
) {
	system := newSystem(t)
	parent, err := runtime.Spawn(system, runtime.Props[act]{
		New:      func() runtime.Actor[act] { return runtime.Func[act](perform) },
		Children: supervisor.Config{Strategy: supervisor.AllForOne},
	})
	if err != nil {
		t.Fatal(err)
	}
	var pool *workerpool.Pool[int, int]
	var sibling runtime.Ref[act]
	if err := parent.Tell(t.Context(), func(ctx *runtime.Context[act]) (err error) {
		pool = newPool(t, ctx, workerpool.Config[int, int]{Name: "pool", Workers: 2, Work: work})
		sibling, err = runtime.SpawnFunc(ctx, "sibling", perform)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	var futures []workerpool.Future[int]
	for n := range 8 {
		futures = append(futures, submit(t, pool, n))
	}
	synctest.Wait()
	if err := sibling.Tell(t.Context(), func(*runtime.Context[act]) error { return errors.New("on purpose") }); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return system, pool, futures
}

func TestRestartOfThePoolKeepsTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		system, pool, futures := restart(t, g.work)
		close(g.open)
		var stopped int
		for n, f := range futures {
			got, err := f.Wait(t.Context())
			switch {
			case errors.Is(err, runtime.ErrStopped):
				stopped++
			case err != nil || got != n:
				t.Errorf("job %d ends with %d, %v", n, got, err)
			}
		}
		if n := system.Stats().Restarts; n != 2 {
			t.Errorf("%d actors were restarted, want the sibling and the pool's", n)
		}
		if stopped != 2 {
			t.Errorf("%d jobs were stopped, want the two that were being worked on", stopped)
		}
		if got, err := pool.Do(t.Context(), 42); got != 42 || err != nil {
			t.Errorf("after the restart Do returns %d, %v, want 42", got, err)
		}
		wantStats(t, pool, workerpool.Stats{Workers: 2, Done: 7, Failed: 2})
	})
}

// Work that does not heed its context holds a restart up until it is abandoned, and no longer.
func TestRestartAbandonsWorkThatDoesNotReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never, begun := make(chan struct{}), make(chan int, 10)
		_, pool, futures := restart(t, func(_ context.Context, n int) (int, error) {
			begun <- n
			if n < 2 {
				<-never
			}
			return n, nil
		})
		for n, f := range futures {
			got, err := f.Wait(t.Context())
			switch {
			case n < 2 && !errors.Is(err, runtime.ErrAbandoned):
				t.Errorf("job %d ends with %v, want ErrAbandoned", n, err)
			case n >= 2 && (err != nil || got != n):
				t.Errorf("job %d ends with %d, %v", n, got, err)
			}
		}
		close(never)
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 2, Done: 6, Failed: 2})
	})
}
