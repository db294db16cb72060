package pipeline

import (
	"context"
	"iter"

	"github.com/troupe-go/troupe/runtime"
)

// Collect runs a flow under p, and returns its items when it has ended. When ctx ends, it cancels the run. With an error,
// which is one of Run or Wait, it returns what has arrived.
func Collect[T any](ctx context.Context, p runtime.Parent, from Flow[T], stage ...Stage) ([]T, error) {
	var items []T
	run, err := ToSlice(from, &items, stage...).Run(ctx, p, Config{})
	if err != nil {
		return nil, err
	}
	err = run.Wait(context.Background()) // items is the sink's until then
	return items, err
}

// All runs a flow under p when it is ranged over:
//
//	for v, err := range flow.All(ctx, system) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(v)
//	}
//
// The loop's body holds up the flow. Leaving the loop cancels the run, and waits until everything of it has stopped, as
// does the end of ctx. An error, which is one of Run or Wait, comes last, with a zero item.
func (f Flow[T]) All(ctx context.Context, p runtime.Parent, stage ...Stage) iter.Seq2[T, error] {
	n := plan("all", 0, stage).sequential()
	use(n, f)
	return func(yield func(T, error) bool) {
		var none T
		h := &hand[T]{node: n}
		run, err := Sink{[]*node{n}, []func(*builder) error{func(b *builder) error {
			h.init(b)
			return f.start(b, h)
		}}}.Run(ctx, p, Config{})
		if err != nil {
			yield(none, err)
			return
		}
		defer func() {
			run.Cancel()
			<-run.Done()
		}()
		if h.each(ctx, run, func(v T) bool { return yield(v, nil) }) {
			if err := run.Wait(context.Background()); err != nil {
				yield(none, err)
			}
		}
	}
}

// A hand is the sink whose items a loop takes, on the loop's own goroutine.
type hand[T any] struct {
	node   *node
	gauge  gauge
	chunks chan *chunk[T] // nil: the end
	in     inlet[T]
}

func (h *hand[T]) init(b *builder) {
	h.gauge = b.gauge(h.node)
	h.chunks = make(chan *chunk[T], h.node.Buffer+1) // no more chunks than items, and the end
	h.in.enough = max(1, h.node.Buffer/4)
}

func (h *hand[T]) buffer() int                            { return h.node.Buffer }
func (h *hand[T]) deliver(_ context.Context, c *chunk[T]) { h.chunks <- c }
func (h *hand[T]) end(context.Context)                    { h.chunks <- nil }

// each calls f for the items as they come, and reports whether to wait for the run's end then: f has not left.
func (h *hand[T]) each(ctx context.Context, run *Run, f func(T) bool) bool {
	defer h.report()
	for {
		var c *chunk[T]
		select {
		case c = <-h.chunks:
		default:
			h.in.release(context.Background())
			h.report()
			select {
			case c = <-h.chunks:
			case <-run.Done():
				select {
				case c = <-h.chunks: // it came before that
				default:
				}
			}
		}
		if c == nil {
			return true
		}
		for h.in.add(c); !h.in.empty(); {
			items := h.in.front(context.Background())
			for i, v := range items {
				if ctx.Err() != nil {
					return true
				}
				h.in.begin(items[i:], 1)
				if !f(v) {
					return false
				}
			}
		}
	}
}

func (h *hand[T]) report() {
	h.gauge.stats.In = h.in.taken
	h.gauge.publish()
}
