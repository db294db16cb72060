package mailbox

// A queue stores the messages of one mailbox in delivery order, where that takes more than a ring. It is guarded by the
// mailbox's lock.
//
// Each message comes with its number in the order of arrival, seq, which only grows. Only the heap calls back into
// user code, and it does so before it changes anything: every method either happens whole or, when Less panics, not
// at all.
type queue[M any] interface {
	push(m M, level int, seq uint64)
	pop() M // the next in delivery order
	// pushEvictingOldest pushes m and removes the message that has waited longest. The queue is not empty.
	pushEvictingOldest(m M, level int, seq uint64) M
	// pushEvictingLast pushes m and removes the message that would be delivered last, maybe m itself. The queue is
	// not empty.
	pushEvictingLast(m M, level int, seq uint64) M
	// has reports whether message number seq waits.
	has(seq uint64) bool
	// any reports whether f is true of one that waits.
	any(f func(M) bool) bool
}

func newQueue[M any](c *Config[M]) queue[M] {
	if c.Less != nil {
		return &heap[M]{less: c.Less}
	}
	q := newLevels[M](c.Levels)
	if c.Overflow == DropOldest {
		q.number()
	}
	return q
}

// An entry is a message and its number in the order of arrival.
type entry[M any] struct {
	m   M
	seq uint64
}

// numbered is LIFO with the number of each message beside it, so that one can be found. It delivers from the back of a
// ring; the oldest is at its front, and would be delivered last.
type numbered[M any] struct{ ring[entry[M]] }

// numberLocked makes the mailbox keep the numbers of its messages. What is in it already gets none: nobody asks after a
// message that was not held. FIFO needs none, because its numbers have no gaps.
func (b *box[M]) numberLocked() {
	if b.order == Priority && b.queue == nil {
		b.queue = newQueue(b.cfg)
	}
	if q, ok := b.queue.(*levels[M]); ok {
		q.number()
	}
	if b.order != LIFO || b.queue != nil {
		return
	}
	q := &numbered[M]{}
	for i := range b.ring.n {
		q.push(*b.ring.slot(i), 0, 0)
	}
	b.queue, b.ring = q, ring[M]{}
}

func (q *numbered[M]) push(m M, _ int, seq uint64) { q.pushBack(entry[M]{m, seq}) }
func (q *numbered[M]) pop() M                      { return q.popBack(keepSlots).m }

func (q *numbered[M]) pushEvictingLast(m M, level int, seq uint64) M {
	return q.pushEvictingOldest(m, level, seq)
}

func (q *numbered[M]) pushEvictingOldest(m M, level int, seq uint64) M {
	oldest := q.popFront(keepSlots)
	q.push(m, level, seq)
	return oldest.m
}

func (q *numbered[M]) has(seq uint64) bool {
	for i := range q.n {
		if q.slot(i).seq == seq {
			return true
		}
	}
	return false
}
