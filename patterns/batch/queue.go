package batch

import "github.com/troupe-go/troupe/runtime"

// An asked is a request that waits for its call, or is in it.
type asked[Req, Res any] struct {
	runtime.Reply[Res]
	req Req
	due int64 // when it has waited long enough for others, in ns since the batcher's start
}

// A queue is the requests that wait, in the order of arrival. It keeps them by value, so that a request costs no memory of
// its own. The price is that one which was given up must be looked for; so that is done only when it matters.
type queue[Req, Res any] struct {
	slots []asked[Req, Res]
	head  int // slots before it are free
	gone  int // requests that were given up since they were last looked for; some of them may have been called before
}

// spare is how many slots an empty queue keeps at most.
const spare = 4096

func (q *queue[Req, Res]) len() int { return len(q.slots) - q.head }

func (q *queue[Req, Res]) front() *asked[Req, Res] { return &q.slots[q.head] }

func (q *queue[Req, Res]) push(a asked[Req, Res]) {
	if q.head > len(q.slots)/2 && len(q.slots) == cap(q.slots) {
		q.keep(append(q.slots[:0], q.slots[q.head:]...))
	}
	q.slots = append(q.slots, a)
}

// keep makes left, which begins where slots does, all that waits.
func (q *queue[Req, Res]) keep(left []asked[Req, Res]) {
	clear(q.slots[len(left):])
	q.slots, q.head = left, 0
	if len(left) == 0 && cap(left) > spare {
		q.slots = nil
	}
}

// take moves up to n requests that nobody gave up from the front to the end of into.
func (q *queue[Req, Res]) take(into []asked[Req, Res], n int) []asked[Req, Res] {
	for n > 0 && q.len() > 0 {
		a := q.front()
		if !a.Pending() {
			q.drop()
			continue
		}
		into = append(into, *a)
		*a = asked[Req, Res]{}
		q.head++
		n--
	}
	if q.len() == 0 {
		q.keep(q.slots[:0])
	}
	return into
}

// settle takes out what was given up in front of what is still wanted.
func (q *queue[Req, Res]) settle() {
	for q.len() > 0 && !q.front().Pending() {
		q.drop()
	}
	if q.len() == 0 {
		q.keep(q.slots[:0])
	}
}

// drop takes out the front, which was given up.
func (q *queue[Req, Res]) drop() {
	q.gone = max(q.gone-1, 0)
	*q.front() = asked[Req, Res]{}
	q.head++
}

// giveUp notes that a request was given up.
func (q *queue[Req, Res]) giveUp() {
	if q.gone++; 2*q.gone > q.len() {
		q.sweep()
	}
}

// atLeast reports whether n requests wait that nobody gave up.
func (q *queue[Req, Res]) atLeast(n int) bool {
	if q.len() >= n && q.len()-q.gone < n {
		q.sweep()
	}
	return q.len() >= n
}

// sweep takes out what was given up.
func (q *queue[Req, Res]) sweep() {
	left := q.slots[:0]
	for _, a := range q.slots[q.head:] {
		if a.Pending() {
			left = append(left, a)
		}
	}
	q.keep(left)
	q.gone = 0
}

// fail fails all that waits.
func (q *queue[Req, Res]) fail(err error) {
	for _, a := range q.slots[q.head:] {
		a.Fail(err)
	}
	q.keep(q.slots[:0])
	q.gone = 0
}
