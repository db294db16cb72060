package mailbox

import (
	"context"
	"fmt"
)

// A Mailbox is a bounded queue for any number of producers and consumers. All methods are safe for concurrent use.
// Use New; a Mailbox must not be copied.
type Mailbox[M any] struct {
	box[M]
}

// New returns an empty mailbox. A bad c is refused with an error that wraps ErrConfig and names the field, what was
// found and what is accepted. It allocates no slots.
func New[M any](c Config[M]) (*Mailbox[M], error) {
	b := &Mailbox[M]{}
	if err := b.init(c); err != nil {
		return nil, err
	}
	return b, nil
}

// Put puts m. Under Block it waits while the mailbox is full, until there is room or ctx ends.
//
// It returns ErrClosed after Close, ErrFull under Reject when there is no room, and ctx.Err() when ctx ended before m
// was in: on entry, or while it waited. On an error m was not taken. Under a Drop policy it never waits and returns
// nil, and OnDrop is told what was evicted. Waiting puts are served in arrival order. Put is safe for concurrent use; with
// room it takes one lock and allocates nothing.
func (b *Mailbox[M]) Put(ctx context.Context, m M) error {
	_, err := b.put(ctx, &m, wait)
	return err
}

// TryPut is Put that never waits: without room it returns ErrFull under Block and Reject.
func (b *Mailbox[M]) TryPut(m M) error {
	_, err := b.put(context.Background(), &m, never)
	return err
}

// Get takes the next message, waiting while there is none, until one comes or ctx ends.
//
// It returns ErrClosed once the mailbox is closed and empty, and ctx.Err() when ctx ended first: on entry, or while it
// waited; no message was then taken. Waiting gets are served in arrival order.
func (b *Mailbox[M]) Get(ctx context.Context) (m M, err error) {
	err = b.get(ctx, &m)
	return m, err
}

func (b *Mailbox[M]) get(ctx context.Context, m *M) error {
	if ctx == nil {
		return errNilContext
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w, err := b.take(m, true)
	if w != nil {
		*m, err = b.await(ctx, w, &b.rare.gets)
	}
	return err
}

// TryGet takes the next message. It never waits: it returns ErrEmpty when there is none, and ErrClosed when there will
// be none.
func (b *Mailbox[M]) TryGet() (m M, err error) {
	_, err = b.take(&m, false)
	return m, err
}

func (b *Mailbox[M]) take(m *M, waiting bool) (w *waiter[M], err error) {
	b.mu.Lock()
	if b.n > 1 && b.puts.settled() && !b.compares() && !b.lookAfterLocked() { // there is nobody to be considered, and nothing to trim
		switch q := b.queue.(type) {
		case nil:
			if b.order == LIFO {
				b.ring.unshift(m)
			} else {
				b.ring.shift(m)
			}
		case *levels[M]:
			q.popFrom(q.first(), m)
		default:
			*m = q.pop()
		}
		b.n--
		b.mu.Unlock()
		return nil, nil
	}
	return b.takeSlowly(m, waiting)
}

// lookAfterLocked reports whether a get shall see if the put that was called has waited for long, which takes a look at the
// clock: one in so many does.
func (b *box[M]) lookAfterLocked() bool {
	return b.puts.first != nil && (b.seq-uint64(b.n))%lookAfter == 0
}

// takeSlowly is called with the lock, and releases it.
func (b *Mailbox[M]) takeSlowly(m *M, waiting bool) (w *waiter[M], err error) {
	defer b.unlock()
	b.checkLocked()
	b.makeWayLocked()
	switch {
	case b.n > 0:
		*m = b.dequeueLocked()
		b.makeWayLocked()
		return nil, nil
	case b.closed:
		return nil, ErrClosed
	case !waiting:
		return nil, ErrEmpty
	}
	return b.waitToGetLocked(), nil
}

func (b *Mailbox[M]) waitToGetLocked() *waiter[M] {
	r := b.rareLocked()
	w := r.spares.takeLocked()
	r.gets.push(w)
	return w
}

// dequeueManyLocked fills into, which has some already, with what is next. The queue is not empty.
func (b *Mailbox[M]) dequeueManyLocked(into []M, has int) (n int) {
	n = has
	if b.order == FIFO {
		more := b.ring.shiftMany(into[n:])
		if b.n -= more; b.n == 0 {
			b.ring.trim(keepSlots, b.ring.reached())
		}
		return n + more
	}
	if b.compares() {
		defer func() {
			if n == 0 {
				return // the panic, if there is one, is for this get
			}
			_ = recover()
		}()
	}
	for n < len(into) && b.n > 0 {
		into[n] = b.dequeueLocked()
		n++
	}
	return n
}

// GetBatch takes as many messages as there are, but no more than into has room for, and returns how many: one at least,
// for which it waits like Get, with the same errors. They come in delivery order, under one lock for all, which makes it
// the quickest way to empty a mailbox. What it has taken waits no longer, and makes room, before the caller looks at it.
//
// A Less that panics after the first message ends the batch there; the next get meets it again. An empty into is an
// error.
func (b *Mailbox[M]) GetBatch(ctx context.Context, into []M) (n int, err error) {
	if len(into) == 0 {
		return 0, errNoSlots
	}
	if ctx == nil {
		return 0, errNilContext
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, w, err := b.takeBatch(into, 0, true)
	if w == nil {
		return n, err
	}
	m, err := b.await(ctx, w, &b.rare.gets)
	if err != nil {
		return 0, err
	}
	into[0] = m
	n, _, _ = b.takeBatch(into, 1, false) // what came while it woke
	return n, nil
}

// takeBatch fills into, which has some already, and returns how many it has then.
func (b *Mailbox[M]) takeBatch(into []M, has int, waiting bool) (n int, w *waiter[M], err error) {
	b.mu.Lock()
	defer b.unlock()
	b.checkLocked()
	b.makeWayLocked()
	switch {
	case b.n > 0:
		defer b.makeWayLocked() // also if Less ends the goroutine
		return b.dequeueManyLocked(into, has), nil, nil
	case b.closed:
		return has, nil, ErrClosed
	case !waiting:
		return has, nil, ErrEmpty
	}
	return 0, b.waitToGetLocked(), nil
}

// Len returns how many messages wait. It never exceeds Cap.
func (b *Mailbox[M]) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lenLocked()
}

// Cap returns the most messages that may wait, or Unbounded.
func (b *Mailbox[M]) Cap() int { return b.capacity }

// Close makes every later put, and every put that waits now, fail with ErrClosed. Gets go on until the mailbox is
// empty, and then fail with ErrClosed; gets that wait now fail at once. Close may be called again, and does nothing
// then.
func (b *Mailbox[M]) Close() {
	b.mu.Lock()
	defer b.unlock()
	b.closeLocked()
}

// Drain closes the mailbox and returns what was left in it, in delivery order. What it returns counts as done for Join. A
// put at the same time is among what is returned, or was taken or evicted before, or fails with ErrClosed.
func (b *Mailbox[M]) Drain() []M {
	b.mu.Lock()
	defer b.unlock()
	b.closeLocked()
	left := b.drainLocked()
	b.releaseJoinsLocked()
	return left
}

// Stats returns a consistent snapshot of the counts.
func (b *Mailbox[M]) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.statsLocked()
}

// drainLocked empties the queue, letting in what is held aside as there is room. If Less panics, what is left is
// returned all the same, in no particular order.
func (b *box[M]) drainLocked() (left []M) {
	for {
		m, ok, sorted := b.popSafelyLocked()
		if !sorted {
			left = append(left, b.queue.(*heap[M]).empty()...)
			b.n = 0
			continue
		}
		if !ok {
			break
		}
		left = append(left, m)
	}
	if b.rare == nil && len(left) == 0 {
		return nil
	}
	r := b.rareLocked()
	for w := r.failed.pop(); w != nil; w = r.failed.pop() {
		r.held--
		r.beside++
		left = append(left, w.claim())
	}
	r.drained += uint64(len(left))
	return left
}

func (b *box[M]) popSafelyLocked() (m M, ok, sorted bool) {
	defer func() {
		if v := recover(); v != nil {
			sorted = false
		}
	}()
	m, ok = b.popLocked()
	return m, ok, true
}

func levelError(found, levels int) error {
	return fmt.Errorf("%w: Level returned %d: want 0 to %d", ErrConfig, found, levels-1)
}
