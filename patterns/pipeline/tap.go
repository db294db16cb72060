package pipeline

import (
	"context"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// A tap is what a source puts its items into. It belongs to the goroutine on which the source runs: user code may block
// there as it likes.
type tap[T any] struct {
	gauge
	ctx   context.Context
	done  <-chan struct{} // of ctx
	drain <-chan struct{}
	out   *outlet[T]
	back  chan *chunk[T] // lists of chunks that came back
	away  int            // chunks that are not back
	pace  pace
	since time.Time // when items began to be counted
	count int
	sure  bool // whoever blocks flushes first, so that chunks may be long from the beginning
}

func newTap[T any](g gauge, to port[T], drain <-chan struct{}) *tap[T] {
	t := &tap[T]{gauge: g, drain: drain, back: make(chan *chunk[T], to.buffer())} // no more chunks than items
	t.out = newOutlet(sender[T]{t, to}, func(_ context.Context, list *chunk[T]) { t.back <- list })
	t.pace = newPace(t.out.most)
	return t
}

// A sender counts the chunks of a tap that are under way.
type sender[T any] struct {
	t  *tap[T]
	to port[T]
}

func (s sender[T]) buffer() int             { return s.to.buffer() }
func (s sender[T]) end(ctx context.Context) { s.to.end(ctx) }
func (s sender[T]) deliver(ctx context.Context, c *chunk[T]) {
	s.t.away++
	s.to.deliver(ctx, c)
}

// trust says that whoever fills t flushes before it blocks.
func (t *tap[T]) trust() {
	t.sure = true
	t.out.setLimit(t.out.most)
}

// room waits until there is credit for an item, and reports whether to go on. It comes before the item is fetched: a
// source is asked for no more than can be taken.
func (t *tap[T]) room() bool {
	select { // one by one: a select over two channels locks both
	case <-t.done:
		return false
	default:
	}
	select {
	case <-t.drain:
		return false
	default:
	}
	if t.out.room() {
		return true
	}
	t.flush()
	for !t.out.room() {
		select {
		case list := <-t.back:
			t.takeBack(list)
		case <-t.done:
			return false
		case <-t.drain:
			return false
		}
	}
	t.since, t.count = time.Now(), 0 // it has waited for others
	return true
}

func (t *tap[T]) takeBack(list *chunk[T]) {
	for c := list; c != nil; c = c.next {
		t.away--
	}
	t.out.takeBack(list)
}

// put sends an item, for which there is room.
func (t *tap[T]) put(v T) {
	t.out.grab()[:1][0] = v
	t.out.put(t.ctx, 1)
	if t.count++; t.out.buf != nil && t.count%16 != 0 {
		return
	}
	t.look()
}

// look takes what came back, and lets nobody wait who has nothing to do.
func (t *tap[T]) look() {
	for more := true; more; {
		select {
		case list := <-t.back:
			t.takeBack(list)
		default:
			more = false
		}
	}
	if t.away == 0 {
		t.out.flush(t.ctx)
	}
	if t.sure || t.count < 64 {
		return
	}
	now := time.Now()
	t.pace.pass(t.count, now.Sub(t.since))
	t.out.setLimit(t.pace.limit)
	t.since, t.count = now, 0
}

// flush leaves nothing in hand.
func (t *tap[T]) flush() {
	t.out.flush(t.ctx)
	t.report()
}

func (t *tap[T]) report() {
	t.stats.Out = t.out.count()
	t.publish()
}

// A source is the behaviour of a source's actor. Its messages are of its own making.
type source struct {
	begun func(context.Context) // the actor's
	work  func(context.Context) error
	fail  func(error)
}

func (s source) Started(ctx *runtime.Context[bool]) error {
	s.begun(ctx)
	return nil
}

func (s source) Receive(ctx *runtime.Context[bool], begin bool) error {
	if !begin {
		ctx.Self().StopWhenEmpty()
		return nil
	}
	runtime.Pipe(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.work(ctx)
	}, func(_ struct{}, err error) bool {
		if err != nil {
			s.fail(err)
		}
		return false
	})
	return nil
}

// from makes a source of a function that fills a tap until it has no more, room says no, or it fails.
func from[T any](kind string, stages []Stage, fill func(*tap[T], *node) error) Flow[T] {
	n := plan(kind, 1, stages).sequential()
	return Flow[T]{node: n, start: func(b *builder, to port[T]) error {
		k := b.keeper
		t := newTap(b.gauge(n), to, k.draining)
		var cancel func()
		ref, err := runtime.Spawn(b.ctx, runtime.Props[bool]{
			Name: n.name,
			New: func() runtime.Actor[bool] {
				return source{
					begun: func(ctx context.Context) {
						ctx, cancel = context.WithCancel(ctx)
						t.done = ctx.Done()
					},
					work: func(ctx context.Context) error { return t.run(ctx, n, fill) },
					fail: func(err error) { k.fail(&StageError{n.name, err}) },
				}
			},
			StopTimeout: k.stopTimeout,
		})
		if err != nil {
			return err
		}
		watch(b, ref, cancel)
		k.begin = append(k.begin, func() { _ = ref.TryTell(true) })
		return nil
	}}
}

// run fills the tap, and ends the flow when that is done.
func (t *tap[T]) run(ctx context.Context, n *node, fill func(*tap[T], *node) error) error {
	t.ctx = ctx
	t.since = time.Now()
	defer t.report()
	if err := fill(t, n); err != nil {
		t.stats.Failed++
		return err
	}
	t.out.end(ctx) // where the run is cancelled, nobody listens
	return nil
}
