package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
)

func TestStopLeavesTheRestAsDeadLetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		dead := collectDeadLetters(system)
		g := newGate(t)
		ref := spawn(t, system, runtime.Props[int]{New: always(func(ctx *runtime.Context[int], m int) error {
			if m == 2 {
				g.wait()
				if !errors.Is(ctx.Err(), context.Canceled) || !svEnded(ctx.Done()) {
					t.Error("the handler's context has not ended")
				}
			}
			return nil
		})})
		tell(t, ref, 0, 1, 2, 3, 4)
		synctest.Wait()
		ref.Stop()
		ref.Stop()
		ref.StopWhenEmpty() // weaker, and too late
		synctest.Wait()
		if svEnded(ref.Done()) {
			t.Error("stopped during a message")
		}
		g.open()
		<-ref.Done()
		synctest.Wait()
		dead.check(t, 3, 4)
		for _, d := range dead.list() {
			if !errors.Is(d.Reason, runtime.ErrStopped) || d.Target != ref.Path() {
				t.Errorf("%+v: want ErrStopped, and its path", d)
			}
		}
		if err := ref.Tell(context.Background(), 5); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("a tell afterwards: %v", err)
		}
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 6, Rejected: 1, Handled: 3, DeadLettered: 2})
		if ref.Err() != nil {
			t.Error(ref.Err())
		}
	})
}

func TestStopFromInside(t *testing.T) {
	for name, stop := range map[string]func(*runtime.Context[svJob]){
		"Context.Stop": func(ctx *runtime.Context[svJob]) { ctx.Stop() },
		"Ref.Stop":     func(ctx *runtime.Context[svJob]) { ctx.Self().Stop() },
		"twice":        func(ctx *runtime.Context[svJob]) { ctx.Stop(); ctx.Stop() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				var notes journal
				ref := spawn(t, system, svProps("a", svNoted(&notes)))
				g := svBlock(t, ref)
				tell(t, ref, func(ctx *runtime.Context[svJob]) error {
					stop(ctx)
					notes.add("the rest of the handler")
					return nil
				}, svFail)
				g.open()
				<-ref.Done()
				notes.check(t, "a starts", "the rest of the handler", "a stops: <nil>")
				checkStats(t, ref.Stats(), runtime.Stats{Sent: 3, Handled: 2, DeadLettered: 1})
			})
		})
	}
}

// A handler that stops its actor and fails: the stop was first, and is final.
func TestFailureAfterAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		ref := spawn(t, system, svProps("a", svNoted(&notes)))
		tell(t, ref, func(ctx *runtime.Context[svJob]) error { ctx.Stop(); return errSV })
		<-ref.Done()
		notes.check(t, "a starts", "a stops: <nil>")
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 1, DeadLettered: 1, Failed: 1})
	})
}

func TestStopStopsTheChildrenFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svNoted(&notes)))
		kids := svSpawnAll(t, top, &notes, "a", "b", "c")
		svSpawnAll(t, kids["b"], &notes, "x", "y")
		g := svBlock(t, kids["b"])
		top.Stop()
		synctest.Wait()
		notes.check(t, "c stops: <nil>") // each after the one before
		g.open()
		<-top.Done()
		notes.check(t, "y stops: <nil>", "x stops: <nil>", "b stops: <nil>", "a stops: <nil>", "top stops: <nil>")
	})
}

// When an actor has ended, so have its children, whoever looks.
func TestChildrenHaveEndedWhenTheirParentHas(t *testing.T) {
	system := newSystem(t)
	for range 200 * scale {
		top := spawn(t, system, svProps(""))
		kid := svSpawn(t, top, svProps("kid"))
		go kid.Stop()
		go top.Stop()
		<-top.Done()
		if !svEnded(kid.Done()) {
			t.Fatal("the parent has ended, and its child has not")
		}
	}
}

func TestStopWhileStarting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		ref := spawn(t, system, svProps("a", svNoted(&notes), svStarted(func(ctx *runtime.Context[svJob]) error {
			ctx.Stop()
			return ctx.Self().Tell(context.WithoutCancel(ctx), svFail)
		})))
		<-ref.Done()
		notes.check(t, "a starts", "a stops: <nil>")
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 1, DeadLettered: 1})
	})
}

func TestStopOfTheParentWhileAChildStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svNoted(&notes)))
		g := newGate(t)
		tell(t, top, func(ctx *runtime.Context[svJob]) error {
			_, err := runtime.Spawn(ctx, svProps("kid", svNoted(&notes), svStarted(func(*runtime.Context[svJob]) error {
				g.wait()
				return nil
			})))
			notes.add("spawned: %v", err)
			return nil
		})
		synctest.Wait()
		top.Stop()
		synctest.Wait()
		g.open()
		<-top.Done()
		notes.check(t, "top starts", "kid starts", "spawned: <nil>", "kid stops: <nil>", "top stops: <nil>")
	})
}

func TestSpawnUnderAStoppingParent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate(t)
		top := spawn(t, system, svProps("top"))
		// The kid holds up its parent, which is stopping, and has it spawn through its context meanwhile.
		var of *runtime.Context[svJob]
		svDo(t, top, func(ctx *runtime.Context[svJob]) error { of = ctx; return nil })
		svSpawn(t, top, svProps("kid", svStopped(func(*runtime.Context[svJob]) {
			if _, err := runtime.Spawn(of, svProps("late")); !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("got %v, want ErrStopped", err)
			}
			g.open()
		})))
		top.Stop()
		g.wait()
		<-top.Done()
		if _, err := runtime.Spawn(of, svProps("later")); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("got %v, want ErrStopped", err)
		}
	})
}

func TestStopOfAStoppedActorDoesNothing(t *testing.T) {
	system := newSystem(t)
	ref := spawn(t, system, svProps("a"))
	ref.Stop()
	<-ref.Done()
	ref.Stop()
	ref.StopWhenEmpty()
	var zero runtime.Ref[svJob]
	zero.Stop()
	zero.StopWhenEmpty()
	<-zero.Done()
	if ref.Err() != nil || zero.Err() != nil {
		t.Error(ref.Err(), zero.Err())
	}
}
