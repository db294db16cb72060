package patterns

import (
	"context"
	"fmt"
	"sync"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/patterns/barrier"
	"github.com/troupe-go/troupe/patterns/event"
)

// parties is how many meet in each round.
const parties = 8

// RoundRows is the time that one party takes for a round: until an event was set for it, and until it has met the others at
// a barrier.
func RoundRows() []bench.Row {
	row := func(name, title string) bench.Row {
		return bench.Row{Name: name, Table: "Rounds of 8", Label: []bench.Label{{Column: "meeting at", Value: title}}, Quick: true}
	}
	return []bench.Row{
		against(row("event", "an event"), eventRounds(SyncName, syncEvents), 0, nil, eventRounds(contest.TroupeName, troupeEvents)),
		against(row("barrier", "a barrier"), barrierRounds(SyncName, syncBarrier), 0, nil, barrierRounds(contest.TroupeName, troupeBarrier)),
	}
}

// rounds is how many it takes for n parties to pass.
func rounds(n int) int { return (n + parties - 1) / parties }

// A latch is set by one and waited for by others, until it is cleared.
type latch struct{ set, clear, wait func() }

// eventRounds has 8 wait for an event in each round, and one more set it. Even rounds have one event and odd ones another,
// so that nobody waits for an event that may be set still.
func eventRounds(name string, open func() (latches [2]latch, end func())) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		latches, end := open()
		return bench.Runner{End: end, Run: func(n int) {
			var waiters, passed sync.WaitGroup
			for range parties {
				waiters.Go(func() {
					for round := range rounds(n) {
						latches[round%2].wait()
						passed.Done()
					}
				})
			}
			for round := range rounds(n) {
				passed.Add(parties)
				latches[round%2].set()
				passed.Wait()
				latches[round%2].clear()
			}
			waiters.Wait()
		}}
	}}
}

func syncEvents() ([2]latch, func()) {
	var latches [2]latch
	for i := range latches {
		var m sync.Mutex
		c, set := sync.NewCond(&m), false
		change := func(to bool) {
			m.Lock()
			set = to
			m.Unlock()
			c.Broadcast()
		}
		latches[i] = latch{
			set:   func() { change(true) },
			clear: func() { change(false) },
			wait: func() {
				m.Lock()
				for !set {
					c.Wait()
				}
				m.Unlock()
			},
		}
	}
	return latches, func() {}
}

func troupeEvents() ([2]latch, func()) {
	system, end := contest.Troupe()
	ctx, cancel := context.WithCancel(contest.Forever)
	var latches [2]latch
	for i := range latches {
		e := contest.Must(event.New(system, event.Config{}))
		latches[i] = latch{
			set:   func() { check(e.Set()) },
			clear: func() { check(e.Clear()) },
			wait:  func() { check(e.Wait(ctx)) },
		}
	}
	return latches, func() {
		cancel()
		end()
	}
}

// barrierRounds has 8 meet at a barrier, over and over. Each of them is told its place in the order of each round.
func barrierRounds(name string, open func() (wait func() (place int), end func())) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		wait, end := open()
		return bench.Runner{End: end, Run: func(n int) {
			var sums [parties]int
			contest.Share(parties, parties*rounds(n), func(from, to int) {
				sum := 0
				for range to - from {
					sum += wait()
				}
				sums[from/rounds(n)] = sum
			})
			sum := 0
			for _, s := range sums {
				sum += s
			}
			if want := rounds(n) * parties * (parties - 1) / 2; sum != want {
				panic(fmt.Sprintf("benchmarks: the sum of the places at a barrier is %d, want %d", sum, want))
			}
		}}
	}}
}

// syncBarrier is a barrier as one writes it by hand.
func syncBarrier() (func() int, func()) {
	var m sync.Mutex
	c := sync.NewCond(&m)
	arrived, round := 0, 0
	return func() int {
		m.Lock()
		defer m.Unlock()
		place, mine := arrived, round
		if arrived++; arrived == parties {
			arrived = 0
			round++
			c.Broadcast()
			return place
		}
		for round == mine {
			c.Wait()
		}
		return place
	}, func() {}
}

func troupeBarrier() (func() int, func()) {
	system, end := contest.Troupe()
	ctx, cancel := context.WithCancel(contest.Forever)
	b := contest.Must(barrier.New(system, barrier.Config{Parties: parties}))
	return func() int { return contest.Must(b.Wait(ctx)) }, func() {
		cancel()
		end()
	}
}
