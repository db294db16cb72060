package mailbox

import (
	"context"
	"fmt"
)

// A Mailbox is a bounded queue for any number of producers and consumers. All methods are safe for concurrent use.
// Use New; a Mailbox must not be copied.
type Mailbox[M any] struct {
	box[M]
	joins joins
	done  uint64 // messages reported Done
	drawn uint64 // messages that Drain returned; nobody will report them
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
// nil, and OnDrop is told what was evicted. Waiting puts are served in arrival order. With room it takes one lock and
// allocates nothing.
func (b *Mailbox[M]) Put(ctx context.Context, m M) error {
	if ctx == nil {
		return b.reject(errNilContext)
	}
	if err := ctx.Err(); err != nil {
		return b.reject(err)
	}
	return b.put(ctx, m, wait)
}

// TryPut is Put that never waits: without room it returns ErrFull under Block and Reject.
func (b *Mailbox[M]) TryPut(m M) error { return b.put(context.Background(), m, never) }

func (b *Mailbox[M]) put(ctx context.Context, m M, p patience) error {
	o := offer[M]{m: m}
	o.level, o.err = b.levelOf(m)
	b.offer(&o, p)
	return b.finish(ctx, &o)
}

func (b *Mailbox[M]) offer(o *offer[M], p patience) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.putLocked(o, p)
}

// Get takes the next message, waiting while there is none, until one comes or ctx ends.
//
// It returns ErrClosed once the mailbox is closed and empty, and ctx.Err() when ctx ended first: on entry, or while it
// waited; no message was then taken. Waiting gets are served in arrival order.
func (b *Mailbox[M]) Get(ctx context.Context) (M, error) {
	var none M
	if ctx == nil {
		return none, errNilContext
	}
	if err := ctx.Err(); err != nil {
		return none, err
	}
	m, w, err := b.take(true)
	if w == nil {
		return m, err
	}
	if err := b.await(ctx, w, &b.gets); err != nil {
		return none, err
	}
	return w.m, nil
}

// TryGet takes the next message. It never waits: it returns ErrEmpty when there is none, and ErrClosed when there will
// be none.
func (b *Mailbox[M]) TryGet() (M, error) {
	m, _, err := b.take(false)
	return m, err
}

func (b *Mailbox[M]) take(wait bool) (m M, w *waiter[M], err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, ok := b.popLocked()
	switch {
	case ok:
		return m, nil, nil
	case b.closed:
		return m, nil, ErrClosed
	case !wait:
		return m, nil, ErrEmpty
	}
	w = &waiter[M]{served: make(chan struct{})}
	b.gets.push(w)
	return m, w, nil
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
	defer b.mu.Unlock()
	b.closeLocked()
}

// Drain closes the mailbox and returns what was left in it, in delivery order. What it returns counts as done for
// Join.
func (b *Mailbox[M]) Drain() []M {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closeLocked()
	left := b.drainLocked()
	b.drawn += uint64(len(left))
	b.settleLocked()
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
			h := b.queue.(*heap[M])
			for _, e := range h.es {
				left = append(left, e.m)
			}
			h.es = nil
			continue
		}
		if !ok {
			break
		}
		left = append(left, m)
	}
	for w := b.failed.pop(); w != nil; w = b.failed.pop() {
		b.counts.held--
		left = append(left, w.m)
	}
	return left
}

func (b *box[M]) popSafelyLocked() (m M, ok, sorted bool) {
	taken := b.counts.taken
	defer func() {
		b.counts.taken = taken // drained, not taken
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
