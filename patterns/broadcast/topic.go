package broadcast

import (
	"context"
	"fmt"

	"github.com/troupe-go/troupe/runtime"
)

// A Topic passes each event on to all who have subscribed. All methods are safe for concurrent use.
type Topic[T any] struct {
	relay runtime.Ref[message[T]]
	hub   runtime.Ref[errand[T]]
	log   func(subscription string, err error)
}

// Stats are a topic's figures.
type Stats struct {
	Published   uint64 // events that were passed on, or are being so
	Queued      int    // events and requests that wait in the topic
	Kept        int    // events that are kept for newcomers
	Subscribers int
}

// New starts a topic under p. It does not block.
//
// It returns an error that wraps ErrConfig if c is wrong, and the errors of runtime.Spawn.
func New[T any](p runtime.Parent, c Config[T]) (*Topic[T], error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	hub, err := spawnHub[T](p, c.Name)
	if err != nil {
		return nil, err
	}
	// The younger sibling: a shutdown lets it pass on what was published while all its functions are there.
	relay, err := spawnRelay(p, &c)
	if err != nil {
		hub.self.Stop()
		return nil, err
	}
	_ = hub.self.TryTell(attach[T]{relay}) // fails only when the topic is stopped already
	return &Topic[T]{relay, hub.self, hub.log}, nil
}

// Publish hands v in, to be passed on to all who have subscribed by then; it does not wait for that. While Capacity
// events wait in the topic, it waits for room, in the order of arrival, or until ctx ends. Pass a handler's context
// inside a handler: a system that shuts down still accepts events from its own actors, until it is the topic's turn to
// drain, and the runtime tells of a deadlock only where it knows who waits.
//
// It returns an error that wraps ctx.Err() when ctx ended first; a *runtime.DeadlockError when the topic waits, perhaps by
// others, for the handler that publishes; and one that wraps runtime.ErrStopped when the topic is stopped or drains, or
// its system shuts down and ctx is not that of one of its actors. Nobody gets v then.
//
// All subscribers get the same v: what it refers to, they share.
func (t *Topic[T]) Publish(ctx context.Context, v T) error {
	return t.relay.Tell(ctx, message[T]{event: v})
}

// TryPublish is Publish that never waits: it returns mailbox.ErrFull while Capacity events wait. Since it does not say
// who publishes, it is accepted until the topic itself begins to drain or stop.
func (t *Topic[T]) TryPublish(v T) error { return t.relay.TryTell(message[T]{event: v}) }

// Stats returns the topic's figures, as they are after all that the caller did before. It waits its turn among the
// events.
//
// It returns an error that wraps ctx.Err() when ctx ended first, one that wraps runtime.ErrStopped when the topic is
// stopped, drains or stops, and a *runtime.DeadlockError when the topic waits for the handler that asks.
func (t *Topic[T]) Stats(ctx context.Context) (Stats, error) {
	stats, err := runtime.Ask(ctx, t.relay, func(r runtime.Reply[Stats]) message[T] {
		return message[T]{order: figures[T]{r}}
	})
	if err != nil {
		return Stats{}, err
	}
	stats.Subscribers, err = runtime.Ask(ctx, t.hub, func(r runtime.Reply[int]) errand[T] { return census[T]{r} })
	return stats, err
}

// Subscriptions returns what is subscribed, in no particular order: actors, functions and loops that have not ended, and
// that get what is published from now on. It does not wait for the topic, and so also tells who is there when one of them
// holds it up. It returns the errors of Stats.
func (t *Topic[T]) Subscriptions(ctx context.Context) ([]*Subscription, error) {
	return runtime.Ask(ctx, t.hub, func(r runtime.Reply[[]*Subscription]) errand[T] { return list[T]{r} })
}

// Drain refuses new events from now on, passes on those that were accepted, lets functions handle what they have, stops
// the topic, and returns nil when it has stopped. Loops over All end when they have had what waits for them; Drain does
// not wait for that. When ctx ends first, it calls Stop and returns an error that wraps ctx.Err(). It may be called
// several times. Where ctx is nil it returns an error that wraps ErrConfig, and does nothing. A function must not drain its
// own topic: that would wait for itself.
func (t *Topic[T]) Drain(ctx context.Context) error {
	if ctx == nil {
		return fmt.Errorf("%w: ctx is nil: want a context", ErrConfig)
	}
	t.relay.StopWhenEmpty() // the hub follows
	select {
	case <-t.Done():
		return nil
	case <-ctx.Done():
	}
	select {
	case <-t.Done(): // in the same instant
		return nil
	default:
		t.Stop()
		return fmt.Errorf("broadcast: drain %s: %w", t.relay.Path(), ctx.Err())
	}
}

// Stop stops the topic. What waits in it, and for its functions, becomes dead letters; the contexts of functions end, and
// so do loops over All, without what waits for them. Actors keep what is in their mailboxes. Stop does not wait: see
// Done.
func (t *Topic[T]) Stop() {
	// The hub follows, so that what the topic has in hand still counts for its subscriptions.
	if t.hub.TryTell(halt[T]{}) != nil { // it has followed already, and waits for functions
		t.hub.Stop()
	}
	t.relay.Stop()
}

// Done returns a channel that is closed when the topic has stopped, with all its functions.
func (t *Topic[T]) Done() <-chan struct{} { return t.hub.Done() }
