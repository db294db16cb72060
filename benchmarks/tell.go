package main

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

var tellSection = section{
	name: "tell",
	about: `Time of a message from goroutines outside to one actor, until all are handled. Each message is an int.
troupe: Tell to a FIFO mailbox of 1,024. channel: a buffered channel of 1,024 and one goroutine that ranges over it.
Proto.Actor: Root.Send to its default mailbox, which has no bound; its messages are interfaces, so an int is allocated.`,
	rows: func() []row {
		var rows []row
		for _, senders := range []int{1, 2, 8, 64} {
			aims := []float64{0.40, 0.30}
			if senders == 64 {
				aims = []float64{0.80, 0.50}
			}
			rows = append(rows, row{
				name:       fmt.Sprintf("senders=%d", senders),
				table:      "Tell",
				label:      []label{{"senders", fmt.Sprint(senders)}},
				quick:      senders != 2,
				aims:       aims,
				contenders: []contender{tellChannel(senders), tellProto(senders), tellTroupe(senders)},
			})
		}
		return rows
	},
}

// tells is a run in which so many senders share n messages among them.
func tells(senders int, t *tally, part func(from, to int)) func(n int) {
	return func(n int) {
		t.expect(n)
		share(senders, n, part)
		t.wait()
	}
}

func tellChannel(senders int) contender {
	return contender{channelName, func() runner {
		t, messages := newTally(), make(chan int, mailbox.DefaultCapacity)
		go func() {
			for m := range messages {
				t.add(m)
			}
		}()
		return runner{run: tells(senders, t, func(from, to int) {
			for i := from; i < to; i++ {
				messages <- i
			}
		}), end: func() { close(messages) }}
	}}
}

func tellProto(senders int) contender {
	return contender{protoName, func() runner {
		system, end := newProto()
		t := newTally()
		pid := system.Root.Spawn(protoProps(func(_ actor.Context, m int) { t.add(m) }))
		return runner{run: tells(senders, t, func(from, to int) {
			for i := from; i < to; i++ {
				system.Root.Send(pid, i)
			}
		}), end: end}
	}}
}

func tellTroupe(senders int) contender {
	return contender{troupeName, func() runner {
		system, end := newTroupe()
		t := newTally()
		ref := spawn(system, func(_ *runtime.Context[int], m int) { t.add(m) })
		return runner{run: tells(senders, t, func(from, to int) {
			for i := from; i < to; i++ {
				tell(forever, ref, i)
			}
		}), end: end}
	}}
}
