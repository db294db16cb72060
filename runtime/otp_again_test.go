package runtime_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// A child that has ended and does not start again is no child, but may be tried again.
func TestOTPAgainOfAChildThatDoesNotStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j, fails := newSystem(t), &journal{}, false
		spawn(t, system, runtime.Props[string]{Name: "a", New: func() runtime.Actor[string] { return &startsBut{noting{"a", j}, fails} }})
		child := runtime.Children(system)[0]
		child.Stop()
		<-child.Done()
		fails = true
		for range 2 {
			if _, err := child.Again(); !errors.Is(err, errOnPurpose) {
				t.Errorf("Again: %v, want the error of its start", err)
			}
			if all := runtime.Children(system); len(all) != 0 {
				t.Errorf("children: %v, want none", all)
			}
		}
		fails = false
		again, err := child.Again()
		if err != nil {
			t.Fatal(err)
		}
		if all := runtime.Children(system); len(all) != 1 || all[0] != again {
			t.Errorf("children: %v, want the one that started", all)
		}
	})
}

// Whoever is gone starts nobody, and whoever was restarted starts a child of its own.
func TestOTPAgainUnderAParentThatWasStoppedOrRestarted(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			var child runtime.Child
			sup := spawn(t, system, runtime.Props[string]{Name: "sup", New: always(func(ctx *runtime.Context[string], m string) error {
				if m == "fail" {
					return errOnPurpose
				}
				_, err := runtime.SpawnFunc(ctx, "a", func(*runtime.Context[string], string) error { return nil })
				child = runtime.Children(ctx)[0]
				return err
			})})
			tell(t, sup, "spawn")
			synctest.Wait()
			if restarts {
				tell(t, sup, "fail")
			} else {
				sup.Stop()
			}
			synctest.Wait()
			again, err := child.Again()
			if !restarts {
				if !errors.Is(err, runtime.ErrStopped) {
					t.Errorf("Again under a parent that has stopped: %v", err)
				}
				return
			}
			if err != nil || again.Path() != "troupe/sup/a" || again.State() != runtime.ChildRunning {
				t.Errorf("Again under a parent that was restarted: %v, %v", again, err)
			}
		})
	}
}

// A child that ends itself while it is restarted is gone, and the others go on.
func TestOTPChildThatDoesNotWantToBeRestarted(t *testing.T) {
	for how := range supervisor.Temporary {
		synctest.Test(t, func(t *testing.T) {
			system, j, starts := newSystem(t), &journal{}, 0
			a := spawn(t, system, runtime.Props[string]{Restart: how, New: func() runtime.Actor[string] {
				starts++
				return &endsAtStart{noting{"a", j}, starts > 2}
			}})
			b := spawnHooked(t, system, j, "", how)
			for range 2 {
				tell(t, a, "fail")
				synctest.Wait()
			}
			if err := a.Err(); err != nil || starts != 3 {
				t.Errorf("%s: %d starts, and it ended with %v", how, starts, err)
			}
			all := runtime.Children(system)
			if len(all) != 1 || all[0].Path() != b.Path() || all[0].State() != runtime.ChildRunning || b.Stats().Restarts != 0 {
				t.Errorf("%s: children %v, want the other one alone", how, all)
			}
		})
	}
}

// endsAtStart may end itself as soon as it starts.
type endsAtStart struct {
	noting
	ends bool
}

func (a *endsAtStart) Started(ctx *runtime.Context[string]) error {
	if a.ends {
		ctx.Stop()
	}
	return nil
}
