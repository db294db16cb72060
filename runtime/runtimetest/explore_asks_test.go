package runtimetest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
	"github.com/troupe-go/troupe/supervisor"
)

// Asks end, whatever becomes of the actor, of its handler, and of the message.
func TestExploreAsksEnd(t *testing.T) {
	t.Parallel()
	runtimetest.Explore(t, seedsEach, func(w *runtimetest.World) {
		r := w.Rand()
		system := w.System(runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited}})
		b := newBook(w, system)
		back := b.spawn(system, runtime.Props[parcel]{Inline: r.IntN(2) == 0}, func(_ *runtime.Context[parcel], p parcel) error {
			return b.handle(p)
		})
		var kept []runtime.Reply[int]
		front := b.spawn(system, runtime.Props[parcel]{Redeliver: r.IntN(2)}, func(ctx *runtime.Context[parcel], p parcel) error {
			switch p.number % 4 {
			case 0: // the other answers
				err := back.Tell(ctx, p)
				if err == nil {
					return nil
				}
			case 1: // later
				kept = append(kept, p.Reply)
				p.Reply = runtime.Reply[int]{}
			case 2:
				for _, r := range kept {
					r.Send(0)
				}
				kept = nil
			}
			return b.handle(p)
		})
		asker := func(n int) func() {
			r := w.Rand()
			return func() {
				for range 3 {
					p := b.parcel(n)
					p.fails = r.IntN(8) / 6
					_, err := runtime.Ask(w.Context(), front, func(r runtime.Reply[int]) parcel { p.Reply = r; return p })
					if err != nil && errors.Is(err, context.Canceled) {
						w.Errorf("ask %d: %v", p.number, err)
					}
				}
			}
		}
		stop := r.IntN(2) == 0
		a := &all{w: w}
		a.run(func() {
			if err := system.Shutdown(w.Context()); err != nil {
				w.Errorf("%v", err)
			}
		}, asker(0), asker(1), func() {
			for range r.IntN(30) {
				w.Yield()
			}
			if stop {
				back.Stop()
			}
			front.StopWhenEmpty()
			for range r.IntN(30) {
				w.Yield()
			}
			front.Stop()
		})
	})
}
