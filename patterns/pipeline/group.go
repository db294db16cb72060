package pipeline

import (
	"context"
	"slices"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// Batch makes slices of up to n items. One goes on when it has n, or, if d is more than 0, when d has passed since its
// first item came; and what is there at the end. A slice belongs to whoever receives it.
func Batch[T any](from Flow[T], n int, d time.Duration, stage ...Stage) Flow[[]T] {
	p := plan("batch", 1, stage).sequential()
	use(p, from)
	if n < 1 {
		p.refuse(badConfig("the size of a batch", n, "1 or more"))
	}
	if d < 0 {
		p.refuse(badConfig("the time of a batch", d, "0 (none) or more"))
	}
	return Flow[[]T]{node: p, start: func(b *builder, to port[[]T]) error {
		a := &batch[T]{n: n, d: d}
		op := newEach(p, byItem(a.add))
		op.last, op.kept = a.rest, func() int { return len(a.items) }
		if d > 0 {
			op.gate, op.tick = a.gate, a.tick
		}
		return connect(b, p, from, op, single[T](to))
	}}
}

type batch[T any] struct {
	n     int
	d     time.Duration
	items []T
	due   time.Time // when the items must go
	timed bool      // a timer runs
}

func (a *batch[T]) add(_ context.Context, v T, out [][]T) ([][]T, error) {
	if a.items == nil {
		a.items = make([]T, 0, min(a.n, longestChunk))
	}
	if a.items = append(a.items, v); len(a.items) < a.n {
		return out, nil
	}
	out = append(out, a.items)
	a.items = nil
	return out, nil
}

// gate is called before each item. There is one timer at a time: that of a batch which was full in time is the next one's
// too, and goes on where that is not due yet.
func (a *batch[T]) gate(ctx *runtime.Context[message[T, []T]], _ *stage[T, []T]) bool {
	if len(a.items) == 0 && a.n > 1 {
		a.due = time.Now().Add(a.d)
		a.wait(ctx, a.d)
	}
	return true
}

func (a *batch[T]) wait(ctx *runtime.Context[message[T, []T]], d time.Duration) {
	if !a.timed {
		a.timed = true
		ctx.After(d, message[T, []T]{note: timeIsUp})
	}
}

func (a *batch[T]) tick(ctx *runtime.Context[message[T, []T]], s *stage[T, []T]) {
	a.timed = false
	if len(a.items) == 0 {
		return
	}
	if early := time.Until(a.due); early > 0 {
		a.wait(ctx, early)
		return
	}
	s.pending = append(s.pending, a.items)
	a.items = nil
}

func (a *batch[T]) rest() [][]T {
	if len(a.items) == 0 {
		return nil
	}
	return [][]T{a.items}
}

// Window makes slices of size items each, of which one begins at each step-th item: windows that tumble where step is
// size, that slide where it is less, and that leave items out where it is more. At the end items that were in no window
// make a shorter one. A slice belongs to whoever receives it.
func Window[T any](from Flow[T], size, step int, stage ...Stage) Flow[[]T] {
	p := plan("window", 1, stage).sequential()
	use(p, from)
	if size < 1 {
		p.refuse(badConfig("the size of a window", size, "1 or more"))
	}
	if step < 1 {
		p.refuse(badConfig("the step of a window", step, "1 or more"))
	}
	return Flow[[]T]{node: p, start: func(b *builder, to port[[]T]) error {
		w := &window[T]{size: size, step: step}
		op := newEach(p, byItem(w.add))
		op.last, op.kept = w.rest, func() int { return w.fresh }
		return connect(b, p, from, op, single[T](to))
	}}
}

type window[T any] struct {
	size, step int
	items      []T
	fresh      int // items that were in no window yet
	skip       int // items to leave out
}

func (w *window[T]) add(_ context.Context, v T, out [][]T) ([][]T, error) {
	if w.skip > 0 {
		w.skip--
		return out, nil
	}
	w.items = append(w.items, v)
	if w.fresh++; len(w.items) < w.size {
		return out, nil
	}
	out = append(out, slices.Clone(w.items))
	gone := min(w.step, w.size)
	w.items = slices.Delete(w.items, 0, gone)
	w.skip, w.fresh = w.step-gone, 0
	return out, nil
}

func (w *window[T]) rest() [][]T {
	if w.fresh == 0 {
		return nil
	}
	return [][]T{w.items}
}
