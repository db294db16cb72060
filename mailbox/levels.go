package mailbox

import "math/bits"

// levels is a ring per level, and a bitmap of the levels that hold something, so that push and pop take the same few
// steps however many messages and levels there are. Past 64 levels the bitmap has a second layer.
type levels[M any] struct {
	rings []ring[M]
	used  uint64   // bit l: level l holds a message; or, with words, bit w: words[w] is not 0
	words []uint64 // with over 64 levels, bit l%64 of words[l/64]: level l holds a message

	// The numbers of the messages, ring by ring, where somebody asks for them; else nil. Without them a message takes
	// half of the memory, and of the time in which it travels between processors.
	numbers []ring[uint64]
}

// keepLevelSlots is keepSlots for the ring of a level, of which there are many.
const keepLevelSlots = 4

func newLevels[M any](n int) *levels[M] {
	q := &levels[M]{rings: make([]ring[M], n)}
	if n > 64 {
		q.words = make([]uint64, (n+63)/64)
	}
	return q
}

// number makes q keep the numbers of its messages from now on. What is in it already gets none.
func (q *levels[M]) number() {
	if q.numbers != nil {
		return
	}
	q.numbers = make([]ring[uint64], len(q.rings))
	for l := range q.rings {
		for range q.rings[l].n {
			q.numbers[l].pushBack(0)
		}
	}
}

func (q *levels[M]) push(m M, level int, seq uint64) {
	r := &q.rings[level]
	if r.n == 0 {
		q.mark(level)
	}
	r.pushBack(m)
	if q.numbers != nil {
		q.numbers[level].pushBack(seq)
	}
}

// append is push without numbers to a level that holds something and has a slot, and small enough to be inlined. It
// reports whether that was so.
func (q *levels[M]) append(m *M, level int) bool {
	r := &q.rings[level]
	return r.n > 0 && q.numbers == nil && r.push(m)
}

// pushFront puts a message back in front of its level. It has no number any more.
func (q *levels[M]) pushFront(m M, level int) {
	q.mark(level)
	q.rings[level].pushFront(m)
	if q.numbers != nil {
		q.numbers[level].pushFront(0)
	}
}

func (q *levels[M]) mark(level int) {
	bit := level
	if q.words != nil {
		bit = level / 64
		q.words[bit] |= 1 << (level % 64)
	}
	q.used |= 1 << bit
}

// emptied notes that a level holds nothing any more.
func (q *levels[M]) emptied(level int) {
	r := &q.rings[level]
	r.trim(keepLevelSlots, r.reached())
	bit := level
	if q.words != nil {
		bit = level / 64
		if q.words[bit] &^= 1 << (level % 64); q.words[bit] != 0 {
			return
		}
	}
	q.used &^= 1 << bit
}

func (q *levels[M]) pop() (m M) {
	q.popFrom(q.first(), &m)
	return m
}

// first is the most urgent level that holds something, and last the least urgent.
func (q *levels[M]) first() int {
	level := bits.TrailingZeros64(q.used)
	if q.words != nil {
		level = level*64 + bits.TrailingZeros64(q.words[level])
	}
	return level
}

func (q *levels[M]) last() int {
	level := bits.Len64(q.used) - 1
	if q.words != nil {
		level = level*64 + bits.Len64(q.words[level]) - 1
	}
	return level
}

// popSome fills into with messages of the first level, as far as there are some, and returns how many and the level.
// There are no numbers.
func (q *levels[M]) popSome(into []M) (n, level int) {
	level = q.first()
	r := &q.rings[level]
	n = r.shiftMany(into)
	if r.n == 0 {
		q.emptied(level)
	}
	return n, level
}

// popFrom removes the first message of a level.
func (q *levels[M]) popFrom(level int, into *M) {
	r := &q.rings[level]
	r.shift(into)
	if q.numbers != nil {
		q.numbers[level].popFront(keepLevelSlots)
	}
	if r.n == 0 {
		q.emptied(level)
	}
}

// pushEvictingOldest compares the heads of all levels: O(Levels), on overflow only. It needs the numbers.
func (q *levels[M]) pushEvictingOldest(m M, level int, seq uint64) (evicted M) {
	oldest, of := -1, uint64(0)
	for l := range q.rings {
		if q.rings[l].n == 0 {
			continue
		}
		if n := *q.numbers[l].slot(0); oldest < 0 || n < of {
			oldest, of = l, n
		}
	}
	q.popFrom(oldest, &evicted)
	q.push(m, level, seq)
	return evicted
}

func (q *levels[M]) pushEvictingLast(m M, level int, seq uint64) (evicted M) {
	worst := q.last()
	if level >= worst {
		return m
	}
	r := &q.rings[worst]
	r.unshift(&evicted)
	if q.numbers != nil {
		q.numbers[worst].popBack(keepLevelSlots)
	}
	if r.n == 0 {
		q.emptied(worst)
	}
	q.push(m, level, seq)
	return evicted
}

// has looks at every message. It needs the numbers.
func (q *levels[M]) has(seq uint64) bool {
	for l := range q.numbers {
		for i := range q.numbers[l].n {
			if *q.numbers[l].slot(i) == seq {
				return true
			}
		}
	}
	return false
}
