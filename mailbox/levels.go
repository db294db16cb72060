package mailbox

import "math/bits"

// levels is a FIFO ring per level, and a two-level bitmap of the levels that hold something, so that push and pop
// take the same few steps however many messages and levels there are.
type levels[M any] struct {
	rings []ring[entry[M]]
	words []uint64 // bit l%64 of words[l/64]: level l holds a message
	used  uint64   // bit w: words[w] is not 0
	n     int
}

func newLevels[M any](n int) *levels[M] {
	return &levels[M]{rings: make([]ring[entry[M]], n), words: make([]uint64, (n+63)/64)}
}

func (q *levels[M]) size() int { return q.n }

func (q *levels[M]) push(m M, level int, seq uint64) {
	q.rings[level].pushBack(entry[M]{m, seq})
	q.n++
	q.words[level/64] |= 1 << (level % 64)
	q.used |= 1 << (level / 64)
}

func (q *levels[M]) pop() M {
	w := bits.TrailingZeros64(q.used)
	level := w*64 + bits.TrailingZeros64(q.words[w])
	e := q.rings[level].popFront()
	q.removed(level)
	return e.m
}

// pushEvictingOldest compares the heads of all levels: O(Levels), on overflow only.
func (q *levels[M]) pushEvictingOldest(m M, level int, seq uint64) M {
	oldest := -1
	for l := range q.rings {
		if q.rings[l].n > 0 && (oldest < 0 || q.rings[l].slot(0).seq < q.rings[oldest].slot(0).seq) {
			oldest = l
		}
	}
	e := q.rings[oldest].popFront()
	q.removed(oldest)
	q.push(m, level, seq)
	return e.m
}

func (q *levels[M]) pushEvictingLast(m M, level int, seq uint64) M {
	w := bits.Len64(q.used) - 1
	worst := w*64 + bits.Len64(q.words[w]) - 1
	if level >= worst {
		return m
	}
	e := q.rings[worst].popBack()
	q.removed(worst)
	q.push(m, level, seq)
	return e.m
}

// removed keeps the counts after a message left level.
func (q *levels[M]) removed(level int) {
	q.n--
	if q.rings[level].n > 0 {
		return
	}
	q.words[level/64] &^= 1 << (level % 64)
	if q.words[level/64] == 0 {
		q.used &^= 1 << (level / 64)
	}
}

func (q *levels[M]) has(seq uint64, _ int) bool {
	for l := range q.rings {
		if contains(&q.rings[l], seq) {
			return true
		}
	}
	return false
}
