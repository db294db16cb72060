package runtime_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// A stop takes effect before the next message, however many wait, taken into a batch or not, in front or not.
func TestPromise6ControlLaneStopsBeforeTheNextMessage(t *testing.T) {
	for name, inFront := range map[string]bool{"queued": false, "unstashed": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system, j := newSystem(t), &journal{}
				letters := collectDeadLetters(system)
				ref := spawn(t, system, runtime.Props[act]{New: performer, Mailbox: mailbox.Config[act]{Capacity: 10}})
				g := newGate(t)
				held := func(*runtime.Context[act]) error { g.wait(); j.add("held"); return nil }
				if inFront {
					tell(t, ref, keep(j, "a"), keep(j, "b"))
					synctest.Wait()
					held = func(ctx *runtime.Context[act]) error { ctx.Unstash(); g.wait(); j.add("held"); return nil }
				}
				tell(t, ref, held)
				synctest.Wait()
				for range 10 {
					tell(t, ref, note(j, "too late"))
				}
				ref.Stop() // the mailbox is full
				g.open()
				<-ref.Done()
				synctest.Wait()
				j.check(t, "held")
				want := 10
				if inFront {
					want = 12
				}
				if n := len(letters.list()); n != want {
					t.Errorf("%d dead letters, want %d", n, want)
				}
			})
		})
	}
}

// A handler that stops its own actor, in the midst of a batch.
func TestPromise6ControlLaneStopsInTheMidstOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate(t)
		var handled []int
		ref := spawn(t, system, runtime.Props[int]{New: always(func(ctx *runtime.Context[int], m int) error {
			g.wait()
			handled = append(handled, m)
			if m == 50 {
				ctx.Stop()
			}
			return nil
		})})
		for i := range 100 {
			tell(t, ref, i)
		}
		g.open()
		<-ref.Done()
		if len(handled) != 51 || !slices.IsSorted(handled) {
			t.Errorf("handled %v, want 0 to 50", handled)
		}
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 100, Handled: 51, DeadLettered: 49})
	})
}

// A failure is decided on and a restart done while the mailbox is full, and before the next message.
func TestPromise6ControlLaneRestartsWhileTheMailboxIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		system := newSystem(t, runtime.Config{Children: supervisor.Config{Decide: func(error) supervisor.Directive {
			j.add("decided")
			return supervisor.Restart
		}}})
		g := newGate(t)
		ref := spawn(t, system, runtime.Props[act]{
			New:     func() runtime.Actor[act] { j.add("new"); return performer() },
			Mailbox: mailbox.Config[act]{Capacity: 2, Overflow: mailbox.Reject},
		})
		tell(t, ref, func(*runtime.Context[act]) error { g.wait(); j.add("fails"); return errFails })
		synctest.Wait()
		tell(t, ref, note(j, "1"), note(j, "2"))
		if err := ref.TryTell(fine); err == nil {
			t.Error("there was room")
		}
		g.open()
		synctest.Wait()
		j.check(t, "new", "fails", "decided", "new", "1", "2")
	})
}

// While an actor waits for its supervisor, messages neither wake it nor get lost.
func TestPromise6ControlLaneComesFirstAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t)
		system := newSystem(t, runtime.Config{Children: supervisor.Config{Decide: func(error) supervisor.Directive {
			g.wait()
			return supervisor.Stop
		}}})
		letters := collectDeadLetters(system)
		ref := spawnFunc(t, system, func(_ *runtime.Context[string], m string) error {
			if m != "fails" {
				t.Errorf("%s was handled", m)
			}
			return errFails
		})
		tell(t, ref, "fails", "a")
		synctest.Wait()
		tell(t, ref, "b")
		synctest.Wait()
		if queued := ref.Stats().Queued; queued != 2 {
			t.Errorf("%d are queued, want 2", queued)
		}
		g.open()
		<-ref.Done()
		synctest.Wait()
		letters.check(t, "fails", "a", "b")
	})
}
