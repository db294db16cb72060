package mailbox

// heap is a binary min-heap by Less, and by arrival among equals, which makes it stable.
//
// Every operation first walks the path that it will change, calling Less, and only then moves entries: a Less that
// panics leaves the heap as it was. That is why container/heap, which swaps as it compares, is not used.
type heap[M any] struct {
	less func(a, b M) bool
	es   []entry[M]
}

func (q *heap[M]) size() int { return len(q.es) }

func (q *heap[M]) before(a, b entry[M]) bool {
	if q.less(a.m, b.m) {
		return true
	}
	return a.seq < b.seq && !q.less(b.m, a.m)
}

func (q *heap[M]) push(m M, _ int, seq uint64) {
	e := entry[M]{m, seq}
	to := q.rise(e, len(q.es))
	q.es = append(q.es, e)
	q.lift(e, len(q.es)-1, to)
}

func (q *heap[M]) pop() M {
	top, last := q.es[0], len(q.es)-1
	if last > 0 {
		q.lower(q.es[last], 0, last)
	}
	q.es[last] = entry[M]{}
	q.es = q.es[:last]
	if last == 0 && cap(q.es) > keepSlots {
		q.es = nil
	}
	return top.m
}

// pushEvictingOldest looks at every entry: O(n), on overflow only.
func (q *heap[M]) pushEvictingOldest(m M, _ int, seq uint64) M {
	oldest := 0
	for i := range q.es {
		if q.es[i].seq < q.es[oldest].seq {
			oldest = i
		}
	}
	return q.replace(oldest, entry[M]{m, seq})
}

// pushEvictingLast looks at the leaves, where the last one must be: O(n), on overflow only.
func (q *heap[M]) pushEvictingLast(m M, _ int, seq uint64) M {
	last := len(q.es) / 2
	for i := last + 1; i < len(q.es); i++ {
		if q.before(q.es[last], q.es[i]) {
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
	if to := q.rise(e, i); to < i {
		q.lift(e, i, to)
	} else {
		q.lower(e, i, len(q.es))
	}
	return replaced
}

// rise returns where e belongs on the path from index i to the root. It changes nothing.
func (q *heap[M]) rise(e entry[M], i int) int {
	for i > 0 && q.before(e, q.es[(i-1)/2]) {
		i = (i - 1) / 2
	}
	return i
}

// lift moves the ancestors of index from one step down, as far as index to, and puts e there.
func (q *heap[M]) lift(e entry[M], from, to int) {
	for i := from; i > to; i = (i - 1) / 2 {
		q.es[i] = q.es[(i-1)/2]
	}
	q.es[to] = e
}

// lower puts e at index i or below it, among the first n entries. The path is found before anything moves; 64 steps
// reach further than any memory.
func (q *heap[M]) lower(e entry[M], i, n int) {
	var path [64]int
	steps := 0
	for at := i; ; {
		child := 2*at + 1
		if child >= n {
			break
		}
		if child+1 < n && q.before(q.es[child+1], q.es[child]) {
			child++
		}
		if !q.before(q.es[child], e) {
			break
		}
		path[steps] = child
		steps++
		at = child
	}
	for _, child := range path[:steps] {
		q.es[i] = q.es[child]
		i = child
	}
	q.es[i] = e
}

func (q *heap[M]) has(seq uint64, _ int) bool {
	for i := range q.es {
		if q.es[i].seq == seq {
			return true
		}
	}
	return false
}
