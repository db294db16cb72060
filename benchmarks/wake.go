package main

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/runtime"
)

// pause is how long an actor has nothing to do before it is told again.
const pause = 500 * time.Microsecond

// A waker makes an actor that says how old a message is when it comes, and how the actor is told one.
type waker func(age chan<- time.Duration) (send func(made time.Time), end func())

func waking(name string, open waker) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		return bench.Runner{Gauge: func(n int) []float64 {
			age := make(chan time.Duration, 1)
			send, end := open(age)
			defer end()
			var took []time.Duration
			for range n {
				time.Sleep(pause)
				send(time.Now())
				took = append(took, <-age)
			}
			return contest.Ranks(took)
		}}
	}}
}

func channelWake(age chan<- time.Duration) (func(time.Time), func()) {
	messages := make(chan time.Time)
	go func() {
		for made := range messages {
			age <- time.Since(made)
		}
	}()
	return func(made time.Time) { messages <- made }, func() { close(messages) }
}

func protoWake(age chan<- time.Duration) (func(time.Time), func()) {
	system, end := contest.Proto()
	pid := system.Root.Spawn(contest.ProtoProps(func(_ actor.Context, made time.Time) { age <- time.Since(made) }))
	return func(made time.Time) { system.Root.Send(pid, made) }, end
}

func troupeWake(age chan<- time.Duration) (func(time.Time), func()) {
	system, end := contest.Troupe()
	ref := contest.Spawn(system, func(_ *runtime.Context[time.Time], made time.Time) { age <- time.Since(made) })
	return func(made time.Time) { contest.Tell(contest.Forever, ref, made) }, end
}
