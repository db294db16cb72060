package runtime_test

import (
	"errors"
	goruntime "runtime"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// svWays are the ways to fail for code that cannot return an error.
var svWays = map[string]func(){
	"panic":                func() { panic("hook") },
	"panic in a Goexit":    func() { defer func() { panic("deferred") }(); goruntime.Goexit() },
	"Goexit":               func() { goruntime.Goexit() },
	"panic with nil":       func() { panic(nil) },
	"panic with an error":  func() { panic(errSV) },
	"nil dereference":      func() { var p *int; *p = 1 },
	"recovered, then exit": func() { defer func() { _ = recover(); goruntime.Goexit() }(); panic("hook") },
}

func eachWay(t *testing.T, f func(t *testing.T, fail func())) {
	for name, fail := range svWays {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(t, fail) })
		})
	}
}

// A restart stops the actor's children before its hook is called, and the new behaviour may use their names again.
func TestRestartReplacesTheChildrenToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svNoted(&notes), svSpawnsAll(&notes, "a", "b")))
		notes.check(t, "top starts", "a starts", "b starts")
		for range 2 {
			old := svLookup(t, system, "troupe/top/a")
			g := svBlock(t, old) // the restart waits for it
			tell(t, top, svFail)
			synctest.Wait()
			notes.check(t, "b stops: <nil>")
			g.open()
			synctest.Wait()
			notes.check(t, "a stops: <nil>", "top restarts: boom", "top starts", "a starts", "b starts")
			if !svEnded(old.Done()) || svLookup(t, system, "troupe/top/a") == old {
				t.Error("a is still the old one")
			}
		}
		svShutdown(t, system)
		notes.check(t, "b stops: <nil>", "a stops: <nil>", "top stops: <nil>")
	})
}

func TestRestartingThatFailsIsCountedAndChangesNothing(t *testing.T) {
	eachWay(t, func(t *testing.T, fail func()) {
		system := newSystem(t)
		var notes journal
		ref := spawn(t, system, svProps("a", svNoted(&notes), svRestarting(func(*runtime.Context[svJob]) { fail() })))
		for range 2 {
			tell(t, ref, svFail)
			svDo(t, ref, func(*runtime.Context[svJob]) error { return nil })
		}
		notes.check(t, "a starts", "a restarts: boom", "a starts", "a restarts: boom", "a starts")
		if stats := ref.Stats(); stats.Failed != 4 || stats.Restarts != 2 {
			t.Errorf("%+v: want 2 failures of each, and 2 restarts", stats)
		}
	})
}

func TestStoppedThatFailsIsCountedAndChangesNothing(t *testing.T) {
	eachWay(t, func(t *testing.T, fail func()) {
		system := newSystem(t)
		ref := spawn(t, system, svProps("a", svStopped(func(*runtime.Context[svJob]) { fail() })))
		ref.Stop()
		<-ref.Done()
		if stats := ref.Stats(); ref.Err() != nil || stats.Failed != 1 {
			t.Errorf("%v, %+v: want nil, and one failure", ref.Err(), stats)
		}
		svSpawn(t, spawn(t, system, svProps("b")), svProps("a")) // all goes on
	})
}

// An attempt to begin again that fails is a failure, and the supervisor tries again.
func TestBeginningAgainIsTriedUntilItWorks(t *testing.T) {
	ways := map[string]func(){"error": nil, "nil from New": nil}
	for name, fail := range svWays {
		ways["Started: "+name], ways["New: "+name] = fail, fail
	}
	for name, fail := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				var notes journal
				starts, inNew := 0, name[:3] == "New"
				props := svProps("a", svNoted(&notes), svStarted(func(*runtime.Context[svJob]) error {
					switch {
					case starts != 2 && starts != 3, inNew, name == "nil from New":
						return nil
					case fail != nil:
						fail()
					}
					return errors.New("cannot start")
				}))
				fresh := props.New
				props.New = func() runtime.Actor[svJob] {
					starts++
					if starts == 2 || starts == 3 {
						switch {
						case inNew:
							fail()
						case name == "nil from New":
							return nil
						}
					}
					return fresh()
				}
				ref := spawn(t, system, props)
				g := svBlockThenFail(t, ref)
				tell(t, ref, func(*runtime.Context[svJob]) error { notes.add("next"); return nil })
				notes.take()
				g.open()
				synctest.Wait()
				lines := notes.take()
				if n := len(lines); n < 3 || lines[0] != "a restarts: boom" || lines[n-2] != "a starts" || lines[n-1] != "next" {
					t.Errorf("%q", lines)
				}
				if stats := ref.Stats(); stats.Failed != 3 || stats.Restarts != 1 || stats.Handled != 1 {
					t.Errorf("%+v: want 3 failures, 1 restart, and the next message handled", stats)
				}
			})
		})
	}
}

// The attempts count: they lead to an escalation in the end.
func TestBeginningAgainIsNotTriedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, runtime.Config{Children: supervisor.Config{MaxRestarts: 5}})
		starts := 0
		errBegin := errors.New("cannot begin")
		ref := spawn(t, system, svProps("a", svStarted(func(*runtime.Context[svJob]) error {
			if starts++; starts > 1 {
				return errBegin
			}
			return nil
		})))
		tell(t, ref, svFail)
		if err := system.Wait(); !errors.Is(err, errBegin) || starts != 6 {
			t.Errorf("%v after %d starts, want the failure to begin after the first and 5 restarts", err, starts)
		}
		if !errors.Is(ref.Err(), errBegin) {
			t.Errorf("a ended with %v", ref.Err())
		}
	})
}

// Who is about to have no children any more cannot get one, whichever hook asks.
func TestSpawnFromAHookAfterTheChildrenHaveStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		spawns := func(ctx *runtime.Context[svJob]) {
			_, err := runtime.Spawn(ctx, svProps("orphan"))
			notes.add("ErrStopped: %v", errors.Is(err, runtime.ErrStopped))
		}
		for _, kids := range [][]string{nil, {"a", "b"}} {
			ref := spawn(t, system, svProps("", svSpawnsAll(nil, kids...), svRestarting(spawns), svStopped(spawns)))
			tell(t, ref, svFail)
			synctest.Wait()
			ref.Stop()
			<-ref.Done()
			notes.check(t, "ErrStopped: true", "ErrStopped: true")
		}
		svSpawn(t, spawn(t, system, svProps("top")), svProps("kid")) // nobody else is concerned
	})
}
