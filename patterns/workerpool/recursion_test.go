package workerpool_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

// tree has a pool whose every job hands in two more, down to a depth.
func tree(t *testing.T, p runtime.Parent, depth int, d workerpool.Dispatch) (*workerpool.Pool[int, int], *atomic.Int32) {
	var pool *workerpool.Pool[int, int]
	leaves := new(atomic.Int32)
	config := workerpool.Config[int, int]{
		Workers: 3, Queue: mailbox.Unbounded, Dispatch: d,
		Work: func(ctx context.Context, level int) (int, error) {
			if level == depth {
				leaves.Add(1)
				return 0, nil
			}
			for range 2 {
				if err := pool.Go(ctx, level+1); err != nil {
					t.Errorf("at level %d Go returns %v", level, err)
				}
			}
			return 0, nil
		},
	}
	if d == workerpool.ByKey {
		config.Key = func(level int) any { return level }
	}
	pool = newPool(t, p, config)
	return pool, leaves
}

func TestDrainFinishesWhatWorkHandsIn(t *testing.T) {
	for _, d := range []workerpool.Dispatch{workerpool.Shared, workerpool.RoundRobin, workerpool.LeastLoaded, workerpool.ByKey} {
		t.Run(d.String(), func(t *testing.T) {
			const depth = 8
			system := newSystem(t)
			byDrain, leaves := tree(t, system, depth, d)
			if err := byDrain.Go(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			if err := byDrain.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := leaves.Load(); n != 1<<depth {
				t.Errorf("%d leaves were reached before the drain was over, want %d", n, 1<<depth)
			}
			byShutdown, leaves := tree(t, system, depth, d)
			if err := byShutdown.Go(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			if err := system.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := leaves.Load(); n != 1<<depth {
				t.Errorf("%d leaves were reached before the shutdown was over, want %d", n, 1<<depth)
			}
			if s, _ := byShutdown.Stats(t.Context()); s.Done != 2<<depth-1 || s.Failed != 0 {
				t.Errorf("the last figures are %+v, want %d jobs done", s, 2<<depth-1)
			}
		})
	}
}

// While a pool drains, idle workers are still there for what the busy one hands in and waits for.
func TestWorkMayWaitForItsOwnPoolWhileThatDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pool *workerpool.Pool[int, int]
		open := make(chan struct{})
		pool = newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 2,
			Work: func(ctx context.Context, n int) (int, error) {
				if n == 0 {
					return n, nil
				}
				<-open
				return pool.Do(ctx, 0)
			},
		})
		f := submit(t, pool, 1)
		synctest.Wait()
		drained := make(chan error, 1)
		go func() { drained <- pool.Drain(t.Context()) }()
		synctest.Wait()
		if _, err := pool.TrySubmit(0); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("TrySubmit, which does not say who submits, returns %v during a drain, want ErrStopped", err)
		}
		close(open)
		if err := <-drained; err != nil {
			t.Error(err)
		}
		if got, err := f.Wait(t.Context()); got != 0 || err != nil {
			t.Errorf("the job ends with %d, %v, want what it waited for", got, err)
		}
	})
}
