package semaphore_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// scale is how much there is of everything: more under TROUPE_STRESS=1.
func scale(usual, stress int) int {
	if os.Getenv("TROUPE_STRESS") != "" {
		return stress
	}
	return usual
}

// Actors crash with permits in their hands, goroutines give up while they wait and release twice, and the pool's size
// changes all the while. Never are more permits out than there have ever been, and in the end all are back.
func TestChaosLosesNoPermit(t *testing.T) {
	const permits, most, actors, goroutines = 8, 11, 32, 32
	operations := scale(20_000, 2_000_000)
	system := newSystem(t)
	pool := newPool(t, system, permits)
	var out, peak, crashes atomic.Int64
	// hold counts what is out, which a crash does not: so it is counted before the crash, not after.
	hold := func(n int) func() {
		now := out.Add(int64(n))
		for p := peak.Load(); now > p && !peak.CompareAndSwap(p, now); p = peak.Load() {
		}
		return func() { out.Add(-int64(n)) }
	}
	var left atomic.Int64
	left.Store(int64(operations))
	var all sync.WaitGroup
	parents := make(chan *runtime.Context[act], 1)
	parent, err := runtime.Spawn(system, runtime.Props[act]{
		New:      func() runtime.Actor[act] { return runtime.Func[act](perform) },
		Children: supervisor.Config{MaxRestarts: supervisor.Unlimited}, // at once, however often
	})
	if err != nil {
		t.Fatal(err)
	}
	tell(t, parent, func(ctx *runtime.Context[act]) error {
		parents <- ctx
		return nil
	})
	crew := <-parents
	for range actors {
		all.Add(1)
		ended := sync.OnceFunc(all.Done)
		ref := newActor(t, crew, "")
		var step act
		step = func(ctx *runtime.Context[act]) error {
			if left.Add(-1) < 0 {
				ended()
				return nil
			}
			// Before anything can go wrong: the next one comes, whatever becomes of this.
			if err := ctx.Self().TryTell(step); err != nil {
				return err
			}
			n := 1 + rand.IntN(3)
			lease, err := pool.Acquire(ctx, n)
			if err != nil {
				return err
			}
			let := hold(n)
			let()
			if rand.IntN(10) == 0 {
				crashes.Add(1)
				panic("on purpose")
			}
			if rand.IntN(20) == 0 {
				crashes.Add(1)
				return errors.New("on purpose")
			}
			return lease.Release()
		}
		tell(t, ref, step)
	}
	for range goroutines {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				ctx, cancel := context.WithCancel(context.Background())
				if rand.IntN(4) == 0 {
					go cancel()
				}
				n := 1 + rand.IntN(3)
				lease, err := pool.Acquire(ctx, n)
				cancel()
				if errors.Is(err, context.Canceled) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				hold(n)()
				if err := lease.Release(); err != nil {
					t.Error(err)
				}
				if err := lease.Release(); err != semaphore.ErrReleased {
					t.Errorf("the second Release returns %v, want ErrReleased", err)
				}
			}
		})
	}
	all.Go(func() {
		for left.Load() > 0 {
			if err := pool.Resize(context.Background(), 3+rand.IntN(most-2)); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	if err := pool.Resize(context.Background(), permits); err != nil {
		t.Fatal(err)
	}
	if p := peak.Load(); p > most {
		t.Errorf("%d permits were out at once, and there were never more than %d", p, most)
	}
	for range permits { // each hangs if a permit is lost
		acquire(t, pool, 1)
	}
	s, err := pool.Stats(t.Context())
	if err != nil || s.Free != 0 || s.Leases != permits {
		t.Errorf("stats are %+v, %v: want all permits out, to us", s, err)
	}
	t.Logf("%d operations, %d crashes, %d leases taken back, %d permits out at most", operations, crashes.Load(), s.Reclaimed, peak.Load())
}
