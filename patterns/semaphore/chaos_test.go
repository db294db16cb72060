package semaphore_test

import (
	"context"
	"errors"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// An account is what is out, by those who have it.
type account struct {
	leases               sync.Map // that are in somebody's hands
	out, most            atomic.Int64
	acquired, reclaimed  atomic.Int64
	duplicates, canceled atomic.Int64
}

// use holds l for a moment. It is over before l goes back, be it by a Release or by a crash.
func (a *account) use(l semaphore.Lease, n int64) {
	a.acquired.Add(1)
	if _, double := a.leases.LoadOrStore(l, n); double {
		a.duplicates.Add(1)
	}
	now := a.out.Add(n)
	for m := a.most.Load(); now > m && !a.most.CompareAndSwap(m, now); m = a.most.Load() {
	}
	if rand.IntN(4) == 0 {
		goruntime.Gosched()
	}
	a.out.Add(-n)
	a.leases.Delete(l)
}

// Of 64 actors, Pipes and goroutines that want permits, those that can be known to crash do so one time in ten, with
// permits in their hands; others give up while they wait, or release twice. Never are more permits out than there are,
// never is a lease out twice, and in the end all permits are there.
func TestChaosLosesNoPermitAndInventsNone(t *testing.T) {
	for name, resized := range map[string]bool{"of a fixed number": false, "while the number changes": true} {
		t.Run(name, func(t *testing.T) {
			const permits, grown, users = 8, 11, 64
			system := newSystem(t, supervisor.Config{MaxRestarts: supervisor.Unlimited})
			pool := newPool(t, system, permits)
			var a account
			var all sync.WaitGroup
			for u := range users {
				if u%2 == 0 {
					a.act(t, pool, system, volume/users, &all)
				} else {
					all.Go(func() { a.loop(t, pool, volume/users) })
				}
			}
			over, stopped := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(stopped)
				for n := permits; resized; n = 3 + rand.IntN(grown-2) {
					if err := pool.Resize(context.Background(), n); err != nil {
						t.Error(err)
					}
					select {
					case <-over:
						return
					default:
						goruntime.Gosched()
					}
				}
			}()
			all.Wait()
			close(over)
			<-stopped
			if err := pool.Resize(t.Context(), permits); err != nil {
				t.Fatal(err)
			}
			last := acquire(t, pool, permits) // waits for what the last ones had that crashed
			wantStats(t, pool, semaphore.Stats{Permits: permits, Leases: 1, Reclaimed: uint64(a.reclaimed.Load())})
			release(t, last)
			limit := int64(permits)
			if resized {
				limit = grown
			}
			if m := a.most.Load(); m > limit || a.duplicates.Load() > 0 {
				t.Errorf("%d permits were out at once, want %d at most; %d leases twice, want none", m, limit, a.duplicates.Load())
			}
			t.Logf("%d acquired, %d of them reclaimed, %d given up, %d permits out at most",
				a.acquired.Load(), a.reclaimed.Load(), a.canceled.Load(), a.most.Load())
		})
	}
}

// act has an actor, and what it runs by Pipe, acquire as often.
func (a *account) act(t *testing.T, pool *semaphore.Pool, system *runtime.System, times int, all *sync.WaitGroup) {
	ref := newActor(t, system, "")
	acquire := func(ctx context.Context) error {
		n := 1
		if rand.IntN(4) == 0 {
			n = 1 + rand.IntN(3)
		}
		lease, err := pool.Acquire(ctx, n)
		if err != nil {
			t.Error(err)
			return err
		}
		a.use(lease, int64(n))
		switch rand.IntN(20) {
		case 0:
			a.reclaimed.Add(1)
			panic("on purpose")
		case 1:
			a.reclaimed.Add(1)
			return errors.New("on purpose")
		}
		return lease.Release()
	}
	all.Add(times)
	all.Go(func() {
		for range times {
			tell(t, ref, func(ctx *runtime.Context[act]) error {
				if rand.IntN(16) > 0 {
					defer all.Done()
					return acquire(ctx)
				}
				runtime.Pipe(ctx, func(ctx context.Context) (any, error) {
					defer all.Done()
					return nil, acquire(ctx)
				}, func(any, error) act { return func(*runtime.Context[act]) error { return nil } })
				return nil
			})
		}
	})
}

// loop acquires as often, and gives up now and then.
func (a *account) loop(t *testing.T, pool *semaphore.Pool, times int) {
	for range times {
		ctx, cancel := context.WithCancel(context.Background())
		if rand.IntN(4) == 0 {
			go cancel()
		}
		n := 1
		if rand.IntN(4) == 0 {
			n = 1 + rand.IntN(3)
		}
		lease, err := pool.Acquire(ctx, n)
		cancel()
		if err != nil {
			if err != context.Canceled {
				t.Error(err)
			}
			a.canceled.Add(1)
			continue
		}
		a.use(lease, int64(n))
		var counted atomic.Int64
		giveBack := func() {
			switch err := lease.Release(); err {
			case nil:
				counted.Add(1)
			case semaphore.ErrReleased:
			default:
				t.Error(err)
			}
		}
		if rand.IntN(8) == 0 {
			var both sync.WaitGroup
			both.Go(giveBack)
			giveBack()
			both.Wait()
		} else {
			giveBack()
		}
		if counted.Load() != 1 {
			t.Errorf("%d Releases of one lease counted, want 1", counted.Load())
		}
	}
}
