package lock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/troupe-go/troupe/patterns/lock"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
)

// One crashes with the lock while another unlocks for it, a third waits for a Notify that a fourth gives, and a fifth gives
// up: in whatever order these things happen, everybody gets the lock, and in the end it is free.
func TestEveryOrderOfEventsLeavesTheLockFree(t *testing.T) {
	runtimetest.Explore(t, worlds, func(w *runtimetest.World) {
		system := w.System(runtime.Config{})
		m, err := lock.NewMutex(system, lock.Config{Name: "lock"})
		if err != nil {
			w.Fatalf("%v", err)
		}
		c := lock.NewCondition(m)
		spawn := func(name string) runtime.Ref[act] {
			ref, err := runtime.SpawnFunc(system, name, perform)
			if err != nil {
				w.Fatalf("%v", err)
			}
			return ref
		}
		inside, visits, ready := 0, 0, false
		visit := func() {
			if inside++; inside != 1 {
				w.Errorf("%d have the lock", inside)
			}
			visits++
			w.Yield()
			inside--
		}
		reclaimed := uint64(0)
		crasher, waiter, notifier := spawn("crasher"), spawn("waiter"), spawn("notifier")
		_ = crasher.Tell(w.Context(), func(ctx *runtime.Context[act]) error {
			hold, err := m.Lock(ctx)
			if err != nil {
				return err
			}
			visit()
			w.Go(func() {
				switch err := hold.Unlock(); err {
				case nil:
				case lock.ErrUnlocked:
					reclaimed++
				default:
					w.Errorf("Unlock returns %v", err)
				}
			})
			return errors.New("on purpose")
		})
		_ = waiter.Tell(w.Context(), func(ctx *runtime.Context[act]) error {
			hold, err := m.Lock(ctx)
			if err != nil {
				return err
			}
			if err := c.WaitFor(ctx, hold, func() bool { return ready }); err != nil {
				w.Errorf("WaitFor returns %v", err)
			}
			visit()
			return hold.Unlock()
		})
		_ = notifier.Tell(w.Context(), func(ctx *runtime.Context[act]) error {
			hold, err := m.Lock(ctx)
			if err != nil {
				return err
			}
			ready = true
			visit()
			_ = c.Notify(hold, 1)
			return hold.Unlock()
		})
		w.Go(func() {
			ctx, cancel := context.WithCancel(w.Context())
			w.Go(cancel)
			hold, err := m.Lock(ctx)
			if err != nil {
				return
			}
			visit()
			w.Yield()
			if err := hold.Unlock(); err != nil {
				w.Errorf("Unlock returns %v", err)
			}
		})
		w.Go(func() {
			for range 2 {
				hold, err := m.Lock(w.Context())
				if err != nil {
					w.Errorf("Lock returns %v", err)
					return
				}
				visit()
				if err := hold.Unlock(); err != nil {
					w.Errorf("Unlock returns %v", err)
				}
			}
		})
		w.Sleep(time.Hour) // which passes when there is nothing else to do
		if s := m.Stats(); s != (lock.Stats{Reclaimed: reclaimed}) {
			w.Errorf("stats are %+v, want %d reclaimed", s, reclaimed)
		}
		if visits < 5 || visits > 6 {
			w.Errorf("%d visits, want 5 or 6", visits)
		}
	})
}
