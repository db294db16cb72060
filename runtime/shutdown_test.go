package runtime_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

func TestShutdownOfAnEmptySystem(t *testing.T) {
	for range 2 {
		system := newSystem(t)
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		for _, ctx := range []context.Context{context.Background(), ended, context.Background()} {
			if err := system.Shutdown(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		if err := system.Wait(); err != nil {
			t.Error(err)
		}
	}
}

func TestShutdownManyTimesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, svProps("a"))
		g := svBlock(t, ref)
		var calls sync.WaitGroup
		for range 10 {
			calls.Go(func() { svShutdown(t, system) })
			calls.Go(func() {
				if err := system.Wait(); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		g.open()
		calls.Wait()
		svShutdown(t, system)
	})
}

// A call whose time is up ends it for the others too.
func TestShutdownWithDifferentPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, svProps("a"))
		tell(t, ref, func(ctx *runtime.Context[svJob]) error { <-ctx.Done(); return nil })
		var calls sync.WaitGroup
		calls.Go(func() { svShutdown(t, system) })
		calls.Go(func() { svShutdownWithin(t, system) })
		calls.Wait()
	})
}

// A shutdownContext has waits called when a Shutdown begins to wait with it.
type shutdownContext struct {
	context.Context
	waits func()
}

func (c shutdownContext) Done() <-chan struct{} {
	c.waits()
	return c.Context.Done()
}

// Whose time is up is told so, also if the call of another, whose time was up too, has stopped the system before it looks.
func TestShutdownSaysThatItsTimeIsUpAlsoWhenItLooksLate(t *testing.T) {
	for range 20 { // it looks at two channels, in any order
		system := newSystem(t)
		tell(t, spawn(t, system, svProps("a")), func(ctx *runtime.Context[svJob]) error { <-ctx.Done(); return nil })
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		err := system.Shutdown(shutdownContext{ended, func() {
			if err := system.Shutdown(ended); !errors.Is(err, context.Canceled) {
				t.Errorf("the first Shutdown returns %v, want the end of its context", err)
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the Shutdown that looks late returns %v, want the end of its context", err)
		}
		if err := system.Shutdown(ended); err != nil {
			t.Errorf("Shutdown of what has stopped returns %v, want nil", err)
		}
	}
}

// A shutdown from inside cannot wait for itself. It keeps its deadline, and nothing else of the handler's context.
func TestShutdownFromInside(t *testing.T) {
	for _, hangs := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			dead := collectDeadLetters(system)
			ref := spawn(t, system, svProps("a"))
			begun := time.Now()
			var notes journal
			g := svBlock(t, ref)
			tell(t, ref, func(ctx *runtime.Context[svJob]) error {
				short, cancel := context.WithTimeout(ctx, time.Minute)
				defer cancel()
				if err := system.Shutdown(short); err != nil {
					t.Error(err)
				}
				return nil
			}, func(ctx *runtime.Context[svJob]) error {
				notes.add("drained: %v", ctx.Err())
				if hangs {
					<-ctx.Done()
				}
				return nil
			}, func(*runtime.Context[svJob]) error { notes.add("and this"); return nil })
			g.open()
			if err := system.Wait(); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if hangs {
				notes.check(t, "drained: <nil>")
				if took := time.Since(begun); took != time.Minute || len(dead.list()) != 1 {
					t.Errorf("it took %v, with %d dead letters: want a minute, and one", took, len(dead.list()))
				}
				return
			}
			notes.check(t, "drained: <nil>", "and this")
		})
	}
}

func TestShutdownRefusesWhatComesFromOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawnFunc(t, system, func(*runtime.Context[svAsked], svAsked) error { return nil })
		busy := spawn(t, system, svProps("busy"))
		g := svBlock(t, busy)
		done := make(chan struct{})
		go func() { defer close(done); svShutdown(t, system) }()
		synctest.Wait()
		ctx := context.Background()
		_, asked := runtime.Ask(ctx, ref, func(r runtime.Reply[int]) svAsked { return svAsked{r} })
		_, spawned := runtime.Spawn(system, svProps("late"))
		for what, err := range map[string]error{"Ask": asked, "Spawn": spawned, "Tell": ref.Tell(ctx, svAsked{})} {
			if !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("%s: %v, want ErrStopped", what, err)
			}
		}
		if err := busy.TryTell(svStop); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("TryTell to an actor that drains: %v, want ErrStopped", err)
		}
		g.open()
		<-done
	})
}

// What an actor does while it drains still works: here it spawns, sends and asks until its queue is empty.
func TestShutdownLetsWhatIsInsideWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		sink := spawnFunc(t, system, func(_ *runtime.Context[svAsked], m svAsked) error { m.Send(7); return nil })
		ref := spawn(t, system, svProps("a"))
		g := svBlock(t, ref)
		worked := 0
		for range 3 {
			tell(t, ref, func(ctx *runtime.Context[svJob]) error {
				kid, err := runtime.Spawn(ctx, svProps(""))
				v, asked := runtime.Ask(ctx, sink, func(r runtime.Reply[int]) svAsked { return svAsked{r} })
				if err := errors.Join(err, asked, kid.Tell(ctx, svStop), sink.Tell(ctx, svAsked{})); err != nil || v != 7 {
					t.Error(v, err)
				}
				worked++
				return nil
			})
		}
		done := make(chan struct{})
		go func() { defer close(done); svShutdown(t, system) }()
		synctest.Wait()
		g.open()
		<-done
		if worked != 3 {
			t.Errorf("%d of 3 jobs worked", worked)
		}
	})
}

// Spawns that race with the shutdown succeed or are refused; whoever was spawned has stopped in the end.
func TestSpawnsThatRaceWithAShutdown(t *testing.T) {
	for range 20 * scale {
		system := newSystem(t)
		top := spawn(t, system, svProps("top"))
		var mu sync.Mutex
		var spawned []runtime.Ref[svJob]
		spawnUntilRefused := func(p runtime.Parent) {
			for {
				ref, err := runtime.Spawn(p, svProps(""))
				if err != nil {
					if !errors.Is(err, runtime.ErrStopped) {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				spawned = append(spawned, ref)
				mu.Unlock()
			}
		}
		begun := make(chan struct{})
		tell(t, top, func(ctx *runtime.Context[svJob]) error {
			close(begun)
			for i := range 100 {
				if i == 50 {
					ctx.Stop()
				}
				if _, err := runtime.Spawn(ctx, svProps("")); err != nil {
					t.Error(err) // its family is closed only when the handler has returned
				}
			}
			return nil
		})
		var spawners sync.WaitGroup
		for range 3 {
			spawners.Go(func() { spawnUntilRefused(system) })
		}
		<-begun
		svShutdown(t, system)
		spawners.Wait()
		for _, ref := range spawned {
			<-ref.Done()
		}
		if actors := system.Stats().Actors; actors != 0 {
			t.Errorf("%d actors are left", actors)
		}
	}
}
