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
// Within a batch it takes no lock. It claims the message first (begun), and looks at signal then; Interrupt sets signal
// first, and Abandon looks at begun then. So either the owner sees the signal, and takes the slow path without having
// touched the batch; or Abandon sees the claim, and leaves the slots before it alone. That is why a slot is cleared
// only when the next one is claimed and no signal was seen. The first look at signal proves nothing: it spares a claim
// that would only have to be undone.
func (o *Owned[M]) Next() (M, State) {
	i := o.next
	if i == o.size || o.signal.Load() != 0 {
		return o.nextSlow()
	}
	o.begun.Store(int64(i + 1))
	if o.signal.Load() != 0 {
		return o.nextSlow()
	}
	return o.begin(i), Ready
}

func (o *Owned[M]) begin(i int) M {
	if i > 0 {
		var zero M
		*o.hand.slot(i - 1) = zero
	}
	o.next = i + 1
	return *o.hand.slot(i)
}

func (o *Owned[M]) nextSlow() (M, State) {
	for {
		m, s, failed := o.nextLocked()
		if failed == nil {
			return m, s
		}
		if o.cfg.OnDrop != nil {
			o.cfg.OnDrop(failed.m, fmt.Errorf("mailbox: Less panicked on a message held aside: %v", failed.panicked))
		}
	}
}

// nextLocked is Next under the lock. What it finds failed must be told to OnDrop first, without the lock.
func (o *Owned[M]) nextLocked() (m M, s State, failed *waiter[M]) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.settleLocked() {
		return m, Lost, nil
	}
	o.unclaimLocked()
	if o.puts.first != nil {
		o.admitLocked()
	}
	if failed = o.failed.pop(); failed != nil {
		o.counts.held--
		o.counts.dropped++
		return m, s, failed
	}
	if o.puts.first == nil {
		o.signal.And(^uint32(waited))
	}
	if o.signal.Load()&interrupted != 0 {
		o.signal.And(^uint32(interrupted))
		return m, Interrupted, nil
	}
	if o.next == o.size && !o.takeLocked() {
		if o.closed || o.staying {
			return m, Empty, nil
		}
		o.awake = false
		return m, Idle, nil
	}
	o.begun.Store(int64(o.next + 1))
	if o.puts.first != nil {
		o.admitLocked() // beginning this message made room for one more
	}
	return o.begin(o.next), Ready, nil
}

// unclaimLocked undoes the claim that Next may have given up for a signal: the message waits still. If a put has taken
// its room since, the claim stands, and the message counts as in hand, so that Len stays within Cap.
func (o *Owned[M]) unclaimLocked() {
	if o.next < o.size && !o.fullLocked() {
		o.begun.Store(int64(o.next))
	}
}

// takeLocked ends the batch in hand and takes the next one.
func (o *Owned[M]) takeLocked() bool {
	o.putBackLocked()
	if !o.queuedLocked() {
		o.hand.trim()
		if q, ok := o.queue.(*fifo[M]); ok {
			q.trim()
		}
		return false
	}
	if q, ok := o.queue.(*fifo[M]); ok && (o.overflow <= DropNewest) {
		o.hand, q.ring = q.ring, o.hand
		o.hand.n, o.size = 0, o.hand.n
	} else {
		m := o.queue.pop()
		if o.hand.buf == nil {
			o.hand.buf = make([]M, 1)
		}
		*o.hand.slot(0) = m
		o.size = 1
	}
	o.handed = o.size
	return true
}

// putBackLocked leaves the hand empty: the batch is finished.
func (o *Owned[M]) putBackLocked() {
	if o.size == 0 {
		return
	}
	var zero M
	*o.hand.slot(o.size - 1) = zero
	o.counts.taken += uint64(o.size)
	o.hand.head, o.size, o.next = 0, 0, 0
	o.handed, o.settled = 0, 0
	o.begun.Store(0)
}

// Current returns the message that Next returned last. Owner only, and only until it calls Next or Drain.
func (o *Owned[M]) Current() M { return *o.hand.slot(o.next - 1) }

// Settle finishes the message that the owner had, without beginning another. Owner only. It reports false when the
// mailbox was abandoned; the message was then returned by Abandon.
func (o *Owned[M]) Settle() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.settleLocked()
}

func (o *Owned[M]) settleLocked() bool {
	if o.lost {
		return false
	}
	o.settled = o.next
	return true
}

// Interrupted reports whether Next would return Interrupted. Owner only.
func (o *Owned[M]) Interrupted() bool { return o.signal.Load()&interrupted != 0 }

// Stay makes Next return Empty, instead of putting the owner to sleep, when there is nothing. Owner only.
func (o *Owned[M]) Stay() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.staying = true
}

// Rest finishes the message that the owner had and puts the owner to sleep until a message or an interrupt comes. It
// reports whether it did: false means that there is one already, and the owner is still awake. Owner only.
func (o *Owned[M]) Rest() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.settleLocked() && o.next < o.size || o.queuedLocked() || o.signal.Load()&interrupted != 0 {
		return false
	}
	o.awake = false
	return true
}

// Suspend finishes the message that the owner had and puts the owner to sleep until an interrupt comes, whatever is put
// in the meantime. It reports whether it did: false means that an interrupt came already, and Next will not tell of it
// again. Owner only.
func (o *Owned[M]) Suspend() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleLocked()
	if o.signal.Load()&interrupted != 0 {
		o.signal.And(^uint32(interrupted))
		return false
	}
	o.awake, o.suspended = false, true
	return true
}

// Drain finishes the message that the owner had, closes the mailbox for good and returns what was left, in delivery
// order: of the batch in hand, of the queue, and held aside. Owner only. After Abandon there is nothing left.
func (o *Owned[M]) Drain() []M {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lost {
		return nil
	}
	var left []M
	for i := o.next; i < o.size; i++ {
		left = append(left, *o.hand.slot(i))
	}
	o.counts.taken += uint64(o.next)
	o.next, o.size, o.hand = 0, 0, ring[M]{}
	return o.emptyLocked(left)
}
