package broadcast

import (
	"errors"
	"math"
	"slices"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// chunkSize is how many events at most are passed on at a time. Each subscriber gets them in a row: the first wakes it,
// the others find its mailbox in the cache, and it handles all as one batch.
const chunkSize = 64

// A relay is the behaviour of the topic's actor, whose mailbox is the topic's. It collects the events that have piled up
// there, and passes them to the branches as one chunk. It serves the first branch itself, so that a small topic is one
// actor and copies nothing. It outlives restarts, in the middle of a chunk too.
type relay[T any] struct {
	first  branch[T]
	others []*branch[T]
	free   int // branches before this one have no place for a newcomer, unless the relay has not heard of it

	chunk     []T // collected, and not passed on to all yet; the buffer is used again and again
	shared    []T // a copy of it for the other branches
	told      int // of others, that have got it
	flushing  bool
	begun     bool // the message in hand, which is given again after a Goexit
	sure      int  // messages that are known to wait: before them, there is no need to look
	late      int  // other branches that have not taken all that was handed to them
	kept      history[T]
	published uint64
	started   bool
}

// A message is an event, or an order that takes its turn among the events.
type message[T any] struct {
	event T
	// order is an order[T]; nil: it is an event. The runtime looks for reply handles in an empty interface, and in no other:
	// so it knows of a handler that waits for the topic, which waits for room with that handler. It takes 100 ns an event.
	order any
}

type order[T any] interface {
	apply(ctx *runtime.Context[message[T]], r *relay[T])
}

// Fail is called by the runtime when m becomes a dead letter. Somebody may wait for what an order does.
func (m message[T]) Fail(err error) {
	if f, ok := m.order.(interface{ Fail(error) }); ok {
		f.Fail(err)
	}
}

func spawnRelay[T any](p runtime.Parent, c *Config[T]) (runtime.Ref[message[T]], error) {
	r := &relay[T]{kept: history[T]{limit: c.Replay}, first: newBranch[T]()}
	return runtime.Spawn(p, runtime.Props[message[T]]{
		Name: c.Name,
		New:  func() runtime.Actor[message[T]] { return r },
		// A filter may call Goexit, as often as there are events. It is not the fault of the order behind them.
		Children:  supervisor.Config{MaxRestarts: supervisor.Unlimited},
		Redeliver: math.MaxInt,
		Mailbox:   mailbox.Config[message[T]]{Capacity: c.Capacity},
	})
}

// Started prepares to go on where the behaviour before was interrupted, which Receive does. It does not wait itself: the
// runtime does not see there who waits for the topic. The branches' actors have stopped; what they had not done, the
// branches have kept.
func (r *relay[T]) Started(ctx *runtime.Context[message[T]]) error {
	r.first.log = logger(ctx)
	if !r.started {
		r.started = true
		return nil
	}
	for _, b := range r.others {
		b.late = append(b.left, b.late...)
		b.left = nil
		r.late += len(b.late)
		if b.employ(ctx) != nil { // it stops
			return nil
		}
	}
	r.callAgain(ctx)
	return nil
}

// Receive passes on what it has collected when nothing waits behind it, or the chunk is full, or an order comes: an order
// finds all events before it passed on.
func (r *relay[T]) Receive(ctx *runtime.Context[message[T]], m message[T]) error {
	if !r.begun {
		r.sure--
		if m.order == nil {
			r.published++
			r.chunk = append(r.chunk, m.event)
			if len(r.chunk) < chunkSize && r.more(ctx) {
				return nil
			}
		}
		r.begun = true
	}
	switch {
	case !r.first.run(ctx) || !r.flush(ctx): // it stops
		m.Fail(runtime.ErrStopped)
	case m.order != nil:
		m.order.(order[T]).apply(ctx, r)
	}
	r.callAgain(ctx)
	r.begun = false
	return nil
}

// more reports whether a message waits. To look costs two locks, so the whole pile is counted at once; what was counted
// will come, since this is the only consumer and nothing is evicted. The current message is one of those queued.
func (r *relay[T]) more(ctx *runtime.Context[message[T]]) bool {
	if r.sure <= 0 {
		r.sure = int(ctx.Self().Stats().Queued) - 1
	}
	return r.sure > 0
}

// Stopped passes on the rest to whom that can be done without waiting: ctx has ended, and so have the branches' actors.
// Each branch is closed by what is deferred, so that a Goexit in one concerns no other.
func (r *relay[T]) Stopped(ctx *runtime.Context[message[T]], _ error) {
	for i, b := range r.others {
		b.left = append(b.left, b.late...)
		if !r.flushing || i >= r.told {
			b.left = append(b.left, parcel[T]{events: r.chunk})
		}
		b.log = r.first.log
		defer b.close(ctx)
	}
	if !r.flushing {
		r.first.left = append(r.first.left, parcel[T]{events: r.chunk})
	}
	r.first.close(ctx)
}

// flush passes the chunk on. It reports false when ctx has ended before that was done, and it is to go on.
func (r *relay[T]) flush(ctx *runtime.Context[message[T]]) bool {
	if !r.flushing {
		if len(r.chunk) == 0 && r.first.owing == 0 && r.late == 0 {
			return true
		}
		r.flushing, r.told, r.late = true, 0, 0
		if len(r.others) > 0 {
			r.shared = slices.Clone(r.chunk)
		}
		r.first.start(r.chunk)
	}
	for r.told < len(r.others) {
		b := r.others[r.told]
		r.told++
		r.hand(ctx, b, parcel[T]{events: r.shared})
	}
	if !r.first.run(ctx) {
		return false
	}
	r.flushing = false
	r.kept.add(r.chunk)
	clear(r.chunk)
	r.chunk, r.shared = r.chunk[:0], nil
	return true
}

// hand gives b a parcel, after what it has not taken yet. Where that waits for the topic itself, by whatever way, the
// topic goes on with its next messages, and hands the rest over later.
func (r *relay[T]) hand(ctx *runtime.Context[message[T]], b *branch[T], p parcel[T]) {
	if len(p.events) > 0 || p.task != nil {
		p.home = b
		b.late = append(b.late, p)
	}
	for len(b.late) > 0 {
		if err := b.ref.Tell(ctx, b.late[0]); err != nil {
			r.late++
			r.first.log("", err) // that of b is its own
			return
		}
		b.late = slices.Delete(b.late, 0, 1)
	}
}

// callAgain sees to it that there is a next message, where something is owed.
func (r *relay[T]) callAgain(ctx *runtime.Context[message[T]]) {
	if r.first.owing > 0 || r.late > 0 {
		again(ctx, message[T]{order: nudge[T]{}})
	}
}

// again has the actor of ctx get m. If its mailbox is full, it gets enough others.
func again[M any](ctx *runtime.Context[M], m M) {
	if err := ctx.Self().TryTell(m); errors.Is(err, runtime.ErrStopped) { // it drains
		_ = ctx.Self().Tell(ctx, m)
	}
}

// assign has b do p: at once, where that is the relay's own.
func (r *relay[T]) assign(ctx *runtime.Context[message[T]], b *branch[T], p parcel[T]) {
	if b == &r.first {
		b.do(ctx, p)
		return
	}
	r.hand(ctx, b, p)
}

// place returns a branch with a place for a newcomer.
func (r *relay[T]) place(ctx *runtime.Context[message[T]]) *branch[T] {
	for range 2 { // once more from the first, before there is one more branch
		for ; r.free <= len(r.others); r.free++ {
			b := &r.first
			if r.free > 0 {
				b = r.others[r.free-1]
			}
			if b.reserve() {
				return b
			}
		}
		r.free = 0
	}
	fresh := newBranch[T]()
	b := &fresh
	if b.employ(ctx) != nil { // it stops
		return &r.first
	}
	r.others = append(r.others, b)
	r.free = len(r.others)
	b.reserve()
	return b
}
