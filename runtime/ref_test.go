package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

func TestZeroRefIsThatOfAStoppedActor(t *testing.T) {
	var ref runtime.Ref[int]
	<-ref.Done()
	ref.Stop()
	ref.StopWhenEmpty()
	for name, err := range map[string]error{
		"Tell": ref.Tell(context.Background(), 1), "TryTell": ref.TryTell(1),
	} {
		if !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("%s: %v, want ErrStopped", name, err)
		}
	}
	if ref.Err() != nil || ref.Path() != "" || ref.Stats() != (runtime.Stats{}) {
		t.Errorf("Err %v, Path %q, Stats %+v: want nothing", ref.Err(), ref.Path(), ref.Stats())
	}
}

func TestRefsAreComparable(t *testing.T) {
	system := newSystem(t)
	a := spawn(t, system, runtime.Props[act]{Name: "a", New: performer})
	b := spawn(t, system, runtime.Props[act]{Name: "b", New: performer})
	again, err := runtime.Lookup[act](system, "troupe/a")
	if err != nil || again != a || a == b {
		t.Errorf("%v, %v, %v: want the same for the same actor, and no other", a, again, b)
	}
	if m := map[runtime.Ref[act]]int{a: 1, b: 2}; m[again] != 1 {
		t.Error("a ref is not found in a map")
	}
}

func TestRefOfAStoppedActorRefusesMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[act]{Name: "a", New: performer})
		ref.Stop()
		<-ref.Done()
		const want = "runtime: stopped: troupe/a"
		for name, err := range map[string]error{
			"Tell":                       ref.Tell(context.Background(), fine),
			"Tell with an ended context": ref.Tell(ended(), fine),
			"TryTell":                    ref.TryTell(fine),
		} {
			if !errors.Is(err, runtime.ErrStopped) || err.Error() != want {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 3, Rejected: 3})
	})
}

// A tell that waits for room when the actor stops is told so, and its message is its sender's still.
func TestTellThatWaitsForRoomEndsWithTheActor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		letters := collectDeadLetters(system)
		g := newGate(t)
		ref := spawn(t, system, runtime.Props[string]{Name: "a", Mailbox: mailbox.Config[string]{Capacity: 1},
			New: always(func(*runtime.Context[string], string) error { g.wait(); return nil })})
		tell(t, ref, "handled")
		synctest.Wait()
		tell(t, ref, "queued")
		told := make(chan error)
		go func() { told <- ref.Tell(context.Background(), "waiting") }()
		synctest.Wait()
		ref.Stop()
		g.open()
		if err := <-told; !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("got %v, want ErrStopped", err)
		}
		<-ref.Done()
		synctest.Wait()
		letters.check(t, "queued")
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 3, Rejected: 1, Handled: 1, DeadLettered: 1})
	})
}

func TestTellWithoutAContext(t *testing.T) {
	system := newSystem(t)
	ref := spawn(t, system, runtime.Props[act]{Name: "a", New: performer})
	var none context.Context
	err := ref.Tell(none, fine)
	const want = "runtime: tell troupe/a: mailbox: the context is nil: want context.Background() or another"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	checkStats(t, ref.Stats(), runtime.Stats{Sent: 1, Rejected: 1, Actors: 1})
}
