package broadcast_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
)

// publishers publish concurrently: publisher p publishes p*each, p*each+1, ... An event's number says whose it is.
func publishAll(t testing.TB, topic *broadcast.Topic[int], publishers, each int) {
	t.Helper()
	var wg sync.WaitGroup
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				if err := topic.Publish(context.Background(), p*each+i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// wantOrder checks that no event is there twice, and that those of each publisher are in order. It returns how many there are.
func wantOrder(t testing.TB, who string, got []int, publishers, each int) int {
	t.Helper()
	next := make([]int, publishers)
	for _, v := range got {
		p, i := v/each, v%each
		if i < next[p] {
			t.Errorf("%s got event %d of publisher %d after event %d of it", who, i, p, next[p]-1)
			return len(got)
		}
		next[p] = i + 1
	}
	return len(got)
}

// Each event is delivered once or counted as dropped, for each subscriber, whatever its policy, and from each publisher in
// order. Nobody stalls, but mailboxes are small.
func TestConservationPerPolicy(t *testing.T) {
	publishers, each := 4, stressed(500)
	total := uint64(publishers * each)
	system := newSystem(t)
	topic := newTopic(t, system, broadcast.Config[int]{Name: "topic", Capacity: 50})
	type party struct {
		name     string
		lossless bool
		got      *sink
		sub      *broadcast.Subscription
		ref      runtime.Ref[int]
		evicts   bool // by its own mailbox
	}
	var parties []*party
	var loops sync.WaitGroup
	for _, m := range []mailbox.Config[int]{
		{Capacity: 3},
		{Capacity: 1000},
		{Capacity: mailbox.Unbounded},
		{Capacity: 3, Overflow: mailbox.Reject},
		{Capacity: 3, Overflow: mailbox.DropNewest},
		{Capacity: 3, Overflow: mailbox.DropOldest},
		{Capacity: 3, Overflow: mailbox.DropLast},
	} {
		lossless := m.Overflow == mailbox.Block
		name := fmt.Sprintf("%v of %d", m.Overflow, m.Capacity)
		for i := range 15 { // more than one branch in all
			s := &sink{}
			sub := onFunc(t, topic, s.add, broadcast.Options[int]{Name: fmt.Sprint(name, i), Mailbox: m})
			parties = append(parties, &party{name: "function, " + name, lossless: lossless, got: s, sub: sub})
		}
		s := &sink{}
		ref, sub := onActor(t, system, topic, runtime.Props[int]{Mailbox: m}, s.add, broadcast.Options[int]{})
		evicts := m.Overflow > mailbox.Reject
		parties = append(parties, &party{"actor, " + name, lossless, s, sub, ref, evicts})

		s = &sink{}
		loop := &party{name: "loop, " + name, lossless: lossless, got: s}
		loops.Go(func() {
			for v := range topic.All(context.Background(), broadcast.Options[int]{Name: loop.name, Mailbox: m}) {
				s.got = append(s.got, v)
			}
		})
		parties = append(parties, loop)
	}
	s := &sink{}
	ref, sub := onActor(t, system, topic, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 3}}, s.add,
		broadcast.Options[int]{Mailbox: mailbox.Config[int]{Overflow: mailbox.Reject}})
	parties = append(parties, &party{"actor that blocks, and is not waited for", false, s, sub, ref, false})

	for loopsSeen := 0; loopsSeen < 7; { // until all of them are subscribed
		loopsSeen = 0
		subs, err := topic.Subscriptions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parties {
			i := slices.IndexFunc(subs, func(s *broadcast.Subscription) bool { return s.Name() == p.name })
			if p.sub == nil && i >= 0 {
				p.sub = subs[i]
			}
			if i >= 0 {
				loopsSeen++
			}
		}
	}
	if _, err := topic.Stats(t.Context()); err != nil { // it has come to them
		t.Fatal(err)
	}

	publishAll(t, topic, publishers, each)
	drain(t, topic)
	loops.Wait()
	if err := system.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, p := range parties {
		n := uint64(wantOrder(t, p.name, p.got.got, publishers, each))
		stats := statsOf(t, p.sub)
		dropped := stats.Dropped
		if p.evicts {
			dropped += p.ref.Stats().Dropped
			stats.Delivered -= p.ref.Stats().Dropped
		}
		if n != stats.Delivered || n+dropped != total || p.lossless && n != total {
			t.Errorf("%s: %d events were handled, %d dropped, of %d; stats are %+v", p.name, n, dropped, total, stats)
		}
	}
	if s := system.Stats(); s.Queued != 0 || s.Sent != s.Rejected+s.Handled+s.Dropped+s.DeadLettered {
		t.Errorf("the books of the system are %+v", s)
	}
}

// Of all policies, only Block holds up the others.
func TestStalledSubscriberHoldsUpNobodyUnlessItAskedTo(t *testing.T) {
	for overflow := mailbox.Block; overflow <= mailbox.DropLast; overflow++ {
		t.Run(overflow.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				topic := newTopic(t, newSystem(t), broadcast.Config[int]{Capacity: 10})
				open := make(chan struct{})
				onFunc(t, topic, func(*runtime.Context[int], int) error {
					<-open
					return nil
				}, broadcast.Options[int]{Name: "stalled", Mailbox: mailbox.Config[int]{Capacity: 2, Overflow: overflow}})
				var other sink
				onFunc(t, topic, other.add, broadcast.Options[int]{})
				const events = 500
				done := make(chan struct{})
				go func() {
					defer close(done)
					publishAll(t, topic, 1, events)
				}()
				synctest.Wait()
				if blocks := overflow == mailbox.Block; ended(done) == blocks {
					t.Errorf("a stalled subscriber holds publishers up: %v, want %v", !ended(done), blocks)
				} else if !blocks {
					wantEvents(t, "the other", other.got, upTo(events))
				}
				close(open)
				<-done
				synctest.Wait()
				wantEvents(t, "the other", other.got, upTo(events))
			})
		})
	}
}

// What a function's mailbox evicts is a dead letter, as anywhere; OnDrop hears of it too, and its panic hides nothing.
func TestEvictedEventsAreDeadLettersAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		var letters, told []int
		system.DeadLetters(func(d runtime.DeadLetter) { letters = append(letters, d.Message.(int)) })
		topic := newTopic(t, system, broadcast.Config[int]{})
		open := make(chan struct{})
		var got sink
		sub := onFunc(t, topic, func(ctx *runtime.Context[int], v int) error {
			<-open
			return got.add(ctx, v)
		}, broadcast.Options[int]{Mailbox: mailbox.Config[int]{
			Capacity: 2, Overflow: mailbox.DropOldest, OnDrop: func(v int, _ error) {
				told = append(told, v)
				panic("on purpose")
			},
		}})
		publish(t, topic, 0)
		synctest.Wait()
		publish(t, topic, 1, 2, 3, 4, 5)
		synctest.Wait()
		wantEvents(t, "OnDrop", told, []int{1, 2, 3})
		wantEvents(t, "the dead letters' subscriber", letters, []int{1, 2, 3})
		if s := statsOf(t, sub); s.Delivered != 3 || s.Dropped != 3 {
			t.Errorf("stats are %+v, want 3 delivered and 3 dropped", s)
		}
		close(open)
		synctest.Wait()
		wantEvents(t, "the function", got.got, []int{0, 4, 5})
	})
}

// An OnDrop that calls Goexit hides nothing either: the event on whose arrival another was evicted was taken.
func TestGoexitOfOnDropHidesNothing(t *testing.T) {
	for _, overflow := range []mailbox.Overflow{mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast} {
		t.Run(overflow.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				topic := newTopic(t, newSystem(t), broadcast.Config[int]{})
				exits := 0
				o := broadcast.Options[int]{
					Mailbox: mailbox.Config[int]{Capacity: 1, Overflow: overflow, OnDrop: func(int, error) {
						exits++
						goruntime.Goexit()
					}},
					Filter: func(v int) bool {
						if v == 5 {
							goruntime.Goexit()
						}
						return true
					},
				}
				open, over := make(chan struct{}), make(chan struct{})
				var function, loop, other sink
				onFunc(t, topic, func(ctx *runtime.Context[int], v int) error {
					<-open
					return function.add(ctx, v)
				}, o)
				go func() {
					defer close(over)
					for v := range topic.All(context.Background(), o) {
						<-open
						loop.got = append(loop.got, v)
					}
				}()
				synctest.Wait()
				subs, err := topic.Subscriptions(t.Context())
				if err != nil || len(subs) != 2 {
					t.Fatalf("subscriptions are %v, %v, want two", subs, err)
				}
				onFunc(t, topic, other.add, broadcast.Options[int]{})
				for v := range 10 {
					publish(t, topic, v)
					synctest.Wait()
				}
				for _, sub := range subs {
					s := statsOf(t, sub)
					if want := (broadcast.SubscriptionStats{Delivered: 2, Dropped: 7, Failed: 1}); s != want {
						t.Errorf("stats are %+v, want %+v", s, want)
					}
				}
				if exits != 14 {
					t.Errorf("OnDrop was called %d times, want 7 for each", exits)
				}
				close(open)
				drain(t, topic)
				<-over
				want := upTo(2)
				if overflow == mailbox.DropOldest {
					want[1] = 9
				}
				wantEvents(t, "the function", function.got, want)
				wantEvents(t, "the loop", loop.got, want)
				wantEvents(t, "the other", other.got, upTo(10))
			})
		})
	}
}
