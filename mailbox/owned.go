package mailbox

import "context"

// Owned is a mailbox with one consumer, its owner, that runs only while there is work. It is for runtimes: an actor
// owns one. Programs that put and get by themselves want [Mailbox].
//
// At any time one goroutine at most is the owner: the one that was told to wake, until Next, Rest or Suspend sends it
// to sleep again. A new Owned is awake, and its maker is the owner. The methods that only the owner may call say so;
// the others are safe for concurrent use.
//
// Where the policy evicts nothing that waits, the owner takes a batch at a time, which it then walks without the lock: a
// FIFO mailbox hands it all that is there, and LIFO and Levels a few messages, whose rest goes back when a more urgent
// one comes. What it has not begun yet counts as waiting: against the capacity, for Len, and for Drain.
type Owned[M any] struct {
	box[M]
}

// Bits of signal.
const (
	interrupted = 1 << iota // Interrupt was called
	waited                  // somebody waits for room
	overtaken               // something more urgent has come than what is in hand
	lost                    // Abandon was called
)

// NewOwned returns an empty mailbox whose owner is the caller. Bad configs are refused as by [New].
func NewOwned[M any](c Config[M]) (*Owned[M], error) {
	o := &Owned[M]{}
	if err := o.Init(c); err != nil {
		return nil, err
	}
	return o, nil
}

// Init makes o, which must be zero and not in use, what NewOwned returns. It is for an Owned that is part of something
// larger; that should begin with it, because its fields are laid out along cache lines.
func (o *Owned[M]) Init(c Config[M]) error {
	if err := o.init(c); err != nil {
		return err
	}
	o.batches = o.overflow <= DropNewest && !o.compares()
	return nil
}

// Put is [Mailbox.Put], and reports whether the caller must wake the owner. One that waits tells the context's [Parker].
func (o *Owned[M]) Put(ctx context.Context, m M) (wake bool, err error) {
	return o.putOwned(ctx, &m, wait, o)
}

// TryPut is [Mailbox.TryPut], and reports whether the caller must wake the owner.
func (o *Owned[M]) TryPut(m M) (wake bool, err error) {
	return o.putOwned(context.Background(), &m, never, o)
}

// A Parker wants to know of the waits of those to whom it gave their context: a runtime, which has something else to do on
// the goroutine's behalf meanwhile. Put asks the context's Value for it, by a ParkerKey{}, when it is about to wait: it calls
// Park before that, and Unpark with what that returned afterwards. Both must be quick, and must not use the mailbox.
type Parker interface {
	Park() (token uint64)
	Unpark(token uint64)
}

// ParkerKey is the type of the key under which a context has a Parker.
type ParkerKey struct{}

// A Held is the receipt for a message that Hold accepted.
type Held[M any] struct {
	seq    uint64
	waiter *waiter[M]
}

// Hold accepts m under every policy and never waits: when the mailbox is full, m is held aside, among the puts that
// wait, and enters as soon as there is room. That is what timers need, and other senders that must not block. They
// have to be few, because what is held aside is beyond the capacity. Hold reports whether the caller must wake the
// owner. After Close it still accepts, so that what a draining owner waits for can arrive; after Drain and Abandon it
// returns ErrClosed.
//
// Nothing evicts a message while it is held aside. In exchange, a later put that evicts another message enters before
// it: only under Block, Reject and DropNewest does Hold keep the order of its caller's messages. Once it has entered, a
// Drop policy may evict it as any other.
func (o *Owned[M]) Hold(m M) (h Held[M], wake bool, err error) {
	of := offer[M]{m: m}
	of.level, of.err = o.levelOf(m)
	o.lock()
	if o.drained {
		defer o.unlock()
		o.refuseLocked(&of)
		return h, false, of.err
	}
	o.numberLocked()
	o.rareLocked().tracked = true
	wake = o.offerLocked(&of, aside)
	return Held[M]{of.seq, of.waiter}, wake, of.err
}

// Waits reports whether the message of h waits still, held aside or in the queue. It looks through the queue, unless
// that is FIFO. The zero Held is of no message.
func (o *Owned[M]) Waits(h Held[M]) bool {
	o.lock()
	defer o.mu.Unlock()
	if h.waiter != nil {
		if !h.waiter.done {
			return true
		}
		h.seq = h.waiter.seq
	}
	if o.order == FIFO {
		// The numbers of those that wait are the last ones, without a gap.
		return h.seq <= o.seq && h.seq+uint64(o.lenLocked()) > o.seq
	}
	return o.queue != nil && h.seq != 0 && o.queue.has(h.seq)
}

// Interrupt makes an awake owner's next Next return Interrupted, before it begins another message. It reports whether
// the owner was asleep; then it is awake now, and the caller must wake it.
func (o *Owned[M]) Interrupt() (wake bool) {
	o.lock()
	defer o.mu.Unlock()
	o.signal.Or(interrupted)
	wake = o.asleep
	o.asleep, o.suspended = false, false
	o.gate = 0 // no longer dozing
	return wake
}

// Close is [Mailbox.Close]. The owner still gets what is there, and then Empty.
func (o *Owned[M]) Close() {
	o.lock()
	defer o.unlock()
	o.closeLocked()
}

// Len is [Mailbox.Len].
func (o *Owned[M]) Len() int {
	o.lock()
	defer o.mu.Unlock()
	return o.lenLocked()
}

// Cap is [Mailbox.Cap].
func (o *Owned[M]) Cap() int { return o.capacity }

// Stats is [Mailbox.Stats]. A message that the owner has begun counts as Taken, and until the owner comes back from it
// as InHand too.
func (o *Owned[M]) Stats() Stats {
	o.lock()
	defer o.mu.Unlock()
	s := o.statsLocked()
	if o.begunLocked() > o.settled {
		s.InHand = 1
	}
	return s
}

// begunLocked is how many messages of its batch the owner has begun.
func (o *Owned[M]) begunLocked() int {
	o.lookLocked()
	return len(o.hand) - o.ahead
}

// Abandon takes the mailbox away from an owner that does not come back: one that was interrupted and has not called
// Next since. It closes the mailbox and returns the message that the owner is stuck with, and all that waits, in
// delivery order; from then on the old owner's Next and Settle say so. It reports false, and does nothing, when the
// owner has come back in the meantime.
//
// A message from which the owner comes back in that very moment is among those returned, or else it counts as Taken:
// never both, and never neither. One that the owner has settled is not returned.
//
// The caller is the owner then, of an empty mailbox: it may use Suspend and Rest, but not Next. The old owner may not,
// so one that can be abandoned asks Settle first.
func (o *Owned[M]) Abandon() (left []M, ok bool) {
	o.lock()
	defer o.unlock()
	if o.signal.Load()&(interrupted|lost) != interrupted {
		return nil, false
	}
	o.signal.Store(lost)
	// Slots from the last begun on are not written by the owner any more, and those after that not read either: see Next.
	begun := o.begunLocked()
	if begun > o.settled {
		left = append(left, o.hand[begun-1])
	}
	left = append(left, o.unbegunLocked(begun)...)
	return o.emptyLocked(left), true
}

// emptyLocked closes the mailbox for good, and adds all that waits in it to left, which is what the owner did not get
// to of its batch.
func (o *Owned[M]) emptyLocked(left []M) []M {
	if len(left) > 0 {
		o.rareLocked().drained += uint64(len(left))
	}
	o.ahead, o.settled = 0, len(o.hand)
	o.closeLocked()
	left = append(left, o.drainLocked()...)
	o.drained = true
	return left
}
