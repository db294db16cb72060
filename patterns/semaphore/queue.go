package semaphore

// A waiter is a request that waits in the ledger. Whoever takes it off the queue decides what becomes of it.
type waiter struct {
	n          int
	called     bool         // at the channel, before he was sent here
	served     chan outcome // has room for the one there will be
	prev, next *waiter      // both nil: it is in no queue
}

type outcome struct {
	lease Lease
	err   error
}

// A queue is waiters in the order of arrival. One can leave from the middle in no time, whatever its length, and joining
// allocates nothing.
type queue struct {
	ends waiter // of the ring: next is the first, prev the last
	len  int
}

func (q *queue) first() *waiter { return q.ends.next }

func (q *queue) init() { q.ends.next, q.ends.prev = &q.ends, &q.ends }

func (q *queue) push(w *waiter) { q.insert(w, q.ends.prev) }

func (q *queue) pushFront(w *waiter) { q.insert(w, &q.ends) }

func (q *queue) insert(w, after *waiter) {
	w.prev, w.next = after, after.next
	after.next.prev, after.next = w, w
	q.len++
}

// remove reports whether w was in the queue.
func (q *queue) remove(w *waiter) bool {
	if w.next == nil {
		return false
	}
	w.prev.next, w.next.prev = w.next, w.prev
	w.prev, w.next = nil, nil
	q.len--
	return true
}

// newWaiter returns one that is in no queue. Its channel is what it would be expensive to make each time.
func (p *Pool) newWaiter(n int) *waiter {
	select {
	case w := <-p.unused:
		w.n, w.called = n, false
		return w
	default:
		return &waiter{n: n, served: make(chan outcome, 1)}
	}
}

// reuse is for a waiter that is in no queue any more, and whose outcome was received.
func (p *Pool) reuse(w *waiter) {
	select {
	case p.unused <- w:
	default:
	}
}
