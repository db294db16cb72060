package broadcast_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
)

// wantStopped checks that a topic that has stopped says so.
func wantStopped(t *testing.T, topic *broadcast.Topic[int]) {
	t.Helper()
	<-topic.Done()
	ctx := t.Context()
	nothing := func(*runtime.Context[int], int) error { return nil }
	_, stats := topic.Stats(ctx)
	_, subs := topic.Subscriptions(ctx)
	_, function := topic.SubscribeFunc(ctx, nothing, broadcast.Options[int]{})
	for what, err := range map[string]error{
		"Publish": topic.Publish(ctx, 0), "TryPublish": topic.TryPublish(0), "Stats": stats, "Subscriptions": subs, "SubscribeFunc": function,
	} {
		if !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("%s returns %v, want ErrStopped", what, err)
		}
	}
	for range topic.All(ctx) {
		t.Error("there is an event")
	}
}

// A crowd of the three kinds, all of which wait for open.
type waiting struct {
	open      chan struct{}
	functions []sink
	actors    []sink
	loops     []sink
	over      chan struct{} // one for each loop that has ended
	subs      []*broadcast.Subscription
}

// newWaiting subscribes more than one branch has.
func newWaiting(t *testing.T, p runtime.Parent, topic *broadcast.Topic[int]) *waiting {
	const each = 20
	w := &waiting{make(chan struct{}), make([]sink, each), make([]sink, each), make([]sink, each), make(chan struct{}, each), nil}
	slow := func(s *sink) func(*runtime.Context[int], int) error {
		return func(ctx *runtime.Context[int], v int) error {
			select {
			case <-w.open:
			case <-ctx.Done():
			}
			return s.add(ctx, v)
		}
	}
	for i := range each {
		w.subs = append(w.subs, onFunc(t, topic, slow(&w.functions[i]), broadcast.Options[int]{Name: fmt.Sprint(i)}))
		_, sub := onActor(t, p, topic, runtime.Props[int]{}, slow(&w.actors[i]), broadcast.Options[int]{})
		w.subs = append(w.subs, sub)
		go func() {
			for v := range topic.All(context.Background()) {
				<-w.open
				w.loops[i].got = append(w.loops[i].got, v)
			}
			w.over <- struct{}{}
		}()
	}
	synctest.Wait()
	return w
}

func (w *waiting) join() {
	for range w.loops {
		<-w.over
	}
	for _, sub := range w.subs {
		<-sub.Done()
	}
}

func TestDrainDeliversWhatWasPublished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		topic := newTopic(t, system, broadcast.Config[int]{})
		w := newWaiting(t, system, topic)
		publish(t, topic, upTo(500)...)
		drained := make(chan error, 1)
		go func() { drained <- topic.Drain(t.Context()) }()
		synctest.Wait()
		if err := topic.Publish(t.Context(), 500); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("Publish while the topic drains returns %v, want ErrStopped", err)
		}
		if len(drained) > 0 {
			t.Error("Drain returned before the functions had handled all")
		}
		close(w.open)
		if err := <-drained; err != nil {
			t.Error(err)
		}
		w.join()
		synctest.Wait()
		for i := range w.functions {
			wantEvents(t, "a function", w.functions[i].got, upTo(500))
			wantEvents(t, "an actor", w.actors[i].got, upTo(500))
			wantEvents(t, "a loop", w.loops[i].got, upTo(500))
		}
		for _, sub := range w.subs {
			if s := statsOf(t, sub); s.Delivered != 500 || sub.Err() != nil {
				t.Errorf("a subscription ended with %v and %+v, want nil and 500 delivered", sub.Err(), s)
			}
		}
		if err := topic.Drain(t.Context()); err != nil {
			t.Errorf("a second Drain returns %v, want nil", err)
		}
		wantStopped(t, topic)
	})
}

func TestStopGivesUpWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		topic := newTopic(t, system, broadcast.Config[int]{})
		w := newWaiting(t, system, topic)
		publish(t, topic, upTo(500)...)
		synctest.Wait()
		topic.Stop()
		<-topic.Done()
		close(w.open)
		w.join()
		synctest.Wait()
		for i := range w.functions {
			wantEvents(t, "a function", w.functions[i].got, upTo(1))
			wantEvents(t, "an actor", w.actors[i].got, upTo(500)) // it had got them
			wantEvents(t, "a loop", w.loops[i].got, upTo(1))
		}
		wantStopped(t, topic)
	})
}

// A topic that is stopped while it waits for somebody counts what it could not deliver, and delivers what needs no
// waiting.
func TestStopEndsAWaitForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, others := range []int{1, 100} { // in one branch, in several
			system := newSystem(t)
			topic := newTopic(t, system, broadcast.Config[int]{Capacity: 20})
			open := make(chan struct{})
			_, stalled := onActor(t, system, topic, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 5}},
				func(*runtime.Context[int], int) error {
					<-open
					return nil
				}, broadcast.Options[int]{})
			sinks, subs := make([]sink, others), make([]*broadcast.Subscription, others)
			for i := range others {
				_, subs[i] = onActor(t, system, topic, runtime.Props[int]{}, sinks[i].add, broadcast.Options[int]{})
			}
			done := make(chan error, 1)
			go func() {
				var err error
				for v := 0; err == nil; v++ {
					err = topic.Publish(context.Background(), v)
				}
				done <- err
			}()
			synctest.Wait()
			topic.Stop()
			if err := <-done; !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("the Publish that waits returns %v, want ErrStopped", err)
			}
			<-topic.Done()
			synctest.Wait()
			close(open)
			s := statsOf(t, stalled)
			if s.Delivered != 6 || s.Dropped == 0 {
				t.Errorf("stats of who stalls are %+v, want 6 delivered and some dropped", s)
			}
			for i, sub := range subs {
				if other := statsOf(t, sub); other.Delivered != s.Delivered+s.Dropped || other.Dropped != 0 {
					t.Errorf("stats of another are %+v, want %d delivered", other, s.Delivered+s.Dropped)
				}
				wantEvents(t, "another", sinks[i].got, upTo(int(s.Delivered+s.Dropped)))
			}
		}
	})
}

// A newcomer's order may be in hand, behind events for which the topic waits for room. Its subscription ends with the topic.
func TestStopEndsSubscriptionOfNewcomerInHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		topic := newTopic(t, system, broadcast.Config[int]{Replay: 10})
		filter, busy := make(chan struct{}), make(chan struct{})
		defer close(busy)
		_, stalled := onActor(t, system, topic, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 1}},
			func(*runtime.Context[int], int) error {
				<-busy
				return nil
			}, broadcast.Options[int]{Filter: func(int) bool {
				<-filter
				return true
			}})
		publish(t, topic, 0)
		synctest.Wait()
		publish(t, topic, 1, 2, 3)
		var got sink
		_, sub := onActor(t, system, topic, runtime.Props[int]{}, got.add, broadcast.Options[int]{Replay: 10})
		close(filter)
		synctest.Wait()
		topic.Stop()
		<-topic.Done()
		<-sub.Done()
		synctest.Wait()
		if s := statsOf(t, sub); s != (broadcast.SubscriptionStats{}) {
			t.Errorf("stats of the newcomer are %+v, want nothing", s)
		}
		if s := statsOf(t, stalled); s.Delivered+s.Dropped != 4 {
			t.Errorf("stats of who stalls are %+v, want 4 events", s)
		}
		wantEvents(t, "the newcomer", got.got, nil)
	})
}

// What is in hand when the topic stops reaches the others though a filter calls Goexit on each event, in whichever branch.
func TestStopDeliversWhatIsInHandThoughFilterCallsGoexit(t *testing.T) {
	for _, others := range []int{1, 100} { // in one branch, in several
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			topic := newTopic(t, system, broadcast.Config[int]{})
			open := make(chan struct{})
			defer close(open)
			stall := func() {
				onActor(t, system, topic, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 1}},
					func(*runtime.Context[int], int) error {
						<-open
						return nil
					}, broadcast.Options[int]{})
			}
			exit := func() *broadcast.Subscription {
				return onFunc(t, topic, (&sink{}).add, broadcast.Options[int]{Filter: func(int) bool {
					goruntime.Goexit()
					return true
				}})
			}
			stall()
			exits := []*broadcast.Subscription{exit()}
			sinks, subs := make([]sink, others), make([]*broadcast.Subscription, others)
			for i := range others {
				_, subs[i] = onActor(t, system, topic, runtime.Props[int]{}, sinks[i].add, broadcast.Options[int]{})
			}
			stall()
			exits = append(exits, exit())
			_, last := onActor(t, system, topic, runtime.Props[int]{}, (&sink{}).add, broadcast.Options[int]{})
			subs = append(subs, last)
			publish(t, topic, 0, 1, 2)
			synctest.Wait()
			topic.Stop()
			<-topic.Done()
			synctest.Wait()
			for _, sub := range subs {
				if s := statsOf(t, sub); s.Delivered != 3 {
					t.Errorf("stats of another are %+v, want 3 delivered", s)
				}
			}
			for i := range sinks {
				wantEvents(t, "another", sinks[i].got, upTo(3))
			}
			for _, sub := range exits {
				if s := statsOf(t, sub); s.Failed != 3 {
					t.Errorf("stats of who has the filter are %+v, want 3 failed", s)
				}
			}
		})
	}
}

func TestDrainStopsWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{Name: "topic"})
		sub := onFunc(t, topic, func(ctx *runtime.Context[int], _ int) error {
			<-ctx.Done()
			return nil
		}, broadcast.Options[int]{})
		publish(t, topic, upTo(10)...)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := topic.Drain(ctx)
		if text := "broadcast: drain troupe/topic: context deadline exceeded"; !errors.Is(err, ctx.Err()) || err.Error() != text {
			t.Errorf("Drain returns %v, want %s", err, text)
		}
		<-sub.Done()
		wantStopped(t, topic)
	})
}

// Cancel takes effect at once while the topic drains, and after it has drained: a function stops, and a loop gets nothing
// more.
func TestCancelGivesUpWhatADrainLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{})
		var got, loop sink
		function := onFunc(t, topic, func(ctx *runtime.Context[int], v int) error {
			<-ctx.Done()
			return got.add(ctx, v)
		}, broadcast.Options[int]{})
		open, over := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(over)
			for v := range topic.All(context.Background(), broadcast.Options[int]{Name: "loop"}) {
				loop.got = append(loop.got, v)
				<-open
			}
		}()
		synctest.Wait()
		subs, err := topic.Subscriptions(t.Context())
		i := slices.IndexFunc(subs, func(s *broadcast.Subscription) bool { return s.Name() == "loop" })
		if err != nil || i < 0 {
			t.Fatalf("subscriptions are %v, %v, want that of the loop among them", subs, err)
		}
		publish(t, topic, upTo(10)...)
		drained := make(chan error, 1)
		go func() { drained <- topic.Drain(context.Background()) }()
		synctest.Wait()
		if len(drained) > 0 {
			t.Fatal("Drain returned before the function did")
		}
		function.Cancel()
		function.Cancel()
		synctest.Wait()
		if len(drained) == 0 || !ended(function.Done()) {
			t.Error("Cancel of the function did nothing")
			topic.Stop()
		}
		if err := <-drained; err != nil {
			t.Error(err)
		}
		subs[i].Cancel()
		close(open)
		<-over
		wantEvents(t, "the function", got.got, upTo(1))
		wantEvents(t, "the loop", loop.got, upTo(1))
	})
}

// What was published before a shutdown, and what the system's own actors publish during it, is delivered to all that are
// older than the topic, and to its functions.
func TestShutdownDeliversWhatWasPublished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var actors []runtime.Ref[int]
		const each, events = 50, 300
		received, functions, loop := make([]sink, each), make([]sink, each), sink{}
		for i := range each {
			ref, err := runtime.SpawnFunc(system, "", received[i].add)
			if err != nil {
				t.Fatal(err)
			}
			actors = append(actors, ref)
		}
		topic := newTopic(t, system, broadcast.Config[int]{Capacity: 7})
		for i, ref := range actors {
			if _, err := topic.SubscribeRef(t.Context(), ref, broadcast.Options[int]{}); err != nil {
				t.Fatal(err)
			}
			onFunc(t, topic, functions[i].add, broadcast.Options[int]{Mailbox: mailbox.Config[int]{Capacity: 3}})
		}
		over := make(chan struct{})
		go func() {
			defer close(over)
			for v := range topic.All(context.Background(), broadcast.Options[int]{Mailbox: mailbox.Config[int]{Capacity: 3}}) {
				loop.got = append(loop.got, v)
			}
		}()
		synctest.Wait()
		source, err := runtime.SpawnFunc(system, "source", func(ctx *runtime.Context[int], v int) error {
			return topic.Publish(ctx, v)
		})
		if err != nil {
			t.Fatal(err)
		}
		for v := range events {
			if err := source.Tell(t.Context(), v); err != nil {
				t.Fatal(err)
			}
		}
		if err := system.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
		<-over
		wantEvents(t, "the loop", loop.got, upTo(events))
		for i := range each {
			wantEvents(t, "an actor", received[i].got, upTo(events))
			wantEvents(t, "a function", functions[i].got, upTo(events))
		}
		if s := system.Stats(); s.DeadLettered != 0 || s.Queued != 0 {
			t.Errorf("the books of the system are %+v, want no dead letters", s)
		}
		wantStopped(t, topic)
	})
}
