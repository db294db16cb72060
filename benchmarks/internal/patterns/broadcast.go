package patterns

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
)

// Audience is how many subscribers every topic has.
const Audience = 1000

// BroadcastRows is the time of a delivery, when one goroutine publishes to subscribers that are actors, and to functions.
func BroadcastRows(rivals ...Rival) []bench.Row {
	var rows []bench.Row
	for _, to := range []struct {
		name string
		open TopicMaker
	}{{"refs", troupeRefs}, {"functions", troupeFunctions}} {
		rows = append(rows, against(bench.Row{
			Name:  "broadcast/" + to.name,
			Table: "Broadcast to 1,000",
			Label: []bench.Label{{Column: "troupe's are", Value: to.name}},
			Quick: true,
		}, Broadcast(contest.ChannelName, channelTopic), 0.8, rivals, Broadcast(contest.TroupeName, to.open)))
	}
	return rows
}

// A TopicMaker makes a topic with an audience: how a number is published, and how all ends.
type TopicMaker func(*[Audience]Listener) (publish func(m int), end func())

// Broadcast has the numbers from 0 published, as many as there have to be for n deliveries. Each listener has to hear all.
func Broadcast(name string, open TopicMaker) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		var audience [Audience]Listener
		var all sync.WaitGroup
		for i := range audience {
			audience[i].all = &all
		}
		publish, end := open(&audience)
		return bench.Runner{End: end, Run: func(n int) {
			count := (n + Audience - 1) / Audience
			all.Add(Audience)
			for i := range audience {
				audience[i].expect(count)
			}
			for m := range count {
				publish(m)
			}
			all.Wait()
			for i := range audience {
				audience[i].verify(i, count)
			}
		}}
	}}
}

// A Listener is what one subscriber has heard.
type Listener struct {
	got, want, sum int
	all            *sync.WaitGroup

	gotShared, sumShared atomic.Int64
}

func (l *Listener) expect(n int) {
	l.got, l.want, l.sum = 0, n, 0
	l.gotShared.Store(0)
	l.sumShared.Store(0)
}

// Hear is called by the listener alone.
func (l *Listener) Hear(m int) {
	l.sum += m
	if l.got++; l.got == l.want {
		l.all.Done()
	}
}

// HearShared is Hear for a library that may call a listener several times at once.
func (l *Listener) HearShared(m int) {
	l.sumShared.Add(int64(m))
	if l.gotShared.Add(1) == int64(l.want) {
		l.all.Done()
	}
}

func (l *Listener) verify(i, n int) {
	if sum := l.sum + int(l.sumShared.Load()); sum != n*(n-1)/2 {
		panic(fmt.Sprintf("benchmarks: the sum of the %d numbers that listener %d heard is %d, want %d", n, i, sum, n*(n-1)/2))
	}
}

func channelTopic(audience *[Audience]Listener) (func(int), func()) {
	var to [Audience]chan int
	for i := range to {
		to[i] = make(chan int, mailbox.DefaultCapacity)
		go func(own <-chan int, l *Listener) {
			for m := range own {
				l.Hear(m)
			}
		}(to[i], &audience[i])
	}
	publish := func(m int) {
		for _, own := range to {
			own <- m
		}
	}
	return publish, func() {
		for _, own := range to {
			close(own)
		}
	}
}

func troupeRefs(audience *[Audience]Listener) (func(int), func()) {
	return troupeTopic(audience, func(system *runtime.System, topic *broadcast.Topic[int], l *Listener) {
		ref := contest.Spawn(system, func(_ *runtime.Context[int], m int) { l.Hear(m) })
		contest.Must(topic.SubscribeRef(contest.Forever, ref, broadcast.Options[int]{}))
	})
}

func troupeFunctions(audience *[Audience]Listener) (func(int), func()) {
	return troupeTopic(audience, func(_ *runtime.System, topic *broadcast.Topic[int], l *Listener) {
		contest.Must(topic.SubscribeFunc(contest.Forever, func(_ *runtime.Context[int], m int) error {
			l.Hear(m)
			return nil
		}, broadcast.Options[int]{}))
	})
}

func troupeTopic(audience *[Audience]Listener, subscribe func(*runtime.System, *broadcast.Topic[int], *Listener)) (func(int), func()) {
	system, end := contest.Troupe()
	topic := contest.Must(broadcast.New(system, broadcast.Config[int]{}))
	for i := range audience {
		subscribe(system, topic, &audience[i])
	}
	return func(m int) { check(topic.Publish(contest.Forever, m)) }, end
}
