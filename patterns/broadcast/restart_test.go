package broadcast_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// The topic and all that belongs to it are restarted with a sibling, under AllForOne, while a subscriber holds it up.
func TestRestartOfTheTopicLosesNothing(t *testing.T) {
	for _, actors := range []int{2, 100} { // in one branch, in several
		t.Run(fmt.Sprint(actors), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				restartOfTopic(t, newSystem(t), actors)
			})
		})
	}
}

// A family is a topic and a sibling, under a parent that restarts all when the sibling fails, which it does when told.
type family struct {
	topic   *broadcast.Topic[int]
	sibling runtime.Ref[bool]
}

func newFamily(t *testing.T, system *runtime.System) family {
	t.Helper()
	families := make(chan family, 1)
	parent, err := runtime.Spawn(system, runtime.Props[int]{
		New: func() runtime.Actor[int] {
			return runtime.Func[int](func(ctx *runtime.Context[int], _ int) error {
				topic := newTopic(t, ctx, broadcast.Config[int]{Name: "topic", Replay: 1000})
				sibling, err := runtime.SpawnFunc(ctx, "sibling", func(*runtime.Context[bool], bool) error { return errOnPurpose })
				families <- family{topic, sibling}
				return err
			})
		},
		Children: supervisor.Config{Strategy: supervisor.AllForOne},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Tell(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	return <-families
}

// fail returns when the topic has begun to restart.
func (f family) fail(t *testing.T) {
	t.Helper()
	if err := f.sibling.Tell(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func restartOfTopic(t *testing.T, system *runtime.System, actors int) {
	f := newFamily(t, system)
	sinks := make([]sink, actors)
	for i := range sinks {
		onActor(t, system, f.topic, runtime.Props[int]{}, sinks[i].add, broadcast.Options[int]{})
	}
	open := make(chan struct{})
	var held, function, loop sink
	onActor(t, system, f.topic, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 1}},
		func(ctx *runtime.Context[int], v int) error {
			<-open
			return held.add(ctx, v)
		}, broadcast.Options[int]{})
	sub := onFunc(t, f.topic, function.add, broadcast.Options[int]{Name: "function"})
	over := make(chan struct{})
	go func() {
		defer close(over)
		for v := range f.topic.All(context.Background()) {
			loop.got = append(loop.got, v)
		}
	}()
	synctest.Wait()
	const events = 500
	publish(t, f.topic, upTo(events)...)
	synctest.Wait() // it waits for who holds it up, with hundreds of events in hand and queued
	restarts := system.Stats().Restarts
	f.fail(t)
	close(open)
	synctest.Wait()
	if n := system.Stats().Restarts - restarts; n < 3 {
		t.Fatalf("%d actors were restarted, want the sibling and the topic's two at least", n)
	}
	publish(t, f.topic, events, events+1)
	synctest.Wait()
	for i := range sinks {
		wantEvents(t, "an actor", sinks[i].got, upTo(events+2))
	}
	wantEvents(t, "who held it up", held.got, upTo(events+2))
	if n := len(function.got); n < 2 || function.got[n-1] != events+1 || ended(sub.Done()) {
		t.Errorf("the function got %v, want what comes after the restart at least", function.got)
	}
	drain(t, f.topic)
	<-over
	wantEvents(t, "the loop", loop.got, upTo(events+2))
}

// A newcomer's order may be in hand, behind events for which the topic waits for room.
func TestRestartOfTheTopicKeepsNewcomerInHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		f := newFamily(t, system)
		filter, busy := make(chan struct{}), make(chan struct{})
		onActor(t, system, f.topic, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 1}},
			func(*runtime.Context[int], int) error {
				<-busy
				return nil
			}, broadcast.Options[int]{Filter: func(int) bool {
				<-filter
				return true
			}})
		publish(t, f.topic, 0)
		synctest.Wait()
		publish(t, f.topic, 1, 2, 3)
		var got sink
		_, sub := onActor(t, system, f.topic, runtime.Props[int]{}, got.add, broadcast.Options[int]{Replay: 2})
		close(filter)
		synctest.Wait()
		f.fail(t)
		close(busy)
		synctest.Wait()
		publish(t, f.topic, 4)
		synctest.Wait()
		wantEvents(t, "the newcomer", got.got, []int{2, 3, 4})
		if s := statsOf(t, sub); s.Delivered != 3 {
			t.Errorf("stats of the newcomer are %+v, want 3 delivered", s)
		}
	})
}
