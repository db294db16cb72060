package mailbox

// A queue stores the messages of one mailbox in delivery order. It is guarded by the mailbox's lock.
//
// Each message comes with its number in the order of arrival, seq, which only grows. Only the heap calls back into
// user code, and it does so before it changes anything: every method either happens whole or, when Less panics, not
// at all.
type queue[M any] interface {
	size() int
	push(m M, level int, seq uint64)
	pop() M // the next in delivery order
	// pushEvictingOldest pushes m and removes the message that has waited longest. The queue is not empty.
	pushEvictingOldest(m M, level int, seq uint64) M
	// pushEvictingLast pushes m and removes the message that would be delivered last, maybe m itself. The queue is
	// not empty.
	pushEvictingLast(m M, level int, seq uint64) M
	// has reports whether message number seq waits. So many do, here and in the owner's batch, which only FIFO has.
	has(seq uint64, waiting int) bool
}

func newQueue[M any](order Order, c *Config[M]) queue[M] {
	switch {
	case order == FIFO:
		return &fifo[M]{}
	case order == LIFO:
		return &lifo[M]{}
	case c.Less != nil:
		return &heap[M]{less: c.Less}
	default:
		return newLevels[M](c.Levels)
	}
}

// An entry is a message and its number in the order of arrival.
type entry[M any] struct {
	m   M
	seq uint64
}

// fifo delivers from the front of a ring and appends at its back. It keeps no number beside each message: the numbers
// of the messages in it are the last ones that it was given, without a gap.
type fifo[M any] struct {
	ring[M]
	next uint64 // the number after the newest message's
}

func (q *fifo[M]) size() int { return q.n }

func (q *fifo[M]) push(m M, _ int, seq uint64) {
	q.pushBack(m)
	q.next = seq + 1
}

func (q *fifo[M]) pop() M { return q.popFront() }

func (q *fifo[M]) pushEvictingOldest(m M, level int, seq uint64) M {
	oldest := q.popFront()
	q.push(m, level, seq)
	return oldest
}

// pushEvictingLast is not called: a FIFO mailbox treats DropLast as DropNewest.
func (q *fifo[M]) pushEvictingLast(m M, _ int, _ uint64) M { return m }

func (q *fifo[M]) has(seq uint64, waiting int) bool {
	return seq < q.next && seq+uint64(waiting) >= q.next
}

// lifo delivers from the back of a ring, so the oldest is at its front, and would be delivered last.
type lifo[M any] struct{ ring[entry[M]] }

func (q *lifo[M]) size() int                   { return q.n }
func (q *lifo[M]) push(m M, _ int, seq uint64) { q.pushBack(entry[M]{m, seq}) }
func (q *lifo[M]) pop() M                      { return q.popBack().m }
func (q *lifo[M]) has(seq uint64, _ int) bool  { return contains(&q.ring, seq) }
func (q *lifo[M]) pushEvictingLast(m M, level int, seq uint64) M {
	return q.pushEvictingOldest(m, level, seq)
}

func (q *lifo[M]) pushEvictingOldest(m M, level int, seq uint64) M {
	oldest := q.popFront()
	q.push(m, level, seq)
	return oldest.m
}

func contains[M any](r *ring[entry[M]], seq uint64) bool {
	for i := range r.n {
		if r.slot(i).seq == seq {
			return true
		}
	}
	return false
}
