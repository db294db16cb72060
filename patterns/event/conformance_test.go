package event_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// These are the behaviours that CPython's lock_tests.py tests of its Event, one test for each of its own.

func TestIsSetSaysWhetherItIsSet(t *testing.T) {
	e := newEvent(t, newSystem(t))
	wantSet(t, e, false)
	set(t, e)
	wantSet(t, e, true)
	set(t, e)
	wantSet(t, e, true)
	unset(t, e)
	wantSet(t, e, false)
	unset(t, e)
	wantSet(t, e, false)
}

func TestSetLetsAllWaitersGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEvent(t, newSystem(t))
		notify := func() {
			const n = 5
			first, second := make(chan error, n), make(chan error, n)
			for range n {
				go func() {
					first <- e.Wait(t.Context())
					second <- e.Wait(t.Context())
				}()
			}
			synctest.Wait()
			if len(first) > 0 {
				t.Fatal("a Wait returned before Set")
			}
			set(t, e)
			for range n {
				if err := errors.Join(<-first, <-second); err != nil {
					t.Error(err)
				}
			}
		}
		notify()
		// Another time, after it was cleared.
		set(t, e)
		unset(t, e)
		notify()
	})
}

func TestWaitEndsWithItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEvent(t, newSystem(t))
		const n = 5
		// wait returns the results of a Wait without any time, and of one with half a second, and how long that took.
		wait := func() (now, later error, took time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), 0)
			now = e.Wait(ctx)
			cancel()
			begin := time.Now()
			ctx, cancel = context.WithTimeout(t.Context(), time.Second/2)
			defer cancel()
			later = e.Wait(ctx)
			return now, later, time.Since(begin)
		}
		var waits sync.WaitGroup
		for range n {
			waits.Go(func() {
				now, later, took := wait()
				if !errors.Is(now, context.DeadlineExceeded) || !errors.Is(later, context.DeadlineExceeded) || took != time.Second/2 {
					t.Errorf("the waits return %v, and %v after %v, want the end of their time", now, later, took)
				}
			})
		}
		waits.Wait()
		set(t, e)
		for range n {
			waits.Go(func() {
				// A context that has ended is an error, whatever the event: Python would return True.
				if _, later, took := wait(); later != nil || took != 0 {
					t.Errorf("a Wait for what is set returns %v after %v, want nil at once", later, took)
				}
			})
		}
		waits.Wait()
	})
}

func TestWhoWaitedAtTheSetSeesItThoughItIsClearedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEvent(t, newSystem(t))
		const n = 5
		got := waitAside(t.Context(), e, n)
		synctest.Wait()
		set(t, e)
		unset(t, e)
		for range n {
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
		wantSet(t, e, false)
	})
}
