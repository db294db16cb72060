package semaphore_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// act is a message that its receiver carries out.
type act func(*runtime.Context[act]) error

func perform(ctx *runtime.Context[act], do act) error { return do(ctx) }

func newActor(t testing.TB, p runtime.Parent, name string) runtime.Ref[act] {
	t.Helper()
	ref, err := runtime.SpawnFunc(p, name, perform)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func tell(t testing.TB, ref runtime.Ref[act], do act) {
	t.Helper()
	if err := ref.Tell(context.Background(), do); err != nil {
		t.Fatal(err)
	}
}

func TestLeasesComeBackWhenTheirHolderEnds(t *testing.T) {
	// Each begins with a behaviour, or a Pipe's work, that holds two leases, and ends it.
	inHandler := func(end act) func(runtime.Ref[act], func(context.Context)) act {
		return func(_ runtime.Ref[act], take func(context.Context)) act {
			return func(ctx *runtime.Context[act]) error {
				take(ctx)
				return end(ctx)
			}
		}
	}
	inPipe := func(end func() error) func(runtime.Ref[act], func(context.Context)) act {
		return func(_ runtime.Ref[act], take func(context.Context)) act {
			return func(ctx *runtime.Context[act]) error {
				runtime.Pipe(ctx, func(ctx context.Context) (any, error) {
					take(ctx)
					return nil, end()
				}, func(any, error) act { return func(*runtime.Context[act]) error { return nil } })
				return nil
			}
		}
	}
	for name, begin := range map[string]func(runtime.Ref[act], func(context.Context)) act{
		"handler panics":         inHandler(func(*runtime.Context[act]) error { panic("on purpose") }),
		"handler fails":          inHandler(func(*runtime.Context[act]) error { return errors.New("on purpose") }),
		"handler calls Goexit":   inHandler(func(*runtime.Context[act]) error { goruntime.Goexit(); return nil }),
		"actor stops itself":     inHandler(func(ctx *runtime.Context[act]) error { ctx.Stop(); return nil }),
		"actor stops when empty": inHandler(func(ctx *runtime.Context[act]) error { ctx.Self().StopWhenEmpty(); return nil }),
		"work of Pipe returns":   inPipe(func() error { return nil }),
		"work of Pipe fails":     inPipe(func() error { return errors.New("on purpose") }),
		"work of Pipe panics":    inPipe(func() error { panic("on purpose") }),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				pool := newPool(t, system, 8)
				bystander := acquire(t, pool, 1)
				holder := newActor(t, system, "holder")
				var leases [2]semaphore.Lease
				tell(t, holder, begin(holder, func(ctx context.Context) {
					for i := range leases {
						var err error
						if leases[i], err = pool.Acquire(ctx, 2); err != nil {
							t.Error(err)
						}
					}
				}))
				synctest.Wait()
				wantStats(t, pool, semaphore.Stats{Permits: 8, Free: 7, Leases: 1, Reclaimed: 2})
				for _, lease := range leases {
					if err := lease.Release(); err != semaphore.ErrReleased {
						t.Errorf("Release after the holder's end returns %v, want ErrReleased", err)
					}
				}
				release(t, bystander)
				wantStats(t, pool, semaphore.Stats{Permits: 8, Free: 8, Reclaimed: 2})
			})
		})
	}
}

func TestWhatACrashedHolderHadGoesToThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		pool := newPool(t, system, 1)
		holder := newActor(t, system, "holder")
		tell(t, holder, func(ctx *runtime.Context[act]) error {
			_, err := pool.Acquire(ctx, 1)
			return err
		})
		synctest.Wait()
		waiting := acquireAside(t.Context(), pool, 1)
		synctest.Wait()
		if arrived(waiting) {
			t.Fatal("the permit was given out twice: an actor holds it from one message to the next")
		}
		tell(t, holder, func(*runtime.Context[act]) error { return errors.New("on purpose") })
		if err := (<-waiting).err; err != nil {
			t.Fatal(err)
		}
	})
}

func TestResumedHolderKeepsItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		pool := newPool(t, system, 1)
		parent, err := runtime.Spawn(system, runtime.Props[act]{
			New:      func() runtime.Actor[act] { return runtime.Func[act](perform) },
			Children: supervisor.Config{Decide: func(error) supervisor.Directive { return supervisor.Resume }},
		})
		if err != nil {
			t.Fatal(err)
		}
		held := make(chan semaphore.Lease, 1)
		tell(t, parent, func(ctx *runtime.Context[act]) error {
			child := newActor(t, ctx, "child")
			return child.Tell(ctx, func(ctx *runtime.Context[act]) error {
				lease, err := pool.Acquire(ctx, 1)
				held <- lease
				if err != nil {
					t.Error(err)
				}
				panic("on purpose")
			})
		})
		synctest.Wait()
		wantStats(t, pool, semaphore.Stats{Permits: 1, Leases: 1})
		release(t, <-held)
	})
}

// Watching a holder anew for each lease would cost a long-lived actor memory for ever, and a message for each in the end.
func TestHolderIsWatchedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		pool := newPool(t, system, 2)
		holder := newActor(t, system, "holder")
		tell(t, holder, func(ctx *runtime.Context[act]) error {
			for range 100 {
				lease, err := pool.Acquire(ctx, 1)
				if err != nil {
					return err
				}
				if err := lease.Release(); err != nil {
					return err
				}
			}
			return nil
		})
		synctest.Wait()
		before := system.Stats().Sent
		holder.Stop()
		synctest.Wait()
		if sent := system.Stats().Sent - before; sent != 1 {
			t.Errorf("the end of a holder of 100 leases made %d messages, want 1", sent)
		}
		wantStats(t, pool, semaphore.Stats{Permits: 2, Free: 2})
	})
}

func TestReleaseAndCrashAtTheSameTimeCountOnce(t *testing.T) {
	system := newSystem(t)
	pool := newPool(t, system, 3)
	for range 200 {
		holder := newActor(t, system, "")
		held := make(chan semaphore.Lease, 1)
		tell(t, holder, func(ctx *runtime.Context[act]) error {
			lease, err := pool.Acquire(ctx, 3)
			held <- lease
			return err
		})
		lease := <-held
		go holder.Stop()
		if err := lease.Release(); err != nil && err != semaphore.ErrReleased {
			t.Fatal(err)
		}
		release(t, acquire(t, pool, 3)) // hangs if they did not come back
	}
	s, err := pool.Stats(t.Context())
	if err != nil || s.Free != 3 || s.Leases != 0 {
		t.Errorf("stats are %+v, %v: want all permits free", s, err)
	}
}

// A goroutine that a handler has left behind may acquire for an actor that is no more.
func TestHolderThatHasEndedKeepsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		pool := newPool(t, system, 2)
		holder := newActor(t, system, "holder")
		contexts := make(chan context.Context, 1)
		tell(t, holder, func(ctx *runtime.Context[act]) error {
			contexts <- context.WithoutCancel(ctx)
			return nil
		})
		ctx := <-contexts
		holder.Stop()
		<-holder.Done()
		for n := 1; n <= 2; n++ {
			lease, err := pool.Acquire(ctx, n)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			wantStats(t, pool, semaphore.Stats{Permits: 2, Free: 2, Reclaimed: uint64(n)})
			if err := lease.Release(); err != semaphore.ErrReleased {
				t.Errorf("Release returns %v, want ErrReleased", err)
			}
		}
	})
}
