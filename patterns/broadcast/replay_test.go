package broadcast_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
)

// A newcomer takes its turn among the events: what it gets of the past is exact, without waiting for anything.
func TestNewcomerGetsTheLastEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct{ keeps, published, asks, gets int }{
			{0, 10, 5, 0}, {4, 0, 4, 0}, {4, 3, 4, 3}, {4, 4, 4, 4}, {4, 10, 4, 4}, {4, 10, 9, 4}, {4, 10, 2, 2}, {4, 10, 0, 0},
			{200, 150, 200, 150}, {200, 777, 100, 100},
		} {
			system := newSystem(t)
			topic := newTopic(t, system, broadcast.Config[int]{Replay: c.keeps})
			publish(t, topic, upTo(c.published)...)
			var function, actor sink
			onFunc(t, topic, function.add, broadcast.Options[int]{Replay: c.asks})
			onActor(t, system, topic, runtime.Props[int]{}, actor.add, broadcast.Options[int]{Replay: c.asks})
			publish(t, topic, c.published, c.published+1)
			synctest.Wait()
			want := upTo(c.published + 2)[c.published-c.gets:]
			wantEvents(t, "a function", function.got, want)
			wantEvents(t, "an actor", actor.got, want)
		}
	})
}

func TestReplayIsFilteredAndKeepsToThePolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := newTopic(t, newSystem(t), broadcast.Config[int]{Replay: 100})
		publish(t, topic, upTo(100)...)
		var latest, waited sink
		sub := onFunc(t, topic, latest.add, broadcast.Options[int]{
			Filter:  func(v int) bool { return v%10 == 0 },
			Replay:  50,
			Mailbox: mailbox.Config[int]{Capacity: 1, Overflow: mailbox.DropOldest},
		})
		onFunc(t, topic, waited.add, broadcast.Options[int]{Replay: 100, Mailbox: mailbox.Config[int]{Capacity: 1}})
		synctest.Wait()
		wantEvents(t, "who waits", waited.got, upTo(100))
		if n := len(latest.got); n == 0 || latest.got[n-1] != 90 {
			t.Errorf("who wants the latest got %v, want 90 in the end", latest.got)
		}
		if s := statsOf(t, sub); s.Filtered != 45 || s.Delivered+s.Dropped != 5 || s.Delivered != uint64(len(latest.got)) {
			t.Errorf("stats are %+v, want 45 of the 50 asked for to be filtered", s)
		}
	})
}

// Newcomers come all the time, while events are published. Each gets a run without gap or duplicate, which begins with
// events from before its time, and goes on to the last.
func TestReplayHasNoGapAndNoDuplicate(t *testing.T) {
	const keeps = 100
	const newcomers = 100
	events := stressed(2000)
	system := newSystem(t)
	topic := newTopic(t, system, broadcast.Config[int]{Capacity: 16, Replay: keeps})
	var wg sync.WaitGroup
	wg.Go(func() { publishAll(t, topic, 1, events) })
	sinks := make([]sink, newcomers)
	for i := range sinks {
		replay := i % (keeps + 1)
		o := broadcast.Options[int]{Replay: replay, Mailbox: mailbox.Config[int]{Capacity: 1 + i%20}}
		switch i % 3 {
		case 0:
			onFunc(t, topic, sinks[i].add, o)
		case 1:
			o.Mailbox = mailbox.Config[int]{}
			onActor(t, system, topic, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 1 + i%20}}, sinks[i].add, o)
		case 2:
			wg.Go(func() {
				for v := range topic.All(context.Background(), o) {
					if sinks[i].got = append(sinks[i].got, v); v == events-1 {
						break
					}
				}
			})
		}
	}
	var last sink
	onFunc(t, topic, last.add, broadcast.Options[int]{Replay: keeps})
	for stats, err := topic.Stats(t.Context()); stats.Published < uint64(events); stats, err = topic.Stats(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	// A loop that has come after all was published gets its events by replay only: where it asked for none, by the drain.
	drained := make(chan error, 1)
	go func() { drained <- topic.Drain(context.Background()) }()
	wg.Wait()
	if err := <-drained; err != nil {
		t.Fatal(err)
	}
	if err := system.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	for i, s := range append(sinks, last) {
		for j, v := range s.got {
			if v != s.got[0]+j {
				t.Fatalf("newcomer %d got %d after %d", i, v, s.got[j-1])
			}
		}
		if n := len(s.got); n > 0 && s.got[n-1] != events-1 {
			t.Errorf("newcomer %d got %d as its last event, want %d", i, s.got[n-1], events-1)
		}
	}
	if len(last.got) < keeps {
		t.Errorf("the last newcomer got %d events, want %d at least", len(last.got), keeps)
	}
}
