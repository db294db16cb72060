package broadcast

import (
	"context"
	"errors"
	"math"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

const (
	// branchSize is how many subscribers a branch serves. With 1,000 actors on two processors, a delivery by one branch
	// takes up to twice as long as by branches of 16 to 64: while the topic's actor fills one mailbox after the other,
	// another processor follows it from mailbox to mailbox, and they get in each other's way at each message. So each
	// processor serves a branch, and then runs the subscribers that it has told.
	branchSize = 32
	// branchRoom is how many parcels wait for a branch: enough for it not to run dry while the next chunk is collected.
	branchRoom = 2
)

// A branch is some of a topic's subscribers, and how far passing on to them has come. All of them get a chunk one after the
// other. It is the behaviour of an actor of its own, or part of the relay, and outlives restarts of both. A chunk that is
// interrupted goes on where it was.
type branch[T any] struct {
	subs   []*subscriber[T]
	places chan struct{} // one for each subscriber; the relay reserves them, and the branch gives them back
	log    func(subscription string, err error)

	running bool
	chunk   []T // that is passed on
	at      int // in subs: whose turn is next
	serving *subscriber[T]
	todo    []T // for serving; events before pos are done with
	pos     int
	owing   int  // subscribers that are owed something, and were not served since
	begun   bool // the parcel in hand, which is given again after a Goexit
	closing bool // nobody is waited for

	left []parcel[T] // parcels that were not come to when the actor stopped

	// Of the relay alone.
	ref  runtime.Ref[parcel[T]]
	late []parcel[T] // parcels that are still to be handed over
}

func newBranch[T any]() branch[T] {
	return branch[T]{places: make(chan struct{}, branchSize)}
}

// A parcel is a chunk, a task, or nothing: then it only has the branch go on. Its events belong to all branches, and are
// not changed.
type parcel[T any] struct {
	events []T
	task   any // a task[T], as message.order
	home   *branch[T]
}

// A task takes its turn among the chunks.
type task[T any] interface {
	perform(ctx context.Context, b *branch[T])
}

// Fail is called by the runtime, on the branch's turn, when p becomes a dead letter. If its actor stops before it has come
// to p, that may be because the relay is restarted, and p is kept, unless somebody asks who is not there any more. One that
// is to be given again comes first.
func (p parcel[T]) Fail(err error) {
	switch {
	case !errors.Is(err, runtime.ErrStopped):
	case p.home.begun:
		p.home.begun = false
	default:
		if f, ok := p.task.(interface{ Fail(error) }); ok {
			f.Fail(err)
			return
		}
		p.home.left = append(p.home.left, p)
	}
}

// employ starts the branch's actor, as a child of the relay's.
func (b *branch[T]) employ(ctx *runtime.Context[message[T]]) error {
	ref, err := runtime.Spawn(ctx, runtime.Props[parcel[T]]{
		New:       func() runtime.Actor[parcel[T]] { return b },
		Mailbox:   mailbox.Config[parcel[T]]{Capacity: branchRoom},
		Redeliver: math.MaxInt,
	})
	b.ref = ref
	return err
}

// logger is how a branch logs something about a subscription.
func logger[M any](ctx *runtime.Context[M]) func(subscription string, err error) {
	return func(subscription string, err error) {
		ctx.Log().WithField("subscription", subscription).Warn(err)
	}
}

// Started has Receive go on where it was interrupted. It does not wait itself: the relay may wait for it, and the runtime
// does not see there who waits for the relay.
func (b *branch[T]) Started(ctx *runtime.Context[parcel[T]]) error {
	b.log = logger(ctx)
	if b.running || b.serving != nil || b.owing > 0 {
		again(ctx, parcel[T]{home: b})
	}
	return nil
}

// Receive does p, after what was interrupted. What ctx ended before is left.
func (b *branch[T]) Receive(ctx *runtime.Context[parcel[T]], p parcel[T]) error {
	switch whole := b.run(ctx); {
	case b.begun: // and was interrupted
	case !whole:
		p.Fail(runtime.ErrStopped)
	default:
		b.begun = true
		b.do(ctx, p)
	}
	b.begun = false
	if b.owing > 0 {
		again(ctx, parcel[T]{home: b})
	}
	return nil
}

// do does p. If ctx ends before that is done, it is to go on.
func (b *branch[T]) do(ctx context.Context, p parcel[T]) {
	if p.task != nil {
		p.task.(task[T]).perform(ctx, b)
		return
	}
	b.start(p.events)
	b.run(ctx)
}

// close does what is left without waiting for anybody, and lets all subscribers go. After a Goexit, whose event is done with
// by then, it goes on as what is deferred.
func (b *branch[T]) close(ctx context.Context) {
	closed := false
	defer func() {
		if !closed {
			b.close(ctx)
		}
	}()
	b.closing = true
	b.run(ctx)
	for len(b.left) > 0 {
		p := b.left[0]
		b.left = b.left[1:]
		b.do(ctx, p)
	}
	for last := len(b.subs) - 1; last >= 0; last-- {
		s := b.subs[last]
		b.subs = b.subs[:last]
		s.letGo()
	}
	closed = true
}

// reserve reports whether there is a place for a newcomer, which is taken then.
func (b *branch[T]) reserve() bool {
	select {
	case b.places <- struct{}{}:
		return true
	default:
		return false
	}
}

func (b *branch[T]) add(s *subscriber[T]) {
	s.index = len(b.subs)
	b.subs = append(b.subs, s)
}

// remove takes s out, unless it is out already.
func (b *branch[T]) remove(s *subscriber[T]) {
	if s.index < 0 {
		return
	}
	last := len(b.subs) - 1
	b.subs[s.index] = b.subs[last]
	b.subs[s.index].index = s.index
	b.subs[last] = nil
	b.subs = b.subs[:last]
	s.index = -1
	s.letGo()
	select {
	case <-b.places:
	default: // it came when there was no place, as the topic stopped
	}
}
