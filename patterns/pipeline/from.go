package pipeline

import (
	"context"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

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
						context.AfterFunc(ctx, t.stop)
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
		watch(b, ref, func() { cancel(); t.stop() }) // at once: AfterFunc takes its time
		k.drain = append(k.drain, t.stop)
		k.begin = append(k.begin, func() { _ = ref.TryTell(true) })
		return nil
	}}
}

// run fills the tap, and ends the flow when that is done.
func (t *tap[T]) run(ctx context.Context, n *node, fill func(*tap[T], *node) error) error {
	t.ctx = ctx
	t.since = time.Now()
	done := false
	defer func() { // also where the source panics
		<-t.baton
		if t.commit(); done {
			t.out.end(ctx) // where the run is cancelled, nobody listens
		} else {
			t.stats.Failed++
		}
		t.report()
		t.baton <- struct{}{}
	}()
	err := fill(t, n)
	done = err == nil
	return err
}
