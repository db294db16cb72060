package semaphore

import "context"

// A waiter is a request in the ledger's queue. Whoever takes it out says what becomes of it: the one who has served it, by
// its channel, or the request itself, which has given up.
type waiter struct {
	n          int
	granted    chan grant // has room for the one there will be
	prev, next *waiter
	queued     bool
}

type grant struct {
	permit permit
	err    error
}

// A queue is requests in the order of their arrival. Any can be taken out, at the same cost.
type queue struct {
	first, last *waiter
	len         int
}

func (q *queue) empty() bool { return q.first == nil }

func (q *queue) add(w *waiter) {
	w.queued, w.prev = true, q.last
	if q.last == nil {
		q.first = w
	} else {
		q.last.next = w
	}
	q.last = w
	q.len++
}

func (q *queue) remove(w *waiter) {
	if w.prev == nil {
		q.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		q.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.queued, w.prev, w.next = false, nil, nil
	q.len--
}

// request asks the ledger for n permits, and waits in its queue where there are not enough.
func (p *Pool) request(ctx context.Context, n int) (Lease, error) {
	l := <-p.baton
	one, err := l.take(n)
	var w *waiter
	if err == ErrNoPermits {
		w = &waiter{n: n, granted: make(chan grant, 1)}
		l.queue.add(w)
	}
	l.settle()
	p.baton <- l
	if w != nil {
		one, err = p.await(ctx, w)
	}
	if err != nil {
		return Lease{}, err
	}
	return p.lease(ctx, one, n)
}

// await waits until the request is served. One that is served in the moment in which its context ends was served.
func (p *Pool) await(ctx context.Context, w *waiter) (one permit, err error) {
	err = wait(ctx, p.stopped, func(done, stopped <-chan struct{}) error {
		select {
		case g := <-w.granted:
			one = g.permit
			return g.err
		case <-done:
			return ctx.Err()
		case <-stopped:
			return errStopped
		}
	})
	if err == nil || !p.withdraw(w) {
		return one, err
	}
	select {
	case g := <-w.granted: // it was quicker
		return g.permit, g.err
	default:
		return permit{}, err
	}
}

// withdraw takes a request out of the queue, so that those behind do not wait for permits that nobody wants any more. It
// reports whether there may be a grant in its channel.
func (p *Pool) withdraw(w *waiter) bool {
	l := <-p.baton
	queued := w.queued
	if queued {
		l.queue.remove(w)
	}
	l.settle()
	p.baton <- l
	return !queued
}
