package broadcast

import (
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// A hub is the behaviour of the actor that knows who has subscribed: it is the parent of the functions, and hears of the
// end of everybody. It never waits, so that one can subscribe, and end a subscription, while the topic waits for somebody.
// It outlives restarts.
type hub[T any] struct {
	relay     runtime.Ref[message[T]]
	subs      map[*subscriber[T]]bool // whether they get what is published from now on
	started   bool
	halting   bool // what waits is given up
	exhausted bool // no event comes any more

	// Both are set before New returns, and do not change.
	self runtime.Ref[errand[T]]
	log  func(subscription string, err error)

	// watched is by actor. An actor is watched once, and forgotten when it ends: a watch cannot be taken back, so
	// forgetting it with its last subscription would only mean to watch it again.
	watched map[runtime.Ref[T]]map[*subscriber[T]]struct{}
}

func spawnHub[T any](p runtime.Parent, name string) (*hub[T], error) {
	h := &hub[T]{
		subs:    make(map[*subscriber[T]]bool),
		watched: make(map[runtime.Ref[T]]map[*subscriber[T]]struct{}),
	}
	if name != "" {
		name += "-subscribers"
	}
	ref, err := runtime.Spawn(p, runtime.Props[errand[T]]{
		Name: name,
		New:  func() runtime.Actor[errand[T]] { return h },
		// A function's failures are its own business, however many they are.
		Children: supervisor.Config{MaxRestarts: supervisor.Unlimited},
		// Each errand belongs to a subscription, or to a caller that waits for its answer.
		Mailbox: mailbox.Config[errand[T]]{Capacity: mailbox.Unbounded},
		Inline:  true,
	})
	h.self = ref
	return h, err
}

// An errand is something that happened, and knows what follows from it for the hub.
type errand[T any] interface {
	apply(ctx *runtime.Context[errand[T]], h *hub[T])
}

// Started replaces the actors of the functions, which a restart has stopped, as it does all children. What was queued
// there is dead letters.
func (h *hub[T]) Started(ctx *runtime.Context[errand[T]]) error {
	if !h.started {
		h.started, h.log = true, logger(ctx)
		return nil
	}
	for s := range h.subs {
		if s.props == nil || s.active.Err() != nil {
			continue
		}
		delete(h.watched, s.ref)
		if err := h.employ(ctx, s); err != nil {
			h.forget(s)
			s.finish(err)
			continue
		}
		replace(s.fresh, s.ref)
	}
	return nil
}

// Receive never blocks.
func (h *hub[T]) Receive(ctx *runtime.Context[errand[T]], m errand[T]) error {
	m.apply(ctx, h)
	return nil
}

// Stopped ends what the topic's own end has not.
func (h *hub[T]) Stopped(*runtime.Context[errand[T]], error) {
	h.relay.Stop()
	for s := range h.subs {
		if s.box != nil {
			s.deactivate()
			s.box.Drain() // the loop is over, and finishes s
			continue
		}
		s.finish(nil)
	}
	clear(h.subs)
}

// employ starts the actor that runs a function.
func (h *hub[T]) employ(ctx *runtime.Context[errand[T]], s *subscriber[T]) error {
	ref, err := runtime.Spawn(ctx, *s.props)
	if err == nil {
		s.ref = ref
		replace(s.actor, ref)
		h.watch(ctx, s)
	}
	return err
}

// replace puts ref into to, in the place of one that nobody has had any use for.
func replace[T any](to chan runtime.Ref[T], ref runtime.Ref[T]) {
	select {
	case <-to:
	default:
	}
	to <- ref
}

func (h *hub[T]) watch(ctx *runtime.Context[errand[T]], s *subscriber[T]) {
	subs, known := h.watched[s.ref]
	if !known {
		subs = make(map[*subscriber[T]]struct{}, 1)
		h.watched[s.ref] = subs
		ref := s.ref
		runtime.Watch(ctx, ref, func(err error) errand[T] { return ended[T]{ref, err} })
	}
	subs[s] = struct{}{}
}

func (h *hub[T]) forget(s *subscriber[T]) {
	delete(h.subs, s)
	delete(h.watched[s.ref], s)
}

// attach makes the topic's actor known.
type attach[T any] struct{ relay runtime.Ref[message[T]] }

func (m attach[T]) apply(ctx *runtime.Context[errand[T]], h *hub[T]) {
	h.relay = m.relay
	runtime.Watch(ctx, m.relay, func(err error) errand[T] { return exhausted[T]{err} })
}

// join is a newcomer. The answer comes last but for what only matters if there is nobody to take it.
type join[T any] struct {
	runtime.Reply[struct{}]
	s *subscriber[T]
}

func (m join[T]) apply(ctx *runtime.Context[errand[T]], h *hub[T]) {
	s := m.s
	switch {
	case s.props != nil:
		if err := h.employ(ctx, s); err != nil {
			m.Reply.Fail(err)
			return
		}
	case s.box == nil:
		h.watch(ctx, s)
	}
	s.to = s.ref
	h.subs[s] = false
	if !m.TrySend(struct{}{}) {
		leave[T]{s, true}.apply(ctx, h)
	}
}

// settled is a newcomer that the topic's actor has been told of.
type settled[T any] struct{ s *subscriber[T] }

func (m settled[T]) apply(_ *runtime.Context[errand[T]], h *hub[T]) {
	if _, lasts := h.subs[m.s]; lasts {
		h.subs[m.s] = true
	}
}

// leave is a subscription that somebody has ended: at once, or when what waits for it is done.
type leave[T any] struct {
	s   *subscriber[T]
	now bool
}

func (m leave[T]) apply(_ *runtime.Context[errand[T]], h *hub[T]) {
	s := m.s
	switch {
	case s.props != nil && m.now:
		s.ref.Stop() // ended follows
	case s.props != nil:
		s.ref.StopWhenEmpty()
	case s.box != nil && m.now:
		s.box.Drain()
		delete(h.subs, s)
	case s.box != nil:
		s.box.Close()
		delete(h.subs, s)
	default:
		h.forget(s)
		s.finish(nil)
	}
}

// ended is the end of a subscribed actor, or of one that runs a function.
type ended[T any] struct {
	ref runtime.Ref[T]
	err error
}

func (m ended[T]) apply(_ *runtime.Context[errand[T]], h *hub[T]) {
	for s := range h.watched[m.ref] {
		h.forget(s)
		s.finish(m.err)
	}
	delete(h.watched, m.ref)
}

// halt is Stop: the topic's actor stops, or has done so, and what waits is not to be done then.
type halt[T any] struct{}

func (halt[T]) apply(ctx *runtime.Context[errand[T]], h *hub[T]) {
	h.halting = true
	if h.exhausted {
		ctx.Stop()
	}
}

// exhausted is the end of the topic's actor: no event comes any more.
type exhausted[T any] struct{ err error }

func (m exhausted[T]) apply(ctx *runtime.Context[errand[T]], h *hub[T]) {
	h.exhausted = true
	if h.halting {
		ctx.Stop() // Stopped does the rest
		return
	}
	for s := range h.subs {
		switch {
		case s.box != nil:
			s.deactivate()
			s.box.Close()
			delete(h.subs, s)
		case s.props == nil:
			h.forget(s)
			s.finish(m.err)
		}
	}
	ctx.Self().StopWhenEmpty()
}

// census asks how many there are.
type census[T any] struct{ runtime.Reply[int] }

func (m census[T]) apply(_ *runtime.Context[errand[T]], h *hub[T]) {
	n := 0
	for _, in := range h.subs {
		if in {
			n++
		}
	}
	m.Send(n)
}

// list asks for the subscriptions.
type list[T any] struct{ runtime.Reply[[]*Subscription] }

func (m list[T]) apply(_ *runtime.Context[errand[T]], h *hub[T]) {
	all := make([]*Subscription, 0, len(h.subs))
	for s, in := range h.subs {
		if in {
			all = append(all, &Subscription{s})
		}
	}
	m.Send(all)
}
