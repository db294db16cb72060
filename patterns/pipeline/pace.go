package pipeline

import "time"

const (
	// A pass of n items is quick if it takes no longer than quickPass and quickItem for each: what one item may hold up
	// others for is then too short to matter, and what the clock, the scheduler and cold caches take is left out.
	quickPass  = 50 * time.Microsecond
	quickItem  = time.Microsecond
	firstProof = 512 // quick items in a row before chunks grow
	mostProof  = 1 << 14
)

// A pace decides how many results may share a chunk. The first ones wait there while the function works on the next item,
// so there may be several only while items prove quick: one slow one that is noticed, and each result travels by itself
// again. Each time that this happens twice as many items must prove quick, up to mostProof, so a function that is slow now
// and then seldom gets there. A machine that was busy with something else looks the same, so a long time without is
// forgiven.
type pace struct {
	limit  int // results in a chunk, 1..most
	most   int
	quick  int // items in a row
	needed int
}

func newPace(most int) pace { return pace{limit: 1, most: most, needed: firstProof} }

// pass notes that n items took d in all, and reports whether limit has changed.
func (p *pace) pass(n int, d time.Duration) bool {
	before := p.limit
	if d > patience(n) {
		p.slow()
		return p.limit != before
	}
	if p.quick += n; p.quick >= p.needed {
		p.limit = min(2*p.limit, p.most)
	}
	if p.quick >= 64*p.needed {
		p.needed, p.quick = max(p.needed/2, firstProof), p.needed
	}
	return p.limit != before
}

// slow notes that an item was.
func (p *pace) slow() {
	if p.limit > 1 {
		p.needed = min(2*p.needed, mostProof)
	}
	p.limit, p.quick = 1, 0
}

// patience is how long n items may take, and be quick.
func patience(n int) time.Duration { return quickPass + time.Duration(n)*quickItem }
