package mailbox

import "math"

// The gate of a mailbox is what a put looks at first, under the lock. It says beforehand whether there is anything to
// consider, so that a put need not ask: that is a nanosecond of eight. Up to where the last gates begin it is a number: with
// fewer messages than that in the queue there is room, no high-water mark is passed, nobody sleeps, and nobody waits but a put
// that was called. It may be too low without need, and never too high.
//
// The last gates speak of an owner that sleeps, or was just woken, where a put has nothing else to consider. While the gate is
// handy or woken, the rest of the mailbox stays as it was when the owner went to sleep: waking it, and its going to
// sleep again, then change one cache line of the mailbox and that of the message, and no other has to travel back and
// forth between two processors. Who wants to know more than the gate says has enterLocked write it out first.
const (
	dozing = math.MaxUint32 - iota // the owner sleeps, and the queue is empty
	handy                          // likewise, and it holds out a hand of one free slot
	woken                          // a message was put there, and that is all
)

// roomyLocked reports whether a put has nothing to consider but its message.
func (b *box[M]) roomyLocked() bool { return uint(b.n) < uint(b.gate) && b.gate < woken }

// regateLocked prepares the gate. Who changes for the worse what it depends on leaves by unlock, which calls it.
func (b *box[M]) regateLocked() {
	b.gate = 0
	switch {
	case b.closed:
	case b.rare != nil && b.rare.gets.first != nil:
	case !b.asleep:
		if b.puts.settled() {
			b.gate = b.awakeGateLocked()
		}
	case b.n == 0 && b.puts.first == nil && b.queue == nil && !b.suspended:
		b.gate = dozing
	}
}

func (b *box[M]) awakeGateLocked() uint32 {
	return uint32(min(uint64(max(0, b.highWater-b.ahead)), woken-1))
}

// lock locks the mailbox, and has all of it say how things are.
func (b *box[M]) lock() {
	b.mu.Lock()
	b.enterLocked()
}

// enterLocked writes out what the last gates say.
func (b *box[M]) enterLocked() {
	switch b.gate {
	case handy:
		b.hand = b.hand[:0]
		b.gate = dozing
	case woken:
		b.asleep, b.ahead = false, 1
		b.highWater = max(b.highWater, 1)
		b.gate = b.awakeGateLocked()
	}
}

// wakeLocked is a put into a mailbox whose gate is one of the last. It reports false where it is not that simple. Where
// the owner takes batches, the put does the owner's work, too: the message is the next batch.
func (o *Owned[M]) wakeLocked(m *M) bool {
	switch {
	case o.gate == handy:
		o.hand[0] = *m
		o.seq++
		o.gate = woken
		return true
	case o.gate != dozing:
		return false
	case o.batches && o.order == FIFO:
		if cap(o.hand) == 0 {
			o.hand = make([]M, 1) // enough for one that gets a message now and then
		}
		o.hand = o.hand[:1]
		o.hand[0] = *m
		o.retagLocked()
		o.ahead = 1
	case o.ring.push(m):
		o.n = 1
	default:
		return false
	}
	o.seq++
	o.highWater = max(o.highWater, 1)
	o.asleep = false
	o.gate = o.awakeGateLocked()
	return true
}

// dozeLocked has an owner go to sleep that has finished all there was, and has nothing else to consider.
func (o *Owned[M]) dozeLocked() {
	o.asleep = true
	if o.gate = dozing; cap(o.hand) > 0 {
		o.hand = o.hand[:1]
		o.holdOutLocked()
	}
}

// holdOutLocked is dozeLocked for an owner whose gate is woken.
func (o *Owned[M]) holdOutLocked() {
	var none M
	o.hand[0] = none
	o.next = 0
	o.retagLocked()
	o.gate = handy
}

// retagLocked has rest say nothing of the batch that comes next, until the owner has come to it.
func (o *Owned[M]) retagLocked() { o.tag = uint8(^o.rest.Load() >> 31) }
