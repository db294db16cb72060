package broadcast

import (
	"context"

	"github.com/troupe-go/troupe/runtime"
)

// admit is a newcomer. It gets its share of the past, and is one of all from the next event on.
type admit[T any] struct{ s *subscriber[T] }

func (m admit[T]) apply(ctx *runtime.Context[message[T]], r *relay[T]) {
	if m.s.home != nil {
		return // a Goexit has interrupted the replay, which has been done since
	}
	m.s.home = r.place(ctx)
	r.assign(ctx, m.s.home, parcel[T]{task: enrol[T]{m.s, r.kept.last(m.s.replay)}})
}

// Fail ends a subscription that the topic has not come to. One that has a home is being enrolled.
func (m admit[T]) Fail(err error) {
	if m.s.home == nil {
		m.s.finish(err)
		m.s.letGo()
	}
}

// enrol is the branch's part of that.
type enrol[T any] struct {
	s    *subscriber[T]
	past []T
}

func (m enrol[T]) perform(ctx context.Context, b *branch[T]) {
	b.add(m.s)
	b.begin(m.s, m.past)
	b.run(ctx)
}

// dismiss is a subscription that has ended. If it does not get in, the next chunk will find out.
type dismiss[T any] struct{ s *subscriber[T] }

func (m dismiss[T]) apply(ctx *runtime.Context[message[T]], r *relay[T]) {
	if b := m.s.home; b == &r.first {
		m.perform(ctx, b)
		r.free = 0
	} else if b != nil {
		_ = b.ref.TryTell(parcel[T]{task: m, home: b})
	}
}

func (m dismiss[T]) perform(_ context.Context, b *branch[T]) { b.remove(m.s) }

// nudge only has what is owed tried again.
type nudge[T any] struct{}

func (nudge[T]) apply(*runtime.Context[message[T]], *relay[T]) {}

// figures asks for a topic's Stats.
type figures[T any] struct{ runtime.Reply[Stats] }

func (m figures[T]) apply(ctx *runtime.Context[message[T]], r *relay[T]) {
	m.Send(Stats{
		Published: r.published,
		Queued:    int(ctx.Self().Stats().Queued) - 1,
		Kept:      len(r.kept.ring),
	})
}

// share asks for the Stats of a subscription.
type share[T any] struct {
	runtime.Reply[SubscriptionStats]
	s *subscriber[T]
}

// apply asks the branch in turn, instead of passing the handle on: who waits for whom stays plain then.
func (m share[T]) apply(ctx *runtime.Context[message[T]], r *relay[T]) {
	home := m.s.home
	if home == nil || home == &r.first { // nil: it is on its way, and only the hub knows it
		m.perform(ctx, &r.first)
		return
	}
	r.hand(ctx, home, parcel[T]{})
	stats, err := runtime.Ask(ctx, home.ref, func(reply runtime.Reply[SubscriptionStats]) parcel[T] {
		return parcel[T]{task: share[T]{reply, m.s}, home: home}
	})
	if err != nil {
		m.Reply.Fail(err)
		return
	}
	m.Send(stats)
}

func (m share[T]) perform(context.Context, *branch[T]) { m.Send(m.s.stats()) }
