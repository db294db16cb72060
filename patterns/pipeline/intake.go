package pipeline

import (
	"context"
	"fmt"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// An Intake is a source that is fed by messages. All methods are safe for concurrent use.
type Intake[T any] struct {
	node *node
	ref  slot[runtime.Ref[T]]
}

// NewIntake makes a source that is fed by messages. Stage.Buffer is the capacity of its mailbox.
func NewIntake[T any](stage ...Stage) *Intake[T] {
	return &Intake[T]{plan("intake", 1, stage).sequential(), newSlot(runtime.Ref[T]{})}
}

// Flow returns the flow of what the Intake is told. Like any flow it is used once.
func (i *Intake[T]) Flow() Flow[T] {
	return Flow[T]{node: i.node, start: func(b *builder, to port[T]) error {
		k := b.keeper
		t := newTap(b.gauge(i.node), to, nil) // at a drain, what is in the mailbox still goes on
		ref, err := runtime.Spawn(b.ctx, runtime.Props[T]{
			Name:        i.node.name,
			New:         func() runtime.Actor[T] { return inflow[T]{t} },
			Mailbox:     mailbox.Config[T]{Capacity: i.node.Buffer},
			StopTimeout: k.stopTimeout,
		})
		if err != nil {
			return err
		}
		watch(b, ref, ref.Stop) // what it was told is lost, and becomes dead letters
		k.drain = append(k.drain, ref.StopWhenEmpty)
		k.begin = append(k.begin, func() { i.ref.set(ref) })
		return nil
	}}
}

// Ref returns the actor that feeds the flow: a zero one, which is stopped, until Run has returned.
func (i *Intake[T]) Ref() runtime.Ref[T] { return i.ref.get() }

// Tell feeds an item. While the mailbox is full, because the flow is slower, it waits, as long as ctx lasts. It returns
// the errors of runtime.Ref.Tell, which wrap runtime.ErrStopped before Run has returned, and after Close, Drain and the
// run's end.
func (i *Intake[T]) Tell(ctx context.Context, v T) error { return i.named(i.Ref().Tell(ctx, v)) }

// TryTell is Tell that never waits: without room it returns mailbox.ErrFull.
func (i *Intake[T]) TryTell(v T) error { return i.named(i.Ref().TryTell(v)) }

func (i *Intake[T]) named(err error) error {
	if err != nil {
		return fmt.Errorf("pipeline: intake: %w", err)
	}
	return nil
}

// Close ends the flow: what was accepted goes on, and nothing more is. It does not wait. Before Run has returned, and
// after the end, it does nothing.
func (i *Intake[T]) Close() { i.Ref().StopWhenEmpty() }

// An inflow is the behaviour of an Intake. It waits in its handler while the next stage has no room.
type inflow[T any] struct{ t *tap[T] }

func (f inflow[T]) Receive(ctx *runtime.Context[T], v T) error {
	t := f.t
	t.ctx, t.done = ctx, ctx.Done()
	if !t.room() {
		return runtime.ErrStopped
	}
	t.put(v)
	t.flush() // whether more is waiting it does not know
	return nil
}

func (f inflow[T]) Stopped(ctx *runtime.Context[T], _ error) {
	f.t.out.end(ctx)
	f.t.report()
}
