package runtime_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// svDelays tells ref to fail n times in a row, and measures how long each restart takes to come.
func svDelays(t *testing.T, ref runtime.Ref[svJob], started chan struct{}, n int) (delays []time.Duration) {
	t.Helper()
	for range n {
		begun := time.Now()
		tell(t, ref, svFail)
		<-started
		delays = append(delays, time.Since(begun))
	}
	return delays
}

func svTellsStart(started chan struct{}) svOption {
	return svStarted(func(*runtime.Context[svJob]) error { started <- struct{}{}; return nil })
}

func TestZeroConfigNeverGivesUpAndSlowsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		started := make(chan struct{}, 1)
		ref := spawn(t, system, svProps("a", svTellsStart(started)))
		<-started
		for range 3 { // a run of 5 s forgets what was before
			delays := svDelays(t, ref, started, 3+20)
			longest := 10 * time.Millisecond
			for i, d := range delays {
				switch {
				case i < 3:
					if d != 0 {
						t.Errorf("failure %d in a row: restarted after %v, want at once", i+1, d)
					}
				case d < longest/2 || d > longest:
					t.Errorf("failure %d in a row: restarted after %v, want %v to %v", i+1, d, longest/2, longest)
				default:
					longest = min(2*longest, 5*time.Second)
				}
			}
			svPass(5 * time.Second)
		}
		if stats := ref.Stats(); stats.Restarts != 3*23 || svEnded(ref.Done()) {
			t.Errorf("%+v: want it to go on", stats)
		}
	})
}

func TestBackoffOfOneHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		config := supervisor.Config{MaxRestarts: 100, Backoff: supervisor.Backoff{Min: time.Minute}}
		top := spawn(t, system, svProps("top", svChildren(config)))
		started := make(chan struct{}, 1)
		a := svSpawn(t, top, svProps("a", svTellsStart(started)))
		<-started
		var notes journal
		kids := svSpawnAll(t, top, &notes, "b", "c")
		begun := time.Now()
		tell(t, a, svFail)
		svPass(time.Second)
		tell(t, kids["b"], svFail)
		svDo(t, kids["c"], func(*runtime.Context[svJob]) error { return nil })
		late := svSpawn(t, top, svProps("late"))
		late.Stop()
		<-late.Done()
		notes.check(t)
		<-started
		if d := time.Since(begun); d != time.Minute {
			t.Errorf("a was restarted after %v, want a minute", d)
		}
		svPass(time.Second)
		notes.check(t, "b restarts: boom", "b starts")
	})
}

// The message that comes during the delay waits for the new behaviour.
func TestDelayedRestartKeepsWhatComesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, runtime.Config{Children: supervisor.Config{Backoff: supervisor.Backoff{Min: time.Minute}}})
		started := make(chan struct{}, 1)
		ref := spawn(t, system, svProps("a", svTellsStart(started)))
		<-started
		tell(t, ref, svFail)
		synctest.Wait()
		begun := time.Now()
		go func() { <-started }()
		svDo(t, ref, func(*runtime.Context[svJob]) error { return nil })
		if d := time.Since(begun); d != time.Minute {
			t.Errorf("handled after %v, want a minute", d)
		}
	})
}

func TestStopDuringTheDelayOfARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, runtime.Config{Children: supervisor.Config{Backoff: supervisor.Backoff{Min: time.Minute}}})
		dead := collectDeadLetters(system)
		var notes journal
		ref := spawn(t, system, svProps("a", svNoted(&notes)))
		tell(t, ref, svFail)
		synctest.Wait()
		tell(t, ref, svFail, svFail)
		notes.take()
		begun := time.Now()
		ref.Stop()
		<-ref.Done()
		if d := time.Since(begun); d != 0 || ref.Err() != nil {
			t.Errorf("stopped after %v with %v, want at once and nil", d, ref.Err())
		}
		svPass(time.Hour)
		notes.check(t, "a stops: <nil>")
		if n := len(dead.list()); n != 3 {
			t.Errorf("%d dead letters, want 3", n)
		}
	})
}
