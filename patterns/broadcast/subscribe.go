package broadcast

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// SubscribeRef has all events told to an actor. What happens when its mailbox is full, its own overflow policy decides,
// unless o says Reject. The subscription ends when the actor does. An actor may subscribe several times, and then gets
// an event as often.
//
// A newcomer takes its turn among the events: it gets what was published after SubscribeRef returned, and of what was
// published before as much as o.Replay says. Therefore it waits for room as Publish does, and returns the errors of
// Publish; and one that wraps ErrConfig if o is wrong. It may be called in any handler, that of ref as well.
func (t *Topic[T]) SubscribeRef(ctx context.Context, ref runtime.Ref[T], o Options[T]) (*Subscription, error) {
	if err := o.validateRef(); err != nil {
		return nil, err
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	select {
	case <-ref.Done():
		return nil, fmt.Errorf("broadcast: subscribe %q: %w", ref.Path(), runtime.ErrStopped)
	default:
	}
	s := t.newSubscriber(&o)
	s.ref = ref
	s.hasty = o.Mailbox.Overflow == mailbox.Reject
	return t.subscribe(ctx, s)
}

// SubscribeFunc has f called with all events, one after the other, by an actor of its own, whose mailbox is o.Mailbox and
// whose context f gets. When f returns an error or panics, the event is tried again as o.Retries says, and then becomes a
// dead letter; the actor is restarted at once, and goes on with the next event, unless o.Restart says otherwise. f may
// end its subscription by ctx.Stop.
//
// It otherwise is like SubscribeRef, and returns an error that wraps runtime.ErrNameTaken when another function of the
// topic has the name.
func (t *Topic[T]) SubscribeFunc(
	ctx context.Context, f func(ctx *runtime.Context[T], v T) error, o Options[T],
) (*Subscription, error) {
	if f == nil {
		return nil, badConfig("the function of SubscribeFunc", "nil", "one to call")
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	s := t.newSubscriber(&o)
	o.Mailbox.OnDrop = t.guard(&o, s)
	s.fresh, s.actor = make(chan runtime.Ref[T], 1), make(chan runtime.Ref[T], 1)
	s.props = &runtime.Props[T]{
		Name:      o.Name,
		New:       func() runtime.Actor[T] { return runtime.Func[T](f) },
		Mailbox:   o.Mailbox,
		Restart:   o.Restart,
		Redeliver: o.Retries,
	}
	return t.subscribe(ctx, s)
}

// All returns the events as a sequence, for use in a range loop. The subscription begins when the loop does, and ends
// with it, by whatever way it is left; looping again begins another. Events wait for the loop in a mailbox of its own.
// The loop ends when ctx does, at once; when the topic drains, after what waits; and when the topic is stopped. Where
// there is a topic no more, there is no event.
//
// A handler that loops is busy for so long. All panics with an error that wraps ErrConfig when o is wrong, or more
// than one.
func (t *Topic[T]) All(ctx context.Context, o ...Options[T]) iter.Seq[T] {
	var options Options[T]
	switch len(o) {
	case 0:
	case 1:
		options = o[0]
	default:
		panic(badConfig("the number of Options of All", len(o), "one at most"))
	}
	if err := options.validateCode("a loop"); err != nil {
		panic(err)
	}
	if err := options.validate(); err != nil {
		panic(err)
	}
	return func(yield func(T) bool) { t.loop(ctx, &options, yield) }
}

func (t *Topic[T]) loop(ctx context.Context, o *Options[T], yield func(T) bool) {
	s := t.newSubscriber(o)
	config := o.Mailbox
	config.OnDrop = t.guard(o, s)
	box, err := mailbox.New(config)
	if err != nil {
		panic(err) // it was valid when All looked
	}
	s.box = box
	if _, err := t.subscribe(ctx, s); err != nil {
		return
	}
	defer func() {
		box.Drain() // first: the topic may wait for room
		s.leave(true)
		s.finish(nil)
	}()
	for {
		v, err := box.Get(ctx)
		if err != nil || !yield(v) {
			return
		}
	}
}

// subscribe makes s known to the hub, and then to the relay.
func (t *Topic[T]) subscribe(ctx context.Context, s *subscriber[T]) (*Subscription, error) {
	_, err := runtime.Ask(ctx, t.hub, func(r runtime.Reply[struct{}]) errand[T] { return join[T]{r, s} })
	if err == nil {
		if err = t.relay.Tell(ctx, message[T]{order: admit[T]{s}}); err != nil {
			s.leave(true)
			s.finish(nil)
		}
	}
	if err != nil {
		return nil, err
	}
	_ = t.hub.TryTell(settled[T]{s}) // fails only when the topic is stopped, and s with it
	return &Subscription{s}, nil
}

// guard is the OnDrop of o, whose panic or Goexit would otherwise hide that the event was taken.
func (t *Topic[T]) guard(o *Options[T], s *subscriber[T]) func(T, error) {
	told, name := o.Mailbox.OnDrop, o.Name
	if told == nil {
		return nil
	}
	s.exited = make(chan struct{}, 1)
	return func(v T, why error) {
		returned := false
		defer func() {
			if p := recover(); p != nil {
				t.log(name, fmt.Errorf("broadcast: OnDrop: %w", &runtime.PanicError{Value: p, Stack: debug.Stack()}))
			} else if !returned {
				select {
				case s.exited <- struct{}{}:
				default:
				}
			}
		}()
		told(v, why)
		returned = true
	}
}
