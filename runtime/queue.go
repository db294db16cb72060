package runtime

import "sync/atomic"

// A queue is a list of ready actors, first come, first served.
type queue struct {
	buf  []*node // its length is 0 or a power of two
	head int
	n    int
	seen atomic.Int32 // n, for who looks without the lock
}

// any reports whether anybody is in the queue. It needs no lock.
func (q *queue) any() bool { return q.seen.Load() > 0 }

// keepReady is the size of the buffer that an empty queue keeps.
const keepReady = 256

func (q *queue) push(n *node) {
	if q.n == len(q.buf) {
		larger := make([]*node, max(16, 2*len(q.buf)))
		for i := range q.n {
			larger[i] = q.buf[(q.head+i)&(len(q.buf)-1)]
		}
		q.buf, q.head = larger, 0
	}
	q.buf[(q.head+q.n)&(len(q.buf)-1)] = n
	q.n++
	q.seen.Store(int32(q.n))
}

// popLast takes the one that came last.
func (q *queue) popLast() *node {
	if q.n == 0 {
		return nil
	}
	q.n--
	return q.take((q.head + q.n) & (len(q.buf) - 1))
}

func (q *queue) pop() *node {
	if q.n == 0 {
		return nil
	}
	at := q.head
	q.head = (q.head + 1) & (len(q.buf) - 1)
	q.n--
	return q.take(at)
}

func (q *queue) take(at int) *node {
	n := q.buf[at]
	q.buf[at] = nil
	q.seen.Store(int32(q.n))
	if q.n == 0 && len(q.buf) > keepReady {
		q.buf, q.head = nil, 0
	}
	return n
}
