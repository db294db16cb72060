package runtime_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

var (
	svAllForOne  = supervisor.Config{Strategy: supervisor.AllForOne, MaxRestarts: 100}
	svRestForOne = supervisor.Config{Strategy: supervisor.RestForOne, MaxRestarts: 100}
)

func TestStrategyDecidesWhoRestartsAndInWhichOrder(t *testing.T) {
	for _, c := range []struct {
		strategy supervisor.Strategy
		failing  string
		want     []string
	}{
		{supervisor.OneForOne, "b", []string{"b restarts: boom", "b starts"}},
		{supervisor.AllForOne, "a", []string{
			"c restarts: <nil>", "b restarts: <nil>", "a restarts: boom", "a starts", "b starts", "c starts",
		}},
		{supervisor.AllForOne, "c", []string{
			"c restarts: boom", "b restarts: <nil>", "a restarts: <nil>", "a starts", "b starts", "c starts",
		}},
		{supervisor.RestForOne, "a", []string{
			"c restarts: <nil>", "b restarts: <nil>", "a restarts: boom", "a starts", "b starts", "c starts",
		}},
		{supervisor.RestForOne, "b", []string{"c restarts: <nil>", "b restarts: boom", "b starts", "c starts"}},
		{supervisor.RestForOne, "c", []string{"c restarts: boom", "c starts"}},
	} {
		t.Run(fmt.Sprint(c.strategy, " ", c.failing), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				var notes journal
				top := spawn(t, system, svProps("top", svChildren(supervisor.Config{Strategy: c.strategy})))
				kids := svSpawnAll(t, top, &notes, "a", "b", "c")
				for range 3 { // the start order survives restarts
					tell(t, kids[c.failing], svFail)
					synctest.Wait()
					notes.check(t, c.want...)
				}
				for name, kid := range kids {
					if stats := kid.Stats(); name != c.failing && stats.Failed+stats.DeadLettered != 0 {
						t.Errorf("%s only came along: %+v", name, stats)
					}
				}
				if restarts := system.Stats().Restarts; restarts != uint64(3*len(c.want)/2) {
					t.Errorf("%d restarts are counted, want one for each that was restarted", restarts)
				}
			})
		})
	}
}

func TestTemporarySiblingIsStoppedByAGroupRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		dead := collectDeadLetters(system)
		var notes journal
		top := spawn(t, system, svProps("top", svChildren(svAllForOne)))
		a := svSpawn(t, top, svProps("a", svNoted(&notes)))
		temporary := svSpawn(t, top, svProps("temporary", svNoted(&notes), svRestart(supervisor.Temporary)))
		svSpawn(t, top, svProps("c", svNoted(&notes)))
		notes.take()

		g := svBlock(t, temporary)
		tell(t, temporary, svFail) // does not come to that
		tell(t, a, svFail)
		synctest.Wait()
		notes.check(t, "c restarts: <nil>")
		g.open()
		synctest.Wait()
		notes.check(t, "temporary stops: <nil>", "a restarts: boom", "a starts", "c starts")
		if err := temporary.Err(); !svEnded(temporary.Done()) || err != nil {
			t.Errorf("the temporary one ended: %v, with %v", svEnded(temporary.Done()), err)
		}
		if n := len(dead.list()); n != 2 {
			t.Errorf("%d dead letters, want the one that failed and the one that was left", n)
		}
		svSpawn(t, top, svProps("temporary")) // its name is free
	})
}

// What waits in the mailboxes of a group is handled by the new behaviours, but for the message that failed.
func TestGroupRestartKeepsTheQueuesOfAllMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		dead := collectDeadLetters(system)
		top := spawn(t, system, svProps("top", svChildren(svAllForOne)))
		var ignored journal
		kids := svSpawnAll(t, top, &ignored, "a", "b", "c")
		done := map[string]*journal{"a": {}, "b": {}, "c": {}}
		failing := svBlockThenFail(t, kids["b"])
		held := svBlock(t, kids["a"])
		for name, kid := range kids {
			for i := range 5 {
				tell(t, kid, func(ctx *runtime.Context[svJob]) error {
					done[name].add("%d at %d restarts", i, ctx.Self().Stats().Restarts)
					return nil
				})
			}
		}
		synctest.Wait() // c has handled its own already
		failing.open()
		synctest.Wait()
		held.open()
		synctest.Wait()
		for name, restarts := range map[string]int{"a": 1, "b": 1, "c": 0} {
			var want []string
			for i := range 5 {
				want = append(want, fmt.Sprintf("%d at %d restarts", i, restarts))
			}
			done[name].check(t, want...)
		}
		if n := len(dead.list()); n != 1 {
			t.Errorf("%d dead letters, want only the message that failed", n)
		}
	})
}

func TestGroupRestartCountsAsOneRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svNoted(&notes),
			svChildren(supervisor.Config{Strategy: supervisor.AllForOne, MaxRestarts: 2})))
		kids := svSpawnAll(t, top, &notes, "a", "b", "c")
		for _, failing := range []string{"a", "c"} {
			tell(t, kids[failing], svFail)
			synctest.Wait()
			if len(notes.take()) != 6 {
				t.Errorf("the failure of %s did not restart all", failing)
			}
		}
		tell(t, kids["b"], svFail)
		synctest.Wait()
		notes.check(t, "c stops: <nil>", "b stops: boom", "a stops: <nil>",
			"top restarts: runtime: troupe/top/b failed, and there were too many restarts: boom", "top starts")
	})
}
