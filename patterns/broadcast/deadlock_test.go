package broadcast_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
)

// A function publishes to its own topic from its handler, with hardly any room anywhere. It is told when that would wait for
// ever, and all that was published is delivered to everybody.
func TestPublishInsideSubscriberIsToldOfDeadlock(t *testing.T) {
	for _, others := range []int{0, 60} { // in one branch, in several
		told := 0
		once := func(t *testing.T) {
			topic := newTopic(t, newSystem(t), broadcast.Config[int]{Capacity: 1})
			sinks := make([]sink, others)
			for i := range sinks {
				onFunc(t, topic, sinks[i].add, broadcast.Options[int]{})
			}
			const events = 500
			deadlocks, published := 0, events
			var got sink
			onFunc(t, topic, func(ctx *runtime.Context[int], v int) error {
				_ = got.add(ctx, v)
				for range 2 {
					if v >= events || published >= 3*events {
						break
					}
					err := topic.Publish(ctx, published)
					var deadlock *runtime.DeadlockError
					switch {
					case err == nil:
						published++
					case errors.As(err, &deadlock):
						deadlocks++
					default:
						return err
					}
				}
				return nil
			}, broadcast.Options[int]{Mailbox: mailbox.Config[int]{Capacity: 1}})
			publishAll(t, topic, 1, events)
			synctest.Wait()
			drain(t, topic)
			told += deadlocks
			if len(got.got) != published {
				t.Errorf("the function got %d events of %d", len(got.got), published)
			}
			wantOnce(t, got.got, published)
			for i := range sinks {
				wantEvents(t, "another function", sinks[i].got, got.got)
			}
		}
		// Where the scheduler has the function take each event before there is another, nobody waits.
		for range 20 {
			if synctest.Test(t, once); told > 0 {
				break
			}
		}
		if told == 0 {
			t.Error("no deadlock was told of")
		}
	}
}

// wantOnce checks that each of n events is there once.
func wantOnce(t testing.TB, got []int, n int) {
	t.Helper()
	seen := make([]int, n)
	for _, v := range got {
		seen[v]++
	}
	for v, times := range seen {
		if times != 1 {
			t.Errorf("event %d is there %d times", v, times)
			return
		}
	}
}

// A handler that asks the topic, while that waits for room with it, is told of the deadlock or answered: nothing hangs,
// and nothing is lost.
func TestAskInsideSubscriberDoesNotHang(t *testing.T) {
	for _, others := range []int{0, 60} { // in one branch, in several
		synctest.Test(t, func(t *testing.T) {
			topic := newTopic(t, newSystem(t), broadcast.Config[int]{Capacity: 1})
			sinks := make([]sink, others)
			for i := range sinks {
				onFunc(t, topic, sinks[i].add, broadcast.Options[int]{})
			}
			var sub *broadcast.Subscription
			var got sink
			deadlocks := 0
			sub = onFunc(t, topic, func(ctx *runtime.Context[int], v int) error {
				var err error
				switch v % 10 {
				case 0:
					_, err = topic.Stats(ctx)
				case 5:
					_, err = sub.Stats(ctx)
				}
				var deadlock *runtime.DeadlockError
				if errors.As(err, &deadlock) {
					deadlocks++
				} else if err != nil && !errors.Is(err, runtime.ErrStopped) { // it drains
					return err
				}
				return got.add(ctx, v)
			}, broadcast.Options[int]{Mailbox: mailbox.Config[int]{Capacity: 1}})
			publishAll(t, topic, 1, 400)
			drain(t, topic)
			wantEvents(t, "the function", got.got, upTo(400))
			for i := range sinks {
				wantEvents(t, "another function", sinks[i].got, upTo(400))
			}
			t.Log(deadlocks, "deadlocks")
		})
	}
}

// The same, where another's filter calls Goexit on events that are in hand before the question.
func TestAskInsideSubscriberDoesNotHangForGoexitOfFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{Capacity: 1})
		var sub *broadcast.Subscription
		var got sink
		sub = onFunc(t, topic, func(ctx *runtime.Context[int], v int) error {
			_, err := sub.Stats(ctx)
			var deadlock *runtime.DeadlockError
			if err != nil && !errors.As(err, &deadlock) && !errors.Is(err, runtime.ErrStopped) { // it drains
				return err
			}
			return got.add(ctx, v)
		}, broadcast.Options[int]{Mailbox: mailbox.Config[int]{Capacity: 1}})
		onFunc(t, topic, (&sink{}).add, broadcast.Options[int]{Filter: func(int) bool {
			goruntime.Goexit()
			return true
		}})
		publishAll(t, topic, 1, 20)
		drain(t, topic)
		wantEvents(t, "the function", got.got, upTo(20))
	})
}

// While somebody holds the topic up, one can see who it is, and end that: its function is cancelled, its loop broken.
func TestWhoHoldsTheTopicUpCanBeSeenAndEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{Capacity: 1})
		onFunc(t, topic, func(ctx *runtime.Context[int], _ int) error {
			<-ctx.Done()
			return nil
		}, broadcast.Options[int]{Name: "stuck", Mailbox: mailbox.Config[int]{Capacity: 1}})
		done := make(chan struct{})
		go func() {
			defer close(done)
			publishAll(t, topic, 1, 100)
		}()
		synctest.Wait()
		if ended(done) {
			t.Fatal("nothing is held up")
		}
		subs, err := topic.Subscriptions(context.Background())
		if err != nil || len(subs) != 1 || subs[0].Name() != "stuck" {
			t.Fatalf("subscriptions are %v, %v, want the one that is stuck", subs, err)
		}
		subs[0].Cancel()
		<-done
		<-subs[0].Done()
	})
}
