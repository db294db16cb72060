package semaphore_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func TestStopEndsAllWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), 1)
		lease := acquire(t, pool, 1)
		waiting := acquireAside(t.Context(), pool, 1)
		synctest.Wait()
		pool.Stop()
		<-pool.Done()
		if err := (<-waiting).err; !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("the Acquire that waits returns %v, want ErrStopped", err)
		}
		if err := lease.Release(); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("Release returns %v, want ErrStopped", err)
		}
		if _, err := pool.Acquire(t.Context(), 1); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("Acquire returns %v, want ErrStopped", err)
		}
		if err := pool.Resize(t.Context(), 2); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("Resize returns %v, want ErrStopped", err)
		}
		if _, err := pool.Stats(t.Context()); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("Stats returns %v, want ErrStopped", err)
		}
	})
}

// An actor drains: each message that it still handles needs the one permit, which a goroutine holds at first.
func TestPoolWorksWhileTheSystemDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		pool := newPool(t, system, 1)
		outside := acquire(t, pool, 1)
		user := newActor(t, system, "user")
		const messages = 10
		handled := make(chan error, messages)
		for range messages {
			tell(t, user, func(ctx *runtime.Context[act]) error {
				lease, err := pool.Acquire(ctx, 1)
				if err == nil {
					err = lease.Release()
				}
				handled <- err
				return nil
			})
		}
		over := make(chan error, 1)
		go func() { over <- system.Shutdown(context.Background()) }()
		synctest.Wait()
		if _, err := pool.TryAcquire(t.Context(), 1); err != semaphore.ErrNoPermits {
			t.Errorf("a TryAcquire from outside returns %v during a shutdown, want ErrNoPermits: the pool is there", err)
		}
		release(t, outside)
		if err := <-over; err != nil {
			t.Fatal(err)
		}
		for range messages {
			if err := <-handled; err != nil {
				t.Error(err)
			}
		}
	})
}

// The pool's actor is restarted when a sibling fails under AllForOne.
func TestRestartOfThePoolLosesNeitherPermitsNorRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		parent, err := runtime.Spawn(system, runtime.Props[act]{
			New:      func() runtime.Actor[act] { return runtime.Func[act](perform) },
			Children: supervisor.Config{Strategy: supervisor.AllForOne},
		})
		if err != nil {
			t.Fatal(err)
		}
		pools, siblings := make(chan *semaphore.Pool, 1), make(chan runtime.Ref[act], 1)
		tell(t, parent, func(ctx *runtime.Context[act]) error {
			pools <- newPool(t, ctx, 3)
			siblings <- newActor(t, ctx, "sibling")
			return nil
		})
		pool, sibling := <-pools, <-siblings
		two, one := acquire(t, pool, 2), acquire(t, pool, 1)
		waiting := acquireAside(t.Context(), pool, 2)
		synctest.Wait()

		restarts := system.Stats().Restarts
		tell(t, sibling, func(*runtime.Context[act]) error { return errors.New("on purpose") })
		synctest.Wait()
		if n := system.Stats().Restarts - restarts; n != 2 {
			t.Fatalf("%d actors were restarted, want the sibling and the pool", n)
		}
		wantStats(t, pool, semaphore.Stats{Permits: 3, Waiting: 1, Leases: 2})
		release(t, one)
		synctest.Wait()
		if arrived(waiting) {
			t.Fatal("2 permits were given out while 2 of 3 were not back")
		}
		release(t, two)
		release(t, (<-waiting).lease)
		wantStats(t, pool, semaphore.Stats{Permits: 3, Free: 3})
	})
}
