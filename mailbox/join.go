package mailbox

import "context"

// joins is closed and forgotten each time every message put has been reported Done; nil while nobody waits for that.
type joins chan struct{}

// Done reports that one message taken from the mailbox is processed, for Join, as task_done of Python's queue does.
// It panics when it is called more often than messages were taken, which is a mistake in the program.
func (b *Mailbox[M]) Done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.done == b.counts.taken {
		panic("mailbox: Done was called more often than messages were taken")
	}
	b.done++
	b.settleLocked()
}

// Join waits until every message put has been reported Done, evicted, or returned by Drain, or until ctx ends, when it
// returns ctx.Err(). It may be called by many, and before or after Close. It takes nothing from the mailbox: consumers
// that do not call Done make it wait for ever.
func (b *Mailbox[M]) Join(ctx context.Context) error {
	if ctx == nil {
		return errNilContext
	}
	b.mu.Lock()
	if b.unfinishedLocked() == 0 {
		b.mu.Unlock()
		return nil
	}
	if b.joins == nil {
		b.joins = make(joins)
	}
	finished := b.joins
	b.mu.Unlock()
	select {
	case <-finished:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *Mailbox[M]) unfinishedLocked() uint64 {
	return b.counts.put - b.counts.dropped - b.drawn - b.done
}

// settleLocked lets the joins go when nothing is unfinished.
func (b *Mailbox[M]) settleLocked() {
	if b.joins != nil && b.unfinishedLocked() == 0 {
		close(b.joins)
		b.joins = nil
	}
}
