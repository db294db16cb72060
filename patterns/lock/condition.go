package lock

import (
	"context"
	"fmt"
	"math"
)

// A Condition is where holders of a Mutex wait for what others change under it. All methods are safe for concurrent use. A
// Mutex may have any number of Conditions, and none needs a stop of its own.
type Condition struct {
	m     *Mutex
	queue []*waiter    // those who wait for a Notify, in the order in which they came; it goes with the baton of m
	spare chan *waiter // that were used
}

// NewCondition makes a condition of m.
func NewCondition(m *Mutex) *Condition {
	return &Condition{m: m, spare: make(chan *waiter, 64)}
}

// Wait gives the lock of h up, waits for a Notify, and takes the lock back, in line with all who want it. Giving it up and
// waiting are one step: whoever has the lock next finds this wait in the queue. Afterwards h counts again, and is unlocked
// as before. There is no waking without a Notify; but what it was about may have changed until the lock is back, so use
// WaitFor, or a loop.
//
// When ctx ends first, Wait leaves the queue, takes the lock back all the same, however long that takes, and returns
// ctx.Err(): the caller still has the lock. On entry with a context that has ended, it is not given up. A Wait that a Notify
// has chosen in the same moment returns nil, and so no Notify is spent on one that says that it got none.
//
// The caller does not have the lock any more when Wait returns ErrUnlocked, as h did not count, or its holder ended; or an
// error that wraps runtime.ErrStopped, as the lock was stopped.
func (c *Condition) Wait(ctx context.Context, h Hold) error {
	if ctx == nil {
		return errNil
	}
	w, err := c.join(h, ctx.Err())
	if err != nil {
		return err
	}
	woken, err := w.await(ctx)
	if err != nil && !c.leave(w) { // somebody was quicker
		woken, err = <-w.signal, nil
	}
	holder := w.holder
	c.reuse(w)
	switch {
	case err == errStopped:
		return err
	case err == nil && !woken:
		return ErrUnlocked
	}
	if lost := c.m.resume(ctx, h, holder); lost != nil {
		return lost
	}
	return err
}

// WaitFor waits until pred is true, which it asks at first and after each time that it was woken, with the lock.
//
// When it returns nil, pred is true and the caller has the lock. The errors are those of Wait; when ctx ended, pred was
// asked once more, and is false.
func (c *Condition) WaitFor(ctx context.Context, h Hold, pred func() bool) error {
	if !c.counts(h) {
		return ErrUnlocked
	}
	for !pred() {
		switch err := c.Wait(ctx, h); err {
		case nil:
		case errNil, errStopped, ErrUnlocked:
			return err
		default:
			if pred() {
				return nil
			}
			return err
		}
	}
	return nil
}

// Notify wakes the first n of those who wait now, or all of them if they are fewer; who begins to wait later is not woken by
// it. They go on when they get the lock. It does not block.
//
// It returns ErrUnlocked when h does not count, and an error that wraps ErrConfig when n is negative.
func (c *Condition) Notify(h Hold, n int) error {
	if n < 0 {
		return fmt.Errorf("%w: Notify of %d: want 0 or more", ErrConfig, n)
	}
	l := <-c.m.baton
	ok := c.holds(l, h)
	if ok {
		c.wake(l, n)
	}
	c.m.baton <- l
	if !ok {
		return ErrUnlocked
	}
	return nil
}

// NotifyAll is Notify for all who wait now.
func (c *Condition) NotifyAll(h Hold) error { return c.Notify(h, math.MaxInt) }

// Waiting returns how many wait for a Notify.
func (c *Condition) Waiting() int {
	l := <-c.m.baton
	n := len(c.queue)
	c.m.baton <- l
	return n
}

func (c *Condition) counts(h Hold) bool {
	l := <-c.m.baton
	ok := c.holds(l, h)
	c.m.baton <- l
	return ok
}

// holds reports whether h is the hold of the lock that this is a condition of.
func (c *Condition) holds(l *ledger, h Hold) bool { return h.m == c.m && l.counts(h) }
