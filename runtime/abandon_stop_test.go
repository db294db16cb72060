package runtime_test

import (
	"bytes"
	"context"
	"errors"
	goruntime "runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// svPipes has ref run a pipe that ends at the gate.
func svPipes(t *testing.T, ref runtime.Ref[svJob], until func(), then svJob) {
	t.Helper()
	svDo(t, ref, func(ctx *runtime.Context[svJob]) error {
		runtime.Pipe(ctx, func(context.Context) (int, error) { until(); return 0, nil },
			func(int, error) svJob { return then })
		return nil
	})
}

func TestAbandonedPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate(t)
		ref := spawn(t, system, svProps("a", svPatience(time.Minute)))
		svPipes(t, ref, g.wait, svFail)
		svPipes(t, ref, func() { <-time.After(time.Second) }, svFail) // its end must not make the other be waited for longer
		begun := time.Now()
		ref.Stop()
		<-ref.Done()
		if took := time.Since(begun); took != time.Minute || ref.Err() != nil {
			t.Errorf("ended after %v with %v, want a minute and nil: it is the pipe that hangs", took, ref.Err())
		}
		want := runtime.Stats{Sent: 3, Handled: 2, DeadLettered: 1, Abandoned: 1}
		checkStats(t, ref.Stats(), want)
		g.open()
		synctest.Wait()
		checkStats(t, ref.Stats(), want)
	})
}

// What is given to Watch and Pipe runs on the turn, and may hang like a handler, also while the actor stops.
func TestAbandonedThenWhileStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate(t)
		top := spawn(t, system, svProps("top", svPatience(time.Minute)))
		kid := svSpawn(t, top, svProps("kid"))
		svDo(t, top, func(ctx *runtime.Context[svJob]) error {
			runtime.Watch(ctx, kid, func(error) svJob { g.wait(); return svFail })
			return nil
		})
		begun := time.Now()
		top.Stop()
		<-top.Done()
		if took := time.Since(begun); took != time.Minute || !errors.Is(top.Err(), runtime.ErrAbandoned) {
			t.Errorf("ended after %v with %v, want a minute and ErrAbandoned", took, top.Err())
		}
	})
}

// A function given to Pipe that fails while its actor stops is counted, and nobody else's concern.
func TestThenThatFailsWhileStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svChildren(svAllForOne)))
		kids := svSpawnAll(t, top, &notes, "a", "b")
		svDo(t, kids["a"], func(ctx *runtime.Context[svJob]) error {
			runtime.Pipe(ctx, func(context.Context) (int, error) { <-time.After(time.Second); return 0, nil },
				func(int, error) svJob { panic("then") })
			return nil
		})
		kids["a"].Stop()
		<-kids["a"].Done()
		synctest.Wait()
		notes.check(t, "a stops: <nil>")
		if stats := kids["a"].Stats(); stats.Failed != 1 {
			t.Errorf("%+v: want one failure", stats)
		}
	})
}

func TestAbandonedStartIsTheErrorOfSpawn(t *testing.T) {
	for name, returns := range svReturns {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				g := newGate(t)
				var self runtime.Ref[svJob]
				var spawned sync.WaitGroup
				spawned.Go(func() {
					ref, err := runtime.Spawn(system, svProps("a", svPatience(time.Minute), svStarted(func(ctx *runtime.Context[svJob]) error {
						self = ctx.Self()
						g.wait()
						return returns()
					})))
					if ref != (runtime.Ref[svJob]{}) || !errors.Is(err, runtime.ErrAbandoned) {
						t.Errorf("Spawn returns %v, %v: want no ref, and ErrAbandoned", ref, err)
					}
				})
				synctest.Wait()
				self.Stop()
				<-self.Done()
				if !errors.Is(self.Err(), runtime.ErrAbandoned) {
					t.Errorf("it ended with %v", self.Err())
				}
				svSpawn(t, spawn(t, system, svProps("a")), svProps("b")) // the name is free
				g.open()
				spawned.Wait()
				checkStats(t, self.Stats(), runtime.Stats{Abandoned: 1})
			})
		})
	}
}

// A failure that comes right after the start is not the start's.
func TestFailureRightAfterTheStartIsNotTheErrorOfSpawn(t *testing.T) {
	system := newSystem(t)
	for range 200 * scale {
		ref := spawn(t, system, svProps("", svRestart(supervisor.Temporary), svStarted(func(ctx *runtime.Context[svJob]) error {
			return ctx.Self().Tell(ctx, svFail)
		})))
		<-ref.Done()
		if !errors.Is(ref.Err(), errSV) {
			t.Fatalf("it ended with %v", ref.Err())
		}
	}
}

// Stops whose time is up in the moment in which the handler returns, or before it has begun: whoever is quicker, all is
// accounted for once.
func TestAbandonmentThatRacesWithTheHandlersReturn(t *testing.T) {
	for i := range 300 * scale {
		system := newSystem(t)
		ledger := newSvLedger()
		ledger.bury(system)
		begun := make(chan struct{}, 10)
		patience := time.Duration(1+i%50) * time.Microsecond
		ref := spawn(t, system, runtime.Props[int]{
			StopTimeout: patience,
			Redeliver:   i % 3,
			New: always(func(ctx *runtime.Context[int], m int) error {
				if m == 1+i%5 {
					begun <- struct{}{}
					<-ctx.Done()
					for begun := time.Now(); time.Since(begun) < patience*time.Duration(i%4)/2; {
						goruntime.Gosched() // neither a sleep nor a limit: it is to return at about the same time
					}
				}
				if m%4 == 0 {
					return errSV
				}
				if m%4 == 1 {
					return ctx.Stash()
				}
				return nil
			}),
		})
		for range 10 {
			_ = ledger.send(ref.TryTell)
		}
		<-begun
		ref.Stop()
		<-ref.Done()
		svShutdown(t, system)
		stats := system.Stats()
		checkIdentity(t, stats)
		dead := ledger.count["dead"]
		if stats.DeadLettered != dead || stats.Sent != 10 || stats.Handled != 10-dead || len(ledger.twice) > 0 {
			t.Fatalf("%+v: want %d dead letters, as were published; twice: %v", stats, dead, ledger.twice)
		}
	}
}

// An actor that was woken, and has not come to its message when the time of its stop is up, does not hang.
func TestActorThatHasNotBegunIsNotAbandoned(t *testing.T) {
	defer goruntime.GOMAXPROCS(goruntime.GOMAXPROCS(1)) // so that the timer's goroutine comes before the actor's
	for range 100 * scale {
		system := newSystem(t)
		ref := spawn(t, system, svProps("a", svPatience(1)))
		nothing := func(*runtime.Context[svJob]) error { return nil }
		tell(t, ref, nothing)
		for ref.Stats().Handled == 0 {
			goruntime.Gosched() // until it sleeps again
		}
		tell(t, ref, nothing)
		ref.Stop()
		for told := time.Now(); time.Since(told) < time.Microsecond; {
			_ = told // until the time is up, without giving way
		}
		<-ref.Done()
		if ref.Err() != nil {
			t.Fatalf("it ended with %v", ref.Err())
		}
		svShutdown(t, system)
	}
}

// A hook of the logger may look at the actor that it is about.
type svLogHook struct{ look func() }

func (svLogHook) Levels() []logrus.Level       { return logrus.AllLevels }
func (h svLogHook) Fire(e *logrus.Entry) error { h.look(); return nil }

func TestLogHookMayLookAtTheAbandonedActor(t *testing.T) {
	l := logrus.New()
	l.SetOutput(&bytes.Buffer{})
	var ref runtime.Ref[svJob]
	l.AddHook(svLogHook{func() { ref.Stats() }})
	system := newSystem(t, runtime.Config{Logger: l})
	g := newGate(t)
	ref = spawn(t, system, svProps("a", svPatience(time.Millisecond), svStopped(func(*runtime.Context[svJob]) { g.wait() })))
	svPipes(t, ref, g.wait, svFail)
	ref.Stop()
	<-ref.Done()
}
