package lock

import (
	"context"
	"slices"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A waiter is one Wait, from when it gives the lock up until it wants it back. Whoever takes it off the queue decides what
// becomes of it: a Notify or the keeper, which tell it by its signal, or the Wait itself.
type waiter struct {
	of     *Condition
	holder runtime.Holder
	signal chan bool // has room for the one there will be. True: a Notify; false: the holder has ended
}

// join gives the lock of h up and puts a waiter into the queue, in one step, unless the context has ended.
func (c *Condition) join(h Hold, ended error) (*waiter, error) {
	w := c.unused()
	l := <-c.m.baton
	err := ended
	switch {
	case !c.holds(l, h):
		err = ErrUnlocked
	case err == nil:
		w.holder = l.holder
		c.queue = append(c.queue, w)
		if _, ok := l.watched[w.holder]; ok {
			l.watched[w.holder] = append(l.watched[w.holder], w)
		}
		l.giveBack(c.m)
	}
	c.m.baton <- l
	if err != nil {
		c.reuse(w)
	}
	return w, err
}

// await waits for the signal.
func (w *waiter) await(ctx context.Context) (woken bool, err error) {
	if p, _ := ctx.Value(mailbox.ParkerKey{}).(mailbox.Parker); p != nil {
		defer p.Unpark(p.Park())
	}
	select {
	case woken := <-w.signal:
		return woken, nil
	case <-ctx.Done():
		return false, ctx.Err()
	case <-w.of.m.stopped:
		return false, errStopped
	}
}

// wake tells the first n, and takes them off the queue.
func (c *Condition) wake(l *ledger, n int) {
	n = min(n, len(c.queue))
	for _, w := range c.queue[:n] {
		l.forget(w)
		w.signal <- true
	}
	c.queue = slices.Delete(c.queue, 0, n)
}

// leave takes w off the queue, and reports whether it still was in there.
func (c *Condition) leave(w *waiter) bool {
	l := <-c.m.baton
	ok := c.remove(w)
	if ok {
		l.forget(w)
	}
	c.m.baton <- l
	return ok
}

func (c *Condition) remove(w *waiter) bool {
	i := slices.Index(c.queue, w)
	if i >= 0 {
		c.queue = slices.Delete(c.queue, i, i+1)
	}
	return i >= 0
}

// forget is for a waiter of which the keeper need not know any more.
func (l *ledger) forget(w *waiter) {
	of := l.watched[w.holder]
	if i := slices.Index(of, w); i >= 0 {
		l.watched[w.holder] = slices.Delete(of, i, i+1)
	}
}

// expel ends the waits of a holder that has ended.
func (l *ledger) expel(h runtime.Holder) {
	for _, w := range l.watched[h] {
		w.of.remove(w)
		w.signal <- false
	}
	delete(l.watched, h)
}

// unused returns a waiter that is in no queue. Its channel is what it would be expensive to make each time.
func (c *Condition) unused() *waiter {
	select {
	case w := <-c.spare:
		return w
	default:
		return &waiter{of: c, signal: make(chan bool, 1)}
	}
}

func (c *Condition) reuse(w *waiter) {
	w.holder = runtime.Holder{}
	select {
	case c.spare <- w:
	default:
	}
}

// resume takes the lock back for a hold that was given up. Only the lock's stop, or the end of its holder, prevents it.
func (m *Mutex) resume(ctx context.Context, h Hold, holder runtime.Holder) error {
	select {
	case <-m.token:
	default:
		if _, err := m.await(ctx, nil); err != nil {
			return err
		}
	}
	l := <-m.baton
	ok := l.resume(h, holder)
	m.baton <- l
	if !ok {
		return ErrUnlocked
	}
	return nil
}
