package runtime_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

var svNone = supervisor.Config{MaxRestarts: supervisor.NoRestarts}

// svSpawnsAll has each new behaviour spawn children of these names.
func svSpawnsAll(notes *journal, names ...string) svOption {
	return svStarted(func(ctx *runtime.Context[svJob]) error {
		for _, name := range names {
			if _, err := runtime.Spawn(ctx, svProps(name, svNoted(notes))); err != nil {
				return err
			}
		}
		return nil
	})
}

func svLookup(t *testing.T, s *runtime.System, path string) runtime.Ref[svJob] {
	t.Helper()
	ref, err := runtime.Lookup[svJob](s, path)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestTooManyRestartsStopAllChildrenAndFailTheirSupervisor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		grand := spawn(t, system, svProps("grand", svNoted(&notes)))
		top := svSpawn(t, grand, svProps("top", svNoted(&notes), svSpawnsAll(&notes, "a", "b", "c")))
		notes.take()
		for life := range 2 { // the second begins with a history of its own
			b := svLookup(t, system, "troupe/grand/top/b")
			for range 3 {
				tell(t, b, svFail)
				synctest.Wait()
				notes.check(t, "b restarts: boom", "b starts")
			}
			a := svLookup(t, system, "troupe/grand/top/a")
			tell(t, b, svFail)
			synctest.Wait()
			notes.check(t, "c stops: <nil>", "b stops: boom", "a stops: <nil>",
				"top restarts: runtime: troupe/grand/top/b failed, and there were too many restarts: boom",
				"top starts", "a starts", "b starts", "c starts")
			if !errors.Is(b.Err(), errSV) || a.Err() != nil {
				t.Errorf("b ended with %v, want its failure; a with %v, want nil", b.Err(), a.Err())
			}
			if restarts := top.Stats().Restarts; restarts != uint64(life+1) {
				t.Errorf("top was restarted %d times, want %d", restarts, life+1)
			}
		}
		if stats := grand.Stats(); stats.Failed != 0 || svEnded(grand.Done()) {
			t.Errorf("grand: %+v: want nothing to have happened to it", stats)
		}
	})
}

// A supervisor that is resumed keeps its state; its children are gone, and it may spawn others.
func TestSupervisorThatIsResumedMaySpawnAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		resume := supervisor.Config{Decide: func(error) supervisor.Directive { return supervisor.Resume }}
		system := newSystem(t, runtime.Config{Children: resume})
		var notes journal
		top := spawn(t, system, svProps("top", svNoted(&notes), svChildren(supervisor.Config{MaxRestarts: 1})))
		for range 2 {
			kids := svSpawnAll(t, top, &notes, "a", "b")
			tell(t, kids["a"], svFail)
			synctest.Wait()
			notes.check(t, "a restarts: boom", "a starts")
			tell(t, kids["a"], svFail)
			synctest.Wait()
			notes.check(t, "b stops: <nil>", "a stops: boom")
		}
		if restarts := top.Stats().Restarts; restarts != 0 {
			t.Errorf("top was restarted %d times", restarts)
		}
	})
}

func TestEscalationThroughFiveLevelsEndsTheSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, runtime.Config{Children: svNone})
		var notes journal
		ref := spawn(t, system, svProps("1", svNoted(&notes), svChildren(svNone)))
		chain := []runtime.Ref[svJob]{ref}
		for _, name := range []string{"2", "3", "4", "5"} {
			ref = svSpawn(t, ref, svProps(name, svNoted(&notes), svChildren(svNone)))
			chain = append(chain, ref)
		}
		bystander := spawn(t, system, svProps("bystander", svNoted(&notes)))
		notes.take()
		tell(t, ref, svFail)
		err := system.Wait()
		if !errors.Is(err, errSV) || !strings.Contains(err.Error(), "troupe/1/2/3/4/5 failed") {
			t.Errorf("Wait returns %v: want the failure, and whose it was", err)
		}
		var order []string
		for _, line := range notes.take() {
			order = append(order, line[:1])
		}
		// The bystander is the youngest at the top, so it stops before 1, but at the same time as the others.
		got := strings.Join(order, "")
		if strings.Replace(got, "b", "", 1) != "54321" || strings.Index(got, "b") > strings.Index(got, "1") {
			t.Errorf("stopped in the order %s", got)
		}
		for _, ref := range chain {
			if !svEnded(ref.Done()) || !errors.Is(ref.Err(), errSV) {
				t.Errorf("%v ended: %v, with %v", ref, svEnded(ref.Done()), ref.Err())
			}
		}
		if err := bystander.Err(); !svEnded(bystander.Done()) || err != nil {
			t.Errorf("the bystander ended: %v, with %v", svEnded(bystander.Done()), err)
		}
		if err := ref.Tell(t.Context(), svFail); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("a tell afterwards: %v", err)
		}
	})
}

func TestTooManyRestartsAtTheTopEndTheSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, runtime.Config{Children: supervisor.Config{MaxRestarts: 2}})
		ref := spawn(t, system, svProps("a"))
		tell(t, ref, svFail, svFail, svFail, svFail)
		if err := system.Wait(); !errors.Is(err, errSV) || !strings.Contains(err.Error(), "too many restarts") {
			t.Errorf("Wait returns %v", err)
		}
		svShutdown(t, system)
		stats := system.Stats()
		if stats.Failed != 3 || stats.Restarts != 2 || stats.DeadLettered != 4 {
			t.Errorf("%+v: want 3 failures, 2 restarts, and 4 dead letters", stats)
		}
	})
}

// One failure of the children is one failure of their supervisor, also where that fails by itself meanwhile.
func TestEscalationToASupervisorThatFailsItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svNoted(&notes), svChildren(svNone)))
		kid := svSpawn(t, top, svProps("kid"))
		notes.take()
		g := svBlockThenFail(t, top)
		tell(t, kid, svFail)
		<-kid.Done()
		g.open()
		synctest.Wait()
		notes.check(t, "top restarts: boom", "top starts")
	})
}

func TestRestartTypes(t *testing.T) {
	for _, c := range []struct {
		restart  supervisor.RestartType
		restarts bool
	}{{supervisor.Permanent, true}, {supervisor.Transient, true}, {supervisor.Temporary, false}} {
		t.Run(c.restart.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				var notes journal
				ref := spawn(t, system, svProps("a", svNoted(&notes), svRestart(c.restart)))
				notes.take()
				g := svBlockThenFail(t, ref)
				tell(t, ref, func(*runtime.Context[svJob]) error { notes.add("the next"); return nil })
				g.open()
				synctest.Wait()
				if c.restarts {
					notes.check(t, "a restarts: boom", "a starts", "the next")
					ref.Stop() // which is final for all
					<-ref.Done()
					notes.check(t, "a stops: <nil>")
					return
				}
				notes.check(t, "a stops: boom")
				if !errors.Is(ref.Err(), errSV) || ref.Stats().DeadLettered != 2 {
					t.Errorf("%v, %+v: want the failure, and both messages dead", ref.Err(), ref.Stats())
				}
			})
		})
	}
}
