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
		// wait is a Wait without any time, which wants the first error, and one with half a second, which wants the second after
		// so long.
		wait := func(now, later error, took time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), 0)
			if err := e.Wait(ctx); !errors.Is(err, now) {
				t.Errorf("a Wait without time returns %v, want %v", err, now)
			}
			cancel()
			begin := time.Now()
			ctx, cancel = context.WithTimeout(t.Context(), time.Second/2)
			defer cancel()
			if err := e.Wait(ctx); !errors.Is(err, later) || time.Since(begin) != took {
				t.Errorf("a Wait returns %v after %v, want %v after %v", err, time.Since(begin), later, took)
			}
		}
		var waits sync.WaitGroup
		for range n {
			waits.Go(func() { wait(context.DeadlineExceeded, context.DeadlineExceeded, time.Second/2) })
		}
		waits.Wait()
		set(t, e)
		for range n {
			// A context that has ended is an error, whatever the event: Python would return True.
			waits.Go(func() { wait(context.DeadlineExceeded, nil, 0) })
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
