package mailbox

// Slots returns how many messages b could store without allocating, in all its buffers together.
func Slots[M any](b *Mailbox[M]) int { return b.slots() }

// OwnedSlots is Slots, and counts the batch in hand too.
func OwnedSlots[M any](o *Owned[M]) int { return o.slots() + cap(o.hand) }

func (b *box[M]) slots() int {
	switch q := b.queue.(type) {
	case *numbered[M]:
		return len(q.buf)
	case *heap[M]:
		return len(q.es) + cap(q.run)
	case *levels[M]:
		n := 0
		for i := range q.rings {
			n += len(q.rings[i].buf)
		}
		return n
	default:
		return len(b.ring.buf)
	}
}

// Claim is the first half of Next within a batch: the owner has claimed a message, and looks at the signals after that.
func Claim[M any](o *Owned[M]) { o.rest.Store(uint32(len(o.hand)-o.next-1) | o.tagLocked()) }

// GiveUp is the second half, if there was a signal.
func GiveUp[M any](o *Owned[M]) (M, State) { return o.nextSlow() }

// InHand returns how many messages of its batch the owner has not begun.
func InHand[M any](o *Owned[M]) int { return len(o.hand) - o.next }

// A Stepped is a put that waits, and that takes its steps when a test says so.
type Stepped[M any] struct {
	b *Mailbox[M]
	w *waiter[M]
}

// Wait is what Put does in a full mailbox before it parks.
func Wait[M any](b *Mailbox[M], m M) Stepped[M] {
	b.mu.Lock()
	defer b.unlock()
	w := b.rareLocked().spares.takeLocked()
	w.m, w.since = m, now()
	b.puts.push(w)
	return Stepped[M]{b, w}
}

// Woken takes the wakeup, if there is one. It is a call, or the end of the wait.
func (p Stepped[M]) Woken() (call, end bool) {
	select {
	case why := <-p.w.wake:
		return why == called, why == served
	default:
		return false, false
	}
}

// Retry is what a put does that was called. It reports whether its wait is over.
func (p Stepped[M]) Retry() bool { return p.b.retry(p.w) }

// Leave is what a put does whose context ends. It reports whether it was in time. The put must not have been woken.
func (p Stepped[M]) Leave() bool { return p.b.leave(p.w, &p.b.puts) }

// Err is the put's error, once its wait is over.
func (p Stepped[M]) Err() error { return p.w.err }

// A Lock is the lock of a mailbox.
type Lock = lock

// Asleep reports whether goroutines that wait for l have gone to sleep.
func Asleep(l *Lock) bool {
	_, yes := lines.Load(l)
	return yes
}

// Begin is the second half of Next within a batch, if there was no signal.
func Begin[M any](o *Owned[M]) M {
	o.begin(o.next)
	return o.Current()
}

// Roomy reports whether a put would take the short way, and Considers whether there is something it has to consider.
func Roomy[M any](o *Owned[M]) bool { return o.roomyLocked() }

func Considers[M any](o *Owned[M]) bool {
	asleep := o.asleep && o.gate != woken
	return o.n+o.ahead >= o.highWater || o.rare != nil && o.rare.gets.first != nil || !o.puts.settled() || o.closed || asleep
}

// Dozing reports whether a put would take one of the short ways that wake the owner.
func Dozing[M any](o *Owned[M]) bool { return o.gate == dozing || o.gate == handy }

// DozesInVain reports whether there is more to consider than that.
func DozesInVain[M any](o *Owned[M]) bool {
	closed := o.suspended || o.closed || o.puts.first != nil || o.queue != nil
	inHand := o.gate == handy && (len(o.hand) != 1 || o.next != 0) || o.gate == dozing && len(o.hand) != 0
	return o.n != 0 || o.ahead != 0 || !o.asleep || closed || inHand
}

// Easy reports whether the owner would take the short way to sleep, and EasyInVain whether there is something that it would
// have to consider.
func Easy[M any](o *Owned[M]) bool { return o.gate == woken }

func EasyInVain[M any](o *Owned[M]) bool {
	failed := o.rare != nil && o.rare.failed.first != nil
	considers := o.closed || o.staying || o.suspended || o.puts.first != nil || o.queue != nil || failed
	return considers || o.n != 0 || !o.asleep || o.ahead != 0 || len(o.ring.buf) > keepSlots || len(o.hand) != 1
}

// CallAndServe makes room for one put that waits, calls it, serves it, and does the same for the next in line, all before
// either is told: as a get does in whose course a wait grows too long.
func CallAndServe[M any](b *Mailbox[M]) {
	b.mu.Lock()
	defer b.unlock()
	b.dequeueLocked()
	b.makeWayLocked()
	b.admitLocked()
	b.dequeueLocked()
	b.makeWayLocked()
}
