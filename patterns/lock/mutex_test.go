package lock_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/lock"
	"github.com/troupe-go/troupe/runtime"
)

func TestLockIsHadByOneAtATime(t *testing.T) {
	m := newMutex(t, newSystem(t))
	wantStats(t, m, lock.Stats{})
	hold := take(t, m)
	wantStats(t, m, lock.Stats{Locked: true})
	if _, err := m.TryLock(t.Context()); err != lock.ErrLocked {
		t.Errorf("TryLock of a lock that is held returns %v, want ErrLocked", err)
	}
	unlock(t, hold)
	wantStats(t, m, lock.Stats{})
	hold, err := m.TryLock(t.Context())
	if err != nil {
		t.Fatalf("TryLock of a free lock returns %v", err)
	}
	unlock(t, hold)
}

func TestLockIsHandedOverInOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const waiters = 100
		m := newMutex(t, newSystem(t))
		hold := take(t, m)
		var order []int
		for i := range waiters {
			go func() {
				hold, err := m.Lock(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, i)
				if _, err := m.TryLock(context.Background()); err != lock.ErrLocked {
					t.Errorf("TryLock returns %v while somebody has the lock, and others wait", err)
				}
				unlock(t, hold)
			}()
			synctest.Wait()
		}
		wantStats(t, m, lock.Stats{Locked: true, Waiting: waiters})
		if len(order) > 0 {
			t.Fatalf("%v got a lock that is held", order)
		}
		unlock(t, hold)
		synctest.Wait()
		if len(order) != waiters || !slices.IsSorted(order) {
			t.Errorf("those who waited got the lock in the order %v", order)
		}
		wantStats(t, m, lock.Stats{})
	})
}

func TestNewcomerDoesNotOvertakeThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		hold := take(t, m)
		waiting := lockAside(context.Background(), m)
		synctest.Wait()
		unlock(t, hold) // who waits has it now, though its goroutine has not run yet
		if _, err := m.TryLock(context.Background()); err != lock.ErrLocked {
			t.Errorf("TryLock returns %v, want ErrLocked: somebody waited", err)
		}
		unlock(t, (<-waiting).hold)
	})
}

// Python's Lock may be released by another thread, and so may this one, by whoever was given the Hold.
func TestAnybodyWithTheHoldMayUnlock(t *testing.T) {
	m := newMutex(t, newSystem(t))
	hold := take(t, m)
	over := make(chan error)
	go func() { over <- hold.Unlock() }()
	if err := <-over; err != nil {
		t.Errorf("Unlock on another goroutine returns %v", err)
	}
	unlock(t, take(t, m))
}

// Who waits to take a lock that it has itself goes on when another gives it back.
func TestTakingTheLockAgainWaitsForItsRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		holds, again := make(chan lock.Hold, 1), make(chan lock.Hold, 1)
		go func() {
			holds <- take(t, m)
			again <- take(t, m)
		}()
		synctest.Wait()
		if arrived(again) {
			t.Fatal("a lock was taken twice")
		}
		unlock(t, <-holds)
		unlock(t, <-again)
	})
}

func TestHoldCountsOnce(t *testing.T) {
	system := newSystem(t)
	m := newMutex(t, system)
	first := take(t, m)
	unlock(t, first)
	second := take(t, m)
	if err := first.Unlock(); err != lock.ErrUnlocked {
		t.Errorf("Unlock of a hold that was given back returns %v, want ErrUnlocked", err)
	}
	wantStats(t, m, lock.Stats{Locked: true})
	unlock(t, second)
	for name, hold := range map[string]lock.Hold{"first": first, "second": second, "zero": {}} {
		if err := hold.Unlock(); err != lock.ErrUnlocked {
			t.Errorf("Unlock of the %s hold returns %v, want ErrUnlocked", name, err)
		}
	}
	unlock(t, take(t, m))
}

func TestCancelledWaitLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		hold := take(t, m)
		ctx, cancel := context.WithCancel(context.Background())
		gone := lockAside(ctx, m)
		synctest.Wait()
		next := lockAside(context.Background(), m)
		synctest.Wait()
		cancel()
		if err := (<-gone).err; err != context.Canceled {
			t.Errorf("a cancelled Lock returns %v, want context.Canceled", err)
		}
		synctest.Wait()
		wantStats(t, m, lock.Stats{Locked: true, Waiting: 1})
		unlock(t, hold)
		unlock(t, (<-next).hold)
		for name, try := range map[string]func(context.Context) (lock.Hold, error){"Lock": m.Lock, "TryLock": m.TryLock} {
			if _, err := try(ctx); err != context.Canceled {
				t.Errorf("%s with a context that has ended returns %v, want context.Canceled", name, err)
			}
		}
		wantStats(t, m, lock.Stats{})
	})
}

func TestTimeoutEndsTheWaitAndLeavesTheLockUsable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		begin := time.Now()
		hold, err := m.Lock(ctx)
		if err != nil || time.Since(begin) != 0 {
			t.Fatalf("Lock of a free lock returns %v after %v, want nil at once", err, time.Since(begin))
		}
		if _, err := m.Lock(ctx); err != context.DeadlineExceeded || time.Since(begin) != time.Hour {
			t.Errorf("Lock returns %v after %v, want DeadlineExceeded after an hour", err, time.Since(begin))
		}
		unlock(t, hold)
		wantStats(t, m, lock.Stats{})
		unlock(t, take(t, m))
	})
}

func TestStopEndsAllWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		condition := lock.NewCondition(m)
		waits := waitAside(context.Background(), t, condition, m)
		synctest.Wait()
		hold := take(t, m)
		waiting := lockAside(context.Background(), m)
		synctest.Wait()
		m.Stop()
		<-m.Done()
		if err := (<-waiting).err; !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("the Lock that waits returns %v, want ErrStopped", err)
		}
		if err := <-waits; !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("Wait returns %v, want ErrStopped", err)
		}
		for name, try := range map[string]func(context.Context) (lock.Hold, error){"Lock": m.Lock, "TryLock": m.TryLock} {
			if _, err := try(context.Background()); !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("%s returns %v, want ErrStopped", name, err)
			}
		}
		unlock(t, hold)
		if err := hold.Unlock(); err != lock.ErrUnlocked {
			t.Errorf("the second Unlock returns %v, want ErrUnlocked", err)
		}
	})
}

func TestBadConfigsAndArgumentsAreRefused(t *testing.T) {
	system := newSystem(t)
	m, r := newMutex(t, system), newReentrant(t, system)
	condition := lock.NewCondition(m)
	hold := take(t, m)
	var none context.Context
	for _, refused := range []struct {
		err  error
		says string
	}{
		{second(lock.NewMutex(system, lock.Config{Name: "a/b"})), `Name is "a/b"`},
		{second(lock.NewReentrant(system, lock.Config{Name: "a/b"})), `Name is "a/b"`},
		{condition.Notify(hold, -1), "Notify of -1"},
		{second(m.Lock(none)), "ctx is nil"},
		{second(m.TryLock(none)), "ctx is nil"},
		{third(r.Lock(none)), "ctx is nil"},
		{third(r.TryLock(none)), "ctx is nil"},
		{condition.Wait(none, hold), "ctx is nil"},
		{condition.WaitFor(none, hold, func() bool { return false }), "ctx is nil"},
	} {
		if !errors.Is(refused.err, lock.ErrConfig) || !strings.Contains(refused.err.Error(), refused.says) {
			t.Errorf("the error is %v, want ErrConfig that says %s", refused.err, refused.says)
		}
	}
	if err := second(lock.NewMutex(system, lock.Config{Name: "lock"})); !errors.Is(err, runtime.ErrNameTaken) {
		t.Errorf("a second lock of the name has the error %v, want ErrNameTaken", err)
	}
	unlock(t, hold)
}

func second[A any](_ A, err error) error        { return err }
func third[A, B any](_ A, _ B, err error) error { return err }

func TestPlainGoroutinesAllocateNothing(t *testing.T) {
	m := newMutex(t, newSystem(t))
	ctx := t.Context()
	if n := testing.AllocsPerRun(1000, func() {
		hold, err := m.Lock(ctx)
		if err != nil {
			t.Error(err)
		}
		unlock(t, hold)
	}); n > 0 {
		t.Errorf("Lock and Unlock allocate %v times", n)
	}
}
