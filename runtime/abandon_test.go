package runtime_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// svReturns are the ways in which code that was stuck may come back after all.
var svReturns = map[string]func() error{
	"nil":    func() error { return nil },
	"error":  func() error { return errSV },
	"panic":  func() error { panic("late") },
	"Goexit": func() error { goruntime.Goexit(); return nil },
}

// A svStuck is an actor whose code hangs at a place of its own, with 4 messages behind it, 3 of them asks.
type svStuck struct {
	at      string
	returns func() error
	gate    *gate
	starts  *int
}

func (a *svStuck) hang(at string) error {
	if a.at != at {
		return nil
	}
	a.gate.wait()
	return a.returns()
}

func (a *svStuck) Started(*runtime.Context[svAsked]) error {
	if *a.starts++; *a.starts > 1 {
		return a.hang("Started")
	}
	return nil
}

func (a *svStuck) Restarting(*runtime.Context[svAsked], error) { svMust(a.hang("Restarting")) }
func (a *svStuck) Stopped(*runtime.Context[svAsked], error)    { svMust(a.hang("Stopped")) }

func svMust(err error) {
	if err != nil {
		panic(err)
	}
}

func (a *svStuck) Receive(ctx *runtime.Context[svAsked], m svAsked) error {
	switch a.at {
	case "Receive":
		return a.hang("Receive")
	case "redelivered":
		if *a.starts == 1 {
			return errSV
		}
		return a.hang("redelivered")
	case "Started", "Restarting":
		return errSV
	case "then":
		runtime.Pipe(ctx, func(context.Context) (int, error) { return 0, nil },
			func(int, error) svAsked { svMust(a.hang("then")); return svAsked{} })
	}
	return nil
}

// Whatever of an actor's code hangs, and however it comes back later: the stop goes on without it after StopTimeout,
// each message is accounted for once, and nothing that happens later changes that.
func TestAbandonedCodeIsNotWaitedForAndTouchesNothing(t *testing.T) {
	for at, c := range map[string]struct {
		handled uint64 // before it hangs
		dead    uint64 // while it hangs, failed messages
		failed  uint64
	}{
		"Receive":     {},
		"redelivered": {failed: 1},
		"Started":     {dead: 1, failed: 1},
		"Restarting":  {dead: 1, failed: 1},
		"then":        {handled: 1},
	} {
		for name, returns := range svReturns {
			t.Run(at+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					system := newSystem(t)
					dead := collectDeadLetters(system)
					top := spawn(t, system, svProps("top"))
					g := newGate(t)
					props := runtime.Props[svAsked]{Name: "stuck", StopTimeout: time.Minute, New: func() func() runtime.Actor[svAsked] {
						starts := 0
						return func() runtime.Actor[svAsked] {
							return &svStuck{at: at, returns: returns, gate: g, starts: &starts}
						}
					}()}
					if at == "redelivered" {
						props.Redeliver = 1
					}
					var ref runtime.Ref[svAsked]
					svDo(t, top, func(ctx *runtime.Context[svJob]) (err error) {
						ref, err = runtime.Spawn(ctx, props)
						return err
					})
					tell(t, ref, svAsked{})
					synctest.Wait() // it hangs
					tell(t, ref, svAsked{})
					answers := make(chan error, 3)
					for range 3 {
						go func() {
							_, err := runtime.Ask(context.Background(), ref, func(r runtime.Reply[int]) svAsked { return svAsked{r} })
							answers <- err
						}()
					}
					synctest.Wait()
					begun := time.Now()
					ref.Stop()
					for range 3 {
						if err := <-answers; !errors.Is(err, runtime.ErrStopped) || !errors.Is(err, runtime.ErrAbandoned) {
							t.Errorf("an ask returns %v, want ErrStopped and ErrAbandoned", err)
						}
					}
					<-ref.Done()
					if took := time.Since(begun); took != time.Minute {
						t.Errorf("it took %v, want the StopTimeout of a minute", took)
					}
					if err := ref.Err(); !errors.Is(err, runtime.ErrAbandoned) {
						t.Errorf("it ended with %v, want ErrAbandoned", err)
					}
					in := uint64(1)
					if c.handled+c.dead > 0 {
						in = 0 // no message was in hand
					}
					want := runtime.Stats{Sent: 5, Handled: c.handled, DeadLettered: c.dead + in + 4, Failed: c.failed, Abandoned: 1}
					if at == "redelivered" {
						want.Restarts, want.Redelivered = 1, 1
					}
					checkStats(t, ref.Stats(), want)
					svDo(t, top, func(*runtime.Context[svJob]) error { return nil }) // the parent goes on
					synctest.Wait()
					if n := len(dead.list()); n != int(want.DeadLettered) {
						t.Errorf("%d dead letters are published, want %d", n, want.DeadLettered)
					}
					all := system.Stats()
					if at == "then" && name == "nil" { // it did make its message, which comes too late
						want.Sent, want.DeadLettered = want.Sent+1, want.DeadLettered+1
						all.Sent, all.DeadLettered = all.Sent+1, all.DeadLettered+1
					}
					g.open()
					synctest.Wait()
					checkStats(t, ref.Stats(), want)
					checkStats(t, system.Stats(), all)
				})
			})
		}
	}
}

func TestAbandonedStoppedHook(t *testing.T) {
	for name, returns := range svReturns {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				g := newGate(t)
				var notes journal
				top := spawn(t, system, svProps("top", svNoted(&notes)))
				kids := svSpawnAll(t, top, &notes, "a")
				stuck := svSpawn(t, top, svProps("stuck", svPatience(time.Minute), svStopped(func(*runtime.Context[svJob]) {
					g.wait()
					svMust(returns())
				})))
				top.Stop()
				svPass(time.Minute - 1)
				notes.check(t)
				svPass(1)
				notes.check(t, "a stops: <nil>", "top stops: <nil>")
				if !errors.Is(stuck.Err(), runtime.ErrAbandoned) || kids["a"].Err() != nil || top.Err() != nil {
					t.Errorf("%v, %v, %v: want only the stuck one abandoned", stuck.Err(), kids["a"].Err(), top.Err())
				}
				g.open()
				synctest.Wait()
				checkStats(t, stuck.Stats(), runtime.Stats{Abandoned: 1})
			})
		})
	}
}

// An abandoned actor's children are stopped all the same, and before it.
func TestAbandonedActorsChildrenStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svNoted(&notes), svPatience(time.Second)))
		kids := svSpawnAll(t, top, &notes, "a", "b")
		svBlock(t, top)
		top.Stop()
		<-top.Done()
		notes.check(t, "b stops: <nil>", "a stops: <nil>") // and no hook of the behaviour that may be in use
		for name, kid := range kids {
			if !svEnded(kid.Done()) {
				t.Errorf("%s runs still", name)
			}
		}
	})
}

// While the handler is stuck, nothing else of the actor may run: it would use the same state.
func TestAbandonedActorRunsNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, svProps("a", svPatience(time.Minute), svStopped(func(*runtime.Context[svJob]) {
			t.Error("Stopped is called")
		})))
		other := spawn(t, system, svProps("other"))
		svDo(t, ref, func(ctx *runtime.Context[svJob]) error {
			for _, after := range []time.Duration{time.Second, 90 * time.Second, time.Hour} {
				runtime.Pipe(ctx, func(context.Context) (int, error) { <-time.After(after); return 0, nil },
					func(int, error) svJob { t.Errorf("then is called after %v", after); return svFail })
			}
			runtime.Watch(ctx, other, func(error) svJob { t.Error("then of Watch is called"); return svFail })
			ctx.Every(time.Second, svFail)
			return nil
		})
		svBlock(t, ref)
		other.Stop()
		ref.Stop()
		<-ref.Done()
		svPass(2 * time.Hour)
		stats := ref.Stats()
		checkIdentity(t, stats)
		if stats.Abandoned != 2 || stats.Failed != 0 { // the handler, and the pipe of an hour
			t.Errorf("%+v: want two abandoned, and no failure", stats)
		}
	})
}
