package mailbox

import "fmt"

// A State is what the owner of an [Owned] mailbox finds.
type State uint8

// The states that Next returns.
const (
	Ready       State = iota // there is a message, and it is begun now
	Idle                     // there is none, and the owner is asleep: it must touch nothing more
	Empty                    // there is none, and the owner is awake: after Stay, or closed and empty
	Interrupted              // Interrupt was called: look at what for, then go on
	Lost                     // Abandon was called: the mailbox is somebody else's, and maybe the message in hand too
)

func (s State) String() string {
	return name(uint8(s), "State", "Ready", "Idle", "Empty", "Interrupted", "Lost")
}

// Next finishes the message that the owner had, and begins the next. Owner only. It never waits. It panics when Less
// or OnDrop does, and may then be called again.
//
// Within a batch it takes no lock. It claims the message first (rest), and looks at signal then; Interrupt sets signal
// first, and Abandon looks at rest then. So either the owner sees the signal, and takes the slow path without having
// touched the batch; or Abandon sees the claim, and leaves the slots before it alone. That is why a slot is cleared
// only when the next one is claimed and no signal was seen. The first look at signal proves nothing: it spares a claim
// that would only have to be undone.
func (o *Owned[M]) Next() (M, State) {
	hand, i := o.hand, o.next
	if o.signal.Load() != 0 {
		return o.nextSlow()
	}
	if uint(i) >= uint(len(hand)) {
		return o.nextBatch(o.loiters && i >= worthLoitering)
	}
	o.rest.Store(uint32(len(hand)-i-1) | uint32(o.tag)<<31)
	if o.signal.Load() != 0 {
		return o.nextSlow()
	}
	o.begin(i)
	return hand[i], Ready
}

// begin makes message i of the batch, which is claimed, the one in hand.
func (o *Owned[M]) begin(i int) {
	if i > 0 {
		var none M
		o.hand[i-1] = none
	}
	o.next = i + 1
}

// worthLoitering is how large the last batch must have been: somebody sends one message after another.
const worthLoitering = 8

// Loiter says whether Next on an empty mailbox may let others go on for a few microseconds before it puts the owner to
// sleep, where the last messages came in quick succession: to take the next ones, then, costs both sides a fraction of
// waking the owner for each. Owner only.
func (o *Owned[M]) Loiter(may bool) {
	if o.loiters != may {
		o.loiters = may
	}
}

// nextBatch is nextSlow for a FIFO owner that has nothing to consider but that its batch is finished: it takes the next
// one, or sleeps.
func (o *Owned[M]) nextBatch(loiters bool) (m M, s State) {
	if !o.batches || o.order != FIFO {
		return o.nextSlow()
	}
	o.mu.Lock()
	if o.gate == woken && o.signal.Load() == 0 {
		o.holdOutLocked()
		o.mu.Unlock()
		return m, Idle
	}
	o.enterLocked()
	if loiters && o.n == 0 && o.plainLocked() {
		o.putBackLocked()
		o.mu.Unlock()
		standBack()
		o.lock()
	}
	if !o.plainLocked() || o.queue != nil || !o.smallLocked() {
		o.mu.Unlock()
		return o.nextSlow()
	}
	o.putBackLocked()
	if o.n == 0 {
		o.dozeLocked()
		o.mu.Unlock()
		return m, Idle
	}
	o.hand = o.ring.swap(o.hand)
	o.n, o.next = 0, 1
	m = o.hand[0]
	o.setAheadLocked(len(o.hand) - 1)
	o.regateLocked()
	o.mu.Unlock()
	return m, Ready
}

// plainLocked reports whether nobody wants anything of the owner but that it takes what there is.
func (o *Owned[M]) plainLocked() bool {
	return o.signal.Load() == 0 && o.puts.first == nil && !o.closed && !o.staying
}

// smallLocked reports whether an owner that goes to sleep now has no buffer to give back, and nobody to tell of failures.
func (o *Owned[M]) smallLocked() bool {
	return len(o.ring.buf) <= keepSlots && cap(o.hand) <= keepSlots && (o.rare == nil || o.rare.failed.first == nil)
}

// setAheadLocked says that so many messages of the batch are not begun.
func (o *Owned[M]) setAheadLocked(n int) {
	o.ahead = n
	if rest := uint32(n) | o.tagLocked(); rest != o.rest.Load() {
		o.rest.Store(rest)
	}
}

func (o *Owned[M]) nextSlow() (m M, s State) {
	s, failed := o.nextLocked()
	for failed != nil {
		dropped := failed.claim()
		if o.cfg.OnDrop != nil {
			o.cfg.OnDrop(dropped, fmt.Errorf("mailbox: Less panicked on a message held aside: %v", failed.panicked))
		}
		s, failed = o.nextLocked()
	}
	if s == Ready {
		m = o.Current()
	}
	return m, s
}

// nextLocked is Next under the lock. What it finds failed must be told to OnDrop first, without the lock.
func (o *Owned[M]) nextLocked() (s State, failed *waiter[M]) {
	o.lock()
	defer o.unlock()
	o.checkLocked()
	if !o.settleLocked() {
		return Lost, nil
	}
	stands := o.unclaimLocked()
	if o.puts.first != nil {
		o.admitLocked()
	}
	if failed = o.failedLocked(); failed != nil {
		return s, failed
	}
	if o.puts.first == nil {
		o.lowerLocked(waited)
	}
	if o.lowerLocked(interrupted) {
		return Interrupted, nil
	}
	passed := !stands && o.lowerLocked(overtaken)
	if passed {
		o.returnLocked(o.next)
		o.hand = o.hand[:o.next]
	}
	if o.next == len(o.hand) && !o.takeLocked(passed) {
		if o.closed || o.staying {
			return Empty, nil
		}
		o.asleep = true
		return Idle, nil
	}
	o.claimLocked(o.next)
	if o.puts.first != nil {
		o.admitLocked() // this made room for one more
	}
	o.begin(o.next)
	return Ready, nil
}

// claimLocked makes message i of the batch one that waits no more.
func (o *Owned[M]) claimLocked(i int) {
	o.setAheadLocked(len(o.hand) - i - 1)
}

// failedLocked takes the first of the messages held aside on which Less panicked.
func (o *Owned[M]) failedLocked() *waiter[M] {
	if o.rare == nil || o.rare.failed.first == nil {
		return nil
	}
	o.rare.held--
	o.rare.dropped++
	o.rare.beside++
	return o.rare.failed.pop()
}

// lowerLocked takes a signal back, and reports whether it was up.
func (o *Owned[M]) lowerLocked(signal uint32) bool {
	return o.signal.Load()&signal != 0 && o.signal.And(^signal)&signal != 0
}

// unclaimLocked undoes the claim that Next may have given up for a signal: the message waits still. If a put has taken
// its room since, the claim stands, and the message counts as in hand, so that Len stays within Cap.
func (o *Owned[M]) unclaimLocked() (stands bool) {
	waiting := len(o.hand) - o.next
	rest := o.rest.Load()
	if waiting == 0 || rest&tagBit != o.tagLocked() || int(rest&^tagBit) >= waiting {
		return false
	}
	if o.fullLocked() {
		return true
	}
	o.setAheadLocked(waiting)
	o.highWater = max(o.highWater, o.n+waiting)
	return false
}

// takeLocked ends the batch in hand and takes the next one.
func (o *Owned[M]) takeLocked(passed bool) bool {
	finished := len(o.hand)
	switch {
	case o.n == 0:
		o.retireLocked()
		o.ring.trim(keepSlots, finished)
		return false
	case o.batches && o.order == FIFO && uint64(o.n) < tagBit: // what rest can hold
		o.putBackLocked()
		o.hand = o.ring.swap(o.hand)
		o.n = 0
	case o.batches && !passed && finished > 0 && (o.rare == nil || !o.rare.tracked):
		o.putBackLocked()
		o.takeSomeLocked(min(2*finished, maxTaken))
	default:
		m := o.dequeueLocked() // may panic, and then the batch is as it was
		o.putBackLocked()
		if cap(o.hand) == 0 {
			o.hand = make([]M, 1)
		}
		o.hand = o.hand[:1]
		o.hand[0] = m
	}
	return true
}

// putBackLocked leaves the hand empty: the batch is finished.
func (o *Owned[M]) putBackLocked() {
	if len(o.hand) > 0 {
		var zero M
		o.hand[len(o.hand)-1] = zero
		o.hand, o.next, o.settled, o.ahead = o.hand[:0], 0, 0, 0
	}
}

// retireLocked leaves the hand empty, and small.
func (o *Owned[M]) retireLocked() {
	o.putBackLocked()
	if cap(o.hand) > keepSlots {
		giveSlots(o.hand[:cap(o.hand)])
		o.hand = nil
	}
}

// Current returns the message that Next returned last. Owner only, and only until it calls Next or Drain.
// It panics when there is none.
func (o *Owned[M]) Current() M {
	if o.next == 0 {
		panic("mailbox: Current was called without a message in hand")
	}
	return o.hand[o.next-1]
}

// Settle finishes the message that the owner had, without beginning another. Owner only. It reports false when the
// mailbox was abandoned; the message was then returned by Abandon.
func (o *Owned[M]) Settle() bool {
	o.lock()
	defer o.mu.Unlock()
	return o.settleLocked()
}

func (o *Owned[M]) settleLocked() bool {
	if o.signal.Load()&lost != 0 {
		return false
	}
	o.settled = o.next
	return true
}

// Interrupted reports whether Next would return Interrupted. Owner only.
func (o *Owned[M]) Interrupted() bool { return o.signal.Load()&interrupted != 0 }

// Stay makes Next return Empty, instead of putting the owner to sleep, when there is nothing. Owner only.
func (o *Owned[M]) Stay() {
	o.lock()
	defer o.mu.Unlock()
	o.staying = true
}

// Rest finishes the message that the owner had and puts the owner to sleep until a message or an interrupt comes. It
// reports whether it did: false means that there is one already, and the owner is still awake. Owner only.
func (o *Owned[M]) Rest() bool {
	o.lock()
	defer o.unlock()
	mine := o.settleLocked() // else the batch is that of the owner that was abandoned, which may be about to look at it
	if mine && o.next < len(o.hand) || o.n > 0 || o.Interrupted() {
		return false
	}
	if mine {
		o.retireLocked() // or a sleeping owner would keep its last message alive
	}
	o.asleep = true
	return true
}

// Suspend finishes the message that the owner had and puts the owner to sleep until an interrupt comes, whatever is put
// in the meantime. It reports whether it did: false means that an interrupt came already, and Next will not tell of it
// again. Owner only.
func (o *Owned[M]) Suspend() bool {
	o.lock()
	defer o.unlock()
	o.settleLocked()
	if o.lowerLocked(interrupted) {
		return false
	}
	o.asleep, o.suspended = true, true
	return true
}

// Drain finishes the message that the owner had, closes the mailbox for good and returns what was left, in delivery
// order: of the batch in hand, of the queue, and held aside. Owner only. After Abandon there is nothing left.
func (o *Owned[M]) Drain() []M {
	o.lock()
	defer o.unlock()
	if o.signal.Load()&lost != 0 {
		return nil
	}
	left := o.unbegunLocked(o.next)
	clear(o.hand)
	giveSlots(o.hand[:cap(o.hand)])
	o.hand, o.next = nil, 0
	left = o.emptyLocked(left)
	o.ring.trim(0, 0)
	return left
}
