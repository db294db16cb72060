package mailbox

import (
	"context"
	"sync"
	"sync/atomic"
)

// box is what both kinds of mailbox share: the queue, the bound, and those who wait.
//
// Its fields are in an order that keeps apart what is written by whom: putting and getting on different processors is
// mostly the time in which cache lines travel between them.
type box[M any] struct {
	mu sync.Mutex

	// Guarded by mu. What each put and each get write fills one cache line with the lock.
	ring ring[M] // the messages, while queue is nil
	n    int     // messages in the queue, under any order
	seq  uint64  // messages that have ever entered the queue; the first is number 1

	// What they mostly read.
	ahead     int // messages of the owner's batch that it had not begun when somebody last looked
	highWater int
	capacity  int // Unbounded: no bound
	order     Order
	overflow  Overflow
	closed    bool
	batches   bool       // the owner of an Owned mailbox takes several messages at a time
	asleep    bool       // the owner is, and a put must wake it
	suspended bool       // the owner is asleep, and puts do not wake it
	staying   bool       // Next on an empty mailbox returns Empty, and the owner stays awake
	drained   bool       // the owner accepts nothing any more, not even to be held aside
	puts      waiters[M] // senders that wait for room, and messages held aside, in arrival order
	queue     queue[M]   // the messages, where a ring does not do: Priority, and LIFO after Hold
	cfg       *Config[M] // nil when there are no callbacks

	rare *rare[M] // nil until it is needed

	// Not guarded. What the owner took as a batch counts against the capacity until it is begun: rest is how much that
	// is. It is written by the owner alone, and only falls while a batch lasts.
	rest   atomic.Int64
	signal atomic.Uint32 // tells an awake owner to take the slow path: it reads it before each message
	floor  uint32        // of the batch of a LIFO or Levels owner, guarded by mu: the queue below it, or its level
}

// rare is the part of a mailbox that many never need.
type rare[M any] struct {
	gets    waiters[M] // consumers that wait for a message; then the queue is empty
	failed  waiters[M] // messages held aside on which Less panicked as they entered; still held, until OnDrop is told
	tracked bool       // Hold was called, and somebody may ask what waits
	served  *waiter[M] // those whose wait has ended, linked by next; unlock wakes them
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
// ready takes longer than all else that is done under the lock.
func (b *box[M]) unlock() {
	var served *waiter[M]
	if b.rare != nil {
		served, b.rare.served = b.rare.served, nil
	}
	b.mu.Unlock()
	for served != nil {
		w := served
		served = w.next // before it is woken: it may be recycled at once
		w.next = nil
		w.wake <- struct{}{}
	}
}

// serveLocked ends the wait of w, which is off its list already.
func (b *box[M]) serveLocked(w *waiter[M], err error) {
	w.done, w.err = true, err
	if w.wake != nil {
		r := b.rareLocked()
		w.next, r.served = r.served, w
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
		b.ahead = int(b.rest.Load())
	}
}

// fullLocked reports whether there is no room. It looks at the owner only if the mailbox was full when somebody looked
// last: it has not become fuller since.
func (b *box[M]) fullLocked() bool {
	if uint(b.n+b.ahead) < uint(b.capacity) { // Unbounded is more than any number then
		return false
	}
	return uint(b.lenLocked()) >= uint(b.capacity)
}

// A patience is what a put does when it finds no room.
type patience uint8

const (
	never  patience = iota // fail under Block: TryPut
	wait                   // wait under Block: Put
	asides                 // under every policy, leave the message aside until there is room: Hold
)

// An offer is a put on its way: what goes in, and what came of it.
type offer[M any] struct {
	m     M
	level int

	err     error      // set beforehand: Level failed on it
	waiter  *waiter[M] // it must wait, or is held aside
	seq     uint64     // its number, where it went in
	evicted M          // what a Drop policy evicted
	dropped bool
}

// put is Put and, with a nil ctx, TryPut of both kinds. It reports whether the caller must wake the owner.
func (b *box[M]) put(ctx context.Context, m M) (wake bool, err error) {
	if ctx != nil {
		if err := ctx.Err(); err != nil {
			return false, b.reject(err)
		}
	}
	if b.order == Priority {
		return b.putPriority(ctx, m)
	}
	b.mu.Lock()
	if b.queue == nil && b.roomyLocked() && b.ring.push(m) {
		b.n++
		b.seq++
		if b.order == LIFO {
			b.overtakeLocked(0)
		}
		b.mu.Unlock()
		return false, nil
	}
	return b.putSlowly(ctx, m, 0, nil)
}

func (b *box[M]) putPriority(ctx context.Context, m M) (wake bool, err error) {
	if b.cfg.Less != nil {
		b.mu.Lock()
		if !b.roomyLocked() {
			return b.putSlowly(ctx, m, 0, nil)
		}
		defer b.mu.Unlock() // also if Less panics
		b.enqueueLocked(m, 0)
		return false, nil
	}
	level := b.cfg.Level(m) // without the lock
	if level < 0 || level >= b.cfg.Levels {
		err = levelError(level, b.cfg.Levels)
	}
	b.mu.Lock()
	q, _ := b.queue.(*levels[M])
	if q == nil || err != nil || !b.roomyLocked() {
		return b.putSlowly(ctx, m, level, err)
	}
	if q.numbers != nil || !q.append(m, level) {
		q.push(m, level, b.seq+1)
	}
	b.n++
	b.seq++
	b.overtakeLocked(level)
	b.mu.Unlock()
	return false, nil
}

func (b *box[M]) enqueueLocked(m M, level int) {
	b.queue.push(m, level, b.seq+1)
	b.n++
	b.seq++
	b.overtakeLocked(level)
}

// roomyLocked reports whether a put has nothing to consider: there is room, because no high-water mark is passed, and
// nobody waits or sleeps. It may be false without need, and never true without reason.
func (b *box[M]) roomyLocked() bool {
	return b.n+b.ahead < b.highWater && b.n > 0 && b.puts.first == nil && !b.closed && !b.asleep
}

// putSlowly is called with the lock, and releases it.
func (b *box[M]) putSlowly(ctx context.Context, m M, level int, err error) (wake bool, _ error) {
	p := wait
	if ctx == nil {
		p = never
	}
	o := offer[M]{m: m, level: level, err: err}
	wake = b.offerLocked(&o, p)
	return wake, b.finish(ctx, &o)
}

// offerLocked is called with the lock, and releases it.
func (b *box[M]) offerLocked(o *offer[M], p patience) (wake bool) {
	defer b.unlock()
	b.putLocked(o, p)
	if o.waiter != nil && b.batches {
		// The owner may have begun a message after it was found full, and before it could see the signal: look again.
		b.signal.Or(waited)
		b.admitLocked()
	}
	if !b.asleep || b.suspended || b.n == 0 {
		return false
	}
	b.asleep = false
	return true
}

// levelOf asks the user's Level, without the lock. A bad answer rejects the message.
func (b *box[M]) levelOf(m M) (int, error) {
	if b.cfg == nil || b.cfg.Level == nil {
		return 0, nil
	}
	l := b.cfg.Level(m)
	if l < 0 || l >= b.cfg.Levels {
		return 0, levelError(l, b.cfg.Levels)
	}
	return l, nil
}

// putLocked tries to put o.m. A Less that panics leaves everything as it was.
func (b *box[M]) putLocked(o *offer[M], p patience) {
	b.checkLocked()
	switch {
	case b.closed && p != asides:
		b.refuseLocked(o)
		return
	case o.err != nil:
		b.rareLocked().rejected++
		return
	}
	free := !b.fullLocked()
	if free && b.puts.first != nil && !b.overtakableLocked() {
		b.admitLocked() // room that a batch in progress has made is for those who wait
		free = b.puts.first == nil && !b.fullLocked()
	}
	switch {
	case free:
		b.pushLocked(o.m, o.level)
		o.seq = b.seq
		b.serveGetLocked()
	case p == asides:
		o.waiter = &waiter[M]{m: o.m, level: o.level} // its receipt outlives it, so it cannot come from the pool
		b.rareLocked().held++
		b.puts.push(o.waiter)
	case p == wait && b.overflow == Block:
		o.waiter = b.rareLocked().spares.takeLocked()
		o.waiter.m, o.waiter.level, o.waiter.since = o.m, o.level, now()
		b.puts.push(o.waiter)
	case b.overflow == Block || b.overflow == Reject:
		b.rareLocked().rejected++
		o.err = ErrFull
	default:
		o.evicted = b.evictLocked(o)
		o.dropped = true
		b.rareLocked().dropped++
	}
}

func (b *box[M]) refuseLocked(o *offer[M]) {
	r := b.rareLocked()
	r.rejected++
	r.refused++
	o.err = ErrClosed
}

func (b *box[M]) evictLocked(o *offer[M]) (evicted M) {
	switch {
	case b.overflow == DropNewest || b.n == 0:
		b.rareLocked().beside++
		return o.m
	case b.queue == nil: // under LIFO, the oldest is also the last
		evicted = b.ring.popFront(keepSlots)
		b.ring.pushBack(o.m)
	case b.overflow == DropOldest:
		evicted = b.queue.pushEvictingOldest(o.m, o.level, b.seq+1)
	default:
		evicted = b.queue.pushEvictingLast(o.m, o.level, b.seq+1)
	}
	b.seq++
	return evicted
}

func (b *box[M]) pushLocked(m M, level int) {
	if b.order == Priority && b.queue == nil {
		b.queue = newQueue(b.cfg)
	}
	if b.queue == nil {
		b.ring.pushBack(m)
	} else {
		b.queue.push(m, level, b.seq+1)
	}
	b.n++
	b.seq++
	b.overtakeLocked(level)
	if b.n+b.ahead > b.highWater {
		b.highWater = max(b.highWater, b.lenLocked())
	}
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

// comparesLocked reports whether to take a message calls Less, which may panic.
func (b *box[M]) comparesLocked() bool { return b.cfg != nil && b.cfg.Less != nil }

// overtakableLocked reports whether a newcomer may use room that is free although somebody waits.
func (b *box[M]) overtakableLocked() bool {
	return b.rare.held == 0 && now()-b.puts.first.since <= overtakable
}

// serveGetLocked gives the next message to the get that has waited longest. Gets wait only while the queue is empty,
// so it holds one message now and popping it compares nothing.
func (b *box[M]) serveGetLocked() {
	if b.rare == nil {
		return
	}
	if w := b.rare.gets.pop(); w != nil {
		w.m = b.dequeueLocked()
		b.serveLocked(w, nil)
	}
}

// admitLocked lets those who wait for room in, in arrival order, as far as there is room.
func (b *box[M]) admitLocked() {
	for b.puts.first != nil && !b.fullLocked() {
		w := b.puts.pop()
		if b.comparesLocked() {
			b.pushGuardedLocked(w)
		} else {
			b.pushLocked(w.m, w.level)
			b.enteredLocked(w)
		}
	}
}

// pushGuardedLocked pushes what w waits with. A Less that panics on it is the failure of that put, not of whoever
// made room: the panic is carried over to it. A message held aside has nobody to carry it to, and goes to failed.
func (b *box[M]) pushGuardedLocked(w *waiter[M]) {
	defer func() {
		if w.seq != 0 {
			return
		}
		if w.panicked = recover(); w.panicked == nil {
			w.panicked = errGoexit // which goes on, and takes whoever made room with it
		}
		b.serveLocked(w, nil)
		if w.wake == nil {
			b.rareLocked().failed.push(w)
		}
		b.signal.Or(waited) // there may be room still, or OnDrop to be told
	}()
	b.pushLocked(w.m, w.level)
	b.enteredLocked(w)
}

func (b *box[M]) enteredLocked(w *waiter[M]) {
	if w.wake == nil {
		b.rareLocked().held--
	}
	var none M
	w.m, w.seq = none, b.seq // a receipt may outlive the message
	b.serveLocked(w, nil)
}

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

// finish does what a put owes once the lock is released.
func (b *box[M]) finish(ctx context.Context, o *offer[M]) error {
	if o.waiter != nil && o.waiter.wake != nil {
		_, err := b.await(ctx, o.waiter, &b.puts)
		return err
	}
	if o.dropped && b.cfg != nil && b.cfg.OnDrop != nil {
		b.cfg.OnDrop(o.evicted, ErrFull)
	}
	return o.err
}

// await waits until w is served, or ctx ends first. It returns what w carries then: the message of a get.
func (b *box[M]) await(ctx context.Context, w *waiter[M], list *waiters[M]) (m M, err error) {
	ended := ctx.Done()
	if ended == nil {
		<-w.wake // a plain receive costs half of a select
	} else {
		select {
		case <-w.wake:
		case <-ended:
			if b.leave(w, list) {
				b.rare.spares.give(w)
				return m, ctx.Err()
			}
			<-w.wake // it was served in the same instant, and that stands
		}
	}
	m, err = w.m, w.err
	panicked := w.panicked
	b.rare.spares.give(w)
	if panicked != nil {
		panic(panicked)
	}
	return m, err
}

// leave takes w off its list, and reports false when it is not there any more, because it was served.
func (b *box[M]) leave(w *waiter[M], list *waiters[M]) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w.done {
		return false
	}
	list.remove(w)
	if list == &b.puts {
		b.rare.rejected++
	}
	return true
}

// reject counts a put that failed before it reached the queue.
func (b *box[M]) reject(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.rareLocked()
	r.rejected++
	if b.closed {
		r.refused++
		err = ErrClosed
	}
	return err
}
