package runtime_test

import (
	"errors"
	goruntime "runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func svDecide(f func(error) supervisor.Directive) supervisor.Config {
	return supervisor.Config{Decide: f, MaxRestarts: 100}
}

func svAlways(d supervisor.Directive) supervisor.Config {
	return svDecide(func(error) supervisor.Directive { return d })
}

func TestDecideAnswers(t *testing.T) {
	for _, c := range []struct {
		directive supervisor.Directive
		want      []string
	}{
		{supervisor.Restart, []string{"a restarts: boom", "a starts", "next"}},
		{supervisor.Resume, []string{"next"}},
		{supervisor.Stop, []string{"a stops: boom"}},
		{supervisor.Escalate, []string{"b stops: <nil>", "a stops: boom",
			"top restarts: runtime: troupe/top/a failed: boom", "top starts"}},
		{supervisor.Directive(77), []string{"b stops: <nil>", "a stops: boom",
			"top restarts: runtime: Decide returned Directive(77) over the failure of troupe/top/a: " +
				"want Restart, Resume, Stop or Escalate: boom", "top starts"}},
	} {
		t.Run(c.directive.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				var notes journal
				top := spawn(t, system, svProps("top", svNoted(&notes), svChildren(svAlways(c.directive))))
				kids := svSpawnAll(t, top, &notes, "a", "b")
				g := svBlockThenFail(t, kids["a"])
				tell(t, kids["a"], func(*runtime.Context[svJob]) error { notes.add("next"); return nil })
				g.open()
				synctest.Wait()
				notes.check(t, c.want...)
				goesOn := c.directive <= supervisor.Resume
				if svEnded(kids["a"].Done()) == goesOn || errors.Is(kids["a"].Err(), errSV) == goesOn {
					t.Errorf("a ended: %v, with %v", svEnded(kids["a"].Done()), kids["a"].Err())
				}
			})
		})
	}
}

// What a failing Decide wants is not known, so it is taken for the worst.
func TestDecideThatFailsEscalates(t *testing.T) {
	for name, decide := range map[string]func(error) supervisor.Directive{
		"panic":  func(error) supervisor.Directive { panic("no idea") },
		"Goexit": func(error) supervisor.Directive { goruntime.Goexit(); return supervisor.Restart },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t, runtime.Config{Children: svDecide(decide)})
				ref := spawn(t, system, svProps("a"))
				tell(t, ref, svFail)
				err := system.Wait()
				if !errors.Is(err, errSV) || !strings.Contains(err.Error(), "Decide failed over the failure of troupe/a") {
					t.Errorf("Wait returns %v", err)
				}
				if name == "Goexit" != errors.Is(err, runtime.ErrGoexit) {
					t.Errorf("Wait returns %v: want how Decide failed", err)
				}
			})
		})
	}
}

// An actor that did not begin has nothing to be resumed with, in a drain or not.
func TestResumeOfAnActorThatDidNotBeginStopsIt(t *testing.T) {
	for _, draining := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			errBegin := errors.New("cannot begin")
			system := newSystem(t, runtime.Config{Children: svDecide(func(err error) supervisor.Directive {
				if errors.Is(err, errBegin) {
					return supervisor.Resume
				}
				return supervisor.Restart
			})})
			starts := 0
			ref := spawn(t, system, svProps("a", svStarted(func(*runtime.Context[svJob]) error {
				if starts++; starts > 1 {
					return errBegin
				}
				return nil
			})))
			g := svBlockThenFail(t, ref)
			tell(t, ref, svFail)
			if draining {
				go svShutdown(t, system)
				synctest.Wait()
			}
			g.open()
			<-ref.Done()
			if stats := ref.Stats(); !errors.Is(ref.Err(), errBegin) || stats.Failed != 2 || stats.DeadLettered != 2 {
				t.Errorf("draining %v: %v, %+v: want the failure to begin, and the queue dead", draining, ref.Err(), stats)
			}
		})
	}
}

// Decide may look at the system, and act on it.
func TestDecideMayUseTheSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var system *runtime.System
		var other runtime.Ref[svJob]
		system = newSystem(t, runtime.Config{Children: svDecide(func(error) supervisor.Directive {
			_ = system.Stats()
			other.Stop()
			return supervisor.Restart
		})})
		other = spawn(t, system, svProps("other"))
		ref := spawn(t, system, svProps("a"))
		tell(t, ref, svFail)
		<-other.Done()
		synctest.Wait()
		if restarts := ref.Stats().Restarts; restarts != 1 {
			t.Errorf("%d restarts, want 1", restarts)
		}
	})
}
