package workerpool_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/workerpool"
)

func TestGrowingBeginsWaitingJobsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 1, Work: g.work})
		for n := range 10 {
			submit(t, pool, n)
		}
		synctest.Wait()
		if err := pool.Resize(t.Context(), 4); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 4, Busy: 4, Queued: 6})
		close(g.open)
	})
}

func TestShrinkingLetsBusyWorkersEndTheirJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate()
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 4, Work: g.work})
		var futures []workerpool.Future[int]
		for n := range 10 {
			futures = append(futures, submit(t, pool, n))
		}
		synctest.Wait()
		if err := pool.Resize(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		wantStats(t, pool, workerpool.Stats{Workers: 1, Busy: 4, Queued: 6})
		for done := range uint64(3) {
			g.open <- struct{}{}
			synctest.Wait()
			if s, err := pool.Stats(t.Context()); err != nil || s.Done != done+1 {
				t.Fatalf("stats are %+v, %v, want %d done", s, err, done+1)
			}
		}
		// Of the four that were busy, three have ended a job; the one that stays may be among them.
		s, err := pool.Stats(t.Context())
		if err != nil || s.Busy > 2 {
			t.Fatalf("stats are %+v, %v, want no more than 2 busy", s, err)
		}
		close(g.open)
		for n, f := range futures {
			if got, err := f.Wait(t.Context()); got != n || err != nil {
				t.Errorf("job %d ends with %d, %v", n, got, err)
			}
		}
		synctest.Wait()
		if n := system.Stats().Actors; n != 5 {
			t.Errorf("%d actors are left, want 5: four of the pool and one worker", n)
		}
	})
}

func TestShrinkingRetiresIdleWorkersFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate()
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 5, Work: g.work})
		f := submit(t, pool, 1)
		synctest.Wait()
		if err := pool.Resize(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := system.Stats().Actors; n != 5 {
			t.Errorf("%d actors are left, want 5: the idle workers have gone", n)
		}
		close(g.open)
		if _, err := f.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if got, err := pool.Do(t.Context(), 2); got != 2 || err != nil {
			t.Errorf("Do returns %d, %v, want 2: the busy worker is the one that stays", got, err)
		}
	})
}

func TestRestartsOfWorkersThatHaveGoneStillCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 4, Work: func(context.Context, int) (int, error) {
			panic("on purpose")
		}})
		for n := range 10 {
			submit(t, pool, n)
		}
		synctest.Wait()
		if err := pool.Resize(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 1, Failed: 10, Restarts: 10})
	})
}

// A job whose worker was retired between the promise and the job waits for the next worker.
func TestShrinkingBelowThePromisedWorkerLosesNoJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 2, Work: g.work})
		first := submit(t, pool, 1)
		synctest.Wait() // the queue now knows of a free worker for the next job
		if err := pool.Resize(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		second, third := submit(t, pool, 2), submit(t, pool, 3)
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 1, Busy: 1, Queued: 2})
		close(g.open)
		for _, f := range []workerpool.Future[int]{first, second, third} {
			if _, err := f.Wait(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestResizeUnderLoadLosesNoJob(t *testing.T) {
	const submitters, each = 4, 500
	pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
		Workers: 2, Queue: 8,
		Work: func(_ context.Context, n int) (int, error) {
			if n%7 == 0 {
				panic("on purpose")
			}
			return n, nil
		},
	})
	var wg sync.WaitGroup
	for s := range submitters {
		wg.Go(func() {
			for n := range each {
				if n%10 == s {
					if err := pool.Resize(context.Background(), 1+n*7%8); err != nil {
						t.Error(err)
					}
				}
				got, err := pool.Do(context.Background(), n)
				if (err == nil) != (n%7 != 0) || err == nil && got != n {
					t.Errorf("job %d ends with %d, %v", n, got, err)
				}
			}
		})
	}
	wg.Wait()
	s, err := pool.Stats(t.Context())
	if err != nil || s.Done+s.Failed != submitters*each || s.Busy != 0 || s.Queued != 0 {
		t.Errorf("stats are %+v, %v, want %d jobs to have ended", s, err, submitters*each)
	}
}

func TestResizeToLessThanOneIsRefused(t *testing.T) {
	pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 2, Work: double})
	for _, n := range []int{0, -1} {
		if err := pool.Resize(t.Context(), n); !errors.Is(err, workerpool.ErrConfig) {
			t.Errorf("Resize(%d) returns %v, want ErrConfig", n, err)
		}
	}
	wantStats(t, pool, workerpool.Stats{Workers: 2})
}
