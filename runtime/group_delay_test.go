package runtime_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func svDelayed(c supervisor.Config) supervisor.Config {
	c.Backoff = supervisor.Backoff{Min: time.Minute}
	return c
}

func TestGroupRestartWaitsForItsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svChildren(svDelayed(svAllForOne))))
		kids := svSpawnAll(t, top, &notes, "a", "b")
		notes.take()
		tell(t, kids["a"], svFail)
		synctest.Wait()
		notes.check(t, "b restarts: <nil>", "a restarts: boom")
		svPass(time.Minute)
		notes.check(t, "a starts", "b starts")
	})
}

// The delay of a restart that is not wanted any more must come to nothing.
func TestStopDuringTheDelayOfAGroupRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svChildren(svDelayed(svAllForOne))))
		kids := svSpawnAll(t, top, &notes, "a", "b")
		tell(t, kids["a"], svFail)
		synctest.Wait()
		notes.take()
		top.Stop()
		<-top.Done()
		notes.check(t)
		svPass(time.Hour)
		notes.check(t)
	})
}

func TestDrainWaitsForAGroupRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svChildren(svDelayed(svAllForOne))))
		kids := svSpawnAll(t, top, &notes, "a", "b")
		tell(t, kids["a"], svFail)
		synctest.Wait()
		tell(t, kids["a"], func(*runtime.Context[svJob]) error { notes.add("a works"); return nil })
		tell(t, kids["b"], func(*runtime.Context[svJob]) error { notes.add("b works"); return nil })
		notes.take()
		svShutdown(t, system)
		lines := notes.take()
		for _, want := range []string{"a starts", "b starts", "a works", "b works", "b stops: <nil>", "a stops: <nil>"} {
			if !slices.Contains(lines, want) {
				t.Errorf("%q: want %q too", lines, want)
			}
		}
	})
}

// A delay never blocks the supervisor: the failure of an older sibling, which takes the others along, is dealt with.
func TestFailureDuringTheDelayOfAGroupRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		config := svRestForOne
		config.Backoff = supervisor.Backoff{Min: time.Hour, After: 1}
		top := spawn(t, system, svProps("top", svChildren(config)))
		kids := svSpawnAll(t, top, &notes, "a", "b", "c")
		tell(t, kids["b"], svFail)
		synctest.Wait()
		tell(t, kids["b"], svFail)
		synctest.Wait()
		notes.take()
		tell(t, kids["a"], svFail)
		synctest.Wait()
		notes.check(t, "a restarts: boom", "a starts", "b starts", "c starts")
		svPass(2 * time.Hour)
		notes.check(t)
	})
}
