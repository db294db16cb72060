package mailbox

import "context"

// joins is closed and forgotten each time every message put has been reported Done; nil while nobody waits for that.
type joins chan struct{}

// Done reports that one message taken from the mailbox is processed, for Join, as task_done of Python's queue does.
// It panics when it is called more often than messages were taken, which is a mistake in the program.
func (b *Mailbox[M]) Done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.rareLocked()
	if r.done == b.statsLocked().Taken {
		panic("mailbox: Done was called more often than messages were taken")
	}
	r.done++
	b.releaseJoinsLocked()
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
	r := b.rareLocked()
	if r.joins == nil {
		r.joins = make(joins)
	}
	finished := r.joins
	b.mu.Unlock()
	select {
	case <-finished:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// unfinishedLocked counts the messages that somebody will still report, or evict, or drain.
func (b *Mailbox[M]) unfinishedLocked() uint64 {
	s := b.statsLocked()
	unfinished := s.Taken + uint64(s.Len)
	if b.rare != nil {
		unfinished -= b.rare.done
	}
	return unfinished
}

// releaseJoinsLocked lets the joins go when nothing is unfinished.
func (b *Mailbox[M]) releaseJoinsLocked() {
	if b.rare != nil && b.rare.joins != nil && b.unfinishedLocked() == 0 {
		close(b.rare.joins)
		b.rare.joins = nil
	}
}
