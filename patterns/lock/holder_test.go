package lock_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/lock"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func nothing(*runtime.Context[act]) error { return nil }

// ends is how a holder may end: what an actor does that takes the lock, or the like, and ends.
var ends = map[string]func(take func(context.Context)) act{
	"handler panics":         inHandler(func(*runtime.Context[act]) error { panic("on purpose") }),
	"handler fails":          inHandler(func(*runtime.Context[act]) error { return errors.New("on purpose") }),
	"handler calls Goexit":   inHandler(func(*runtime.Context[act]) error { goruntime.Goexit(); return nil }),
	"actor stops itself":     inHandler(func(ctx *runtime.Context[act]) error { ctx.Stop(); return nil }),
	"actor stops when empty": inHandler(func(ctx *runtime.Context[act]) error { ctx.Self().StopWhenEmpty(); return nil }),
	"actor is restarted": inHandler(func(ctx *runtime.Context[act]) error {
		return ctx.Self().Tell(ctx, func(*runtime.Context[act]) error { return errors.New("on purpose") })
	}),
	"work of Pipe returns": inPipe(func() error { return nil }),
	"work of Pipe fails":   inPipe(func() error { return errors.New("on purpose") }),
	"work of Pipe panics":  inPipe(func() error { panic("on purpose") }),
}

func inHandler(end act) func(func(context.Context)) act {
	return func(take func(context.Context)) act {
		return func(ctx *runtime.Context[act]) error {
			take(ctx)
			return end(ctx)
		}
	}
}

func inPipe(end func() error) func(func(context.Context)) act {
	return func(take func(context.Context)) act {
		return func(ctx *runtime.Context[act]) error {
			runtime.Pipe(ctx, func(ctx context.Context) (any, error) {
				take(ctx)
				return nil, end()
			}, func(any, error) act { return nothing })
			return nil
		}
	}
}

func TestLockComesBackWhenItsHolderEnds(t *testing.T) {
	for name, begin := range ends {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				m := newMutex(t, system)
				holder := newActor(t, system, "holder")
				var hold lock.Hold
				bystander := take(t, m)
				tell(t, holder, begin(func(ctx context.Context) {
					var err error
					if hold, err = m.Lock(ctx); err != nil {
						t.Error(err)
					}
				}))
				synctest.Wait()
				waiting := lockAside(context.Background(), m)
				synctest.Wait()
				unlock(t, bystander)
				next := <-waiting
				if next.err != nil {
					t.Fatal(next.err)
				}
				if err := hold.Unlock(); err != lock.ErrUnlocked {
					t.Errorf("Unlock after the holder's end returns %v, want ErrUnlocked", err)
				}
				wantStats(t, m, lock.Stats{Locked: true, Reclaimed: 1})
				unlock(t, next.hold)
				wantStats(t, m, lock.Stats{Reclaimed: 1})
			})
		})
	}
}

func TestActorKeepsTheLockBetweenMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		m := newMutex(t, system)
		holder := newActor(t, system, "holder")
		holds := make(chan lock.Hold, 1)
		tell(t, holder, func(ctx *runtime.Context[act]) error {
			hold, err := m.Lock(ctx)
			holds <- hold
			return err
		})
		tell(t, holder, nothing)
		synctest.Wait()
		wantStats(t, m, lock.Stats{Locked: true})
		unlock(t, <-holds)
	})
}

func TestResumedHolderKeepsTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		m := newMutex(t, system)
		parent, err := runtime.Spawn(system, runtime.Props[act]{
			New:      func() runtime.Actor[act] { return runtime.Func[act](perform) },
			Children: supervisor.Config{Decide: func(error) supervisor.Directive { return supervisor.Resume }},
		})
		if err != nil {
			t.Fatal(err)
		}
		holds := make(chan lock.Hold, 1)
		tell(t, parent, func(ctx *runtime.Context[act]) error {
			return newActor(t, ctx, "child").Tell(ctx, func(ctx *runtime.Context[act]) error {
				hold, err := m.Lock(ctx)
				holds <- hold
				if err != nil {
					t.Error(err)
				}
				panic("on purpose")
			})
		})
		synctest.Wait()
		wantStats(t, m, lock.Stats{Locked: true})
		unlock(t, <-holds)
	})
}

// A watch cannot be taken back: one for each Lock would cost a long-lived actor memory for ever.
func TestHolderIsWatchedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		m := newMutex(t, system)
		holder := newActor(t, system, "holder")
		before := system.Stats().Sent
		tell(t, holder, func(ctx *runtime.Context[act]) error {
			for range 100 {
				hold, err := m.Lock(ctx)
				if err != nil {
					return err
				}
				unlock(t, hold)
			}
			return nil
		})
		synctest.Wait()
		holder.Stop()
		synctest.Wait()
		if sent := system.Stats().Sent - before; sent != 3 {
			t.Errorf("a holder that locked 100 times made %d messages, want 3: its own, one that it is there and one that it is not", sent)
		}
		wantStats(t, m, lock.Stats{})
	})
}

func TestUnlockAndCrashAtTheSameTimeCountOnce(t *testing.T) {
	system := newSystem(t)
	m := newMutex(t, system)
	for range 200 {
		holder := newActor(t, system, "")
		holds := make(chan lock.Hold, 1)
		tell(t, holder, func(ctx *runtime.Context[act]) error {
			hold, err := m.Lock(ctx)
			holds <- hold
			return err
		})
		hold := <-holds
		go holder.Stop()
		if err := hold.Unlock(); err != nil && err != lock.ErrUnlocked {
			t.Fatal(err)
		}
		unlock(t, take(t, m)) // hangs if it did not come back
	}
	wantStats(t, m, lock.Stats{Reclaimed: m.Stats().Reclaimed})
}

// The goroutine has the context of a behaviour that is gone, and locks with it.
func TestLockOfAHolderThatHasEndedComesBackAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		m := newMutex(t, system)
		holder := newActor(t, system, "holder")
		begin, got := make(chan struct{}), make(chan result, 1)
		tell(t, holder, func(ctx *runtime.Context[act]) error {
			runtime.Pipe(ctx, func(ctx context.Context) (any, error) {
				go func() {
					<-begin
					hold, err := m.Lock(ctx)
					got <- result{hold, err}
				}()
				return nil, nil
			}, func(any, error) act { return nothing })
			return nil
		})
		synctest.Wait()
		close(begin)
		r := <-got
		synctest.Wait()
		if err := r.hold.Unlock(); r.err != nil || err != lock.ErrUnlocked {
			t.Errorf("Lock returns %v and Unlock %v, want nil and ErrUnlocked", r.err, err)
		}
		wantStats(t, m, lock.Stats{Reclaimed: 1})
	})
}

// Its code hangs in Wait, or in what it does with the lock, until its actor is given up.
func TestAbandonedHolderLeavesTheQueueAndTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		m := newMutex(t, system)
		c := lock.NewCondition(m)
		waiter, holder := newActor(t, system, "waiter"), newActor(t, system, "holder")
		var waited error
		tell(t, waiter, func(ctx *runtime.Context[act]) error {
			hold, err := m.Lock(ctx)
			if err == nil {
				err = c.Wait(context.WithoutCancel(ctx), hold)
			}
			waited = err
			return nil
		})
		synctest.Wait()
		stuck := make(chan struct{})
		tell(t, holder, func(ctx *runtime.Context[act]) error {
			_, err := m.Lock(ctx)
			<-stuck
			return err
		})
		synctest.Wait()
		next := waitAside(context.Background(), t, c, m)
		synctest.Wait()
		waiter.Stop()
		holder.Stop()
		<-waiter.Done() // a while after, in the time of the bubble
		<-holder.Done()
		synctest.Wait()
		if waited != lock.ErrUnlocked {
			t.Errorf("Wait of the actor that was given up returns %v, want ErrUnlocked", waited)
		}
		notify(t, c, m, 1) // goes to the one that lives
		if err := <-next; err != nil {
			t.Error(err)
		}
		close(stuck)
		wantStats(t, m, lock.Stats{Reclaimed: 1})
	})
}

// The actor ends after a Notify has woken it, and before it has the lock back.
func TestWokenHolderThatEndsPassesTheLockOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		m := newMutex(t, system)
		c := lock.NewCondition(m)
		waiter := newActor(t, system, "waiter")
		waited := make(chan error, 1)
		tell(t, waiter, func(ctx *runtime.Context[act]) error {
			hold, err := m.Lock(ctx)
			if err == nil {
				err = c.Wait(ctx, hold)
			}
			waited <- err
			return nil
		})
		synctest.Wait()
		hold := take(t, m)
		if err := c.Notify(hold, 1); err != nil {
			t.Fatal(err)
		}
		waiter.Stop()
		<-waiter.Done()
		synctest.Wait()
		unlock(t, hold)
		if err := <-waited; err != lock.ErrUnlocked {
			t.Errorf("Wait returns %v, want ErrUnlocked", err)
		}
		synctest.Wait()
		wantStats(t, m, lock.Stats{})
	})
}
