package broadcast_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
)

// member is what a subscriber should have got, in the simplest words.
type member struct {
	filter func(int) bool
	want   []int
	on     bool

	sink sink
	sub  *broadcast.Subscription
	ref  runtime.Ref[int] // zero for a function
}

func (m *member) publish(v int) {
	if m.on && (m.filter == nil || m.filter(v)) {
		m.want = append(m.want, v)
	}
}

// Any sequence of publishing, subscribing with replay and filters, and unsubscribing has everybody get what the model
// says: exactly that, in order.
func TestTopicAgreesWithModel(t *testing.T) {
	system := newSystem(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		keeps := rapid.IntRange(0, 8).Draw(t, "keeps")
		topic, err := broadcast.New(system, broadcast.Config[int]{Capacity: rapid.IntRange(1, 200).Draw(t, "capacity"), Replay: keeps})
		if err != nil {
			t.Fatal(err)
		}
		var members []*member
		var past []int
		t.Repeat(map[string]func(*rapid.T){
			"publish": func(t *rapid.T) {
				for range rapid.SampledFrom([]int{1, 2, 5, 70}).Draw(t, "n") {
					v := len(past)
					if err := topic.Publish(ctx, v); err != nil {
						t.Fatal(err)
					}
					past = append(past, v)
					for _, m := range members {
						m.publish(v)
					}
				}
			},
			"subscribe": func(t *rapid.T) {
				for range rapid.SampledFrom([]int{1, 1, 2, 2, 3, 20}).Draw(t, "n") {
					m := &member{on: true}
					if d := rapid.IntRange(1, 4).Draw(t, "every"); d > 1 {
						m.filter = func(v int) bool { return v%d == 0 }
					}
					replay := rapid.IntRange(0, 10).Draw(t, "replay")
					for _, v := range past[max(0, len(past)-min(keeps, replay)):] {
						m.publish(v)
					}
					o := broadcast.Options[int]{Filter: m.filter, Replay: replay}
					o.Mailbox.Capacity = rapid.SampledFrom([]int{1, 5, 0, 0, mailbox.Unbounded}).Draw(t, "room")
					if rapid.Bool().Draw(t, "actor") {
						var spawnErr error
						m.ref, spawnErr = runtime.Spawn(system, runtime.Props[int]{
							New: func() runtime.Actor[int] { return runtime.Func[int](m.sink.add) }, Mailbox: o.Mailbox,
						})
						if spawnErr != nil {
							t.Fatal(spawnErr)
						}
						o.Mailbox = mailbox.Config[int]{}
						m.sub, err = topic.SubscribeRef(ctx, m.ref, o)
					} else {
						m.sub, err = topic.SubscribeFunc(ctx, m.sink.add, o)
					}
					if err != nil {
						t.Fatal(err)
					}
					members = append(members, m)
				}
			},
			// What was published before is delivered first, or else the model would not know how much of it is.
			"unsubscribe": func(t *rapid.T) {
				on := slices.DeleteFunc(slices.Clone(members), func(m *member) bool { return !m.on })
				if len(on) == 0 {
					return
				}
				m := rapid.SampledFrom(on).Draw(t, "who")
				if s, err := m.sub.Stats(ctx); err != nil || int(s.Delivered) != len(m.want) {
					t.Fatalf("stats are %+v, %v, want %d delivered", s, err, len(m.want))
				}
				m.sub.Unsubscribe()
				m.on = false
			},
			"": func(t *rapid.T) {
				stats, err := topic.Stats(ctx)
				if err != nil || stats.Published != uint64(len(past)) || stats.Kept != min(keeps, len(past)) {
					t.Fatalf("stats are %+v, %v, want %d published", stats, err, len(past))
				}
			},
		})
		if err := topic.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		for _, m := range members {
			<-m.sub.Done()
			m.ref.StopWhenEmpty()
			<-m.ref.Done()
		}
		for _, m := range members {
			if diff := cmp.Diff(m.want, m.sink.got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("a subscriber got other events than the model (-model +got):\n%s", diff)
			}
		}
	})
}
