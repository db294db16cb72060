package workerpool_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// wantStopped checks that everything refuses.
func wantStopped(t *testing.T, p *workerpool.Pool[int, int]) {
	t.Helper()
	ctx := context.Background()
	_, submitErr := p.Submit(ctx, 0)
	_, tryErr := p.TrySubmit(0)
	_, doErr := p.Do(ctx, 0)
	_, statsErr := p.Stats(ctx)
	for call, err := range map[string]error{
		"Submit": submitErr, "TrySubmit": tryErr, "Do": doErr, "Stats": statsErr, "Resize": p.Resize(ctx, 1),
		"Go": p.Go(ctx, 0), "TryGo": p.TryGo(0),
	} {
		if !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("%s returns %v, want ErrStopped", call, err)
		}
	}
}

func TestStopFailsTheRestAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		// Work that takes a while to give up: all of it must hear of the stop at the same time.
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 8, Work: func(ctx context.Context, _ int) (int, error) {
			<-ctx.Done()
			<-time.After(time.Second)
			return 0, ctx.Err()
		}})
		var futures []workerpool.Future[int]
		for n := range 1000 {
			futures = append(futures, submit(t, pool, n))
		}
		synctest.Wait()
		restarts, began := system.Stats().Restarts, time.Now()
		pool.Stop()
		for n := 999; n >= 0; n-- {
			if _, err := futures[n].Wait(t.Context()); !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("job %d ends with %v, want ErrStopped", n, err)
			}
			if took := time.Since(began); n >= 8 && took > 0 {
				t.Fatalf("job %d, which had not begun, ended %v after the stop, want at once", n, took)
			}
		}
		if _, err := futures[0].Wait(t.Context()); !errors.Is(err, context.Canceled) {
			t.Errorf("a job whose Work gave up ends with %v, want its error too", err)
		}
		<-pool.Done()
		if took := time.Since(began); took != time.Second {
			t.Errorf("the stop took %v, want the second that each Work takes, not one after the other", took)
		}
		wantStopped(t, pool)
		synctest.Wait()
		if s := system.Stats(); s.Restarts != restarts || s.Failed != 0 || s.Actors != 0 {
			t.Errorf("stats are %+v, want a stop to be no failure", s)
		}
	})
}

func TestStopFailsAJobThatLostItsWorkerToResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 2, Work: g.work})
		submit(t, pool, 1)
		synctest.Wait() // the queue now knows of a free worker for the next job
		if err := pool.Resize(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		f := submit(t, pool, 2)
		synctest.Wait()
		pool.Stop()
		if _, err := f.Wait(t.Context()); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("the job ends with %v, want ErrStopped", err)
		}
	})
}

func TestResultThatWorkReturnsAfterStopStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Work: func(ctx context.Context, n int) (int, error) {
			<-ctx.Done()
			return n, nil
		}})
		f := submit(t, pool, 3)
		synctest.Wait()
		pool.Stop()
		if got, err := f.Wait(t.Context()); got != 3 || err != nil {
			t.Errorf("the job ends with %d, %v, want the result of Work", got, err)
		}
	})
}

func TestWorkThatIgnoresStopIsAbandonedAndItsJobFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 3, Work: func(context.Context, int) (int, error) {
			<-never
			return 1, nil
		}})
		var futures []workerpool.Future[int]
		for n := range 3 {
			futures = append(futures, submit(t, pool, n))
		}
		synctest.Wait()
		began := time.Now()
		pool.Stop()
		for _, f := range futures {
			if _, err := f.Wait(t.Context()); !errors.Is(err, runtime.ErrStopped) || !errors.Is(err, runtime.ErrAbandoned) {
				t.Errorf("the job ends with %v, want ErrStopped and ErrAbandoned", err)
			}
		}
		<-pool.Done()
		if took := time.Since(began); took != runtime.DefaultStopTimeout {
			t.Errorf("the stop took %v, want %v for all workers together", took, runtime.DefaultStopTimeout)
		}
		close(never)
		synctest.Wait()
		if _, err := futures[0].Wait(t.Context()); !errors.Is(err, runtime.ErrAbandoned) {
			t.Errorf("the job ends anew with %v when its Work returns, want what was said before", err)
		}
	})
}

// However a stop meets the jobs on their way from queue to worker, each Future ends, and says truly what was done.
func TestStopAtAnyMomentLeavesNoFutureWaiting(t *testing.T) {
	system := newSystem(t)
	const jobs = 20
	for round := range 200 {
		var begun [jobs]atomic.Bool
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 2, Work: func(_ context.Context, n int) (int, error) {
			begun[n].Store(true)
			return n, nil
		}})
		var futures []workerpool.Future[int]
		stopped := make(chan struct{})
		for n := range jobs {
			if n == round%jobs {
				go func() {
					pool.Stop()
					close(stopped)
				}()
			}
			f, err := pool.Submit(t.Context(), n)
			if err != nil {
				if !errors.Is(err, runtime.ErrStopped) {
					t.Fatal(err)
				}
				break
			}
			futures = append(futures, f)
		}
		<-stopped
		<-pool.Done()
		for n, f := range futures {
			got, err := f.Wait(t.Context())
			switch {
			case err == nil && got == n && begun[n].Load():
			case errors.Is(err, runtime.ErrStopped) && !begun[n].Load():
			default:
				t.Fatalf("job %d ends with %d, %v, and it is %v that it was begun", n, got, err, begun[n].Load())
			}
		}
	}
}

// A pool among the children of an actor stops with it, and costs it no restart.
func TestPoolStopsWithItsParentAndIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		parent, err := runtime.Spawn(system, runtime.Props[act]{
			New:      func() runtime.Actor[act] { return runtime.Func[act](perform) },
			Children: supervisor.Config{MaxRestarts: supervisor.NoRestarts},
		})
		if err != nil {
			t.Fatal(err)
		}
		g := newGate()
		var pools []*workerpool.Pool[int, int]
		if err := parent.Tell(t.Context(), func(ctx *runtime.Context[act]) error {
			for range 2 {
				pools = append(pools, newPool(t, ctx, workerpool.Config[int, int]{Workers: 2, Work: g.work}))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, pool := range pools {
			for n := range 5 {
				submit(t, pool, n)
			}
		}
		synctest.Wait()
		pools[0].Stop()
		<-pools[0].Done()
		synctest.Wait()
		if s := parent.Stats(); s.Failed != 0 || s.Actors != 1 {
			t.Fatalf("the parent's stats are %+v, want it unharmed by the stop of a pool", s)
		}
		parent.Stop()
		<-pools[1].Done()
		wantStopped(t, pools[1])
	})
}
