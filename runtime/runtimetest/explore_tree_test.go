package runtimetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
	"github.com/troupe-go/troupe/supervisor"
)

// A supervisor's children fail, and are restarted alone or together, while they are sent to, one of them is stopped, and
// all of it is shut down. Each parcel ends once, and those to a child that goes on are handled in order.
func TestExploreSupervisorTree(t *testing.T) {
	t.Parallel()
	runtimetest.Explore(t, seedsEach, func(w *runtimetest.World) {
		r := w.Rand()
		system := w.System(runtime.Config{})
		b := newBook(w, system)
		var backoff supervisor.Backoff
		if r.IntN(2) == 0 {
			backoff = supervisor.Backoff{Min: time.Millisecond, Jitter: 0.5}
		}
		const children = 3
		var refs [children]runtime.Ref[parcel]
		var last [children][2]int
		parent := b.spawn(system, runtime.Props[parcel]{Name: "parent", Children: supervisor.Config{
			Strategy: supervisor.Strategy(r.IntN(3)), MaxRestarts: supervisor.Unlimited, Backoff: backoff,
		}}, func(ctx *runtime.Context[parcel], p parcel) error {
			for i := range children {
				refs[i] = b.spawn(ctx, runtime.Props[parcel]{Name: fmt.Sprint("child-", i), Redeliver: 1},
					func(_ *runtime.Context[parcel], p parcel) error {
						err := b.handle(p)
						if err == nil && p.from < 2 {
							if p.number < last[i][p.from] {
								w.Errorf("child %d handled parcel %d after %d of the same sender", i, p.number, last[i][p.from])
							}
							last[i][p.from] = p.number
						}
						return err
					})
			}
			return b.handle(p)
		})
		if _, err := runtime.Ask(w.Context(), parent, func(r runtime.Reply[int]) parcel {
			p := b.parcel(0)
			p.Reply = r
			return p
		}); err != nil {
			w.Fatalf("%v", err)
		}
		sender := func(from int) func() {
			r := w.Rand()
			return func() {
				for range 5 {
					p := b.parcel(from)
					p.fails = max(0, r.IntN(8)-5) // mostly 0; 1 is tried again, 2 is dead
					b.tell(w.Context(), refs[r.IntN(children)], p)
				}
			}
		}
		stops := r.IntN(3)
		a := &all{w: w}
		a.run(func() { b.shutdown(system) }, sender(0), sender(1), func() {
			switch stops {
			case 0:
				refs[1].Stop()
				<-refs[1].Done()
			case 1:
				refs[2].StopWhenEmpty()
			}
		})
	})
}
