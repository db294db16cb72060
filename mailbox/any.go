package mailbox

// Any reports whether f is true of a message that waits: in the queue, or in the batch where the owner has not begun it. What
// waits for room, or is held aside, it does not look at. It calls f with the mailbox's lock, so f must be quick, and must not
// use the mailbox. It takes time in proportion to what waits.
func (o *Owned[M]) Any(f func(M) bool) bool {
	o.lock()
	defer o.unlock()
	// An owner that sees a signal comes to the lock before it clears a slot, as for Abandon. If nobody waits for room, it
	// only takes the signal back.
	o.signal.Or(waited)
	for _, m := range o.hand[o.begunLocked():] {
		if f(m) {
			return true
		}
	}
	if o.queue != nil {
		return o.queue.any(f)
	}
	return o.ring.any(f)
}

func (r *ring[T]) any(f func(T) bool) bool {
	for i := range r.n {
		if f(*r.slot(i)) {
			return true
		}
	}
	return false
}

func (q *heap[M]) any(f func(M) bool) bool {
	for _, part := range [][]entry[M]{q.run, q.es[:q.n]} {
		for i := range part {
			if f(part[i].m) {
				return true
			}
		}
	}
	return false
}

func (q *levels[M]) any(f func(M) bool) bool {
	for l := range q.rings {
		if q.rings[l].any(f) {
			return true
		}
	}
	return false
}

func (q *numbered[M]) any(f func(M) bool) bool {
	return q.ring.any(func(e entry[M]) bool { return f(e.m) })
}
