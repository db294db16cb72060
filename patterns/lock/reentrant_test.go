package lock_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/lock"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func enter(t testing.TB, ctx context.Context, r *lock.Reentrant) (context.Context, lock.Hold) {
	t.Helper()
	ctx, hold, err := r.Lock(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return ctx, hold
}

func wantDepth(t testing.TB, ctx context.Context, r *lock.Reentrant, want int) {
	t.Helper()
	if got := r.Depth(ctx); got != want {
		t.Fatalf("the depth is %d, want %d", got, want)
	}
}

func TestOwnerEntersAgainByTheContextThatItGot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReentrant(t, newSystem(t))
		outside := context.Background()
		wantDepth(t, outside, r, 0)
		ctx, first := enter(t, outside, r)
		wantDepth(t, ctx, r, 1)
		wantDepth(t, outside, r, 0)
		derived, cancel := context.WithCancel(ctx)
		again, second := enter(t, derived, r)
		if again != derived {
			t.Error("a context that is the owner's already was wrapped once more")
		}
		_, third, err := r.TryLock(again)
		if err != nil {
			t.Fatal(err)
		}
		wantDepth(t, again, r, 3)
		if _, _, err := r.TryLock(outside); err != lock.ErrLocked {
			t.Errorf("TryLock of a stranger returns %v, want ErrLocked", err)
		}
		cancel()
		if _, _, err := r.Lock(again); err != context.Canceled {
			t.Errorf("Lock with a context that has ended returns %v, want Canceled", err)
		}

		stranger := make(chan lock.Hold, 1)
		go func() {
			_, hold := enter(t, outside, r)
			stranger <- hold
		}()
		for i, hold := range []lock.Hold{first, third, second} { // in any order
			synctest.Wait()
			if arrived(stranger) {
				t.Fatal("a stranger got the lock while the owner has it")
			}
			wantDepth(t, ctx, r, 3-i)
			unlock(t, hold)
			if err := hold.Unlock(); err != lock.ErrUnlocked {
				t.Errorf("the second Unlock returns %v, want ErrUnlocked", err)
			}
		}
		hold := <-stranger
		wantDepth(t, ctx, r, 0)
		for _, past := range []lock.Hold{first, second, third} {
			if err := past.Unlock(); err != lock.ErrUnlocked {
				t.Errorf("Unlock of one who has left returns %v, want ErrUnlocked", err)
			}
		}
		wantStats(t, r, lock.Stats{Locked: true, Depth: 1})
		unlock(t, hold)
		wantStats(t, r, lock.Stats{})
	})
}

func TestContextOfAPastOwnerIsAStrangers(t *testing.T) {
	r := newReentrant(t, newSystem(t))
	past, hold := enter(t, context.Background(), r)
	unlock(t, hold)
	_, other := enter(t, context.Background(), r)
	if _, _, err := r.TryLock(past); err != lock.ErrLocked {
		t.Errorf("TryLock of a past owner returns %v, want ErrLocked", err)
	}
	wantDepth(t, past, r, 0)
	unlock(t, other)
	ctx := past
	for range 1000 {
		ctx, hold = enter(t, ctx, r) // must not make the context ever longer
		wantDepth(t, ctx, r, 1)
		unlock(t, hold)
	}
	if n := testing.AllocsPerRun(100, func() {
		ctx, hold = enter(t, ctx, r)
		unlock(t, hold)
	}); n > 1 {
		t.Errorf("Lock allocates %v times, want the context only", n)
	}
}

func TestActorEntersAgainByItsOwnContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		r := newReentrant(t, system)
		actor, other := newActor(t, system, "actor"), newActor(t, system, "other")
		var outer lock.Hold
		tell(t, actor, func(ctx *runtime.Context[act]) error {
			got, hold := enter(t, ctx, r)
			if got != context.Context(ctx) {
				t.Error("an actor gets another context than its own")
			}
			outer = hold
			return nil
		})
		tell(t, actor, func(ctx *runtime.Context[act]) error { // from one message to the next, it has the lock
			wantDepth(t, ctx, r, 1)
			_, hold := enter(t, ctx, r)
			wantDepth(t, ctx, r, 2)
			unlock(t, hold)
			return nil
		})
		synctest.Wait()
		tell(t, other, func(ctx *runtime.Context[act]) error {
			wantDepth(t, ctx, r, 0)
			if _, _, err := r.TryLock(ctx); err != lock.ErrLocked {
				t.Errorf("TryLock of another actor returns %v, want ErrLocked", err)
			}
			return nil
		})
		synctest.Wait()
		wantStats(t, r, lock.Stats{Locked: true, Depth: 1})
		unlock(t, outer)
		wantStats(t, r, lock.Stats{})
	})
}

func TestCrashEndsAllEntriesOfItsOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		r := newReentrant(t, system)
		actor := newActor(t, system, "actor")
		var holds [2]lock.Hold
		tell(t, actor, func(ctx *runtime.Context[act]) error {
			_, holds[0] = enter(t, ctx, r)
			_, holds[1] = enter(t, ctx, r)
			return errors.New("on purpose")
		})
		synctest.Wait()
		wantStats(t, r, lock.Stats{Reclaimed: 1})
		_, next := enter(t, context.Background(), r)
		wantStats(t, r, lock.Stats{Locked: true, Depth: 1, Reclaimed: 1})
		unlock(t, next)
		for _, hold := range holds {
			if err := hold.Unlock(); err != lock.ErrUnlocked {
				t.Errorf("Unlock after the crash returns %v, want ErrUnlocked", err)
			}
		}
		tell(t, actor, func(ctx *runtime.Context[act]) error { // the new behaviour is another owner
			wantDepth(t, ctx, r, 0)
			return nil
		})
		synctest.Wait()
		wantStats(t, r, lock.Stats{Reclaimed: 1})
	})
}

// The work of a Pipe is another owner than the actor which started it.
func TestPipeIsAnOwnerOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		r := newReentrant(t, system)
		actor := newActor(t, system, "actor")
		tell(t, actor, func(ctx *runtime.Context[act]) error {
			_, hold := enter(t, ctx, r)
			runtime.Pipe(ctx, func(ctx context.Context) (any, error) {
				_, hold := enter(t, ctx, r)
				wantDepth(t, ctx, r, 1)
				return nil, hold.Unlock()
			}, func(_ any, err error) act { return func(*runtime.Context[act]) error { return err } })
			return ctx.Self().Tell(ctx, func(*runtime.Context[act]) error { return hold.Unlock() })
		})
		synctest.Wait()
		wantStats(t, r, lock.Stats{})
		if n := system.Stats().Failed; n > 0 {
			t.Errorf("%d handlers failed", n)
		}
	})
}

func TestReentrantStops(t *testing.T) {
	r := newReentrant(t, newSystem(t))
	ctx, hold := enter(t, context.Background(), r)
	r.Stop()
	<-r.Done()
	if _, _, err := r.Lock(ctx); !errors.Is(err, runtime.ErrStopped) {
		t.Errorf("Lock returns %v, want ErrStopped", err)
	}
	unlock(t, hold)
}

// Two deep, one in ten actors crashes; nobody else is ever inside, and in the end the lock is free.
func TestReentrantSurvivesOwnersThatCrash(t *testing.T) {
	const users = 8
	system := newSystem(t, supervisor.Config{MaxRestarts: supervisor.Unlimited})
	r := newReentrant(t, system)
	var s section
	nested := func(ctx context.Context, crash bool) {
		ctx, outer := enter(t, ctx, r)
		s.visit(false)
		_, inner := enter(t, ctx, r)
		unlock(t, outer) // the inner one is enough
		s.visit(crash)
		wantDepth(t, ctx, r, 1)
		unlock(t, inner)
	}
	var left sync.WaitGroup
	each := volume / users / 4
	for range users {
		ref := newActor(t, system, "")
		left.Add(each)
		left.Go(func() {
			for i := range each {
				tell(t, ref, func(ctx *runtime.Context[act]) error {
					defer left.Done()
					nested(ctx, i%10 == 0)
					return nil
				})
				nested(context.Background(), false)
			}
		})
	}
	left.Wait()
	_, last := enter(t, context.Background(), r) // waits for those that have just crashed
	if s.visits != 4*each*users || s.broken.Load() > 0 {
		t.Errorf("%d visits, of which %d met another: want %d, and none", s.visits, s.broken.Load(), 4*each*users)
	}
	wantStats(t, r, lock.Stats{Locked: true, Depth: 1, Reclaimed: uint64(users * ((each + 9) / 10))})
	unlock(t, last)
}
