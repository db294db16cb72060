package mailbox

import (
	"context"
	"sync"
	"sync/atomic"
)

// Stats are the counts of one mailbox. At every instant Put = Taken + Dropped + Len + Held + what Drain or Abandon
// returned. A put that panicked, because Less or Level did, is in none of them.
type Stats struct {
	Put       uint64 // puts that returned nil, and messages held aside
	Taken     uint64 // messages that a consumer took
	Rejected  uint64 // puts that returned an error, Hold's included
	Refused   uint64 // those of Rejected that came after Close
	Dropped   uint64 // messages evicted by a Drop policy, or told to OnDrop for a panic of Less; each was Put before
	Len       int    // messages that wait
	HighWater int    // the largest Len so far
	Held      int    // messages held aside until there is room (Owned only)
	InHand    int    // 1 while the owner handles a message, which counts as Taken (Owned only)
}

// box is what both kinds of mailbox share: the queue, the bound, and those who wait.
type box[M any] struct {
	mu sync.Mutex

	// Guarded by mu.
	queue    queue[M]   // nil until the first message
	cfg      *Config[M] // nil when there are no callbacks
	capacity int        // Unbounded: no bound
	order    Order
	overflow Overflow
	closed   bool
	puts     waiters[M] // senders that wait for room, and messages held aside, in arrival order
	failed   waiters[M] // messages held aside on which Less panicked as they entered; still held, until OnDrop is told
	gets     waiters[M] // consumers that wait for a message; then the queue is empty
	seq      uint64     // messages that have ever entered the queue; the first is number 1
	counts   counts

	// What the owner of an Owned mailbox took as a batch counts against the capacity until it is begun. handed is
	// guarded by mu; begun is written by the owner without it, and only grows while a batch lasts.
	handed int
	begun  atomic.Int64
}

type counts struct {
	put, taken, rejected, refused, dropped uint64
	highWater, held                        int
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

// lenLocked counts what waits: in the queue, and in a batch that the owner has not come to.
func (b *box[M]) lenLocked() int { return b.waitingLocked(b.begunLocked()) }

func (b *box[M]) waitingLocked(begun int) int {
	n := b.handed - begun
	if b.queue != nil {
		n += b.queue.size()
	}
	return n
}

// begunLocked is how much of its batch the owner has begun. After Abandon, begun has no meaning any more.
func (b *box[M]) begunLocked() int {
	if b.handed == 0 {
		return 0
	}
	return int(b.begun.Load())
}

func (b *box[M]) fullLocked() bool {
	return b.capacity != Unbounded && b.lenLocked() >= b.capacity
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
	switch {
	case b.closed && p != asides:
		b.refuseLocked(o)
		return
	case o.err != nil:
		b.counts.rejected++
		return
	}
	if b.puts.first != nil {
		b.admitLocked() // those who wait go first into room that a batch in progress has made
	}
	switch {
	case b.puts.first == nil && !b.fullLocked(): // the owner may have made room just now, and that is for those who wait
		b.enterLocked(o)
	case p == asides || p == wait && b.overflow == Block:
		o.waiter = &waiter[M]{m: o.m, level: o.level}
		if p == wait {
			o.waiter.served = make(chan struct{})
		} else {
			b.counts.held++
			b.counts.put++
		}
		b.puts.push(o.waiter)
	case b.overflow == Block || b.overflow == Reject:
		b.counts.rejected++
		o.err = ErrFull
	default:
		o.evicted = b.evictLocked(o)
		o.dropped = true
		b.counts.put++
		b.counts.dropped++
	}
}

func (b *box[M]) refuseLocked(o *offer[M]) {
	b.counts.rejected++
	b.counts.refused++
	o.err = ErrClosed
}

func (b *box[M]) evictLocked(o *offer[M]) M {
	if b.overflow == DropNewest || b.queue == nil || b.queue.size() == 0 {
		return o.m
	}
	evict := b.queue.pushEvictingOldest
	if b.overflow == DropLast {
		evict = b.queue.pushEvictingLast
	}
	evicted := evict(o.m, o.level, b.seq+1)
	b.seq++
	return evicted
}

func (b *box[M]) enterLocked(o *offer[M]) {
	b.pushLocked(o.m, o.level)
	o.seq = b.seq
	b.counts.put++
	b.serveGetLocked()
}

func (b *box[M]) pushLocked(m M, level int) {
	if b.queue == nil {
		b.queue = newQueue(b.order, b.cfg)
	}
	b.queue.push(m, level, b.seq+1)
	b.seq++
	if n := b.lenLocked(); n > b.counts.highWater {
		b.counts.highWater = n
	}
}

// serveGetLocked gives the next message to the get that has waited longest. Gets wait only while the queue is empty,
// so it holds one message now and popping it compares nothing.
func (b *box[M]) serveGetLocked() {
	if w := b.gets.pop(); w != nil {
		w.m = b.queue.pop()
		b.counts.taken++
		w.serve(nil)
	}
}

// admitLocked lets those who wait for room in, in arrival order, as far as there is room.
func (b *box[M]) admitLocked() {
	for b.puts.first != nil && !b.fullLocked() {
		b.pushWaiterLocked(b.puts.pop())
	}
}

// pushWaiterLocked pushes what w waits with. A Less that panics on it is the failure of that put, not of whoever
// made room: the panic is carried over to it. A message held aside has nobody to carry it to, and goes to failed.
func (b *box[M]) pushWaiterLocked(w *waiter[M]) {
	defer func() {
		if v := recover(); v != nil {
			w.panicked = v
			w.serve(nil)
			if w.served == nil {
				b.failed.push(w)
			}
		}
	}()
	b.pushLocked(w.m, w.level)
	if w.served == nil {
		b.counts.held--
	} else {
		b.counts.put++
	}
	var none M
	w.m, w.seq = none, b.seq // a receipt may outlive the message
	w.serve(nil)
}

// popLocked takes the next message, if there is one, and lets in who waits for its room.
func (b *box[M]) popLocked() (m M, ok bool) {
	if b.puts.first != nil {
		b.admitLocked()
	}
	if b.queue == nil || b.queue.size() == 0 {
		return m, false
	}
	m = b.queue.pop()
	b.counts.taken++
	b.admitLocked()
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
		if w.served != nil {
			b.puts.remove(w)
			b.counts.rejected++
			b.counts.refused++
			w.serve(ErrClosed)
		}
		w = next
	}
	for w := b.gets.pop(); w != nil; w = b.gets.pop() {
		w.serve(ErrClosed)
	}
}

// await waits until w is served, or ctx ends first.
func (b *box[M]) await(ctx context.Context, w *waiter[M], list *waiters[M]) error {
	select {
	case <-w.served:
	case <-ctx.Done():
		if b.leave(w, list) {
			return ctx.Err()
		}
		<-w.served // it was served in the same instant, and that stands
	}
	if w.panicked != nil {
		panic(w.panicked)
	}
	return w.err
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
		b.counts.rejected++
	}
	return true
}

// finish does what a put owes once the lock is released.
func (b *box[M]) finish(ctx context.Context, o *offer[M]) error {
	if o.waiter != nil {
		return b.await(ctx, o.waiter, &b.puts)
	}
	if o.dropped && b.cfg != nil && b.cfg.OnDrop != nil {
		b.cfg.OnDrop(o.evicted, ErrFull)
	}
	return o.err
}

// reject counts a put that failed before it reached the queue.
func (b *box[M]) reject(err error) error {
	b.mu.Lock()
	b.counts.rejected++
	if b.closed {
		b.counts.refused++
		err = ErrClosed
	}
	b.mu.Unlock()
	return err
}

func (b *box[M]) statsLocked() Stats {
	c, begun := &b.counts, b.begunLocked() // looked at once: the owner may go on meanwhile
	return Stats{
		Put: c.put, Taken: c.taken + uint64(begun), Rejected: c.rejected, Refused: c.refused, Dropped: c.dropped,
		Len: b.waitingLocked(begun), HighWater: c.highWater, Held: c.held,
	}
}
