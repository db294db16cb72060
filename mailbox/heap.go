package mailbox

// heap is a 4-ary min-heap by Less, and by arrival among equals, which makes it stable. Four children make it half as
// deep as two, and lie side by side in memory (D. B. Johnson, Priority queues with update and finding minimum spanning
// trees, 1975).
//
// Messages that are more urgent than all in the heap when they come wait in front of it: in a sorted run, as far as that
// has room. So what is urgent passes by a deep backlog, in a few comparisons to put and none to take.
//
// Every operation first walks the path that it will change, calling Less, and only then moves entries: a Less that
// panics leaves the heap as it was. That is why container/heap, which swaps as it compares, is not used.
type heap[M any] struct {
	less func(a, b M) bool
	n    int
	es   []entry[M] // the first n hold something

	run []entry[M] // before all in es; the most urgent is the last
}

const (
	arity  = 4
	maxRun = 64 // bounds what one put moves
)

// before asks Less once. The older one leaves first unless the other is strictly more urgent.
func (q *heap[M]) before(a, b *entry[M]) bool {
	if a.seq < b.seq {
		return !q.less(b.m, a.m)
	}
	return q.less(a.m, b.m)
}

func (q *heap[M]) push(m M, _ int, seq uint64) {
	e := entry[M]{m, seq}
	last := len(q.run) - 1
	switch {
	case last >= 0 && q.less(m, q.run[0].m):
		at := q.inRun(m)
		if len(q.run) < maxRun {
			q.extend()
			copy(q.run[at+1:], q.run[at:])
			q.run[at] = e
			return
		}
		q.insert(q.run[0])
		copy(q.run, q.run[1:at])
		q.run[at-1] = e
	case last+1 < maxRun && q.n > 0 && q.less(m, q.es[0].m):
		q.extend()
		copy(q.run[1:], q.run)
		q.run[0] = e
	default:
		q.insert(e)
	}
}

// inRun returns where in the run m belongs: before all that leave sooner. It is newer than they are, and leaves before the
// first, which is the least urgent.
func (q *heap[M]) inRun(m M) int {
	from, to := 1, len(q.run)
	for from < to {
		middle := int(uint(from+to) / 2)
		if q.less(m, q.run[middle].m) {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from
}

// extend adds a slot to the run.
func (q *heap[M]) extend() {
	n := len(q.run)
	if n == cap(q.run) {
		q.run = growSlots(q.run, 0)
	}
	q.run = q.run[:n+1]
}

func (q *heap[M]) insert(e entry[M]) {
	to := q.rise(&e, q.n)
	if q.n == len(q.es) {
		q.es = growSlots(q.es, 0)
	}
	q.n++
	q.lift(e, q.n-1, to)
}

// unrun moves the run into the heap.
func (q *heap[M]) unrun() {
	for len(q.run) > 0 {
		q.insert(q.run[0]) // the least urgent first: what is left of the run is before all in the heap still
		copy(q.run, q.run[1:])
		q.shorten()
	}
}

// shorten takes the last slot off the run.
func (q *heap[M]) shorten() {
	last := len(q.run) - 1
	q.run[last] = entry[M]{}
	if q.run = q.run[:last]; last == 0 && cap(q.run) > keepSlots {
		giveSlots(q.run[:cap(q.run)])
		q.run = nil
	}
}

func (q *heap[M]) pop() M {
	if last := len(q.run) - 1; last >= 0 {
		m := q.run[last].m
		q.shorten()
		return m
	}
	top, last := q.es[0].m, q.n-1
	if last > 0 {
		q.lower(q.es[last], 0, last)
	}
	q.es[last] = entry[M]{}
	if q.n = last; last == 0 {
		q.trim()
	}
	return top
}

// empty removes all, in no particular order, and without calling Less.
func (q *heap[M]) empty() (all []M) {
	for i := range q.run {
		all = append(all, q.run[i].m)
	}
	for i := range q.es[:q.n] {
		all = append(all, q.es[i].m)
	}
	*q = heap[M]{less: q.less}
	return all
}

func (q *heap[M]) trim() {
	if len(q.es) > keepSlots {
		giveSlots(q.es)
		q.es = nil
	}
}

// pushEvictingOldest looks at every entry: O(n), on overflow only.
func (q *heap[M]) pushEvictingOldest(m M, _ int, seq uint64) M {
	q.unrun()
	oldest := 0
	for i := range q.es[:q.n] {
		if q.es[i].seq < q.es[oldest].seq {
			oldest = i
		}
	}
	return q.replace(oldest, entry[M]{m, seq})
}

// pushEvictingLast looks at the leaves, where the last one must be: O(n), on overflow only.
func (q *heap[M]) pushEvictingLast(m M, _ int, seq uint64) M {
	q.unrun()
	last := (q.n + arity - 2) / arity // the first leaf
	for i := last + 1; i < q.n; i++ {
		if q.before(&q.es[last], &q.es[i]) {
			last = i
		}
	}
	if !q.less(m, q.es[last].m) {
		return m
	}
	return q.replace(last, entry[M]{m, seq})
}

// replace puts e in the place of the entry at index i, moves it to where it belongs, and returns what was there.
func (q *heap[M]) replace(i int, e entry[M]) M {
	replaced := q.es[i].m
	if to := q.rise(&e, i); to < i {
		q.lift(e, i, to)
	} else {
		q.lower(e, i, q.n)
	}
	return replaced
}

// rise returns where e belongs on the path from index i to the root. It changes nothing.
func (q *heap[M]) rise(e *entry[M], i int) int {
	for i > 0 && q.before(e, &q.es[(i-1)/arity]) {
		i = (i - 1) / arity
	}
	return i
}

// lift moves the ancestors of index from one step down, as far as index to, and puts e there.
func (q *heap[M]) lift(e entry[M], from, to int) {
	for i := from; i > to; i = (i - 1) / arity {
		q.es[i] = q.es[(i-1)/arity]
	}
	q.es[to] = e
}

// sooner returns which of two entries leaves first. It is before, without a branch on either outcome, because none could
// be predicted.
func sooner[M any](less func(a, b M) bool, es []entry[M], i, j int) int {
	older := i + (j-i)*one(es[j].seq < es[i].seq)
	newer := i + j - older
	return older + (newer-older)*one(less(es[newer].m, es[older].m))
}

// one is 1 for true and 0 for false.
func one(is bool) (n int) {
	if is {
		n = 1
	}
	return n
}

// lower puts e at index i or below it, among the first n entries.
//
// It follows the most urgent children down to a leaf and looks for e's place on the way back (I. Wegener, Bottom-up
// heapsort, 1993): e mostly comes from the end of the heap and belongs near the end, so comparing it on the way down
// would be wasted. The path is known before anything moves; 32 steps of four children each reach further than any
// memory.
func (q *heap[M]) lower(e entry[M], i, n int) {
	var path [32]int
	steps, less, es := 0, q.less, q.es[:n]
	for child := arity*i + 1; child < n; child = arity*child + 1 {
		if child+arity <= n {
			child = sooner(less, es, sooner(less, es, child, child+1), sooner(less, es, child+2, child+3))
		} else {
			for other := child + 1; other < n; other++ {
				child = sooner(less, es, child, other)
			}
		}
		path[steps] = child
		steps++
	}
	for steps > 0 && q.before(&e, &es[path[steps-1]]) {
		steps--
	}
	for _, child := range path[:steps] {
		q.es[i] = q.es[child]
		i = child
	}
	q.es[i] = e
}

func (q *heap[M]) has(seq uint64) bool {
	for i := range q.run {
		if q.run[i].seq == seq {
			return true
		}
	}
	for i := range q.es[:q.n] {
		if q.es[i].seq == seq {
			return true
		}
	}
	return false
}
