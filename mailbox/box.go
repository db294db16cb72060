package mailbox

import "sync/atomic"

// box is what both kinds of mailbox share: the queue, the bound, and those who wait.
//
// Its fields are in an order that keeps apart what is written by whom: putting and getting on different processors is
// mostly the time in which cache lines travel between them. Both kinds of mailbox take 192 bytes (where an int has 64 bits),
// which is three lines, and the allocator begins each on a line of its own. A field more, and a message would take up to
// twice as long.
type box[M any] struct {
	mu lock

	// Guarded by mu. What each put and each get write fills one cache line with the lock.
	gate uint32  // see gate.go
	ring ring[M] // the messages, while queue is nil
	n    int     // messages in the queue, under any order
	seq  uint64  // messages that have ever entered the queue; the first is number 1

	// What they mostly read. hand holds the owner's batch, and is its own.
	hand      []M
	queue     queue[M] // the messages, where a ring does not do: Priority, and LIFO after Hold
	highWater int
	capacity  int // Unbounded: no bound
	order     Order
	overflow  Overflow
	closed    bool
	batches   bool // the owner of an Owned mailbox takes several messages at a time
	asleep    bool // the owner is, and a put must wake it; or the gate is woken
	suspended bool // the owner is asleep, and puts do not wake it
	staying   bool // Next on an empty mailbox returns Empty, and the owner stays awake
	drained   bool // the owner accepts nothing any more, not even to be held aside

	// Not guarded. What the owner took as a batch counts against the capacity until it is begun: rest is how much that
	// is, with the tag of the batch: see tagLocked. It is written by the owner alone, and only falls while a batch lasts.
	// It has 32 bits because the compiler (Go 1.26) inlines no 64-bit Store into a generic function of another package,
	// and calls it for each message. next, of the batch, is what the owner begins next.
	rest   atomic.Uint32
	signal atomic.Uint32 // tells an awake owner to take the slow path: it reads it before each message
	next   int

	// Guarded by mu again. floor is, of the batch of a LIFO or Levels owner, the size of the queue below it, or its level.
	floor     uint32
	loitering bool       // a put is, for room: see loiterLocked
	loiters   bool       // the owner may, when there is nothing; its own
	tag       uint8      // of the batch
	settled   int        // messages of the batch that are known to be finished
	ahead     int        // messages of the batch that the owner had not begun when somebody last looked
	puts      waiters[M] // senders that wait for room, and messages held aside, in arrival order
	cfg       *Config[M] // nil when there are no callbacks
	rare      *rare[M]   // nil until it is needed
}

// rare is the part of a mailbox that many never need.
type rare[M any] struct {
	gets    waiters[M] // consumers that wait for a message; then the queue is empty
	failed  waiters[M] // messages held aside on which Less panicked as they entered; still held, until OnDrop is told
	tracked bool       // Hold was called, and somebody may ask what waits
	served  *waiter[M] // those whose wait has ended, linked by next; unlock wakes them
	called  *waiter[M] // a put that is to try again; unlock wakes it too
	spares  spares[M]

	// What became of messages that nobody took. beside are those of dropped and drained that had never entered the
	// queue.
	rejected, refused, dropped, drained, beside uint64
	held                                        int

	joins joins
	done  uint64 // messages reported Done
}

func (b *box[M]) init(c Config[M]) error {
	if err := c.validate(); err != nil {
		return err
	}
	b.capacity, b.order, b.overflow = c.Capacity, c.Order, c.Overflow
	if b.capacity == 0 {
		b.capacity = DefaultCapacity
	}
	if b.order == FIFO && b.overflow == DropLast {
		b.overflow = DropNewest // the incoming message is the one that would be delivered last
	}
	if c.Less != nil || c.Level != nil || c.OnDrop != nil {
		kept := c // &c would put c on the heap even where there are no callbacks
		b.cfg = &kept
	}
	return nil
}

// checkLocked stops whoever uses a mailbox that was declared and not made: it would be full for ever, and empty.
func (b *box[M]) checkLocked() {
	if b.capacity == 0 {
		panic("mailbox: this mailbox was not made by New or NewOwned")
	}
}

func (b *box[M]) rareLocked() *rare[M] {
	if b.rare == nil {
		b.rare = &rare[M]{}
	}
	return b.rare
}

// unlock wakes those who were served while the lock was held. They are woken without it, because to make a goroutine
// ready takes longer than all else that is done under the lock. They were served already, in their order; that they wake
// in another, where one call serves several, is nothing that they can see.
func (b *box[M]) unlock() {
	b.regateLocked()
	var first, again *waiter[M]
	if b.rare != nil {
		first, b.rare.served = b.rare.served, nil
		again, b.rare.called = b.rare.called, nil
	}
	b.mu.Unlock()
	for first != nil {
		w := first
		first = w.next // before it is woken: it may be recycled at once
		w.next = nil
		w.wake <- served
	}
	if again != nil {
		again.wake <- called
	}
}

// lenLocked counts what waits: in the queue, and in a batch that the owner has not come to.
func (b *box[M]) lenLocked() int {
	b.lookLocked()
	return b.n + b.ahead
}

// lookLocked looks at how far the owner is with its batch. The owner writes that all the time, so looking costs a cache
// miss for both.
func (b *box[M]) lookLocked() {
	if b.ahead > 0 {
		if rest := b.rest.Load(); rest&tagBit == b.tagLocked() {
			b.ahead = int(rest &^ tagBit)
		}
	}
}

// tagBit tells two batches apart that follow each other, if the second was put into the hand of an owner that slept: rest
// is still that of the first then, until the owner has come to it.
const tagBit = 1 << 31

func (b *box[M]) tagLocked() uint32 { return uint32(b.tag) << 31 }

// fullLocked reports whether there is no room. It looks at the owner only if the mailbox was full when somebody looked
// last: it has not become fuller since.
func (b *box[M]) fullLocked() bool {
	if uint(b.n+b.ahead) < uint(b.capacity) { // Unbounded is more than any number then
		return false
	}
	return uint(b.lenLocked()) >= uint(b.capacity)
}

// dequeueLocked takes the next message out of the queue, which is not empty.
func (b *box[M]) dequeueLocked() (m M) {
	if b.queue == nil {
		m = b.ring.pop(b.order)
	} else {
		m = b.queue.pop()
	}
	b.n--
	return m
}

// compares reports whether to take a message calls Less, which may panic.
func (b *box[M]) compares() bool { return b.cfg != nil && b.cfg.Less != nil }

// popLocked takes the next message, if there is one, and lets in who waits for its room.
func (b *box[M]) popLocked() (m M, ok bool) {
	if b.puts.first != nil {
		b.admitLocked()
	}
	if b.n == 0 {
		return m, false
	}
	m = b.dequeueLocked()
	if b.puts.first != nil {
		b.admitLocked()
	}
	return m, true
}

// closeLocked makes puts fail from now on, those that wait now included. What is held aside stays, because it counts
// as put.
func (b *box[M]) closeLocked() {
	if b.closed {
		return
	}
	b.closed = true
	for w := b.puts.first; w != nil; {
		next := w.next
		if w.wake != nil {
			b.puts.remove(w)
			b.rareLocked().rejected++
			b.rareLocked().refused++
			b.serveLocked(w, ErrClosed)
		}
		w = next
	}
	if b.rare != nil {
		for w := b.rare.gets.pop(); w != nil; w = b.rare.gets.pop() {
			b.serveLocked(w, ErrClosed)
		}
	}
}
