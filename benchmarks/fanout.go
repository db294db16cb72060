package main

import (
	"fmt"
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

var fanoutSection = section{
	name: "fanout",
	about: `Time of a delivery when one sends to 1,000, each in turn and over and over, until all messages are handled. Each is an int.
troupe: Tell to actors with mailboxes of 1,024. channel: goroutines that range over buffered channels of 1,024, which
is quicker than less room. Proto.Actor: Send to its default mailboxes. Actor: it is an actor that sends, inside its
handler; with channels there is no such difference. Outside: a goroutine sends.`,
	rows: func() []row {
		var rows []row
		for _, from := range []string{"actor", "outside"} {
			rows = append(rows, row{
				name:       from,
				table:      "Fan-out to 1,000",
				label:      []label{{"sent from", from}},
				quick:      true,
				aims:       []float64{0.7},
				contenders: []contender{fanoutChannel(), fanoutProto(from == "actor"), fanoutTroupe(from == "actor")},
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

func fanoutChannel() contender {
	return contender{channelName, func() runner {
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
		return runner{
			run: func(n int) {
				f.run(n, func(n int) {
					for m := range n {
						to[m%audience] <- m
					}
				})
			},
			end: func() {
				for _, own := range to {
					close(own)
				}
			},
		}
	}}
}

func fanoutProto(fromActor bool) contender {
	return contender{protoName, func() runner {
		system, end := newProto()
		var f fan
		var to [audience]*actor.PID
		for i := range to {
			to[i] = system.Root.Spawn(protoProps(func(_ actor.Context, m int) { f.add(i, m) }))
		}
		send := func(n int, send func(*actor.PID, any)) {
			for m := range n {
				send(to[m%audience], m)
			}
		}
		sender := system.Root.Spawn(protoProps(func(ctx actor.Context, n int) { send(n, ctx.Send) }))
		if fromActor {
			return runner{end: end, run: func(n int) { f.run(n, func(n int) { system.Root.Send(sender, n) }) }}
		}
		return runner{end: end, run: func(n int) { f.run(n, func(n int) { send(n, system.Root.Send) }) }}
	}}
}

func fanoutTroupe(fromActor bool) contender {
	return contender{troupeName, func() runner {
		system, end := newTroupe()
		var f fan
		var to [audience]runtime.Ref[int]
		for i := range to {
			to[i] = spawn(system, func(_ *runtime.Context[int], m int) { f.add(i, m) })
		}
		sender := spawn(system, func(ctx *runtime.Context[int], n int) {
			for m := range n {
				tell(ctx, to[m%audience], m)
			}
		})
		if fromActor {
			return runner{end: end, run: func(n int) { f.run(n, func(n int) { tell(forever, sender, n) }) }}
		}
		return runner{end: end, run: func(n int) {
			f.run(n, func(n int) {
				for m := range n {
					tell(forever, to[m%audience], m)
				}
			})
		}}
	}}
}
