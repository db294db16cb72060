package lock_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/lock"
)

// waitAside locks, waits and unlocks on another goroutine. It returns what Wait does.
func waitAside(ctx context.Context, t testing.TB, c *lock.Condition, m *lock.Mutex) <-chan error {
	got := make(chan error, 1)
	go func() {
		hold := take(t, m)
		err := c.Wait(ctx, hold)
		got <- err
		if err == nil || err == ctx.Err() {
			unlock(t, hold)
		}
	}()
	return got
}

func notify(t testing.TB, c *lock.Condition, m *lock.Mutex, n int) {
	t.Helper()
	hold := take(t, m)
	if err := c.Notify(hold, n); err != nil {
		t.Fatal(err)
	}
	unlock(t, hold)
}

func TestConditionIsForThoseWhoHoldItsLock(t *testing.T) {
	system := newSystem(t)
	m := newMutex(t, system)
	other, err := lock.NewMutex(system, lock.Config{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	c := lock.NewCondition(m)
	stale := take(t, m)
	unlock(t, stale)
	elsewhere := take(t, other)
	for name, hold := range map[string]lock.Hold{"zero": {}, "stale": stale, "another lock's": elsewhere} {
		for what, err := range map[string]error{
			"Wait":      c.Wait(t.Context(), hold),
			"WaitFor":   c.WaitFor(t.Context(), hold, func() bool { t.Error("pred was asked"); return true }),
			"Notify":    c.Notify(hold, 1),
			"NotifyAll": c.NotifyAll(hold),
		} {
			if err != lock.ErrUnlocked {
				t.Errorf("%s with a hold that is %s returns %v, want ErrUnlocked", what, name, err)
			}
		}
	}
	wantStats(t, m, lock.Stats{})
	unlock(t, elsewhere)
}

func TestNotifyWakesExactlyTheFirstOfThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		c := lock.NewCondition(m)
		waits := make([]<-chan error, 10)
		for i := range waits {
			waits[i] = waitAside(context.Background(), t, c, m)
			synctest.Wait()
		}
		woken := 0
		for _, n := range []int{0, 3, 1, 4, 7} {
			notify(t, c, m, n)
			synctest.Wait()
			woken = min(woken+n, len(waits))
			for i, got := range waits {
				if arrived(got) != (i < woken) {
					t.Fatalf("after Notify(%d) wait %d of %d has ended: %v", n, i, woken, arrived(got))
				}
			}
			if left := c.Waiting(); left != len(waits)-woken {
				t.Fatalf("%d wait, want %d", left, len(waits)-woken)
			}
		}
		for _, got := range waits {
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestNotifyIsNotKeptForThoseWhoWaitLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		c := lock.NewCondition(m)
		notify(t, c, m, 5)
		got := waitAside(context.Background(), t, c, m)
		synctest.Wait()
		if arrived(got) {
			t.Fatal("a Wait was woken by a Notify from before")
		}
		hold := take(t, m)
		if err := c.NotifyAll(hold); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if arrived(got) {
			t.Fatal("a Wait returned while another has the lock")
		}
		unlock(t, hold)
		if err := <-got; err != nil {
			t.Error(err)
		}
	})
}

func TestConditionsOfOneLockAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		full, empty := lock.NewCondition(m), lock.NewCondition(m)
		atFull := waitAside(context.Background(), t, full, m)
		atEmpty := waitAside(context.Background(), t, empty, m)
		synctest.Wait()
		notify(t, full, m, 5)
		synctest.Wait()
		if !arrived(atFull) || arrived(atEmpty) {
			t.Errorf("woken at full: %v, at empty: %v", arrived(atFull), arrived(atEmpty))
		}
		notify(t, empty, m, 5)
		synctest.Wait()
	})
}

// What a Notify finds in the queue is every Wait that was called before its caller got the lock.
func TestWaitGivesTheLockUpAndWaitsInOneStep(t *testing.T) {
	m := newMutex(t, newSystem(t))
	c := lock.NewCondition(m)
	const rounds = 2000
	ready := make(chan struct{}, 1)
	over := make(chan error, 1)
	go func() {
		hold := take(t, m)
		for range rounds {
			ready <- struct{}{} // with the lock, which the other can only get by the Wait
			if err := c.Wait(context.Background(), hold); err != nil {
				over <- err
				return
			}
		}
		over <- hold.Unlock()
	}()
	for range rounds {
		<-ready
		notify(t, c, m, 1) // one that came too early would be lost, and the test hang
	}
	if err := <-over; err != nil {
		t.Fatal(err)
	}
}

func TestHoldCountsAgainAfterTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		c := lock.NewCondition(m)
		hold := take(t, m)
		got := make(chan error, 1)
		go func() {
			defer func() { _ = hold.Unlock() }() // as one writes it: the hold is evaluated before the wait
			got <- c.Wait(context.Background(), hold)
		}()
		synctest.Wait()
		if err := hold.Unlock(); err != lock.ErrUnlocked {
			t.Errorf("Unlock during the wait returns %v, want ErrUnlocked", err)
		}
		if err := c.Wait(context.Background(), hold); err != lock.ErrUnlocked {
			t.Errorf("Wait during the wait returns %v, want ErrUnlocked", err)
		}
		notify(t, c, m, 1)
		if err := <-got; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		wantStats(t, m, lock.Stats{})
	})
}

func TestCancelledWaitTakesTheLockBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		c := lock.NewCondition(m)
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		begin := time.Now()
		got := waitAside(ctx, t, c, m)
		synctest.Wait()
		next := waitAside(context.Background(), t, c, m)
		synctest.Wait()
		hold := take(t, m)
		<-ctx.Done()
		synctest.Wait()
		if arrived(got) {
			t.Fatal("Wait returned while another has the lock")
		}
		if n := c.Waiting(); n != 1 {
			t.Errorf("%d wait for a Notify after one has given up, want 1", n)
		}
		if err := c.Notify(hold, 1); err != nil { // goes to the one that still waits
			t.Fatal(err)
		}
		unlock(t, hold)
		if err := <-got; err != context.DeadlineExceeded || time.Since(begin) != time.Hour {
			t.Errorf("Wait returns %v after %v, want DeadlineExceeded after an hour", err, time.Since(begin))
		}
		if err := <-next; err != nil {
			t.Error(err)
		}
		hold = take(t, m)
		if err := c.Wait(ctx, hold); err != context.DeadlineExceeded {
			t.Errorf("Wait with a context that has ended returns %v, want DeadlineExceeded", err)
		}
		unlock(t, hold)
		wantStats(t, m, lock.Stats{})
	})
}

// The context of the one that was woken ends before it has the lock again: it was notified, and says so.
func TestNotifiedWaitIsNotCancelledAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		c := lock.NewCondition(m)
		ctx, cancel := context.WithCancel(context.Background())
		got := waitAside(ctx, t, c, m)
		synctest.Wait()
		hold := take(t, m)
		if err := c.Notify(hold, 1); err != nil {
			t.Fatal(err)
		}
		cancel()
		synctest.Wait()
		unlock(t, hold)
		if err := <-got; err != nil {
			t.Errorf("a Wait that was notified before its context ended returns %v, want nil", err)
		}
		synctest.Wait()
	})
}

func TestWaitForWaitsUntilThePredicateIsTrue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		c := lock.NewCondition(m)
		state, asked := 0, []int(nil)
		got := make(chan error, 1)
		go func() {
			hold := take(t, m)
			defer unlock(t, hold)
			got <- c.WaitFor(context.Background(), hold, func() bool { asked = append(asked, state); return state == 4 })
		}()
		for range 4 {
			synctest.Wait()
			if arrived(got) {
				t.Fatalf("WaitFor returned at %d", state)
			}
			hold := take(t, m)
			state++
			if err := c.Notify(hold, 1); err != nil {
				t.Fatal(err)
			}
			unlock(t, hold)
		}
		if err := <-got; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if !slices.Equal(asked, []int{0, 1, 2, 3, 4}) {
			t.Errorf("the predicate was asked at %v", asked)
		}
	})
}

func TestWaitForGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMutex(t, newSystem(t))
		c := lock.NewCondition(m)
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		hold := take(t, m)
		begin, state := time.Now(), 0
		if err := c.WaitFor(ctx, hold, func() bool { return state == 4 }); err != context.DeadlineExceeded {
			t.Errorf("WaitFor returns %v, want DeadlineExceeded", err)
		}
		if d := time.Since(begin); d != time.Hour {
			t.Errorf("it took %v, want an hour", d)
		}
		asked := 0
		if err := c.WaitFor(ctx, hold, func() bool { asked++; return asked == 2 }); err != nil {
			t.Errorf("WaitFor returns %v though the predicate has become true, want nil", err)
		}
		unlock(t, hold) // it has the lock still
	})
}

func TestPanicOfThePredicateLeavesTheLockWithItsHolder(t *testing.T) {
	m := newMutex(t, newSystem(t))
	c := lock.NewCondition(m)
	hold := take(t, m)
	func() {
		defer func() { _ = recover() }()
		_ = c.WaitFor(t.Context(), hold, func() bool { panic("on purpose") })
	}()
	wantStats(t, m, lock.Stats{Locked: true})
	unlock(t, hold)
}
