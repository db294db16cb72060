package runtimetest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
	"github.com/troupe-go/troupe/supervisor"
)

// An actor drains, whose children send it what comes of their own messages, and which has pipes under way. All that was
// accepted is handled: by the children, and then by their parent, which waits for them.
func TestExploreDrain(t *testing.T) {
	t.Parallel()
	runtimetest.Explore(t, seedsEach, func(w *runtimetest.World) {
		r := w.Rand()
		system := w.System(runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited}})
		b := newBook(w, system)
		const children = 2
		var refs [children]runtime.Ref[parcel]
		up := 0 // what children, and pipes, send the parent
		parent := b.spawn(system, runtime.Props[parcel]{Name: "parent", Redeliver: 2}, func(ctx *runtime.Context[parcel], p parcel) error {
			switch {
			case p.from == 9:
				for i := range children {
					refs[i] = b.spawn(ctx, runtime.Props[parcel]{Name: fmt.Sprint("child-", i)},
						func(child *runtime.Context[parcel], p parcel) error {
							up++
							b.tell(child, ctx.Self(), b.parcel(8))
							return b.handle(p)
						})
				}
			case p.from == 7:
				up++
				piped := b.parcel(8)
				runtime.Pipe(ctx, func(context.Context) (int, error) { w.Yield(); return 0, nil }, func(int, error) parcel { return piped })
			case p.from == 8:
				up--
			}
			return b.handle(p)
		})
		first := b.parcel(9)
		if _, err := runtime.Ask(w.Context(), parent, func(r runtime.Reply[int]) parcel { first.Reply = r; return first }); err != nil {
			w.Fatalf("%v", err)
		}
		a := &all{w: w}
		var fs []func()
		for i := range children {
			fs = append(fs, func() {
				for range 3 {
					b.tell(w.Context(), refs[i], b.parcel(i))
				}
				b.tell(w.Context(), parent, b.parcel(7))
			})
		}
		waits := r.IntN(40)
		a.run(func() {
			b.shutdown(system)
			if up != 0 {
				w.Errorf("%d messages from below were not handled", up)
			}
		}, append(fs, func() {
			for range waits {
				w.Yield()
			}
			parent.StopWhenEmpty()
			<-parent.Done()
		})...)
	})
}
