package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

func TestStopWhenEmptyHandlesWhatIsQueuedAndRefusesOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		ref := spawn(t, system, svProps("a", svNoted(&notes)))
		other := spawn(t, system, svProps("other"))
		g := svBlock(t, ref)
		for i := range 3 {
			tell(t, ref, func(ctx *runtime.Context[svJob]) error { notes.add("%d: %v", i, ctx.Err()); return nil })
		}
		ref.StopWhenEmpty()
		ref.StopWhenEmpty()
		g.open()
		svDo(t, other, func(ctx *runtime.Context[svJob]) error {
			if err := ref.Tell(ctx, svFail); !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("another's tell: %v", err)
			}
			return nil
		})
		<-ref.Done()
		notes.check(t, "a starts", "0: <nil>", "1: <nil>", "2: <nil>", "a stops: <nil>")
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 5, Rejected: 1, Handled: 4})
	})
}

func TestStopWhenEmptyAcceptsFromItsOwnTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svNoted(&notes)))
		kids := svSpawnAll(t, top, &notes, "a", "b")
		grandkids := svSpawnAll(t, kids["b"], &notes, "c")
		send := func(what string) svJob {
			return func(ctx *runtime.Context[svJob]) error {
				err := top.Tell(ctx, func(*runtime.Context[svJob]) error { notes.add("%s", what); return nil })
				if err != nil {
					notes.add("%s: %v", what, err)
				}
				return nil
			}
		}
		g := svBlock(t, grandkids["c"])
		tell(t, grandkids["c"], send("from c"))
		tell(t, kids["b"], send("from b"))
		tell(t, kids["a"], send("from a"))
		tell(t, top, send("from itself"))
		synctest.Wait()
		top.StopWhenEmpty()
		synctest.Wait()
		g.open()
		<-top.Done()
		lines := notes.take()
		if len(lines) != 8 || lines[7] != "top stops: <nil>" {
			t.Errorf("%q: want four messages, then each hook", lines)
		}
		if rejected := top.Stats().Rejected; rejected != 0 {
			t.Errorf("%d rejected", rejected)
		}
	})
}

// A behaviour that fails while its children drain is replaced, and the drain goes on with the new one's children.
func TestStopWhenEmptyWithAFailureWhileTheChildrenDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		top := spawn(t, system, svProps("top", svNoted(&notes), svSpawnsAll(&notes, "kid")))
		kid := svLookup(t, system, "troupe/top/kid")
		g := newGate(t)
		tell(t, kid, func(ctx *runtime.Context[svJob]) error {
			g.wait()
			return top.Tell(ctx, svFail)
		})
		top.StopWhenEmpty()
		synctest.Wait()
		g.open()
		<-top.Done()
		notes.check(t, "top starts", "kid starts", "kid stops: <nil>", "top restarts: boom",
			"top starts", "kid starts", "kid stops: <nil>", "top stops: <nil>")
	})
}

func TestStopWhenEmptyEndsTimersAndWaitsForPipes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var notes journal
		note := func(what string) svJob {
			return func(*runtime.Context[svJob]) error { notes.add("%s", what); return nil }
		}
		ref := spawn(t, system, svProps("a"))
		svDo(t, ref, func(ctx *runtime.Context[svJob]) error {
			ctx.Every(time.Second, note("every"))
			ctx.After(time.Second, note("after"))
			work := func(ctx context.Context) (int, error) { <-time.After(time.Minute); return 1, ctx.Err() }
			runtime.Pipe(ctx, work, func(_ int, err error) svJob {
				return func(ctx *runtime.Context[svJob]) error {
					notes.add("piped: %v", err)
					runtime.Pipe(ctx, work, func(int, error) svJob { return note("again") })
					return nil
				}
			})
			return nil
		})
		ref.StopWhenEmpty()
		begun := time.Now()
		<-ref.Done()
		notes.check(t, "piped: <nil>", "again")
		if took := time.Since(begun); took != 2*time.Minute {
			t.Errorf("it took %v, want the two minutes of the pipes", took)
		}
	})
}

func TestStashAtTheEndIsDeadLetters(t *testing.T) {
	for _, soft := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			dead := collectDeadLetters(system)
			ref := spawn(t, system, runtime.Props[int]{New: always(func(ctx *runtime.Context[int], m int) error {
				if m%2 == 0 {
					return ctx.Stash()
				}
				return nil
			})})
			tell(t, ref, 0, 1, 2, 3, 4)
			synctest.Wait()
			if queued := ref.Stats().Queued; queued != 3 {
				t.Errorf("%d are queued, want the 3 in the stash", queued)
			}
			if soft {
				ref.StopWhenEmpty()
			} else {
				ref.Stop()
			}
			<-ref.Done()
			synctest.Wait()
			dead.check(t, 0, 2, 4)
			checkStats(t, ref.Stats(), runtime.Stats{Sent: 5, Handled: 2, DeadLettered: 3})
		})
	}
}
