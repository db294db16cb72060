package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

const bad = 1000 // a message on which callbacks fail

// A collector handles numbers. Its behaviour starts the timer, once, that it is given.
type collector struct {
	*journal
	start func(ctx *runtime.Context[int])
	g     *gate
}

func (c *collector) Started(ctx *runtime.Context[int]) error {
	c.add("started")
	if start := c.start; start != nil {
		c.start = nil
		start(ctx)
	}
	return nil
}

func (c *collector) Receive(_ *runtime.Context[int], m int) error {
	c.add("%d", m)
	if c.g != nil {
		c.g.wait()
	}
	return nil
}

func TestLevelThatFailsOnATimersMessageFailsTheActor(t *testing.T) {
	for name, config := range map[string]mailbox.Config[int]{
		"out of range": {Order: mailbox.Priority, Levels: 2, Level: func(m int) int { return m }},
		"panic": {Order: mailbox.Priority, Levels: 2, Level: func(m int) int {
			if m == bad {
				panic("bad")
			}
			return 0
		}},
	} {
		for timer, start := range map[string]func(*runtime.Context[int]){
			"After": func(ctx *runtime.Context[int]) { ctx.After(time.Second, bad) },
			"Every": func(ctx *runtime.Context[int]) { ctx.Every(time.Second, bad) },
		} {
			t.Run(name+"/"+timer, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					system := newSystem(t)
					j := &journal{}
					c := &collector{journal: j, start: start}
					ref := spawn(t, system, runtime.Props[int]{Mailbox: config, New: func() runtime.Actor[int] { return c }})
					elapse(3 * time.Second)
					tell(t, ref, 1)
					synctest.Wait()
					j.check(t, "started", "started", "1")
					if s := ref.Stats(); s.Failed != 1 || s.Restarts != 1 || s.Handled != 1 || s.Queued != 0 {
						t.Errorf("%+v: want one failure, one restart, one handled, none queued", s)
					}
				})
			})
		}
	}
}

// A Less that panics while the owner looks for its next message fails the actor, but no message: none was taken.
func TestLessThatPanicsFailsTheActorAndKeepsTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g, j := newGate(t), &journal{}
		panics := false
		ref := spawn(t, system, runtime.Props[int]{
			Mailbox: mailbox.Config[int]{Order: mailbox.Priority, Less: func(a, b int) bool {
				if panics {
					panics = false
					panic("Less")
				}
				return a < b
			}},
			New: func() runtime.Actor[int] { return &collector{journal: j, g: g} },
		})
		tell(t, ref, 0)
		synctest.Wait()
		tell(t, ref, 3, 5, 4) // in this order: what is more urgent than all that waits is taken without comparing
		panics = true
		g.open()
		synctest.Wait()
		j.check(t, "started", "0", "started", "3", "4", "5")
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 4, Handled: 4, Failed: 1, Restarts: 1, Actors: 1})
	})
}

func TestLessThatPanicsOnWhatIsHeldAsideMakesADeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		letters := collectDeadLetters(system)
		g, j := newGate(t), &journal{}
		ref := spawn(t, system, runtime.Props[int]{
			Mailbox: mailbox.Config[int]{Capacity: 2, Order: mailbox.Priority, Less: func(a, b int) bool {
				if a == bad || b == bad {
					panic("bad")
				}
				return a < b
			}},
			New: func() runtime.Actor[int] {
				return &collector{journal: j, g: g, start: func(ctx *runtime.Context[int]) { ctx.After(time.Second, bad) }}
			},
		})
		tell(t, ref, 0)
		synctest.Wait()
		tell(t, ref, 1, 2)
		elapse(2 * time.Second)
		if queued := ref.Stats().Queued; queued != 4 {
			t.Errorf("%d are queued, want 4: one being handled, two waiting, one held aside", queued)
		}
		g.open()
		synctest.Wait()
		j.check(t, "started", "0", "1", "2")
		letters.check(t, bad)
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 4, Handled: 3, Dropped: 1, Actors: 1})
	})
}

func TestLevelOutOfRangeIsTheSendersError(t *testing.T) {
	system := newSystem(t)
	ref := spawn(t, system, runtime.Props[int]{
		Mailbox: mailbox.Config[int]{Order: mailbox.Priority, Levels: 2, Level: func(m int) int { return m }},
		New:     always(func(*runtime.Context[int], int) error { return nil }),
	})
	for name, err := range map[string]error{"Tell": ref.Tell(context.Background(), 2), "TryTell": ref.TryTell(-1)} {
		if !errors.Is(err, mailbox.ErrConfig) {
			t.Errorf("%s: %v, want ErrConfig", name, err)
		}
	}
	checkStats(t, ref.Stats(), runtime.Stats{Sent: 2, Rejected: 2, Actors: 1})
}
