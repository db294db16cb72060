package main

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

var tellSection = bench.Section{
	Name: "tell",
	About: `Time of a message from goroutines outside to one actor, until all are handled. Each message is an int.
troupe: Tell to a FIFO mailbox of 1,024. channel: a buffered channel of 1,024 and one goroutine that ranges over it.
Proto.Actor: Root.Send to its default mailbox, which has no bound; its messages are interfaces, so an int is allocated.`,
	Rows: func() []bench.Row {
		var rows []bench.Row
		for _, senders := range []int{1, 2, 8, 64} {
			aims := []float64{0.40, 0.30}
			if senders == 64 {
				aims = []float64{0.80, 0.50}
			}
			rows = append(rows, bench.Row{
				Name:       fmt.Sprintf("senders=%d", senders),
				Table:      "Tell",
				Label:      []bench.Label{{Column: "senders", Value: fmt.Sprint(senders)}},
				Quick:      senders != 2,
				Aims:       aims,
				Contenders: []bench.Contender{tellChannel(senders), tellProto(senders), tellTroupe(senders)},
			})
		}
		return rows
	},
}

// tells is a run in which so many senders share n messages among them.
func tells(senders int, t *contest.Tally, part func(from, to int)) func(n int) {
	return func(n int) {
		t.Expect(n)
		contest.Share(senders, n, part)
		t.Wait()
	}
}

func tellChannel(senders int) bench.Contender {
	return bench.Contender{Name: contest.ChannelName, Prepare: func() bench.Runner {
		t, messages := contest.NewTally(), make(chan int, mailbox.DefaultCapacity)
		go func() {
			for m := range messages {
				t.Add(m)
			}
		}()
		return bench.Runner{Run: tells(senders, t, func(from, to int) {
			for i := from; i < to; i++ {
				messages <- i
			}
		}), End: func() { close(messages) }}
	}}
}

func tellProto(senders int) bench.Contender {
	return bench.Contender{Name: contest.ProtoName, Prepare: func() bench.Runner {
		system, end := contest.Proto()
		t := contest.NewTally()
		pid := system.Root.Spawn(contest.ProtoProps(func(_ actor.Context, m int) { t.Add(m) }))
		return bench.Runner{Run: tells(senders, t, func(from, to int) {
			for i := from; i < to; i++ {
				system.Root.Send(pid, i)
			}
		}), End: end}
	}}
}

func tellTroupe(senders int) bench.Contender {
	return bench.Contender{Name: contest.TroupeName, Prepare: func() bench.Runner {
		system, end := contest.Troupe()
		t := contest.NewTally()
		ref := contest.Spawn(system, func(_ *runtime.Context[int], m int) { t.Add(m) })
		return bench.Runner{Run: tells(senders, t, func(from, to int) {
			for i := from; i < to; i++ {
				contest.Tell(contest.Forever, ref, i)
			}
		}), End: end}
	}}
}
