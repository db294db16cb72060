package broadcast_test

import (
	"errors"
	goruntime "runtime"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

var errOnPurpose = errors.New("on purpose")

// A function fails on every third event. That event is a dead letter, and nobody else notices.
func TestFailureOfFunctionIsItsOwnBusiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		topic := newTopic(t, system, broadcast.Config[int]{})
		var careless, careful sink
		sub := onFunc(t, topic, func(ctx *runtime.Context[int], v int) error {
			switch v % 9 {
			case 0:
				panic(errOnPurpose)
			case 3:
				return errOnPurpose
			case 6:
				goruntime.Goexit()
			}
			return careless.add(ctx, v)
		}, broadcast.Options[int]{})
		onFunc(t, topic, careful.add, broadcast.Options[int]{})
		const events = 300
		publish(t, topic, upTo(events)...)
		synctest.Wait()
		wantEvents(t, "the other function", careful.got, upTo(events))
		var want []int
		for v := range events {
			if v%3 != 0 {
				want = append(want, v)
			}
		}
		wantEvents(t, "the function that fails", careless.got, want)
		if s := system.Stats(); s.DeadLettered != events/3 {
			t.Errorf("%d events are dead letters, want %d", s.DeadLettered, events/3)
		}
		if ended(sub.Done()) {
			t.Errorf("the subscription has ended: %v", sub.Err())
		}
	})
}

func TestRetriesTryAnEventAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		topic := newTopic(t, system, broadcast.Config[int]{})
		var got sink
		tries := 0
		onFunc(t, topic, func(ctx *runtime.Context[int], v int) error {
			if tries++; tries%3 != 0 {
				panic("on purpose")
			}
			return got.add(ctx, v)
		}, broadcast.Options[int]{Retries: 2})
		publish(t, topic, upTo(20)...)
		synctest.Wait()
		wantEvents(t, "the function", got.got, upTo(20))
	})
}

func TestTemporaryFunctionEndsWithItsFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{})
		calls := 0
		sub := onFunc(t, topic, func(*runtime.Context[int], int) error {
			calls++
			return errOnPurpose
		}, broadcast.Options[int]{Restart: supervisor.Temporary})
		publish(t, topic, upTo(10)...)
		<-sub.Done()
		if err := sub.Err(); !errors.Is(err, errOnPurpose) {
			t.Errorf("the subscription ended with %v, want what the function returned", err)
		}
		synctest.Wait()
		if stats, err := topic.Stats(t.Context()); err != nil || stats.Subscribers != 0 || calls != 1 {
			t.Errorf("stats are %+v, %v after %d calls, want no subscribers, and one call", stats, err, calls)
		}
	})
}

// A restart of a subscribed actor does not end its subscription; a stop does, and so does the failure that its supervisor
// does not forgive.
func TestActorsEndUnsubscribesAndRestartDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		topic := newTopic(t, system, broadcast.Config[int]{})
		fails := func(got *sink) func(ctx *runtime.Context[int], v int) error {
			return func(ctx *runtime.Context[int], v int) error {
				if v == 1 {
					panic(errOnPurpose)
				}
				return got.add(ctx, v)
			}
		}
		var permanent, temporary, stopped sink
		_, keeps := onActor(t, system, topic, runtime.Props[int]{}, fails(&permanent), broadcast.Options[int]{})
		_, crashes := onActor(t, system, topic, runtime.Props[int]{Restart: supervisor.Temporary}, fails(&temporary), broadcast.Options[int]{})
		ref, stops := onActor(t, system, topic, runtime.Props[int]{}, stopped.add, broadcast.Options[int]{})
		publish(t, topic, 0, 1)
		synctest.Wait()
		ref.Stop()
		synctest.Wait()
		publish(t, topic, 2)
		synctest.Wait()
		wantEvents(t, "who was restarted", permanent.got, []int{0, 2})
		wantEvents(t, "who crashed", temporary.got, []int{0})
		wantEvents(t, "who was stopped", stopped.got, []int{0, 1})
		if ended(keeps.Done()) || !ended(crashes.Done()) || !ended(stops.Done()) {
			t.Errorf("ended are %v, %v, %v, want false, true, true", ended(keeps.Done()), ended(crashes.Done()), ended(stops.Done()))
		}
		if err := crashes.Err(); !errors.Is(err, errOnPurpose) {
			t.Errorf("the subscription of who crashed ended with %v, want its panic", err)
		}
		if err := stops.Err(); err != nil {
			t.Errorf("the subscription of who was stopped ended with %v, want nil", err)
		}
		if stats, err := topic.Stats(t.Context()); err != nil || stats.Subscribers != 1 {
			t.Errorf("stats are %+v, %v, want one subscriber", stats, err)
		}
	})
}

// A filter that fails keeps its event from its own subscriber, and from nobody else, even if it ends the topic's goroutine.
func TestFailureOfFilterIsItsSubscriptionsBusiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		topic := newTopic(t, system, broadcast.Config[int]{Replay: 300})
		const others = 80 // in several branches
		before, after := make([]sink, others), make([]sink, others)
		for i := range others {
			onFunc(t, topic, before[i].add, broadcast.Options[int]{})
		}
		exits := 0
		var got sink
		careless := broadcast.Options[int]{Filter: func(v int) bool {
			if v%10 == 1 {
				panic(errOnPurpose)
			}
			if v == 55 || v == 255 {
				exits++
				goruntime.Goexit()
			}
			return v%2 == 1
		}}
		sub := onFunc(t, topic, got.add, careless)
		for i := range others {
			onFunc(t, topic, after[i].add, broadcast.Options[int]{})
		}
		const events = 300
		publish(t, topic, upTo(events)...)
		synctest.Wait()
		for i := range others {
			wantEvents(t, "a subscriber before it", before[i].got, upTo(events))
			wantEvents(t, "a subscriber after it", after[i].got, upTo(events))
		}
		var want []int
		for v := range events {
			if v%2 == 1 && v%10 != 1 && v != 55 && v != 255 {
				want = append(want, v)
			}
		}
		wantEvents(t, "who has the filter", got.got, want)
		if exits != 2 {
			t.Errorf("the filter ended its goroutine %d times, want 2", exits)
		}
		s := statsOf(t, sub)
		if s.Failed != events/10+2 || s.Delivered != uint64(len(want)) || s.Delivered+s.Dropped+s.Filtered+s.Failed != events {
			t.Errorf("stats are %+v, want %d failed", s, events/10+2)
		}
		// Likewise in the branch of the topic's own actor, and in a replay.
		first := newTopic(t, system, broadcast.Config[int]{Replay: 300})
		publish(t, first, upTo(events)...)
		var replayed, live sink
		onFunc(t, first, replayed.add, broadcast.Options[int]{Filter: careless.Filter, Replay: 300})
		onFunc(t, first, live.add, broadcast.Options[int]{})
		publish(t, first, events, events+55)
		synctest.Wait()
		wantEvents(t, "who has the filter", replayed.got, append(want, events+55))
		wantEvents(t, "the other", live.got, []int{events, events + 55})
	})
}

// An order is what finds that the events before it are still to be passed on, to a filter that calls Goexit on each of
// them: the order is somebody else's, and is carried out.
func TestGoexitOfFilterSparesOrdersBehindTheEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{Replay: 10})
		var got, newcomer sink
		other := onFunc(t, topic, got.add, broadcast.Options[int]{})
		open := make(chan struct{})
		onFunc(t, topic, (&sink{}).add, broadcast.Options[int]{Filter: func(v int) bool {
			<-open
			goruntime.Goexit()
			return true
		}})
		publish(t, topic, 0)
		synctest.Wait()
		publish(t, topic, 1, 2)
		late := onFunc(t, topic, newcomer.add, broadcast.Options[int]{Replay: 2})
		stats := make(chan broadcast.SubscriptionStats, 1)
		go func() { stats <- statsOf(t, other) }()
		synctest.Wait()
		publish(t, topic, 3)
		figures := make(chan broadcast.Stats, 1)
		go func() {
			s, err := topic.Stats(t.Context())
			if err != nil {
				t.Error(err)
			}
			figures <- s
		}()
		synctest.Wait()
		close(open)
		if s := <-stats; s.Delivered != 3 {
			t.Errorf("the other's stats are %+v, want 3 delivered", s)
		}
		if s, want := <-figures, (broadcast.Stats{Published: 4, Kept: 4, Subscribers: 3}); s != want {
			t.Errorf("stats of the topic are %+v, want %+v", s, want)
		}
		synctest.Wait()
		if ended(late.Done()) {
			t.Errorf("the newcomer's subscription has ended: %v", late.Err())
		}
		wantEvents(t, "the other", got.got, upTo(4))
		wantEvents(t, "the newcomer", newcomer.got, []int{1, 2, 3})
	})
}

// Where the topic's supervisor does not forgive that, whoever waits for the topic hears of its end.
func TestGoexitOfFilterThatEndsTheTopicLeavesNobodyWaiting(t *testing.T) {
	for restarts, events := range map[int]int{supervisor.NoRestarts: 1, 1: 3} { // those in hand
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			family := make(chan *broadcast.Topic[int], 1)
			parent, err := runtime.Spawn(system, runtime.Props[int]{
				New: func() runtime.Actor[int] {
					return runtime.Func[int](func(ctx *runtime.Context[int], _ int) error {
						family <- newTopic(t, ctx, broadcast.Config[int]{})
						return nil
					})
				},
				Children: supervisor.Config{MaxRestarts: restarts},
				Restart:  supervisor.Temporary,
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := parent.Tell(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			topic := <-family
			open := make(chan struct{})
			onFunc(t, topic, (&sink{}).add, broadcast.Options[int]{Filter: func(v int) bool {
				<-open
				goruntime.Goexit()
				return true
			}})
			var got sink
			_, other := onActor(t, system, topic, runtime.Props[int]{}, got.add, broadcast.Options[int]{})
			publish(t, topic, 0)
			synctest.Wait()
			publish(t, topic, 1, 2)
			answered := make(chan error, 2)
			go func() {
				_, err := topic.Stats(t.Context())
				answered <- err
			}()
			go func() {
				_, err := other.Stats(t.Context())
				answered <- err
			}()
			synctest.Wait()
			close(open)
			synctest.Wait()
			if !ended(topic.Done()) || len(answered) < 2 {
				t.Errorf("the topic has ended: %v; %d of 2 calls of Stats have returned", ended(topic.Done()), len(answered))
			}
			if s := statsOf(t, other); s.Delivered != uint64(len(got.got)) {
				t.Errorf("stats are %+v, want %d delivered", s, len(got.got))
			}
			wantEvents(t, "the other", got.got, upTo(events))
		})
	}
}

// A mailbox whose Less panics costs its own subscriber an event, like a filter.
func TestFailureOfMailboxCallbackIsItsSubscriptionsBusiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{})
		var got, other sink
		sub := onFunc(t, topic, got.add, broadcast.Options[int]{Mailbox: mailbox.Config[int]{
			Order: mailbox.Priority, Levels: 2, Level: func(v int) int {
				if v == 3 {
					panic(errOnPurpose)
				}
				return 0
			},
		}})
		onFunc(t, topic, other.add, broadcast.Options[int]{})
		publish(t, topic, upTo(6)...)
		synctest.Wait()
		wantEvents(t, "who has the mailbox", got.got, []int{0, 1, 2, 4, 5})
		wantEvents(t, "the other", other.got, upTo(6))
		if s := statsOf(t, sub); s.Failed != 1 || s.Delivered != 5 {
			t.Errorf("stats are %+v, want 1 failed and 5 delivered", s)
		}
	})
}
