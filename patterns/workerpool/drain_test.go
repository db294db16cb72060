package workerpool_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

func TestDrainFinishesThousandsOfJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate()
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 3, Queue: 5000, Work: func(ctx context.Context, n int) (int, error) {
			if n%5 == 0 {
				panic("on purpose")
			}
			return g.work(ctx, n)
		}})
		var futures []workerpool.Future[int]
		for n := range 4000 {
			futures = append(futures, submit(t, pool, n))
		}
		go close(g.open)
		if err := pool.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		for n, f := range futures {
			select {
			case <-f.Done():
			default:
				t.Fatalf("job %d has not ended after Drain", n)
			}
			if got, err := f.Wait(t.Context()); (err == nil) != (n%5 != 0) || err == nil && got != n {
				t.Errorf("job %d ends with %d, %v", n, got, err)
			}
		}
		wantStopped(t, pool)
		if err := pool.Drain(t.Context()); err != nil {
			t.Errorf("a second Drain returns %v, want nil", err)
		}
		if n := system.Stats().Actors; n != 0 {
			t.Errorf("%d actors are left, want none", n)
		}
	})
}

func TestDrainRefusesNewJobsAtOnce(t *testing.T) {
	for _, jobs := range []int{1, 10} { // with workers to spare, and with jobs that wait for one
		t.Run(fmt.Sprint(jobs), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate()
				pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 2, Work: g.work})
				var futures []workerpool.Future[int]
				for n := range jobs {
					futures = append(futures, submit(t, pool, n))
				}
				synctest.Wait()
				drained := make(chan error, 1)
				go func() { drained <- pool.Drain(t.Context()) }()
				synctest.Wait()
				if _, err := pool.Submit(t.Context(), -1); !errors.Is(err, runtime.ErrStopped) {
					t.Errorf("Submit during Drain returns %v, want ErrStopped", err)
				}
				if _, err := pool.TrySubmit(-1); !errors.Is(err, runtime.ErrStopped) {
					t.Errorf("TrySubmit during Drain returns %v, want ErrStopped", err)
				}
				if len(drained) > 0 {
					t.Error("Drain returned before the jobs had ended")
				}
				close(g.open)
				if err := <-drained; err != nil {
					t.Error(err)
				}
				for n, f := range futures {
					if got, err := f.Wait(t.Context()); got != n || err != nil {
						t.Errorf("job %d ends with %d, %v", n, got, err)
					}
				}
				wantStopped(t, pool)
			})
		})
	}
}

func TestDrainStopsWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Name: "pool", Workers: 2, Work: g.work})
		var futures []workerpool.Future[int]
		for n := range 10 {
			futures = append(futures, submit(t, pool, n))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := pool.Drain(ctx)
		if text := "workerpool: drain troupe/pool: context deadline exceeded"; !errors.Is(err, ctx.Err()) || err.Error() != text {
			t.Errorf("Drain returns %v, want %s", err, text)
		}
		<-pool.Done()
		for n, f := range futures {
			if _, err := f.Wait(t.Context()); !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("job %d ends with %v, want ErrStopped", n, err)
			}
		}
	})
}

func TestShutdownFinishesWhatWasAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate()
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 2, Work: g.work})
		if err := pool.Resize(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if err := pool.Resize(t.Context(), 4); err != nil { // so that some workers are younger than the queue
			t.Fatal(err)
		}
		var inside []workerpool.Future[int]
		submitter, err := runtime.SpawnFunc(system, "submitter", func(ctx *runtime.Context[int], n int) error {
			f, err := pool.Submit(ctx, n)
			inside = append(inside, f)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var futures []workerpool.Future[int]
		for n := range 500 {
			futures = append(futures, submit(t, pool, n))
			if err := submitter.Tell(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
		over := make(chan error, 1)
		go func() { over <- system.Shutdown(context.Background()) }()
		synctest.Wait()
		if _, err := pool.Submit(t.Context(), 0); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("a Submit from outside returns %v during a shutdown, want ErrStopped", err)
		}
		close(g.open)
		if err := <-over; err != nil {
			t.Fatal(err)
		}
		wantStopped(t, pool)
		for _, all := range [][]workerpool.Future[int]{futures, inside} {
			if len(all) != 500 {
				t.Fatalf("%d jobs were submitted, want 500", len(all))
			}
			for n, f := range all {
				if got, err := f.Wait(t.Context()); got != n || err != nil {
					t.Errorf("job %d ends with %d, %v", n, got, err)
				}
			}
		}
		if s := system.Stats(); s.DeadLettered != 0 || s.Queued != 0 || s.Sent != s.Handled+s.Rejected {
			t.Errorf("stats are %+v, want all that was accepted to be handled", s)
		}
	})
}

func TestShutdownWhoseTimeIsUpFailsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate()
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 2, Work: g.work})
		var futures []workerpool.Future[int]
		for n := range 50 {
			futures = append(futures, submit(t, pool, n))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := system.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown returns %v, want context.DeadlineExceeded", err)
		}
		for n, f := range futures {
			if _, err := f.Wait(t.Context()); !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("job %d ends with %v, want ErrStopped", n, err)
			}
		}
	})
}
