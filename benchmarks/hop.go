package main

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/runtime"
)

var hopSection = bench.Section{
	Name: "hop",
	About: `Time of a hop: an actor gets a message and sends it on. Two actors in turn, a ring of 1,000 with one message on its way,
and 500 pairs of actors at once. Each message is an int.
troupe: Tell from the handler. channel: a goroutine for each actor, and channels with room for 1, so that nobody
waits until his message is taken; without any room the times are the same, within the noise. Proto.Actor: ctx.Send.`,
	Rows: func() []bench.Row {
		var rows []bench.Row
		for _, s := range []circles{{"pingpong", "ping-pong", 1, 2}, {"ring", "ring of 1,000", 1, 1000}, {"pairs", "500 pairs at once", 500, 2}} {
			rows = append(rows, bench.Row{
				Name:       s.name,
				Table:      "Hop",
				Label:      []bench.Label{{Column: "hops", Value: s.title}},
				Quick:      true,
				Aims:       []float64{0.25, 0.15},
				Contenders: []bench.Contender{hopChannel(s), hopProto(s), hopTroupe(s)},
			})
		}
		return rows
	},
}

// Circles are actors each of which knows who is next; one message goes around in each.
type circles struct {
	name, title string
	count, size int
}

// A hopper is what one actor of a circle counts. A message says how many hops it has to do still, its own included.
type hopper struct {
	handled int
	last    chan<- struct{}
}

// hop reports whether the message goes on.
func (h *hopper) hop(m int) bool {
	h.handled++
	if m == 1 {
		h.last <- struct{}{}
	}
	return m > 1
}

// hops returns the hoppers of all circles, one circle after the other, and a run: start gives each circle's first actor
// its message.
func (c circles) hops(start func(i, m int)) ([]hopper, func(n int)) {
	hoppers, last := make([]hopper, c.count*c.size), make(chan struct{}, c.count)
	for i := range hoppers {
		hoppers[i].last = last
	}
	return hoppers, func(n int) {
		begun := 0
		for i := range c.count {
			if hops := n*(i+1)/c.count - n*i/c.count; hops > 0 {
				start(i*c.size, hops)
				begun++
			}
		}
		for range begun {
			<-last
		}
		handled := 0
		for i := range hoppers {
			handled += hoppers[i].handled
			hoppers[i].handled = 0
		}
		if handled != n {
			panic(fmt.Sprintf("benchmarks: %d hops, want %d", handled, n))
		}
	}
}

// next is the place of who comes after i in its circle.
func (c circles) next(i int) int {
	if (i+1)%c.size == 0 {
		return i + 1 - c.size
	}
	return i + 1
}

func hopChannel(c circles) bench.Contender {
	return bench.Contender{Name: contest.ChannelName, Prepare: func() bench.Runner {
		in := make([]chan int, c.count*c.size)
		for i := range in {
			in[i] = make(chan int, 1)
		}
		hoppers, run := c.hops(func(i, m int) { in[i] <- m })
		for i := range in {
			h, own, next := &hoppers[i], in[i], in[c.next(i)]
			go func() {
				for m := range own {
					if h.hop(m) {
						next <- m - 1
					}
				}
			}()
		}
		return bench.Runner{Run: run, End: func() {
			for _, own := range in {
				close(own)
			}
		}}
	}}
}

func hopProto(c circles) bench.Contender {
	return bench.Contender{Name: contest.ProtoName, Prepare: func() bench.Runner {
		system, end := contest.Proto()
		pids := make([]*actor.PID, c.count*c.size)
		hoppers, run := c.hops(func(i, m int) { system.Root.Send(pids[i], m) })
		for i := range pids {
			h, next := &hoppers[i], &pids[c.next(i)]
			pids[i] = system.Root.Spawn(contest.ProtoProps(func(ctx actor.Context, m int) {
				if h.hop(m) {
					ctx.Send(*next, m-1)
				}
			}))
		}
		return bench.Runner{Run: run, End: end}
	}}
}

func hopTroupe(c circles) bench.Contender {
	return bench.Contender{Name: contest.TroupeName, Prepare: func() bench.Runner {
		system, end := contest.Troupe()
		refs := make([]runtime.Ref[int], c.count*c.size)
		hoppers, run := c.hops(func(i, m int) { contest.Tell(contest.Forever, refs[i], m) })
		for i := range refs {
			h, next := &hoppers[i], &refs[c.next(i)]
			refs[i] = contest.Spawn(system, func(ctx *runtime.Context[int], m int) {
				if h.hop(m) {
					contest.Tell(ctx, *next, m-1)
				}
			})
		}
		return bench.Runner{Run: run, End: end}
	}}
}
