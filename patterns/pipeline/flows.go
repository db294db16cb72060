package pipeline

import (
	"context"
)

// Map makes each item of from into another.
func Map[A, B any](from Flow[A], f func(context.Context, A) (B, error), stage ...Stage) Flow[B] {
	return through("map", from, stage, f == nil, oneForOne(f))
}

// Filter keeps the items for which keep reports true.
func Filter[T any](from Flow[T], keep func(context.Context, T) (bool, error), stage ...Stage) Flow[T] {
	return through("filter", from, stage, keep == nil, byItem(func(ctx context.Context, v T, out []T) ([]T, error) {
		if ok, err := keep(ctx, v); err != nil || !ok {
			return out, err
		}
		return append(out, v), nil
	}))
}

// FlatMap makes each item of from into any number of others, in the order of the slice, which stays f's own.
func FlatMap[A, B any](from Flow[A], f func(context.Context, A) ([]B, error), stage ...Stage) Flow[B] {
	return through("flatmap", from, stage, f == nil, byItem(func(ctx context.Context, v A, out []B) ([]B, error) {
		made, err := f(ctx, v)
		if err != nil {
			return out, err
		}
		return append(out, made...), nil
	}))
}

// through is a stage that may be parallel.
func through[A, B any](
	kind string, from Flow[A], stages []Stage, missing bool, l loop[A, B],
) Flow[B] {
	n := plan(kind, 1, stages)
	use(n, from)
	if missing {
		n.refuse(badConfig("the function", "nil", "a function"))
	}
	return Flow[B]{node: n, start: func(b *builder, to port[B]) error {
		return connect(b, n, from, operate(n, l), single[A](to))
	}}
}

// operate returns the operator of a stage that may be parallel.
func operate[A, B any](n *node, l loop[A, B]) operator[A, B] {
	if n.Parallel > 1 {
		return newHub(n, l)
	}
	return newEach(n, l)
}

// connect starts a stage, and then what it is fed by.
func connect[A, B any](b *builder, n *node, from Flow[A], op operator[A, B], wire wiring[A, B]) error {
	ref, err := spawnStage(b, n, op, wire)
	if err != nil {
		return err
	}
	return from.start(b, entry[A, B]{ref, n.Buffer})
}

// Reduce makes all items one: it calls f with what it has returned last, initial at first, and with each item, and sends
// what it has returned at last, when there are no more. Where f fails the last value stays.
func Reduce[A, B any](from Flow[A], initial B, f func(ctx context.Context, sum B, v A) (B, error), stage ...Stage) Flow[B] {
	n := plan("reduce", 1, stage).sequential()
	use(n, from)
	if f == nil {
		n.refuse(badConfig("the function", "nil", "a function"))
	}
	return Flow[B]{node: n, start: func(b *builder, to port[B]) error {
		sum := initial
		op := newEach(n, byItem(func(ctx context.Context, v A, out []B) ([]B, error) {
			next, err := f(ctx, sum, v)
			if err == nil {
				sum = next
			}
			return out, err
		}))
		op.last = func() []B { return []B{sum} }
		return connect(b, n, from, op, single[A](to))
	}}
}

// Merge sends on the items of several flows as they come. Those of one keep their order.
func Merge[T any](from []Flow[T], stage ...Stage) Flow[T] {
	n := plan("merge", 1, stage).sequential()
	for _, f := range from {
		use(n, f)
	}
	if len(from) == 0 {
		n.refuse(badConfig("the number of flows", 0, "1 or more"))
	}
	return Flow[T]{node: n, start: func(b *builder, to port[T]) error {
		ref, err := spawnStage(b, n, newEach(n, unchanged[T]), single[T](to))
		for _, f := range from {
			if err == nil {
				err = f.start(b, entry[T, T]{ref, n.Buffer})
			}
		}
		return err
	}}
}
