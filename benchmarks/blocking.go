package main

import (
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/runtime"
)

// block blocks for 50 ms on a plain channel, as code does that knows nothing of actors.
func block() { <-time.After(50 * time.Millisecond) }

// A hopBlocker makes two actors. Started, the first sends the time to the second and then blocks; the second says how
// old that is.
type hopBlocker func(age chan<- time.Duration, free chan<- struct{}) (start, end func())

func hopBlocking(name string, open hopBlocker) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		return bench.Runner{Gauge: func(n int) []float64 {
			age, free := make(chan time.Duration, 1), make(chan struct{})
			start, end := open(age, free)
			defer end()
			var took []time.Duration
			for range n {
				start()
				took = append(took, <-age)
				<-free
			}
			return contest.Ranks(took)
		}}
	}}
}

func channelHopBlock(age chan<- time.Duration, free chan<- struct{}) (func(), func()) {
	first, second := make(chan struct{}, 1), make(chan time.Time, 1)
	go func() {
		for range first {
			second <- time.Now()
			block()
			free <- struct{}{}
		}
		close(second)
	}()
	go func() {
		for made := range second {
			age <- time.Since(made)
		}
	}()
	return func() { first <- struct{}{} }, func() { close(first) }
}

func protoHopBlock(age chan<- time.Duration, free chan<- struct{}) (func(), func()) {
	system, end := contest.Proto()
	second := system.Root.Spawn(contest.ProtoProps(func(_ actor.Context, made time.Time) { age <- time.Since(made) }))
	first := system.Root.Spawn(contest.ProtoProps(func(ctx actor.Context, _ struct{}) {
		ctx.Send(second, time.Now())
		block()
		free <- struct{}{}
	}))
	return func() { system.Root.Send(first, struct{}{}) }, end
}

func troupeHopBlock(age chan<- time.Duration, free chan<- struct{}) (func(), func()) {
	system, end := contest.Troupe()
	second := contest.Spawn(system, func(_ *runtime.Context[time.Time], made time.Time) { age <- time.Since(made) })
	first := contest.Spawn(system, func(ctx *runtime.Context[struct{}], _ struct{}) {
		contest.Tell(ctx, second, time.Now())
		block()
		free <- struct{}{}
	})
	return func() { contest.Tell(contest.Forever, first, struct{}{}) }, end
}

// A blockerMaker makes n actors that block when they are told, and one whose handler tells all of them: start has it do
// so. Each calls done when it has blocked.
type blockerMaker func(n int, done func()) (start, end func())

// allBlocking measures how long it takes until all have blocked, in ms, twice in the same system.
func allBlocking(name string, open blockerMaker) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		return bench.Runner{Gauge: func(n int) []float64 {
			var all sync.WaitGroup
			start, end := open(n, all.Done)
			defer end()
			var took []float64
			for range 2 {
				all.Add(n)
				began := time.Now()
				start()
				all.Wait()
				took = append(took, ms(time.Since(began)))
			}
			return took
		}}
	}}
}

func channelBlockers(n int, done func()) (func(), func()) {
	blockers, first := make([]chan struct{}, n), make(chan struct{})
	for i := range blockers {
		own := make(chan struct{}, 1)
		blockers[i] = own
		go func() {
			for range own {
				block()
				done()
			}
		}()
	}
	go func() {
		for range first {
			for _, b := range blockers {
				b <- struct{}{}
			}
		}
		for _, b := range blockers {
			close(b)
		}
	}()
	return func() { first <- struct{}{} }, func() { close(first) }
}

func protoBlockers(n int, done func()) (func(), func()) {
	system, end := contest.Proto()
	blockers := make([]*actor.PID, n)
	for i := range blockers {
		blockers[i] = system.Root.Spawn(contest.ProtoProps(func(actor.Context, struct{}) {
			block()
			done()
		}))
	}
	first := system.Root.Spawn(contest.ProtoProps(func(ctx actor.Context, m struct{}) {
		for _, b := range blockers {
			ctx.Send(b, m)
		}
	}))
	return func() { system.Root.Send(first, struct{}{}) }, end
}

func troupeBlockers(n int, done func()) (func(), func()) {
	system, end := contest.Troupe()
	blockers := make([]runtime.Ref[struct{}], n)
	for i := range blockers {
		blockers[i] = contest.Spawn(system, func(*runtime.Context[struct{}], struct{}) {
			block()
			done()
		})
	}
	first := contest.Spawn(system, func(ctx *runtime.Context[struct{}], m struct{}) {
		for _, b := range blockers {
			contest.Tell(ctx, b, m)
		}
	})
	return func() { contest.Tell(contest.Forever, first, struct{}{}) }, end
}
