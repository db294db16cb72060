package broadcast

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// maxOwed is how many events are set aside at most for a subscriber that waits for the topic.
const maxOwed = 1024

// start makes chunk the one that is passed on.
func (b *branch[T]) start(chunk []T) { b.running, b.chunk, b.at, b.owing = true, chunk, 0, 0 }

// run passes on what is left of the chunk. It reports false when ctx has ended before that was done, and it is to go on.
func (b *branch[T]) run(ctx context.Context) bool {
	if b.serving != nil && !b.serve(ctx) {
		return false
	}
	for b.running && b.at < len(b.subs) {
		s := b.subs[b.at]
		if s.active.Err() != nil {
			b.remove(s) // the last one is in this place now
			continue
		}
		b.at++
		b.begin(s, b.chunk)
		if !b.serve(ctx) {
			return false
		}
	}
	b.running, b.chunk = false, nil
	return true
}

// begin makes s the one that is served, with what it is owed and events.
func (b *branch[T]) begin(s *subscriber[T], events []T) {
	if len(s.owed) > 0 {
		events = append(s.owed, events...)
		s.owed = nil
	}
	b.serving, b.todo, b.pos = s, events, 0
}

// serve gives the one that is served its events. It reports false when ctx has ended and it would have to wait.
func (b *branch[T]) serve(ctx context.Context) bool {
	for b.pos < len(b.todo) {
		if !b.some(ctx, b.serving) {
			return false
		}
	}
	b.serving, b.todo = nil, nil
	return true
}

// some gives s what is to do, up to its end, or to the first event on which code of the subscriber's panics: its filter, or
// what its mailbox calls. That event is done with then. One guard for many events costs nothing.
func (b *branch[T]) some(ctx context.Context, s *subscriber[T]) (goOn bool) {
	goOn = true
	whole := false
	defer func() {
		if whole {
			return
		}
		failure := recover()
		if failure == nil {
			select {
			case <-s.exited: // the mailbox has taken it
				s.counts.Delivered++
				return
			default:
			}
		}
		s.counts.Failed++
		b.complain(s, failure)
	}()
	for b.pos < len(b.todo) && goOn {
		if s.active.Err() != nil {
			s.counts.Dropped += uint64(len(b.todo) - b.pos)
			b.pos = len(b.todo)
			break
		}
		v := b.todo[b.pos]
		b.pos++ // first, so that an event that fails is not tried again
		if s.filter != nil && !s.filter(v) {
			s.counts.Filtered++
		} else if err := b.put(ctx, s, v); err == nil {
			s.counts.Delivered++
		} else {
			goOn = b.refused(ctx, s, v, err)
		}
	}
	whole = true
	return goOn
}

// refused is an event that s has not taken. It reports false when ctx has ended.
func (b *branch[T]) refused(ctx context.Context, s *subscriber[T], v T, err error) bool {
	var deadlock *runtime.DeadlockError
	switch {
	case errors.Is(err, mailbox.ErrFull):
	case errors.As(err, &deadlock):
		// Who waits for the topic goes on when that takes its next messages. So the topic does that, and comes back to
		// what s has not got.
		b.owe(s)
		b.log(s.name, err)
		return true
	case s.renew() && b.put(ctx, s, v) == nil: // its actor was replaced
		s.counts.Delivered++
		return true
	case ctx.Err() != nil && !b.closing:
		b.pos-- // for whoever goes on
		return false
	}
	s.counts.Dropped++
	return true
}

// owe sets aside what s has not got of what is to do, and the event that it has not taken.
func (b *branch[T]) owe(s *subscriber[T]) {
	left := b.todo[b.pos-1:]
	room := min(len(left), maxOwed)
	s.owed = append([]T(nil), left[:room]...)
	s.counts.Dropped += uint64(len(left) - room)
	b.pos = len(b.todo)
	b.owing++
}

// put gives s one event, as its policy says.
func (b *branch[T]) put(ctx context.Context, s *subscriber[T], v T) error {
	switch {
	case s.box != nil && b.closing:
		return s.box.TryPut(v)
	case s.box != nil:
		return s.box.Put(ctx, v)
	case s.hasty || b.closing:
		return s.to.TryTell(v)
	}
	return s.to.Tell(ctx, v)
}

// complain logs a panic, each time that their number has doubled: there may be one for each event. Without a value it was
// a Goexit, which fails the actor too, and is logged with that.
func (b *branch[T]) complain(s *subscriber[T], value any) {
	if n := s.counts.Failed; value == nil || n&(n-1) != 0 {
		return
	}
	err := &runtime.PanicError{Value: value, Stack: debug.Stack()}
	b.log(s.name, fmt.Errorf("broadcast: the filter of a subscription, or what its mailbox calls, has failed on %d events, now with: %w\n%s",
		s.counts.Failed, err, err.Stack))
}
