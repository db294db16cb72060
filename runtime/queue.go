package runtime

import "sync/atomic"

// A rota has the ready actors of a runner, but for the one in its slot. Those that have never run on a runner are young, and go
// first, the youngest before its elders. So a tree of actors that spawn others grows depth first, and few are alive
// at a time; first come, first served would have all of its leaves alive at once. It is what work stealing does with
// tasks, from either end: Blumofe and Leiserson, "Scheduling multithreaded computations by work stealing" (1999).
//
// Nobody is passed for ever. When as many young ones have gone as there were when the last one went that had waited, and at
// least 64, another goes that has waited: as if it had stood in line with those. And the eldest of the young is old then.
type rota struct {
	young, old queue
	left       int // young ones that may go before one that has waited
}

func (l *rota) any() bool { return l.young.any() || l.old.any() }
func (l *rota) len() int  { return l.young.n + l.old.n }

func (l *rota) push(n *node) {
	if n.on.Load() == nil {
		l.young.push(n)
	} else {
		l.old.push(n)
	}
}

// pop takes the one that the runner itself is to run next.
func (l *rota) pop() *node {
	if l.left > 0 && l.young.n > 0 {
		l.left--
		return l.young.popLast()
	}
	if l.young.n > 0 {
		l.old.push(l.young.pop())
	}
	l.left = max(maxRow, l.young.n)
	return l.old.pop()
}

// shift takes one for another runner to run: the eldest of the young, from which the largest tree may come.
func (l *rota) shift() *node {
	if l.young.n > 0 {
		return l.young.pop()
	}
	return l.old.pop()
}

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
