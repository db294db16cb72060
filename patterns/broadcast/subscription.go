package broadcast

import (
	"context"
	"errors"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A Subscription is one subscriber's part in a topic. All methods are safe for concurrent use. It needs not be kept: a
// subscription ends by itself when the actor does, or the loop.
type Subscription struct{ s subscribed }

// subscribed is a subscriber of any type of event.
type subscribed interface {
	label() string
	leave(now bool)
	end() context.Context
	ask(ctx context.Context) (SubscriptionStats, error)
}

// SubscriptionStats are a subscription's figures. Each event that the topic came to while it lasted, and each one of the
// past that it was to get, is one of Delivered, Dropped, Filtered and Failed.
type SubscriptionStats struct {
	Name      string
	Delivered uint64 // events that its mailbox has taken, without those that it has evicted since
	// Dropped are events without room, refused or evicted, and what the topic had in hand for it when it ended. What an
	// actor's own mailbox evicts, its Ref.Stats has.
	Dropped  uint64
	Filtered uint64 // events that its filter does not want
	Failed   uint64 // events on which its filter, or a Less or Level of its mailbox, panicked: they are not delivered
}

// Name returns the Name of the subscription's Options.
func (s *Subscription) Name() string { return s.s.label() }

// Unsubscribe ends the subscription: no event is delivered any more but those that are being delivered right now. A
// function still handles, and a loop still gets, what waits for it. It does not block, and may be called again.
//
// It does not end a wait of the topic for room in an actor's mailbox; only the actor does, or its end.
func (s *Subscription) Unsubscribe() { s.s.leave(false) }

// Cancel is Unsubscribe that also gives up what waits: for a function it becomes dead letters, and its context ends; for
// a loop it is dropped. It does not block: see Done.
func (s *Subscription) Cancel() { s.s.leave(true) }

// Done returns a channel that is closed when the subscription has ended: for a function, when that is not called any
// more; for a loop, when it is over.
func (s *Subscription) Done() <-chan struct{} { return s.s.end().Done() }

// Err returns why the subscription has ended: the failure that ended the subscribed actor or function, for an actor also
// that of the topic; or an error that wraps runtime.ErrStopped where the topic was stopped before it came to the newcomer.
// It returns nil while it lasts, and after any other end.
func (s *Subscription) Err() error {
	if err := context.Cause(s.s.end()); !errors.Is(err, errOver) {
		return err
	}
	return nil
}

// Stats returns the subscription's figures, as they are after all that was published before: it waits its turn among the
// events. After the subscription's or the topic's end they are final, but not of a topic that was abandoned, or
// ended in the middle of a restart: it then returns the error of one that stops.
//
// It returns an error that wraps ctx.Err() when ctx ended first, one that wraps runtime.ErrStopped while the topic drains
// or stops, and a *runtime.DeadlockError when the topic waits for the handler that asks.
func (s *Subscription) Stats(ctx context.Context) (SubscriptionStats, error) { return s.s.ask(ctx) }

// errOver is the cause of an end that is no failure.
var errOver = errors.New("broadcast: subscription has ended")

// A subscriber is what the topic knows of a subscription.
type subscriber[T any] struct {
	topic  *Topic[T]
	name   string
	filter func(T) bool
	replay int
	hasty  bool                // never wait for it
	box    *mailbox.Mailbox[T] // of a loop
	props  *runtime.Props[T]   // of a function's actor

	// active ends when nothing is delivered any more, over when the subscription is: contexts, since anybody may end
	// them, only the first one counts, and to look at one costs a nanosecond.
	active     context.Context
	deactivate context.CancelFunc
	over       context.Context
	conclude   context.CancelCauseFunc

	// ref is the hub's alone: the actor. fresh hands it to the relay where it was replaced. actor has a function's for who
	// cancels it while the hub drains; the hub alone puts one in.
	ref   runtime.Ref[T]
	fresh chan runtime.Ref[T]
	actor chan runtime.Ref[T]

	exited chan struct{} // that OnDrop has called Goexit, if there is one

	home *branch[T] // the relay's alone

	// Of its branch alone, until that closes left.
	to     runtime.Ref[T]
	index  int // among the branch's subscribers; less than 0: not there
	owed   []T // events that came while the subscriber waited for the topic
	counts SubscriptionStats
	left   chan struct{}
}

func (t *Topic[T]) newSubscriber(o *Options[T]) *subscriber[T] {
	s := &subscriber[T]{
		topic: t, name: o.Name, filter: o.Filter, replay: o.Replay,
		index: -1, left: make(chan struct{}), counts: SubscriptionStats{Name: o.Name},
	}
	s.active, s.deactivate = context.WithCancel(context.Background())
	s.over, s.conclude = context.WithCancelCause(context.Background())
	return s
}

func (s *subscriber[T]) label() string        { return s.name }
func (s *subscriber[T]) end() context.Context { return s.over }

func (s *subscriber[T]) leave(now bool) {
	s.retire()
	if s.topic.hub.TryTell(leave[T]{s, now}) == nil || !now {
		return
	}
	// The hub drains, or is stopped.
	if s.box != nil {
		s.box.Drain()
	}
	select {
	case ref := <-s.actor:
		ref.Stop()
	default: // it is no function, or another has stopped it
	}
}

// retire ends what is delivered.
func (s *subscriber[T]) retire() {
	if s.active.Err() == nil {
		s.deactivate()
		_ = s.topic.relay.TryTell(message[T]{order: dismiss[T]{s}})
	}
}

// finish ends the subscription, with err if that is not nil.
func (s *subscriber[T]) finish(err error) {
	s.retire()
	if err == nil {
		err = errOver
	}
	s.conclude(err)
}

// renew reports whether the hub has replaced the actor of s.
func (s *subscriber[T]) renew() bool {
	select {
	case ref := <-s.fresh:
		s.counts.Delivered -= s.evicted()
		s.counts.Dropped += s.evicted()
		s.to = ref
		return true
	default:
		return false
	}
}

// letGo is the topic's last word on s.
func (s *subscriber[T]) letGo() {
	s.counts.Dropped += uint64(len(s.owed))
	s.owed = nil
	close(s.left)
}

// evicted is how many events the mailbox has taken and evicted since.
func (s *subscriber[T]) evicted() uint64 {
	switch {
	case s.box != nil:
		return s.box.Stats().Dropped
	case s.props != nil:
		return s.to.Stats().Dropped
	}
	return 0
}

// stats is for the relay, and for everybody after left.
func (s *subscriber[T]) stats() SubscriptionStats {
	c := s.counts
	c.Delivered -= s.evicted()
	c.Dropped += s.evicted()
	return c
}

func (s *subscriber[T]) ask(ctx context.Context) (SubscriptionStats, error) {
	select {
	case <-s.left:
		return s.stats(), nil
	default:
	}
	c, err := runtime.Ask(ctx, s.topic.relay, func(r runtime.Reply[SubscriptionStats]) message[T] {
		return message[T]{order: share[T]{r, s}}
	})
	if errors.Is(err, runtime.ErrStopped) {
		select {
		case <-s.left: // in the same instant
			return s.stats(), nil
		default: // it drains; to wait for that may be to wait for oneself
		}
	}
	return c, err
}
