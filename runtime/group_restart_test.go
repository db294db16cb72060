package runtime_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// One failure leads to one restart of the group, also where it came while the group was beginning again.
func TestFailureOfAMemberThatHasBegunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svChildren(svAllForOne)))
		a := svSpawn(t, top, svProps("a", svNoted(&notes)))
		attempts := 0
		g := newGate(t)
		b := svSpawn(t, top, svProps("b", svNoted(&notes), svStarted(func(*runtime.Context[svJob]) error {
			attempts++
			if attempts == 2 {
				g.wait()
				return errors.New("not now")
			}
			return nil
		})))
		notes.take()
		tell(t, b, svFail)
		synctest.Wait()
		notes.check(t, "b restarts: boom", "a restarts: <nil>", "a starts", "b starts")
		tell(t, a, svFail) // while b begins, and will fail to
		synctest.Wait()
		g.open()
		synctest.Wait()
		notes.check(t, "a restarts: boom", "a starts", "b starts")
		if got := a.Stats().Restarts; got != 2 {
			t.Errorf("a was restarted %d times, want 2", got)
		}
	})
}

// A child that is gone before its supervisor comes to its failure takes nobody along.
func TestFailureOfAChildThatIsStoppedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		config := svRestForOne
		g := newGate(t)
		config.Decide = func(err error) supervisor.Directive {
			if errors.Is(err, errSV) {
				return supervisor.Restart
			}
			g.wait() // the supervisor is busy with another child
			return supervisor.Resume
		}
		top := spawn(t, system, svProps("top", svChildren(config)))
		kids := svSpawnAll(t, top, &notes, "a", "b", "c")
		notes.take()
		tell(t, kids["a"], func(*runtime.Context[svJob]) error { return errors.New("other") })
		synctest.Wait()
		tell(t, kids["b"], svFail)
		synctest.Wait()
		kids["b"].Stop()
		<-kids["b"].Done()
		g.open()
		synctest.Wait()
		notes.check(t, "b stops: <nil>")
	})
}

// A member that fails to begin again is a failure like any other: its restart takes along whom the strategy says.
func TestMemberThatFailsToBeginAgain(t *testing.T) {
	for _, c := range []struct {
		strategy supervisor.Strategy
		want     []string
	}{
		{supervisor.AllForOne, []string{"c restarts: <nil>", "b restarts: <nil>", "a restarts: boom", "a starts", "b starts",
			"a restarts: <nil>", "a starts", "b starts", "c starts"}},
		{supervisor.RestForOne, []string{"c restarts: <nil>", "b restarts: <nil>", "a restarts: boom", "a starts", "b starts",
			"b starts", "c starts"}},
	} {
		t.Run(c.strategy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				var notes journal
				top := spawn(t, system, svProps("top", svChildren(supervisor.Config{Strategy: c.strategy})))
				a := svSpawn(t, top, svProps("a", svNoted(&notes)))
				starts := 0
				b := svSpawn(t, top, svProps("b", svNoted(&notes), svStarted(func(*runtime.Context[svJob]) error {
					if starts++; starts == 2 {
						return errors.New("not now")
					}
					return nil
				})))
				svSpawn(t, top, svProps("c", svNoted(&notes)))
				notes.take()
				tell(t, a, svFail)
				synctest.Wait()
				notes.check(t, c.want...)
				if stats := b.Stats(); stats.Failed != 1 || stats.Restarts != 1 {
					t.Errorf("%+v: want one failure, and one restart that succeeded", stats)
				}
			})
		})
	}
}

// Whoever of the group is stopped while it restarts: the others restart without it.
func TestMemberThatIsStoppedDuringAGroupRestart(t *testing.T) {
	for _, c := range []struct{ stopped, want string }{
		{"a", "a stops: <nil>"}, // its turn to be halted has not come
		{"b", "b stops: <nil>"}, // it is waited for
		{"c", ""},               // it is halted, and has no behaviour any more
	} {
		t.Run(c.stopped, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				var notes journal
				top := spawn(t, system, svProps("top", svChildren(svAllForOne)))
				kids := svSpawnAll(t, top, &notes, "a", "b", "c", "d")
				g := svBlock(t, kids["b"])
				tell(t, kids["d"], svFail)
				synctest.Wait()
				notes.check(t, "d restarts: boom", "c restarts: <nil>")
				kids[c.stopped].Stop()
				synctest.Wait()
				g.open()
				<-kids[c.stopped].Done()
				synctest.Wait()
				var want []string
				if c.want != "" {
					want = append(want, c.want)
				}
				for _, name := range []string{"b", "a"} {
					if name != c.stopped {
						want = append(want, name+" restarts: <nil>")
					}
				}
				for _, name := range []string{"a", "b", "c", "d"} {
					if name != c.stopped {
						want = append(want, name+" starts")
					}
				}
				notes.check(t, want...)
			})
		})
	}
}

// Who is spawned while a group restarts does not belong to it, and belongs to the next.
func TestSpawnDuringAGroupRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svChildren(svDelayed(svAllForOne))))
		kids := svSpawnAll(t, top, &notes, "a", "b")
		tell(t, kids["a"], svFail)
		synctest.Wait()
		notes.check(t, "b restarts: <nil>", "a restarts: boom")
		late := svSpawn(t, top, svProps("late", svNoted(&notes)))
		svDo(t, late, func(*runtime.Context[svJob]) error { return nil })
		notes.check(t, "late starts")
		svPass(time.Minute)
		notes.check(t, "a starts", "b starts")
		tell(t, late, svFail)
		synctest.Wait()
		notes.check(t, "late restarts: boom", "b restarts: <nil>", "a restarts: <nil>")
		svPass(time.Minute)
		notes.check(t, "a starts", "b starts", "late starts")
	})
}

// A member that does not return is not waited for forever. It cannot be restarted, as its code may still use it.
func TestMemberThatHangsIsAbandonedByAGroupRestart(t *testing.T) {
	for _, where := range []string{"handler", "Restarting"} {
		t.Run(where, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				var notes journal
				hook := newGate(t)
				top := spawn(t, system, svProps("top", svChildren(svAllForOne)))
				a := svSpawn(t, top, svProps("a", svNoted(&notes)))
				b := svSpawn(t, top, svProps("b", svPatience(time.Minute), svRestarting(func(*runtime.Context[svJob]) {
					hook.wait()
				})))
				svSpawn(t, top, svProps("c", svNoted(&notes)))
				notes.take()
				if where == "handler" {
					svBlock(t, b)
				}
				tell(t, a, svFail)
				svPass(time.Minute - 1)
				notes.check(t, "c restarts: <nil>")
				svPass(1)
				notes.check(t, "a restarts: boom", "a starts", "c starts")
				if !svEnded(b.Done()) || !errors.Is(b.Err(), runtime.ErrAbandoned) || b.Stats().Abandoned != 1 {
					t.Errorf("%v, %+v: want it abandoned", b.Err(), b.Stats())
				}
			})
		})
	}
}
