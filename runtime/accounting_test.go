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

// An act is a message that says what the handler does.
type act func(*runtime.Context[act]) error

// performer is a behaviour that does what its messages say.
func performer() runtime.Actor[act] {
	return runtime.Func[act](func(ctx *runtime.Context[act], do act) error { return do(ctx) })
}

var errFails = errors.New("it fails")

func fine(*runtime.Context[act]) error      { return nil }
func fails(*runtime.Context[act]) error     { return errFails }
func stash(ctx *runtime.Context[act]) error { return ctx.Stash() }
func unstash(ctx *runtime.Context[act]) error {
	ctx.Unstash()
	return nil
}

// Each step is followed by a quiescent moment, at which all counts are known.
func TestPromise4AccountedStepByStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, tireless)
		letters := collectDeadLetters(system)
		ref := spawn(t, system, runtime.Props[act]{
			New: performer, Mailbox: mailbox.Config[act]{Capacity: 3}, Redeliver: 1,
		})
		want := runtime.Stats{Actors: 1}
		check := func(step string) {
			t.Helper()
			synctest.Wait()
			t.Log(step)
			checkStats(t, ref.Stats(), want)
			checkStats(t, system.Stats(), want)
			if n := uint64(len(letters.list())); n != want.Dropped+want.DeadLettered {
				t.Errorf("%d dead letters are published, want %d", n, want.Dropped+want.DeadLettered)
			}
		}
		check("nothing yet")

		g := newGate(t)
		held := func(*runtime.Context[act]) error { g.wait(); return nil }
		tell(t, ref, held)
		want.Sent, want.Queued = 1, 1
		check("one is being handled")

		tell(t, ref, fine, fails, stash)
		want.Sent, want.Queued = 4, 4
		check("three wait")

		ended, cancel := context.WithCancel(context.Background())
		cancel()
		for _, err := range []error{ref.TryTell(fine), ref.TryTell(fine), ref.Tell(ended, fine)} {
			if err == nil {
				t.Error("a message was taken, beyond the capacity or with an ended context")
			}
		}
		want.Sent, want.Rejected = 7, 3
		check("three were refused")

		g.open()
		want.Handled, want.DeadLettered, want.Queued = 2, 1, 1
		want.Failed, want.Redelivered, want.Restarts = 2, 1, 2
		check("one failed twice, one is stashed")

		tell(t, ref, unstash)
		want.Sent, want.Handled = 8, 3
		check("the stashed one was stashed again")

		g2 := newGate(t)
		tell(t, ref, func(*runtime.Context[act]) error { g2.wait(); return nil }, fine, fine)
		want.Sent, want.Queued = 11, 4
		check("three more, and the stashed one")

		ref.Stop()
		g2.open()
		<-ref.Done()
		want.Handled, want.DeadLettered, want.Queued, want.Actors = 4, 4, 0, 0
		check("it is stopped: two were waiting, one was stashed")

		for range 2 {
			if err := ref.TryTell(fine); !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("tell to a stopped actor: %v, want ErrStopped", err)
			}
		}
		want.Sent, want.Rejected = 13, 5
		check("it refuses what comes late")
	})
}

// A handled message must not count as queued only because those that it put back in front come before the mailbox's.
func TestPromise4AccountedWhileAnUnstashedMessageIsHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		g := newGate(t)
		first := true
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			if first {
				first = false
				return ctx.Stash()
			}
			g.wait()
			return nil
		}, fine, unstash)
		synctest.Wait()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 3, Handled: 2, Queued: 1, Actors: 1})
	})
}

// What is dropped counts once, whoever it was that was evicted.
func TestPromise4AccountedUnderEachOverflowPolicy(t *testing.T) {
	for _, policy := range []mailbox.Overflow{
		mailbox.Block, mailbox.Reject, mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast,
	} {
		eachOrder(t, func(t *testing.T, config mailbox.Config[int]) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				letters := collectDeadLetters(system)
				g := newGate(t)
				config.Capacity, config.Overflow = 5, policy
				ref := spawn(t, system, runtime.Props[int]{Mailbox: config,
					New: always(func(*runtime.Context[int], int) error { g.wait(); return nil })})
				tell(t, ref, 0)
				synctest.Wait()
				rejected := uint64(0)
				for i := range 12 {
					if err := ref.TryTell(i); err != nil {
						rejected++
					}
				}
				synctest.Wait()
				want := runtime.Stats{Sent: 13, Rejected: rejected, Dropped: 7 - rejected, Queued: 6, Actors: 1}
				checkStats(t, ref.Stats(), want)
				g.open()
				synctest.Wait()
				want.Handled, want.Queued = 6, 0
				checkStats(t, ref.Stats(), want)
				if n := uint64(len(letters.list())); n != want.Dropped {
					t.Errorf("%d dead letters are published, want %d", n, want.Dropped)
				}
			})
		})
	}
}

// A system's counts are those of all its actors, living and gone.
func TestSystemStatsAreThoseOfAllActors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, runtime.Config{Children: supervisor.Config{
			Decide: func(error) supervisor.Directive { return supervisor.Stop },
		}})
		a := spawn(t, system, runtime.Props[act]{New: performer})
		b := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, a, fine, func(ctx *runtime.Context[act]) error {
			child, err := runtime.Spawn(ctx, runtime.Props[act]{New: performer})
			if err != nil {
				return err
			}
			return child.Tell(ctx, fine)
		})
		tell(t, b, fine, fails)
		<-b.Done()
		synctest.Wait()
		checkStats(t, b.Stats(), runtime.Stats{Sent: 2, Handled: 1, DeadLettered: 1, Failed: 1})
		checkStats(t, system.Stats(), runtime.Stats{Sent: 5, Handled: 4, DeadLettered: 1, Failed: 1, Actors: 2})
	})
}
