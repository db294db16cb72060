package runtime_test

import (
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func svSignificant(p *runtime.Props[svJob], _ *svActor) { p.Significant = true }

func svStop(ctx *runtime.Context[svJob]) error { ctx.Stop(); return nil }

func TestAutoShutdown(t *testing.T) {
	for name, c := range map[string]struct {
		when supervisor.AutoShutdown
		ends []string // who stops by itself, one after the other
		want bool     // whether that ends the parent
	}{
		"never":                  {supervisor.Never, []string{"s1", "s2", "plain"}, false},
		"any, a significant":     {supervisor.AnySignificant, []string{"s1"}, true},
		"any, another":           {supervisor.AnySignificant, []string{"plain"}, false},
		"all, one of two":        {supervisor.AllSignificant, []string{"s2"}, false},
		"all, one and another":   {supervisor.AllSignificant, []string{"plain", "s1"}, false},
		"all, both":              {supervisor.AllSignificant, []string{"s1", "s2"}, true},
		"all, both, not another": {supervisor.AllSignificant, []string{"s2", "s1"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				var notes journal
				top := spawn(t, system, svProps("top", svNoted(&notes), svChildren(supervisor.Config{AutoShutdown: c.when})))
				kids := map[string]runtime.Ref[svJob]{
					"s1":    svSpawn(t, top, svProps("s1", svSignificant)),
					"plain": svSpawn(t, top, svProps("plain", svNoted(&notes))),
					"s2":    svSpawn(t, top, svProps("s2", svSignificant)),
				}
				for i, end := range c.ends {
					if svEnded(top.Done()) {
						t.Fatalf("ended before %v", c.ends[i:])
					}
					tell(t, kids[end], svStop)
					synctest.Wait()
				}
				if got := svEnded(top.Done()); got != c.want || top.Err() != nil {
					t.Errorf("top ended: %v with %v, want %v with nil", got, top.Err(), c.want)
				}
				if c.want && !svEnded(kids["plain"].Done()) {
					t.Error("a child outlives its parent")
				}
			})
		})
	}
}

// The end of a significant child is its own also when it failed for good, and leads to the end of the parent at each
// level where it is significant.
func TestAutoShutdownAfterAFailureForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		anyOf := supervisor.Config{AutoShutdown: supervisor.AnySignificant}
		system := newSystem(t)
		grand := spawn(t, system, svProps("grand", svChildren(anyOf)))
		top := svSpawn(t, grand, svProps("top", svChildren(anyOf), svSignificant))
		kid := svSpawn(t, top, svProps("kid", svSignificant, svRestart(supervisor.Temporary)))
		tell(t, kid, svFail)
		<-grand.Done()
		if top.Err() != nil || grand.Err() != nil {
			t.Errorf("%v, %v: want normal ends", top.Err(), grand.Err())
		}
	})
}

func TestAutoShutdownOfTheSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, runtime.Config{Children: supervisor.Config{AutoShutdown: supervisor.AllSignificant}})
		other := spawn(t, system, svProps("other"))
		ref := spawn(t, system, svProps("a", svSignificant))
		tell(t, ref, svFail)
		synctest.Wait() // a restart is no end
		tell(t, ref, svStop)
		if err := system.Wait(); err != nil || !svEnded(other.Done()) {
			t.Errorf("Wait returns %v; the other ended: %v", err, svEnded(other.Done()))
		}
	})
}

// A child that its supervisor stops does not end the supervisor: here the group restart stops a temporary one.
func TestAutoShutdownDoesNotCountWhomTheSupervisorStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		config := svAllForOne
		config.AutoShutdown = supervisor.AnySignificant
		top := spawn(t, system, svProps("top", svChildren(config)))
		temporary := svSpawn(t, top, svProps("temporary", svSignificant, svRestart(supervisor.Temporary)))
		kid := svSpawn(t, top, svProps("kid"))
		tell(t, kid, svFail)
		<-temporary.Done()
		synctest.Wait()
		if svEnded(top.Done()) {
			t.Error("top has ended")
		}
		svDo(t, kid, func(*runtime.Context[svJob]) error { return nil })
	})
}
