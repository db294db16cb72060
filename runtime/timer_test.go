package runtime_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A clock is an actor whose messages are acts, and what came at which second since the beginning.
type clock struct {
	journal
	began time.Time
}

func newClock() *clock { return &clock{began: time.Now()} }

// note makes an act that notes name.
func (c *clock) note(name string) act {
	return func(*runtime.Context[act]) error {
		c.add("%s at %v", name, time.Since(c.began))
		return nil
	}
}

func TestAfterSendsInTheOrderOfTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, c := newSystem(t), newClock()
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			ctx.After(3*time.Second, c.note("third"))
			ctx.After(time.Second, c.note("first"))
			ctx.After(2*time.Second, c.note("second"))
			ctx.After(0, c.note("now"))
			ctx.After(-time.Second, c.note("long ago"))
			return nil
		})
		synctest.Wait()
		if got := len(c.take()); got != 2 {
			t.Errorf("%d messages came at once, want 2", got)
		}
		elapse(time.Minute)
		c.check(t, "first at 1s", "second at 2s", "third at 3s")
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 6, Handled: 6, Actors: 1})
	})
}

func TestEveryKeepsItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, c := newSystem(t), newClock()
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			n := 0
			ctx.Every(time.Second, func(*runtime.Context[act]) error {
				n++
				c.add("%d at %v", n, time.Since(c.began))
				<-time.After(time.Duration(n) * 300 * time.Millisecond) // the fourth takes longer than a second
				return nil
			})
			return nil
		})
		elapse(6500 * time.Millisecond)
		c.check(t, "1 at 1s", "2 at 2s", "3 at 3s", "4 at 4s", "5 at 5.2s")
	})
}

func TestTimerStopTellsWhetherAMessageWasStillToCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, c := newSystem(t), newClock()
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		var once, stopped, again *runtime.Timer
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			once = ctx.After(time.Second, c.note("once"))
			stopped = ctx.After(10*time.Second, c.note("stopped"))
			again = ctx.Every(time.Second, c.note("again"))
			return nil
		})
		elapse(1500 * time.Millisecond)
		got := []bool{once.Stop(), stopped.Stop(), stopped.Stop(), again.Stop(), again.Stop()}
		if diff := cmp.Diff([]bool{false, true, false, true, false}, got); diff != "" {
			t.Errorf("Stop (-want +got):\n%s", diff)
		}
		elapse(time.Minute)
		if got := len(c.take()); got != 2 {
			t.Errorf("%d messages came, want 2: once, and again once", got)
		}
	})
}

func TestTimersEndWithTheirBehaviour(t *testing.T) {
	for name, end := range map[string]act{
		"restart": fails,
		"stop":    func(ctx *runtime.Context[act]) error { ctx.Stop(); return nil },
		"drain":   func(ctx *runtime.Context[act]) error { ctx.Self().StopWhenEmpty(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system, c := newSystem(t), newClock()
				ref := spawn(t, system, runtime.Props[act]{New: performer})
				tell(t, ref, func(ctx *runtime.Context[act]) error {
					ctx.After(2*time.Second, c.note("once"))
					ctx.Every(time.Second, c.note("again"))
					return nil
				})
				elapse(1500 * time.Millisecond)
				tell(t, ref, end)
				elapse(time.Minute)
				c.check(t, "again at 1s")
			})
		})
	}
}

// What ends an actor ends its timers even where they are started afterwards.
func TestTimerOfAnEndingActorHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, c := newSystem(t), newClock()
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		pending := true
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			ctx.Self().StopWhenEmpty()
			return nil
		}, func(ctx *runtime.Context[act]) error {
			pending = ctx.After(time.Second, c.note("late")).Stop() || ctx.Every(time.Second, c.note("late")).Stop()
			return nil
		})
		<-ref.Done()
		if pending {
			t.Error("a draining actor started a timer")
		}
	})
}

// A timer of a behaviour that failed while its supervisor waits, and one that is told to go on.
func TestTimersOutliveAFailureThatIsResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, c := newSystem(t, resuming), newClock()
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			ctx.Every(time.Second, c.note("again"))
			return errFails
		})
		elapse(2500 * time.Millisecond)
		c.check(t, "again at 1s", "again at 2s")
	})
}

func TestEveryWithoutAnIntervalIsAFailure(t *testing.T) {
	for _, d := range []time.Duration{0, -time.Second} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			letters := collectDeadLetters(system)
			ref := spawn(t, system, runtime.Props[act]{New: performer})
			tell(t, ref, func(ctx *runtime.Context[act]) error { ctx.Every(d, fine); return nil })
			synctest.Wait()
			var panicked *runtime.PanicError
			if all := letters.list(); len(all) != 1 || !errors.As(all[0].Reason, &panicked) {
				t.Fatalf("dead letters: %v, want one with a PanicError", all)
			}
			want := "runtime: Every(" + d.String() + "): want an interval of more than 0"
			if panicked.Value != want {
				t.Errorf("panic: %v\nwant   %v", panicked.Value, want)
			}
		})
	}
}

// Under every policy a tick goes into a full mailbox's waiting room, one of each timer at a time, and comes when there is
// room. It evicts nothing and is not evicted.
func TestTicksAreHeldAsideWhileTheMailboxIsFull(t *testing.T) {
	for _, policy := range []mailbox.Overflow{
		mailbox.Block, mailbox.Reject, mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast,
	} {
		t.Run(policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system, c := newSystem(t), newClock()
				ref := spawn(t, system, runtime.Props[act]{
					New: performer, Mailbox: mailbox.Config[act]{Capacity: 2, Overflow: policy},
				})
				tell(t, ref, func(ctx *runtime.Context[act]) error {
					ctx.Every(time.Second, c.note("tick"))
					ctx.After(1500*time.Millisecond, c.note("once"))
					<-time.After(10500 * time.Millisecond)
					return nil
				})
				synctest.Wait()
				tell(t, ref, c.note("a"), c.note("b"))
				elapse(10 * time.Second)
				checkStats(t, ref.Stats(), runtime.Stats{Sent: 5, Queued: 5, Actors: 1})
				elapse(time.Second)
				c.check(t, "a at 10.5s", "b at 10.5s", "tick at 10.5s", "once at 10.5s", "tick at 11s")
			})
		})
	}
}

func TestTickHeldAsideIsADeadLetterWhenItsActorStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		letters := collectDeadLetters(system)
		g := newGate(t)
		ref := spawn(t, system, runtime.Props[string]{Mailbox: mailbox.Config[string]{Capacity: 1},
			New: always(func(ctx *runtime.Context[string], _ string) error {
				ctx.Every(time.Second, "tick")
				g.wait()
				return nil
			})})
		tell(t, ref, "handled")
		synctest.Wait()
		tell(t, ref, "queued")
		elapse(5 * time.Second)
		ref.Stop()
		g.open()
		<-ref.Done()
		synctest.Wait()
		letters.check(t, "queued", "tick")
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 3, Handled: 1, DeadLettered: 2})
	})
}
