package broadcast_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
)

// There are more subscribers than one branch has, and more events than one chunk.
func TestEverybodyGetsEachEventOnceInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		topic := newTopic(t, system, broadcast.Config[int]{Name: "topic"})
		const each, events = 70, 300
		functions, actors, loops := make([]sink, each), make([]sink, each), make([]sink, each)
		over := make(chan struct{}, each)
		for i := range each {
			onFunc(t, topic, functions[i].add, broadcast.Options[int]{Name: fmt.Sprint(i)})
			onActor(t, system, topic, runtime.Props[int]{}, actors[i].add, broadcast.Options[int]{})
			go func() {
				for v := range topic.All(context.Background()) {
					loops[i].got = append(loops[i].got, v)
				}
				over <- struct{}{}
			}()
		}
		synctest.Wait()
		publish(t, topic, upTo(events)...)
		stats, err := topic.Stats(t.Context())
		if want := (broadcast.Stats{Published: events, Subscribers: 3 * each}); err != nil || stats != want {
			t.Errorf("stats are %+v, %v, want %+v", stats, err, want)
		}
		drain(t, topic)
		for range each {
			<-over
		}
		synctest.Wait()
		for i := range each {
			wantEvents(t, "a function", functions[i].got, upTo(events))
			wantEvents(t, "an actor", actors[i].got, upTo(events))
			wantEvents(t, "a loop", loops[i].got, upTo(events))
		}
	})
}

func TestPublishToNobodyIsFine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{Capacity: 2})
		publish(t, topic, upTo(100)...)
		synctest.Wait()
		if err := topic.TryPublish(100); err != nil {
			t.Error(err)
		}
		if stats, err := topic.Stats(t.Context()); err != nil || stats != (broadcast.Stats{Published: 101}) {
			t.Errorf("stats are %+v, %v, want 101 published and nothing else", stats, err)
		}
	})
}

// An event does not wait for others to fill a chunk.
func TestLoneEventGoesOutAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{})
		var s sink
		onFunc(t, topic, s.add, broadcast.Options[int]{})
		for n := range 5 {
			publish(t, topic, n)
			synctest.Wait()
			wantEvents(t, "the function", s.got, upTo(n+1))
		}
	})
}

func TestFilterKeepsAwayWhatIsNotWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		topic := newTopic(t, system, broadcast.Config[int]{})
		var function, actor sink
		even := broadcast.Options[int]{Name: "even", Filter: func(v int) bool { return v%2 == 0 }}
		sub := onFunc(t, topic, function.add, even)
		onActor(t, system, topic, runtime.Props[int]{}, actor.add, broadcast.Options[int]{Filter: func(v int) bool { return v > 7 }})
		publish(t, topic, upTo(10)...)
		synctest.Wait()
		wantEvents(t, "the function", function.got, []int{0, 2, 4, 6, 8})
		wantEvents(t, "the actor", actor.got, []int{8, 9})
		want := broadcast.SubscriptionStats{Name: "even", Delivered: 5, Filtered: 5}
		if got := statsOf(t, sub); got != want {
			t.Errorf("stats are %+v, want %+v", got, want)
		}
	})
}

func TestUnsubscribedGetsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		topic := newTopic(t, system, broadcast.Config[int]{})
		var function, actor sink
		subs := []*broadcast.Subscription{onFunc(t, topic, function.add, broadcast.Options[int]{Name: "function"})}
		ref, sub := onActor(t, system, topic, runtime.Props[int]{}, actor.add, broadcast.Options[int]{Name: "actor"})
		subs = append(subs, sub)
		publish(t, topic, 0, 1)
		synctest.Wait()
		for _, sub := range subs {
			if ended(sub.Done()) {
				t.Errorf("%s has ended before Unsubscribe", sub.Name())
			}
			sub.Unsubscribe()
			sub.Unsubscribe()
			<-sub.Done()
			if err := sub.Err(); err != nil {
				t.Errorf("%s ended with %v, want nil", sub.Name(), err)
			}
		}
		publish(t, topic, 2)
		synctest.Wait()
		wantEvents(t, "the function", function.got, upTo(2))
		wantEvents(t, "the actor", actor.got, upTo(2))
		if ended(ref.Done()) {
			t.Error("the actor was stopped, and not only unsubscribed")
		}
		if stats, err := topic.Stats(t.Context()); err != nil || stats.Subscribers != 0 {
			t.Errorf("stats are %+v, %v, want no subscribers", stats, err)
		}
		for _, sub := range subs {
			if got := statsOf(t, sub); got.Delivered != 2 {
				t.Errorf("stats of %s are %+v, want 2 delivered", sub.Name(), got)
			}
		}
	})
}

// Who unsubscribes while the topic waits for it gets the one event that is being delivered, and nothing after it, of the
// chunk or of a replay; and holds the topic up no more.
func TestUnsubscribedGetsNothingOfWhatIsInHand(t *testing.T) {
	for _, replay := range []int{0, 60} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			topic := newTopic(t, system, broadcast.Config[int]{Replay: 60})
			if replay > 0 {
				publish(t, topic, upTo(60)...)
			}
			next := make(chan struct{})
			var got, other sink
			_, sub := onActor(t, system, topic, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 1}},
				func(ctx *runtime.Context[int], v int) error {
					<-next
					return got.add(ctx, v)
				}, broadcast.Options[int]{Replay: replay})
			onFunc(t, topic, other.add, broadcast.Options[int]{Replay: replay})
			if replay == 0 {
				publish(t, topic, upTo(60)...)
			}
			synctest.Wait() // it is at 0, has 1, and the topic waits with 2
			sub.Unsubscribe()
			next <- struct{}{}
			synctest.Wait()
			wantEvents(t, "the other", other.got, upTo(60))
			close(next)
			synctest.Wait()
			wantEvents(t, "who has unsubscribed", got.got, upTo(3))
			if s := statsOf(t, sub); s.Delivered != 3 {
				t.Errorf("stats are %+v, want 3 delivered", s)
			}
		})
	}
}

// Unsubscribe lets a function handle what waits, Cancel does not.
func TestUnsubscribeFinishesAndCancelGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, now := range []bool{false, true} {
			system := newSystem(t)
			topic := newTopic(t, system, broadcast.Config[int]{})
			open := make(chan struct{})
			var got sink
			sub := onFunc(t, topic, func(ctx *runtime.Context[int], v int) error {
				select {
				case <-open:
				case <-ctx.Done():
				}
				return got.add(ctx, v)
			}, broadcast.Options[int]{})
			publish(t, topic, upTo(10)...)
			synctest.Wait()
			if now {
				sub.Cancel()
			} else {
				sub.Unsubscribe()
				close(open)
			}
			<-sub.Done()
			want := map[bool]int{false: 10, true: 1}[now]
			wantEvents(t, "the function", got.got, upTo(want))
			if n := system.Stats().DeadLettered; n != uint64(10-want) {
				t.Errorf("%d events are dead letters, want %d", n, 10-want)
			}
		}
	})
}

func TestLoopThatBreaksIsUnsubscribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{Replay: 10})
		publish(t, topic, upTo(10)...)
		all := topic.All(t.Context(), broadcast.Options[int]{Name: "loop", Replay: 5, Mailbox: mailbox.Config[int]{Capacity: 1}})
		for round := range 3 { // each begins anew
			var got []int
			var sub *broadcast.Subscription
			for v := range all {
				subs, err := topic.Subscriptions(t.Context())
				if err != nil || len(subs) != 1 || subs[0].Name() != "loop" {
					t.Fatalf("round %d: subscriptions are %v, %v, want that of the loop", round, subs, err)
				}
				sub = subs[0]
				if got = append(got, v); len(got) == 2 {
					break
				}
			}
			wantEvents(t, "the loop", got, []int{5, 6})
			<-sub.Done()
			if stats, err := topic.Stats(t.Context()); err != nil || stats.Subscribers != 0 {
				t.Fatalf("round %d: stats are %+v, %v, want no subscribers", round, stats, err)
			}
		}
	})
}

func TestLoopEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{})
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() {
			defer close(over)
			for range topic.All(ctx) {
				t.Error("there is an event")
			}
		}()
		synctest.Wait()
		cancel()
		<-over
	})
}

// A subscriber's handler subscribes others, and itself, again and again, to a topic that is busy with it.
func TestSubscribeInsideHandlerOfSubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		topic := newTopic(t, system, broadcast.Config[int]{Replay: 3})
		const depth = 100
		late := make([]sink, depth)
		_, _ = onActor(t, system, topic, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 2}},
			func(ctx *runtime.Context[int], v int) error {
				_, err := topic.SubscribeFunc(ctx, late[v].add, broadcast.Options[int]{Replay: 1})
				return err
			}, broadcast.Options[int]{})
		for v := range depth {
			publish(t, topic, v)
			synctest.Wait()
		}
		for i := range late {
			wantEvents(t, fmt.Sprintf("the function of event %d", i), late[i].got, upTo(depth)[i:])
		}
	})
}

func TestTryPublishToFullTopicIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{Capacity: 2})
		open := make(chan struct{})
		onFunc(t, topic, func(*runtime.Context[int], int) error {
			<-open
			return nil
		}, broadcast.Options[int]{Mailbox: mailbox.Config[int]{Capacity: 1}})
		published := make(chan int, 1)
		go func() {
			n := 0
			for topic.TryPublish(n) == nil {
				n++
				synctest.Wait()
			}
			published <- n
		}()
		if n := <-published; n > 5 { // handled, waiting for it; with the relay; waiting for that
			t.Errorf("%d events were taken, want 5 at most", n)
		}
		if err := topic.TryPublish(0); !errors.Is(err, mailbox.ErrFull) {
			t.Errorf("TryPublish returns %v, want ErrFull", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		waited := make(chan error, 1)
		go func() { waited <- topic.Publish(ctx, 0) }()
		synctest.Wait()
		if len(waited) > 0 {
			t.Fatalf("Publish to a full topic returns %v at once, want it to wait", <-waited)
		}
		cancel()
		if err := <-waited; !errors.Is(err, context.Canceled) {
			t.Errorf("Publish returns %v, want context.Canceled", err)
		}
		close(open)
	})
}
