package runtime_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// A new behaviour that does not start is a failure as any other: it waits for its delay, and holds up nobody meanwhile.
func TestRestartOfAChildThatDoesNotStartAnewIsTriedAgain(t *testing.T) {
	for strategy := range supervisor.RestForOne + 1 {
		t.Run(strategy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, starts := &journal{}, 0
				system := newSystem(t, runtime.Config{Children: supervisor.Config{Strategy: strategy, MaxRestarts: supervisor.Unlimited,
					Backoff: supervisor.Backoff{Min: time.Minute}}})
				spawnHooked(t, system, j, "b", supervisor.Permanent)
				a := spawn(t, system, runtime.Props[string]{Name: "a", New: func() runtime.Actor[string] {
					starts++
					return &startsBut{noting{"a", j}, starts == 2}
				}})
				j.take()
				child := runtime.Children(system)[1]
				if err := child.Restart(); err != nil {
					t.Fatal(err)
				}
				tell(t, a, "next")
				synctest.Wait()
				if s := a.Stats(); starts != 2 || s.Failed != 1 || child.State() == runtime.ChildRunning {
					t.Errorf("%d starts, %v, %+v: want it to wait after the second", starts, child.State(), s)
				}
				elapse(2 * time.Minute)
				if s := a.Stats(); starts != 3 || s.Handled != 1 || child.State() != runtime.ChildRunning {
					t.Errorf("%d starts, %v, %+v: want it to go on after the third", starts, child.State(), s)
				}
				b := lookup(t, system, "troupe/b")
				before := b.Stats().Restarts
				tell(t, b, "fail")
				elapse(time.Hour)
				if got := b.Stats().Restarts; got != before+1 {
					t.Errorf("the sibling that failed was restarted %d times, want 1", got-before)
				}
			})
		})
	}
}

// startsBut may fail to start.
type startsBut struct {
	noting
	fails bool
}

func (a *startsBut) Started(*runtime.Context[string]) error {
	if a.fails {
		return errOnPurpose
	}
	return nil
}

// A child that takes its time over its last message is waited for by nobody else.
func TestRestartOfABusyChildHoldsUpNoSibling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		system := newSystem(t, tireless)
		g := newGate(t)
		a := spawn(t, system, runtime.Props[string]{Name: "a", New: func() runtime.Actor[string] { return &gated{noting{"a", j}, g} }})
		b := spawnHooked(t, system, j, "b", supervisor.Permanent)
		tell(t, a, "wait")
		synctest.Wait()
		if err := runtime.Children(system)[0].Restart(); err != nil {
			t.Fatal(err)
		}
		tell(t, b, "fail", "next")
		synctest.Wait()
		if s := b.Stats(); s.Restarts != 1 || s.Handled != 1 {
			t.Errorf("the sibling: %+v, want it restarted while a is busy", s)
		}
		g.open()
		synctest.Wait()
		if s := a.Stats(); s.Restarts != 1 || s.Handled != 1 {
			t.Errorf("the busy one: %+v, want it restarted too", s)
		}
	})
}

// The delay of a failure that a Restart has made up for is not that of a later failure.
func TestRestartOfAChildLeavesNoDelayBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t, runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited,
			Backoff: supervisor.Backoff{Min: time.Hour}}}), &journal{}
		a := spawnHooked(t, system, j, "a", supervisor.Permanent)
		child := runtime.Children(system)[0]
		tell(t, a, "fail")
		synctest.Wait()
		if err := child.Restart(); err != nil {
			t.Fatal(err)
		}
		elapse(50 * time.Minute)
		tell(t, a, "fail")
		elapse(20 * time.Minute) // the first delay would be over
		if got := child.State(); got != runtime.ChildFailed {
			t.Errorf("20 minutes after its second failure it is %v, want %v", got, runtime.ChildFailed)
		}
		elapse(2 * time.Hour)
		if got := a.Stats().Restarts; got != 2 || child.State() != runtime.ChildRunning {
			t.Errorf("restarted %d times, %v: want 2, running", got, child.State())
		}
	})
}

// Those that wait for the restart of a group begin together: nobody waits for the delay any more, nor is restarted twice.
func TestRestartOfAChildEndsTheDelayOfItsGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		system := newSystem(t, runtime.Config{Children: supervisor.Config{Strategy: supervisor.AllForOne, Backoff: supervisor.Backoff{Min: time.Hour}}})
		a := spawnHooked(t, system, j, "a", supervisor.Permanent)
		spawnHooked(t, system, j, "b", supervisor.Permanent)
		tell(t, a, "fail")
		synctest.Wait()
		j.take()
		if err := runtime.Children(system)[0].Restart(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		j.check(t, "a starts", "b starts")
		elapse(2 * time.Hour)
		j.check(t)
	})
}

// A group that waits for its delay is nobody else's business.
func TestRestartOfAChildDoesNotWaitForAGroupOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		system := newSystem(t, runtime.Config{Children: supervisor.Config{Strategy: supervisor.RestForOne, Backoff: supervisor.Backoff{Min: time.Hour}}})
		spawnHooked(t, system, j, "a", supervisor.Permanent)
		b := spawnHooked(t, system, j, "b", supervisor.Permanent)
		tell(t, b, "fail")
		synctest.Wait()
		j.take()
		if err := runtime.Children(system)[0].Restart(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		j.check(t, "a restarts: <nil>", "a starts")
		elapse(2 * time.Hour)
		j.check(t, "b starts")
	})
}

// A child that has ended is none any more as soon as its Done says so.
func TestChildrenListsNobodyWhoHasEnded(t *testing.T) {
	for range 200 * scale {
		system, j := newSystem(t), &journal{}
		spawnHooked(t, system, j, "a", supervisor.Permanent)
		child := runtime.Children(system)[0]
		child.Stop()
		<-child.Done()
		if all := runtime.Children(system); len(all) != 0 {
			t.Fatalf("children: %v, %v; want none", all, all[0].State())
		}
	}
}
