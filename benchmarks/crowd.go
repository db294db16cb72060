package main

import (
	"fmt"
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A crowd is many actors that all live at once, and a collector. Members answer each message with itself.
type crowd struct {
	ask     func(i int) int // sends i to member i, and returns the answer
	tell    func(i int)     // sends i to member i, which answers to the collector
	wait    func()          // returns when the collector has all answers
	dismiss func()          // stops all that live, and whatever they live in
}

// A crowdMaker spawns n members. With leave, a member stops by itself once it has answered.
type crowdMaker func(n int, leave bool) crowd

// askAll asks each of n members in turn.
func (c crowd) askAll(n int) {
	for i := range n {
		if got := c.ask(i); got != i {
			panic(fmt.Sprintf("benchmarks: member %d answered %d", i, got))
		}
	}
}

// tellAll tells each of n members, and waits until all have answered.
func (c crowd) tellAll(n int) {
	for i := range n {
		c.tell(i)
	}
	c.wait()
}

// collector makes a tally of n answers.
func collector(n int) *contest.Tally {
	t := contest.NewTally()
	t.Expect(n)
	return t
}

func channelCrowd(n int, leave bool) crowd {
	type message struct {
		of     int
		answer chan<- int
	}
	t, answers := collector(n), make(chan int, mailbox.DefaultCapacity)
	go func() {
		for m := range answers {
			t.Add(m)
		}
	}()
	members := make([]chan message, n)
	var all sync.WaitGroup
	all.Add(n)
	for i := range members {
		own := make(chan message)
		members[i] = own
		go func() {
			defer all.Done()
			for m := range own {
				m.answer <- m.of
				if leave {
					return
				}
			}
		}()
	}
	return crowd{
		ask: func(i int) int {
			answer := make(chan int, 1)
			members[i] <- message{i, answer}
			return <-answer
		},
		tell: func(i int) { members[i] <- message{i, answers} },
		wait: t.Wait,
		dismiss: func() {
			for _, own := range members {
				close(own)
			}
			all.Wait()
			close(answers)
		},
	}
}

func protoCrowd(n int, leave bool) crowd {
	system, end := contest.Proto()
	t := collector(n)
	answers := system.Root.Spawn(contest.ProtoProps(func(_ actor.Context, m int) { t.Add(m) }))
	var leaving sync.WaitGroup
	if leave {
		leaving.Add(n)
	}
	props := actor.PropsFromFunc(func(ctx actor.Context) {
		switch m := ctx.Message().(type) {
		case int:
			if ctx.Sender() != nil {
				ctx.Respond(m)
			} else {
				ctx.Send(answers, m)
			}
			if leave {
				ctx.Stop(ctx.Self())
			}
		case *actor.Stopped:
			leaving.Done()
		}
	})
	members := make([]*actor.PID, n)
	for i := range members {
		members[i] = system.Root.Spawn(props)
	}
	return crowd{
		ask: func(i int) int {
			return contest.Must(system.Root.RequestFuture(members[i], i, deadline).Result()).(int)
		},
		tell: func(i int) { system.Root.Send(members[i], i) },
		wait: t.Wait,
		dismiss: func() {
			leaving.Wait()
			end()
		},
	}
}

func troupeCrowd(n int, leave bool) crowd {
	type message struct {
		of                 int
		runtime.Reply[int] // the zero one, of a message that is told
	}
	system, end := contest.Troupe()
	t := collector(n)
	answers := contest.Spawn(system, func(_ *runtime.Context[int], m int) { t.Add(m) })
	member := func(ctx *runtime.Context[message], m message) error {
		if !m.TrySend(m.of) {
			contest.Tell(ctx, answers, m.of)
		}
		if leave {
			ctx.Stop()
		}
		return nil
	}
	props := runtime.Props[message]{New: func() runtime.Actor[message] { return runtime.Func[message](member) }}
	members := make([]runtime.Ref[message], n)
	for i := range members {
		members[i] = contest.Must(runtime.Spawn(system, props))
	}
	return crowd{
		ask: func(i int) int {
			return contest.Must(runtime.Ask(contest.Forever, members[i], func(r runtime.Reply[int]) message { return message{i, r} }))
		},
		tell: func(i int) { contest.Tell(contest.Forever, members[i], message{of: i}) },
		wait: t.Wait,
		dismiss: func() {
			if leave { // or they are stopped by the end, which takes as long
				for _, ref := range members {
					<-ref.Done()
				}
			}
			end()
		},
	}
}
