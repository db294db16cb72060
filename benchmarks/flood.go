package main

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

const (
	floodSize      = 100_000
	urgentPerFlood = 20 // few enough that the last comes while there is a flood still
)

// A notice is a message of a flood: one of the constants, or, when it is urgent, the nanoseconds from the flood's start
// until it was made.
type notice int64

const (
	ordinary notice = 0
	hold     notice = -1 // the receiver stands still until the flood is queued
	last     notice = -2 // all before it are handled
)

func (n notice) urgent() bool { return n > 0 }

// GetPriority is how Proto.Actor asks for it.
func (n notice) GetPriority() int8 {
	if n.urgent() {
		return actor.DefaultPriority + 1
	}
	return actor.DefaultPriority
}

// A flood is what the receiver of a flood keeps.
type flood struct {
	began   time.Time
	handled atomic.Int64 // ordinary messages
	release chan struct{}
	drained chan struct{}
	seen    chan sighting
}

// A sighting is the handling of an urgent message.
type sighting struct {
	took    time.Duration
	handled int64 // ordinary messages until then
}

func (f *flood) handle(n notice) {
	switch n {
	case ordinary:
		f.handled.Add(1)
	case hold:
		<-f.release
	case last:
		f.drained <- struct{}{}
	default:
		f.seen <- sighting{time.Since(f.began) - time.Duration(n), f.handled.Load()}
	}
}

// A flooder makes an actor of f.handle, and how it is told.
type flooder func(f *flood) (send func(notice), end func())

func flooding(name string, open flooder) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		return bench.Runner{Gauge: func(n int) []float64 {
			f := &flood{began: time.Now(), release: make(chan struct{}), drained: make(chan struct{}), seen: make(chan sighting, 1)}
			send, end := open(f)
			defer end()
			var took []time.Duration
			var sinceBefore, sinceAfter []int64 // ordinary messages handled since the tell began, and since it returned
			for len(took) < n {
				send(hold)
				for range floodSize {
					send(ordinary)
				}
				f.release <- struct{}{}
				for range min(urgentPerFlood, n-len(took)) {
					before := f.handled.Load()
					send(notice(time.Since(f.began)))
					after := f.handled.Load()
					s := <-f.seen
					took = append(took, s.took)
					sinceBefore, sinceAfter = append(sinceBefore, s.handled-before), append(sinceAfter, max(0, s.handled-after))
				}
				send(last)
				<-f.drained
			}
			slices.Sort(sinceBefore)
			return append(contest.Ranks(took), float64(sinceBefore[len(sinceBefore)/2]), float64(slices.Max(sinceAfter)))
		}}
	}}
}

func channelFlood(f *flood) (func(notice), func()) {
	urgent, others := make(chan notice, 16), make(chan notice, floodSize)
	go func() {
		for {
			select {
			case n := <-urgent:
				f.handle(n)
				continue
			default:
			}
			select {
			case n := <-urgent:
				f.handle(n)
			case n, open := <-others:
				if !open {
					return
				}
				f.handle(n)
			}
		}
	}()
	return func(n notice) {
		if n.urgent() {
			urgent <- n
		} else {
			others <- n
		}
	}, func() { close(others) }
}

func protoFlood(f *flood) (func(notice), func()) {
	system, end := contest.Proto()
	props := contest.ProtoProps(func(_ actor.Context, n notice) { f.handle(n) }).Configure(actor.WithMailbox(actor.UnboundedPriority()))
	pid := system.Root.Spawn(props)
	return func(n notice) { system.Root.Send(pid, n) }, end
}

func troupeFlood(f *flood) (func(notice), func()) {
	system, end := contest.Troupe()
	ref := contest.Must(runtime.Spawn(system, runtime.Props[notice]{
		Mailbox: mailbox.Config[notice]{
			Capacity: mailbox.Unbounded,
			Order:    mailbox.Priority,
			Levels:   2,
			Level: func(n notice) int {
				if n.urgent() {
					return 0
				}
				return 1
			},
		},
		New: func() runtime.Actor[notice] {
			return runtime.Func[notice](func(_ *runtime.Context[notice], n notice) error {
				f.handle(n)
				return nil
			})
		},
	}))
	return func(n notice) { contest.Tell(contest.Forever, ref, n) }, end
}
