package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// Supervision is not the business of the parent's handler, so a handler that waits for a child does not wait for ever.

func TestChildIsRestartedWhileItsParentAsksIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		top := spawn(t, system, svProps("top"))
		kid := svSpawn(t, top, svProps("kid"))
		answers := make(chan error, 2)
		var kept runtime.Reply[int]
		tell(t, top, func(ctx *runtime.Context[svJob]) error {
			// A job does not embed its Reply, so the failure of the next one is no answer: only the answer is.
			_, err := runtime.Ask(ctx, kid, func(r runtime.Reply[int]) svJob {
				return func(*runtime.Context[svJob]) error { kept = r; return nil }
			})
			answers <- err
			return nil
		})
		synctest.Wait()
		for restarts := range 3 {
			tell(t, kid, svFail)
			svDo(t, kid, func(*runtime.Context[svJob]) error { return nil })
			if got := kid.Stats().Restarts; got != uint64(restarts+1) {
				t.Fatalf("%d restarts, want %d", got, restarts+1)
			}
		}
		svDo(t, kid, func(*runtime.Context[svJob]) error { kept.Send(1); return nil })
		if err := <-answers; err != nil {
			t.Error(err)
		}
	})
}

// An asked is a message that fails its handler, and carries the reply.
type svAsked struct{ runtime.Reply[int] }

func TestParentThatAsksAFailingChildGetsTheFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		answers := make(chan error, 1)
		top := spawn(t, system, svProps("top", svStarted(func(ctx *runtime.Context[svJob]) error {
			kid, err := runtime.SpawnFunc(ctx, "kid", func(_ *runtime.Context[svAsked], m svAsked) error {
				if !m.Pending() {
					return nil
				}
				return errSV
			})
			if err != nil {
				return err
			}
			_, err = runtime.Ask(ctx, kid, func(r runtime.Reply[int]) svAsked { return svAsked{r} })
			answers <- err
			return kid.Tell(ctx, svAsked{})
		})))
		if err := <-answers; !errors.Is(err, errSV) {
			t.Errorf("the ask returns %v, want the failure", err)
		}
		synctest.Wait()
		kid, err := runtime.Lookup[svAsked](system, top.Path()+"/kid")
		if err != nil {
			t.Fatal(err)
		}
		if stats := kid.Stats(); stats.Restarts != 1 || stats.Handled != 1 {
			t.Errorf("%+v: want a restart, and the next message handled", stats)
		}
	})
}

func TestChildIsRestartedWhileItsParentWaitsForRoomInIt(t *testing.T) {
	for _, strategy := range []supervisor.Strategy{supervisor.OneForOne, supervisor.AllForOne, supervisor.RestForOne} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			top := spawn(t, system, svProps("top", svChildren(supervisor.Config{Strategy: strategy})))
			props := svProps("kid")
			props.Mailbox = mailbox.Config[svJob]{Capacity: 1}
			kid := svSpawn(t, top, props)
			g := svBlockThenFail(t, kid)
			var notes journal
			tell(t, kid, func(*runtime.Context[svJob]) error { notes.add("first"); return nil })
			tell(t, top, func(ctx *runtime.Context[svJob]) error {
				err := kid.Tell(ctx, func(*runtime.Context[svJob]) error { notes.add("second"); return nil })
				notes.add("told: %v", err)
				return nil
			})
			synctest.Wait()
			notes.check(t)
			g.open()
			svDo(t, top, func(*runtime.Context[svJob]) error { return nil })
			synctest.Wait()
			if lines := notes.take(); len(lines) != 3 {
				t.Errorf("%v: %q: want both handled, and the parent to go on", strategy, lines)
			}
			if stats := kid.Stats(); stats.Restarts != 1 {
				t.Errorf("%v: %+v: want a restart", strategy, stats)
			}
		})
	}
}

// A child that escalates is stopped at once; its parent comes to its own failure when its handler returns.
func TestEscalationWhileTheParentAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svNoted(&notes), svChildren(svNone)))
		kid := svSpawn(t, top, svProps("kid", svNoted(&notes)))
		notes.take()
		tell(t, top, func(ctx *runtime.Context[svJob]) error {
			_, err := runtime.Ask(context.Background(), kid, func(runtime.Reply[int]) svJob { return svFail })
			if errors.Is(err, runtime.ErrStopped) {
				notes.add("the ask ends")
			}
			return nil
		})
		synctest.Wait()
		lines := notes.take()
		if len(lines) != 4 || lines[0] != "kid stops: boom" || lines[1] != "the ask ends" || lines[3] != "top starts" {
			t.Errorf("%q", lines)
		}
	})
}
