package semaphore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
)

// One crashes with permits while another releases them for it, a second stops with some, a third wants all, a fourth gives
// up, and the number changes: in whatever order these things happen, in the end all permits are there.
func TestEveryOrderOfEventsLeavesAllPermits(t *testing.T) {
	runtimetest.Explore(t, worlds, func(w *runtimetest.World) {
		const permits = 3
		system := w.System(runtime.Config{})
		pool, err := semaphore.New(system, semaphore.Config{Name: "pool", Permits: permits})
		if err != nil {
			w.Fatalf("%v", err)
		}
		spawn := func(name string) runtime.Ref[act] {
			ref, err := runtime.SpawnFunc(system, name, perform)
			if err != nil {
				w.Fatalf("%v", err)
			}
			return ref
		}
		out, reclaimed := 0, uint64(0)
		hold := func(n int) {
			if out += n; out > permits+1 {
				w.Errorf("%d of %d permits are out", out, permits)
			}
			w.Yield()
			out -= n
		}
		crasher, quitter := spawn("crasher"), spawn("quitter")
		_ = crasher.Tell(w.Context(), func(ctx *runtime.Context[act]) error {
			lease, err := pool.Acquire(ctx, 2)
			if err != nil {
				return err
			}
			hold(2)
			w.Go(func() {
				switch err := lease.Release(); err {
				case nil:
				case semaphore.ErrReleased:
					reclaimed++
				default:
					w.Errorf("Release returns %v", err)
				}
			})
			return errors.New("on purpose")
		})
		_ = quitter.Tell(w.Context(), func(ctx *runtime.Context[act]) error {
			if _, err := pool.Acquire(ctx, 1); err != nil {
				return err
			}
			hold(1)
			ctx.Stop()
			reclaimed++
			return nil
		})
		w.Go(func() {
			ctx, cancel := context.WithCancel(w.Context())
			w.Go(cancel)
			lease, err := pool.Acquire(ctx, 2)
			if err != nil {
				return
			}
			hold(2)
			if err := lease.Release(); err != nil {
				w.Errorf("Release returns %v", err)
			}
		})
		for _, n := range []int{1, permits} {
			w.Go(func() {
				lease, err := pool.Acquire(w.Context(), n)
				if err != nil {
					w.Errorf("Acquire returns %v", err)
					return
				}
				hold(n)
				if err := lease.Release(); err != nil {
					w.Errorf("Release returns %v", err)
				}
			})
		}
		w.Go(func() {
			_ = pool.Resize(w.Context(), permits+1)
			w.Yield()
			_ = pool.Resize(w.Context(), permits)
		})
		w.Sleep(time.Hour) // which passes when there is nothing else to do
		want := semaphore.Stats{Permits: permits, Free: permits, Reclaimed: reclaimed}
		if s, err := pool.Stats(w.Context()); err != nil || s != want {
			w.Errorf("stats are %+v, %v, want %+v", s, err, want)
		}
	})
}
