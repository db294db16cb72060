package mailbox

// A State is what the owner of an [Owned] mailbox finds.
type State uint8

// The states that Next returns.
const (
	Ready       State = iota // there is a message, and it is begun now
	Idle                     // there is none, and the owner is asleep: it must touch nothing more
	Empty                    // there is none, and the owner is awake: after Stay, or closed and empty
	Interrupted              // Interrupt was called: look at what for, then go on
	Lost                     // Abandon was called: the mailbox is somebody else's
)

func (s State) String() string {
	return name(uint8(s), "State", "Ready", "Idle", "Empty", "Interrupted", "Lost")
}

// Next finishes the message that the owner had, and begins the next. Owner only. It never waits. It panics when Less
// does, and may then be called again.
//
// Within a batch it takes no lock. It first claims the message (begun), and looks at signal then; Interrupt sets signal
// first, and Abandon looks at begun then. So either the owner sees the signal, and takes the slow path without having
// touched the batch; or Abandon sees the claim, and leaves the slots before it alone. That is why a slot is cleared
// only when the next one is claimed and no signal was seen.
func (o *Owned[M]) Next() (M, State) {
	i := o.next
	if i == o.size {
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

func (o *Owned[M]) nextSlow() (m M, s State) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lost {
		return m, Lost
	}
	o.settled = o.next
	if o.puts.first != nil {
		o.admitLocked()
	}
	if o.puts.first == nil {
		o.signal.And(^uint32(waited))
	}
	if o.signal.Load()&interrupted != 0 {
		o.signal.And(^uint32(interrupted))
		return m, Interrupted
	}
	if o.next == o.size && !o.takeLocked() {
		if o.closed || o.staying {
			return m, Empty
		}
		o.awake = false
		return m, Idle
	}
	o.begun.Store(int64(o.next + 1))
	if o.puts.first != nil {
		o.admitLocked() // beginning this message made room for one more
	}
	return o.begin(o.next), Ready
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

// Current returns the message that Next returned last. Owner only, and only until it calls Next again.
func (o *Owned[M]) Current() M { return *o.hand.slot(o.next - 1) }

// Settle finishes the message that the owner had, without beginning another. Owner only. It reports false when the
// mailbox was abandoned; the message was then returned by Abandon.
func (o *Owned[M]) Settle() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
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

// Rest puts the owner to sleep until a message or an interrupt comes, and reports whether it did: false means that
// there is one already. Owner only.
func (o *Owned[M]) Rest() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.lost && o.next < o.size || o.queuedLocked() || o.signal.Load()&interrupted != 0 {
		return false
	}
	o.awake = false
	return true
}

// Suspend puts the owner to sleep until an interrupt comes, whatever is put in the meantime, and reports whether it
// did: false means that one came already. Owner only.
func (o *Owned[M]) Suspend() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.signal.Load()&interrupted != 0 {
		o.signal.And(^uint32(interrupted))
		return false
	}
	if !o.lost {
		o.settled = o.next
	}
	o.awake, o.suspended = false, true
	return true
}

// Drain closes the mailbox for good and returns what was left, in delivery order: of the batch in hand, of the queue,
// and held aside. Owner only.
func (o *Owned[M]) Drain() []M {
	o.mu.Lock()
	defer o.mu.Unlock()
	var left []M
	for i := o.next; i < o.size; i++ {
		left = append(left, *o.hand.slot(i))
	}
	o.counts.taken += uint64(o.next)
	o.next, o.size, o.hand = 0, 0, ring[M]{}
	return o.emptyLocked(left)
}
