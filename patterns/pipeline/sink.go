package pipeline

import (
	"context"

	"github.com/troupe-go/troupe/runtime"
)

// ForEach calls f for each item.
func ForEach[T any](from Flow[T], f func(context.Context, T) error, stage ...Stage) Sink {
	return into("foreach", from, stage, f == nil, f, nil)
}

// ToSlice appends the items to a slice, which may be read once the run has ended.
func ToSlice[T any](from Flow[T], to *[]T, stage ...Stage) Sink {
	return into("slice", from, stage, to == nil, func(_ context.Context, v T) error {
		*to = append(*to, v)
		return nil
	}, nil)
}

// ToChan sends the items to a channel, which it closes when the run has ended, however that was. Who receives holds up the
// flow.
func ToChan[T any](from Flow[T], to chan<- T, stage ...Stage) Sink {
	return into("chan", from, stage, to == nil, func(ctx context.Context, v T) error {
		select {
		case to <- v:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}, func() { close(to) })
}

// ToRef tells the items to an actor. Its mailbox's bound and policy hold: one that blocks holds up the flow, and what one
// refuses has failed, as Stage.OnError says.
func ToRef[T any](from Flow[T], to runtime.Ref[T], stage ...Stage) Sink {
	return into("ref", from, stage, false, to.Tell, nil)
}

// into is a sink that calls a function for each item, and another one when it has stopped.
func into[T any](kind string, from Flow[T], stages []Stage, missing bool, f func(context.Context, T) error, stopped func()) Sink {
	n := plan(kind, 0, stages)
	use(n, from)
	if missing {
		n.refuse(badConfig("where the items go", "nil", "a function, slice or channel"))
	}
	if kind != "foreach" {
		n.sequential()
	}
	return Sink{[]*node{n}, []func(*builder) error{func(b *builder) error {
		op := operate(n, noneForOne(f))
		if e, ok := op.(*each[T, none]); ok {
			e.close = stopped
		}
		return connect(b, n, from, op, nowhere[T])
	}}}
}

// A none is what a sink makes.
type none struct{}

// A drainpipe is the output of a sink.
type drainpipe struct{ flow []none }

func nowhere[T any](runtime.Ref[message[T, none]]) (output[none], int) {
	return drainpipe{make([]none, 0, 1<<30)}, longestChunk
}

func (drainpipe) room() bool                               { return true }
func (d drainpipe) grab() []none                           { return d.flow }
func (drainpipe) setLimit(int)                             {}
func (drainpipe) put(context.Context, int)                 {}
func (drainpipe) give(_ context.Context, items []none) int { return len(items) }
func (drainpipe) flush(context.Context)                    {}
func (drainpipe) end(context.Context)                      {}
func (drainpipe) count() uint64                            { return 0 }
