package pipeline

import (
	"context"
	"fmt"

	"github.com/troupe-go/troupe/runtime"
)

// Broadcast makes n flows of one: each item goes to all of them. The slowest one holds up all, once its Buffer is full.
func Broadcast[T any](from Flow[T], n int, stage ...Stage) []Flow[T] {
	return split("broadcast", from, n, stage, func(outs []*outlet[T]) output[T] { return &toAll[T]{fan: fan[T]{outs}} })
}

// Balance makes n flows of one: each item goes to one of them, to the one that has the most room. Give the branches a
// small Buffer: what is under way to a branch stays there, however long its items take.
func Balance[T any](from Flow[T], n int, stage ...Stage) []Flow[T] {
	return split("balance", from, n, stage, func(outs []*outlet[T]) output[T] { return &toOne[T]{fan: fan[T]{outs}} })
}

// split makes n flows of one. The stage is started when all branches have their receivers.
func split[T any](kind string, from Flow[T], n int, stages []Stage, join func([]*outlet[T]) output[T]) []Flow[T] {
	p := plan(kind, max(n, 0), stages).sequential()
	use(p, from)
	if n < 1 {
		// There is no flow to return that could say so at Run, but one that may not be used.
		err := fmt.Errorf("%w: %v has %d branches: want 1 or more", ErrConfig, p, n)
		p.refuse(err)
		panic(err)
	}
	flows := make([]Flow[T], n)
	ports := make([]port[T], n)
	missing := n
	for i := range flows {
		flows[i] = Flow[T]{node: p, branch: i, start: func(b *builder, to port[T]) error {
			ports[i] = to
			if missing--; missing > 0 {
				return nil
			}
			return connect(b, p, from, newEach(p, unchanged[T]), func(self runtime.Ref[message[T, T]]) (output[T], int) {
				outs := make([]*outlet[T], n)
				most := longestChunk
				for i, to := range ports {
					outs[i] = newOutlet(to, returnTo(self))
					most = min(most, outs[i].most)
				}
				return join(outs), most
			})
		}}
	}
	return flows
}

// A fan is what Broadcast and Balance have in common.
type fan[T any] struct{ outs []*outlet[T] }

func (f fan[T]) flush(ctx context.Context) {
	for _, o := range f.outs {
		o.flush(ctx)
	}
}

func (f fan[T]) end(ctx context.Context) {
	for _, o := range f.outs {
		o.end(ctx)
	}
}

func (f fan[T]) count() (n uint64) {
	for _, o := range f.outs {
		n += o.sent
	}
	return n
}

// toAll is the output of Broadcast.
type toAll[T any] struct {
	fan[T]
	staged []T
	limit  int
}

func (a *toAll[T]) least() int {
	n := a.outs[0].credit
	for _, o := range a.outs[1:] {
		n = min(n, o.credit)
	}
	return n
}

func (a *toAll[T]) room() bool { return a.least() > 0 }

func (a *toAll[T]) setLimit(n int) {
	a.limit = n
	for _, o := range a.outs {
		o.setLimit(n)
	}
}

func (a *toAll[T]) grab() []T {
	n := max(1, min(a.limit, a.least()))
	if cap(a.staged) < n {
		a.staged = make([]T, 0, n)
	}
	return a.staged[:0:n]
}

func (a *toAll[T]) put(ctx context.Context, n int) {
	staged := a.staged[:n]
	for _, o := range a.outs {
		o.give(ctx, staged)
	}
	clear(staged)
}

func (a *toAll[T]) give(ctx context.Context, items []T) int {
	items = items[:min(len(items), a.least())]
	for _, o := range a.outs {
		o.give(ctx, items)
	}
	return len(items)
}

// toOne is the output of Balance. Its chunks have one item: whether those of a branch are quick it does not know.
type toOne[T any] struct {
	fan[T]
	last int // branch
}

// next returns the branch with the most room. Among equals it goes round.
func (a *toOne[T]) next() int {
	best := a.last
	for i := range a.outs {
		i = (a.last + 1 + i) % len(a.outs)
		if a.outs[i].credit > a.outs[best].credit || best == a.last && a.outs[i].credit == a.outs[best].credit {
			best = i
		}
	}
	return best
}

func (a *toOne[T]) room() bool   { return a.outs[a.next()].room() }
func (a *toOne[T]) setLimit(int) {}

func (a *toOne[T]) grab() []T {
	a.last = a.next()
	return a.outs[a.last].grab()
}

func (a *toOne[T]) put(ctx context.Context, n int) { a.outs[a.last].put(ctx, n) }

func (a *toOne[T]) give(ctx context.Context, items []T) (given int) {
	for given < len(items) && a.room() {
		a.grab()[:1][0] = items[given]
		a.put(ctx, 1)
		given++
	}
	return given
}
