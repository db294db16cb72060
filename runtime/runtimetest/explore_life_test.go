package runtimetest_test

import (
	"context"
	"testing"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
	"github.com/troupe-go/troupe/supervisor"
)

// An actor is started, told by its own Started hook and by others that find it by its name, watched, and stopped in one way
// or the other, all at the same time. What it has accepted ends once, and whoever waits for its end is told.
func TestExploreLifeOfAnActor(t *testing.T) {
	t.Parallel()
	runtimetest.Explore(t, seedsEach, func(w *runtimetest.World) {
		r := w.Rand()
		system := w.System(runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited}})
		b := newBook(w, system)
		spawner := func() {
			ref := b.spawn(system, runtime.Props[parcel]{Name: "x", Redeliver: 1,
				New: func() runtime.Actor[parcel] { return &newborn{b} }}, nil)
			told := make(chan struct{})
			watch := func() {
				if _, err := runtime.Spawn(system, runtime.Props[int]{New: func() runtime.Actor[int] {
					return &watcher{ref, told}
				}}); err != nil {
					w.Errorf("watcher: %v", err)
				}
			}
			how, early := r.IntN(4), r.IntN(2) == 0
			if early {
				watch()
			}
			if how != 1 {
				ref.StopWhenEmpty()
			}
			if how == 3 {
				w.Yield()
			}
			if how > 0 {
				ref.Stop()
			}
			if !early {
				watch()
			}
			<-ref.Done()
			<-told // twice would panic
		}
		sender := func(ask bool) func() {
			r := w.Rand()
			return func() {
				for range 12 {
					ref, err := runtime.Lookup[parcel](system, "troupe/x")
					if err != nil {
						w.Yield()
						continue
					}
					p := b.parcel(0)
					p.fails = r.IntN(9) / 6
					if ask {
						b.ask(w.Context(), ref, p)
					} else {
						b.tell(w.Context(), ref, p)
					}
				}
			}
		}
		a := &all{w: w}
		a.run(func() { b.shutdown(system) }, spawner, sender(false), sender(true))
	})
}

// A watcher closes a channel when the other has ended.
type watcher struct {
	of   runtime.Ref[parcel]
	told chan struct{}
}

func (a *watcher) Started(ctx *runtime.Context[int]) error {
	runtime.Watch(ctx, a.of, func(error) int { return 1 })
	return nil
}

func (a *watcher) Receive(*runtime.Context[int], int) error { close(a.told); return nil }

// A newborn tells itself something before it has started, and has a Pipe tell it something now and then.
type newborn struct{ b *book }

func (a *newborn) Started(ctx *runtime.Context[parcel]) error {
	if p := a.b.parcel(0); ctx.Self().TryTell(p) != nil {
		a.b.end(p, "refused")
	}
	return nil
}

func (a *newborn) Receive(ctx *runtime.Context[parcel], p parcel) error {
	if p.number%3 == 0 && p.from == 0 {
		piped := a.b.parcel(1)
		runtime.Pipe(ctx, func(context.Context) (int, error) { return 1, nil }, func(int, error) parcel { return piped })
		a.b.mayNotBe(piped) // an actor that stops gets no message of a pipe's
	}
	return a.b.handle(p)
}
