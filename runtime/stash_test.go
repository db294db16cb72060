package runtime_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// keep makes an act that is stashed once, and noted when it comes again.
func keep(j *journal, name string) act {
	stashed := false
	return func(ctx *runtime.Context[act]) error {
		if !stashed {
			stashed = true
			return ctx.Stash()
		}
		j.add("%s", name)
		return nil
	}
}

func note(j *journal, name string) act {
	return func(*runtime.Context[act]) error { j.add("%s", name); return nil }
}

func TestUnstashPutsBackInFrontInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		g := newGate(t)
		tell(t, ref, func(*runtime.Context[act]) error { g.wait(); return nil },
			keep(j, "a"), note(j, "1"), keep(j, "b"), unstash, note(j, "2"), unstash, keep(j, "c"), note(j, "3"))
		g.open()
		synctest.Wait()
		j.check(t, "1", "a", "b", "2", "3")
		if queued := ref.Stats().Queued; queued != 1 {
			t.Errorf("%d are queued, want 1, which is stashed", queued)
		}
		tell(t, ref, unstash)
		synctest.Wait()
		j.check(t, "c")
	})
}

// A handler may stash its message and unstash the others; what it stashes now stays, and so do those that are unstashed
// while other unstashed ones wait.
func TestStashAndUnstashInOneHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		both := func(name string) act {
			stashed := false
			return func(ctx *runtime.Context[act]) error {
				if stashed {
					j.add("%s", name)
					return nil
				}
				stashed = true
				if err := ctx.Stash(); err != nil {
					return err
				}
				ctx.Unstash()
				return nil
			}
		}
		tell(t, ref, keep(j, "a"), keep(j, "b"), both("c"), note(j, "1"))
		synctest.Wait()
		j.check(t, "a", "b", "1")
		tell(t, ref, both("d"), unstash)
		synctest.Wait()
		j.check(t, "c", "d")
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 6, Handled: 6, Actors: 1})
	})
}

// An unstashed message that unstashes others has had its turn; they come after it, before those that wait behind it.
func TestUnstashWhileAnUnstashedMessageIsHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		times := func(n int, name string, then act) act { // stashed n times
			return func(ctx *runtime.Context[act]) error {
				if n > 0 {
					n--
					return ctx.Stash()
				}
				j.add("%s", name)
				return then(ctx)
			}
		}
		tell(t, ref, times(2, "a", fine), times(1, "b", unstash), times(1, "c", fine), unstash, note(j, "1"))
		synctest.Wait()
		j.check(t, "b", "a", "c", "1")
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 5, Handled: 5, Actors: 1})
	})
}

func TestStashTwiceKeepsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		once := keep(j, "a")
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			_ = ctx.Stash()
			return once(ctx)
		}, unstash)
		synctest.Wait()
		tell(t, ref, unstash)
		synctest.Wait()
		j.check(t, "a", "a") // the outer handler stashes it each time that it comes
		if queued := ref.Stats().Queued; queued != 1 {
			t.Errorf("%d are queued, want the one that is stashed", queued)
		}
	})
}

func TestStashIsBoundedByTheMailboxsCapacity(t *testing.T) {
	for _, capacity := range []int{1, 3, mailbox.Unbounded} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			ref := spawn(t, system, runtime.Props[act]{New: performer, Mailbox: mailbox.Config[act]{Capacity: capacity}})
			stashed, full := 0, error(nil)
			for range 10 {
				tell(t, ref, func(ctx *runtime.Context[act]) error {
					if err := ctx.Stash(); err != nil {
						full = err
					} else {
						stashed++
					}
					return nil
				})
				synctest.Wait()
			}
			if capacity == mailbox.Unbounded {
				if stashed != 10 || full != nil {
					t.Errorf("unbounded: %d are stashed, %v", stashed, full)
				}
				return
			}
			want := fmt.Sprintf("mailbox: full: %d messages are stashed at %s", capacity, ref.Path())
			if stashed != capacity || !errors.Is(full, mailbox.ErrFull) || full.Error() != want {
				t.Errorf("capacity %d: %d are stashed, then %v\nwant %s", capacity, stashed, full, want)
			}
			checkStats(t, ref.Stats(), runtime.Stats{
				Sent: 10, Handled: uint64(10 - capacity), Queued: uint64(capacity), Actors: 1,
			})
		})
	}
}

// stasher stashes in its hooks, where there is no message.
type stasher struct {
	runtime.Func[act]
	*journal
}

func (s stasher) Started(ctx *runtime.Context[act]) error {
	s.add("started: %v", ctx.Stash())
	return nil
}

func (s stasher) Restarting(ctx *runtime.Context[act], _ error) {
	s.add("restarting: %v", ctx.Stash())
}

func (s stasher) Stopped(ctx *runtime.Context[act], _ error) {
	s.add("stopped: %v", ctx.Stash())
}

func TestStashWithoutAMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		ref := spawn(t, system, runtime.Props[act]{New: func() runtime.Actor[act] {
			return stasher{func(ctx *runtime.Context[act], do act) error { return do(ctx) }, j}
		}})
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			runtime.Watch(ctx, runtime.Ref[int]{}, func(error) act {
				j.add("then: %v", ctx.Stash())
				return fine
			})
			return nil
		}, func(*runtime.Context[act]) error { panic("restart") })
		synctest.Wait()
		ref.Stop()
		<-ref.Done()
		const none = ": runtime: there is no current message to stash"
		j.check(t, "started"+none, "then"+none, "restarting"+none, "started"+none, "stopped"+none)
		if stats := ref.Stats(); stats.Handled != 2 || stats.DeadLettered != 1 {
			t.Errorf("%+v: want 2 handled and 1 dead letter", stats)
		}
	})
}

func TestStashedMessageWhoseHandlerFailsIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, tireless)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			if err := ctx.Stash(); err != nil {
				return err
			}
			return errFails
		}, fine, func(ctx *runtime.Context[act]) error {
			_ = ctx.Stash()
			panic("after Stash")
		}, fine)
		synctest.Wait()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 4, Handled: 2, DeadLettered: 2, Failed: 2, Restarts: 2, Actors: 1})
	})
}

// What is stashed when the actor stops becomes dead letters before what waits.
func TestStashedMessagesOfAStoppedActorAreDeadLetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		letters := collectDeadLetters(system)
		ref := spawn(t, system, runtime.Props[string]{New: always(func(ctx *runtime.Context[string], m string) error {
			if m == "stop" {
				ctx.Stop()
				return nil
			}
			return ctx.Stash()
		})})
		tell(t, ref, "a", "b", "stop")
		<-ref.Done()
		synctest.Wait()
		letters.check(t, "a", "b")
		for _, d := range letters.list() {
			if !errors.Is(d.Reason, runtime.ErrStopped) {
				t.Errorf("%v: %v, want ErrStopped", d.Message, d.Reason)
			}
		}
	})
}
