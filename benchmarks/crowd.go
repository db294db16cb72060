package main

import (
	"context"
	"sync"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/runtime"
)

// A crowd is many actors that all live at once. Each answers one message, to a collector, which counts them.
type crowd struct {
	tell    func(i int) // sends i to member i
	wait    func()      // returns when all that were told have answered
	dismiss func()      // stops all that live, and whatever they live in
}

// A crowdMaker spawns n members. With leave, a member stops by itself once it has answered.
type crowdMaker func(n int, leave bool) crowd

// collector makes a tally of n answers.
func collector(n int) *tally {
	t := newTally()
	t.expect(n)
	return t
}

func channelCrowd(n int, leave bool) crowd {
	t, answers := collector(n), make(chan int, 1024)
	go func() {
		for m := range answers {
			t.add(m)
		}
	}()
	members := make([]chan int, n)
	var all sync.WaitGroup
	all.Add(n)
	for i := range members {
		own := make(chan int)
		members[i] = own
		go func() {
			defer all.Done()
			for m := range own {
				answers <- m
				if leave {
					return
				}
			}
		}()
	}
	return crowd{
		tell: func(i int) { members[i] <- i },
		wait: t.wait,
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
	system, end := newProto()
	t := collector(n)
	answers := system.Root.Spawn(protoProps(func(_ actor.Context, m int) { t.add(m) }))
	var leaving sync.WaitGroup
	props := actor.PropsFromFunc(func(ctx actor.Context) {
		switch m := ctx.Message().(type) {
		case int:
			ctx.Send(answers, m)
			if leave {
				ctx.Stop(ctx.Self())
			}
		case *actor.Stopped:
			leaving.Done()
		}
	})
	if leave {
		leaving.Add(n)
	}
	members := make([]*actor.PID, n)
	for i := range members {
		members[i] = system.Root.Spawn(props)
	}
	return crowd{
		tell: func(i int) { system.Root.Send(members[i], i) },
		wait: t.wait,
		dismiss: func() {
			leaving.Wait()
			end()
		},
	}
}

func troupeCrowd(n int, leave bool) crowd {
	system, end := newTroupe()
	t := collector(n)
	answers := spawn(system, func(_ *runtime.Context[int], m int) { t.add(m) })
	member := func(ctx *runtime.Context[int], m int) error {
		tell(context.Context(ctx), answers, m)
		if leave {
			ctx.Stop()
		}
		return nil
	}
	members := make([]runtime.Ref[int], n)
	for i := range members {
		members[i] = must(runtime.SpawnFunc(system, "", member))
	}
	return crowd{
		tell: func(i int) { tell(forever, members[i], i) },
		wait: t.wait,
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
