package runtime_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// watchHolder makes an act that watches a holder, and notes its end.
func watchHolder(j *journal, name string, h runtime.Holder) act {
	return func(ctx *runtime.Context[act]) error {
		runtime.WatchHolder(ctx, h, func(err error) act { return note(j, name+" ended: "+text(err)) })
		return nil
	}
}

// holderOf returns the holder that ref's behaviour is.
func holderOf(t *testing.T, ref runtime.Ref[act]) runtime.Holder {
	t.Helper()
	got := make(chan runtime.Holder, 1)
	tell(t, ref, func(ctx *runtime.Context[act]) error {
		h, ok := runtime.HolderOf(ctx)
		if !ok {
			t.Error("a handler's context has no holder")
		}
		got <- h
		return nil
	})
	return <-got
}

func TestHolderEndsWithItsBehaviour(t *testing.T) {
	for name, test := range map[string]struct {
		config runtime.Config
		end    act
		want   []string
	}{
		"restart": {tireless, fails, []string{"it ended: it fails"}},
		"resume":  {resuming, fails, nil},
		"failure": {stopping, fails, []string{"it ended: it fails"}},
		"stop":    {tireless, stopSelf, []string{"it ended: nil"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system, j := newSystem(t, test.config), &journal{}
				watcher := spawn(t, system, runtime.Props[act]{New: performer})
				ref := spawn(t, system, runtime.Props[act]{New: performer})
				h := holderOf(t, ref)
				if again := holderOf(t, ref); again != h {
					t.Error("the same behaviour is two holders")
				}
				tell(t, watcher, watchHolder(j, "it", h))
				synctest.Wait()
				tell(t, ref, test.end)
				synctest.Wait()
				j.check(t, test.want...)

				tell(t, watcher, watchHolder(j, "it", h))
				synctest.Wait()
				j.check(t, test.want...)
				if name == "restart" && holderOf(t, ref) == h {
					t.Error("the new behaviour is the same holder")
				}
			})
		})
	}
}

// What a crashed actor held must not stay lost for as long as its restart is put off.
func TestHolderEndsBeforeTheRestartsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, runtime.Config{Children: supervisor.Config{
			MaxRestarts: supervisor.Unlimited, Backoff: supervisor.Backoff{Min: time.Minute},
		}})
		j := &journal{}
		watcher := spawn(t, system, runtime.Props[act]{New: performer})
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, watcher, watchHolder(j, "it", holderOf(t, ref)))
		synctest.Wait()
		tell(t, ref, fails)
		synctest.Wait()
		j.check(t, "it ended: it fails")
		if restarts := ref.Stats().Restarts; restarts != 0 {
			t.Errorf("%d restarts, want it to wait for its delay", restarts)
		}
		elapse(time.Minute)
		if restarts := ref.Stats().Restarts; restarts != 1 {
			t.Errorf("%d restarts, want 1", restarts)
		}
	})
}

func TestHolderThatIsAPipeEndsWithItsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		watcher := spawn(t, system, runtime.Props[act]{New: performer})
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		works := make(chan runtime.Holder)
		pipe := func(end func() (int, error)) runtime.Holder {
			tell(t, ref, func(ctx *runtime.Context[act]) error {
				runtime.Pipe(ctx, func(ctx context.Context) (int, error) {
					h, ok := runtime.HolderOf(ctx)
					if !ok {
						t.Error("the context of a pipe's work has no holder")
					}
					works <- h
					return end()
				}, func(int, error) act { return fine })
				return nil
			})
			return <-works
		}
		g := newGate(t)
		good := pipe(func() (int, error) { g.wait(); return 1, nil })
		bad := pipe(func() (int, error) { g.wait(); return 0, errFails })
		broken := pipe(func() (int, error) { g.wait(); panic("broken") })
		if own := holderOf(t, ref); own == good || good == bad {
			t.Error("two holders are the same")
		}
		tell(t, watcher, watchHolder(j, "good", good))
		tell(t, ref, fails) // a restart leaves pipes alone
		synctest.Wait()
		j.check(t)
		g.open()
		synctest.Wait()
		tell(t, watcher, watchHolder(j, "bad", bad), watchHolder(j, "broken", broken))
		synctest.Wait()
		j.check(t, "good ended: nil", "bad ended: it fails", "broken ended: panic: broken")
	})
}

func TestHolderOfDerivedAndOtherContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			derived, cancel := context.WithTimeout(context.WithValue(ctx, errFails, 1), time.Second)
			defer cancel()
			own, _ := runtime.HolderOf(ctx)
			if h, ok := runtime.HolderOf(derived); !ok || h != own {
				t.Error("a derived context has another holder")
			}
			return nil
		})
		synctest.Wait()
		for _, ctx := range []context.Context{nil, context.Background(), t.Context()} {
			if h, ok := runtime.HolderOf(ctx); ok || h != (runtime.Holder{}) {
				t.Errorf("%v has a holder", ctx)
			}
		}
		tell(t, ref, watchHolder(j, "zero", runtime.Holder{}))
		synctest.Wait()
		j.check(t, "zero ended: nil")
	})
}

// A context may be looked at only after the actor has ended: then so has the holder, and for the actor's reason.
func TestHolderOfAnActorThatHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t, stopping), &journal{}
		watcher := spawn(t, system, runtime.Props[act]{New: performer})
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		var kept context.Context
		tell(t, ref, func(ctx *runtime.Context[act]) error { kept = ctx; return errFails })
		<-ref.Done()
		h, ok := runtime.HolderOf(kept)
		if !ok {
			t.Fatal("the context of an actor that has ended has no holder")
		}
		tell(t, watcher, watchHolder(j, "it", h))
		synctest.Wait()
		j.check(t, "it ended: it fails")
	})
}

// They are told in the order in which they asked, and those that have gone are not.
func TestHolderIsWatchedByMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		h := holderOf(t, ref)
		watcher := spawn(t, system, runtime.Props[act]{New: performer})
		gone := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, gone, watchHolder(j, "gone", h), stopSelf)
		<-gone.Done()
		tell(t, watcher, watchHolder(j, "1", h), watchHolder(j, "2", h), watchHolder(j, "3", h))
		synctest.Wait()
		ref.Stop()
		synctest.Wait()
		j.check(t, "1 ended: nil", "2 ended: nil", "3 ended: nil")
	})
}
