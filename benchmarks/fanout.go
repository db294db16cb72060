package main

import (
	"fmt"
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

var fanoutSection = bench.Section{
	Name: "fanout",
	About: `Time of a delivery when one sends to 1,000, each in turn and over and over, until all messages are handled. Each is an int.
troupe: Tell to actors with mailboxes of 1,024. channel: goroutines that range over buffered channels of 1,024, which
is quicker than less room. Proto.Actor: Send to its default mailboxes. Actor: it is an actor that sends, inside its
handler; with channels there is no such difference. Outside: a goroutine sends.`,
	Rows: func() []bench.Row {
		var rows []bench.Row
		for _, from := range []string{"actor", "outside"} {
			rows = append(rows, bench.Row{
				Name:       from,
				Table:      "Fan-out to 1,000",
				Label:      []bench.Label{{Column: "sent from", Value: from}},
				Quick:      true,
				Aims:       []float64{0.7},
				Contenders: []bench.Contender{fanoutChannel(), fanoutProto(from == "actor"), fanoutTroupe(from == "actor")},
			})
		}
		return rows
	},
}

const audience = 1000

// A fan is the receivers' counts. Receiver i gets the messages i, i+1,000, ...
type fan struct {
	got  [audience]struct{ got, want int }
	done sync.WaitGroup
}

func (f *fan) expect(n int) {
	for i := range f.got {
		f.got[i].got, f.got[i].want = 0, (n+audience-1-i)/audience
		if f.got[i].want > 0 {
			f.done.Add(1)
		}
	}
}

// add is called by receiver i alone. A message that is not its own is a mistake.
func (f *fan) add(i, m int) {
	own := &f.got[i]
	if m != i+own.got*audience {
		panic(fmt.Sprintf("benchmarks: receiver %d got %d as its message %d", i, m, own.got))
	}
	if own.got++; own.got == own.want {
		f.done.Done()
	}
}

// run has n messages sent, and waits for them.
func (f *fan) run(n int, send func(n int)) {
	f.expect(n)
	send(n)
	f.done.Wait()
}

func fanoutChannel() bench.Contender {
	return bench.Contender{Name: contest.ChannelName, Prepare: func() bench.Runner {
		var f fan
		var to [audience]chan int
		for i := range to {
			own := make(chan int, mailbox.DefaultCapacity)
			to[i] = own
			go func() {
				for m := range own {
					f.add(i, m)
				}
			}()
		}
		return bench.Runner{
			Run: func(n int) {
				f.run(n, func(n int) {
					for m := range n {
						to[m%audience] <- m
					}
				})
			},
			End: func() {
				for _, own := range to {
					close(own)
				}
			},
		}
	}}
}

func fanoutProto(fromActor bool) bench.Contender {
	return bench.Contender{Name: contest.ProtoName, Prepare: func() bench.Runner {
		system, end := contest.Proto()
		var f fan
		var to [audience]*actor.PID
		for i := range to {
			to[i] = system.Root.Spawn(contest.ProtoProps(func(_ actor.Context, m int) { f.add(i, m) }))
		}
		send := func(n int, send func(*actor.PID, any)) {
			for m := range n {
				send(to[m%audience], m)
			}
		}
		sender := system.Root.Spawn(contest.ProtoProps(func(ctx actor.Context, n int) { send(n, ctx.Send) }))
		if fromActor {
			return bench.Runner{End: end, Run: func(n int) { f.run(n, func(n int) { system.Root.Send(sender, n) }) }}
		}
		return bench.Runner{End: end, Run: func(n int) { f.run(n, func(n int) { send(n, system.Root.Send) }) }}
	}}
}

func fanoutTroupe(fromActor bool) bench.Contender {
	return bench.Contender{Name: contest.TroupeName, Prepare: func() bench.Runner {
		system, end := contest.Troupe()
		var f fan
		var to [audience]runtime.Ref[int]
		for i := range to {
			to[i] = contest.Spawn(system, func(_ *runtime.Context[int], m int) { f.add(i, m) })
		}
		sender := contest.Spawn(system, func(ctx *runtime.Context[int], n int) {
			for m := range n {
				contest.Tell(ctx, to[m%audience], m)
			}
		})
		if fromActor {
			return bench.Runner{End: end, Run: func(n int) { f.run(n, func(n int) { contest.Tell(contest.Forever, sender, n) }) }}
		}
		return bench.Runner{End: end, Run: func(n int) {
			f.run(n, func(n int) {
				for m := range n {
					contest.Tell(contest.Forever, to[m%audience], m)
				}
			})
		}}
	}}
}
