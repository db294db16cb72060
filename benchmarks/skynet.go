package main

import (
	"context"
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/runtime"
)

var skynetSection = bench.Section{
	Name: "skynet",
	About: `Skynet: an actor spawns 10, each of which spawns 10, and so on down to 1,000,000 leaves (-quick: 50,000). A leaf answers
with its number, and each node with the sum of its children's answers; who has answered stops. Time of a leaf, from
the first spawn until the sum is there. troupe and Proto.Actor: children are spawned by their parent, as its children,
and answer by a message to it. troupe: what to grow is a message too, which each gets from its parent. channel: a
goroutine for each, and a channel with room for 10 that its children answer on.`,
	Rows: func() []bench.Row {
		return []bench.Row{{
			Name:       "skynet",
			Table:      "Skynet",
			Label:      []bench.Label{{Column: "children of a node", Value: "10"}},
			Quick:      true,
			Rounds:     3,
			Size:       1_000_000,
			QuickSize:  50_000,
			Aims:       []float64{0.6},
			Contenders: []bench.Contender{skynetChannel(), skynetProto(), skynetTroupe()},
		}}
	},
}

const branches = 10

// leaves are the numbers from..to-1, below one node of the tree.
type leaves struct{ from, to int }

// below returns what the node's children have below them. Of 0 leaves there is no child.
func (l leaves) below() []leaves {
	var children []leaves
	n := l.to - l.from
	for i := range branches {
		if child := (leaves{l.from + n*i/branches, l.from + n*(i+1)/branches}); child.from < child.to {
			children = append(children, child)
		}
	}
	return children
}

func (l leaves) single() bool { return l.to-l.from == 1 }

// skynet is a run, from how the tree over all leaves is grown; the sum of the leaves comes in.
func skynet(grow func(all leaves), sum <-chan int) func(n int) {
	return func(n int) {
		grow(leaves{0, n})
		if got, want := <-sum, n*(n-1)/2; got != want {
			panic(fmt.Sprintf("benchmarks: skynet's sum is %d, want %d", got, want))
		}
	}
}

func skynetChannel() bench.Contender {
	var grow func(l leaves, answer chan<- int)
	grow = func(l leaves, answer chan<- int) {
		if l.single() {
			answer <- l.from
			return
		}
		answers := make(chan int, branches)
		children := l.below()
		for _, child := range children {
			go grow(child, answers)
		}
		sum := 0
		for range children {
			sum += <-answers
		}
		answer <- sum
	}
	return bench.Contender{Name: contest.ChannelName, Prepare: func() bench.Runner {
		sum := make(chan int, 1)
		return bench.Runner{Run: skynet(func(all leaves) { go grow(all, sum) }, sum)}
	}}
}

func skynetProto() bench.Contender {
	return bench.Contender{Name: contest.ProtoName, Prepare: func() bench.Runner {
		system, end := contest.Proto()
		sum := make(chan int, 1)
		var top *actor.PID
		grow := func(all leaves) {
			node := &protoNode{leaves: all, answer: func(_ actor.Context, v int) { sum <- v }}
			top = system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return node }))
		}
		return bench.Runner{
			Run:   skynet(grow, sum),
			After: func() { _ = system.Root.StopFuture(top).Wait() }, // it stops by itself, but at its own time
			End:   end,
		}
	}}
}

// A protoNode is an inner node or a leaf; its messages are its children's answers.
type protoNode struct {
	leaves
	answer  func(ctx actor.Context, v int)
	missing int // answers
	sum     int
}

func (p *protoNode) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *actor.Started:
		if p.single() {
			p.finish(ctx, p.from)
			return
		}
		children := p.below()
		p.missing = len(children)
		for _, l := range children {
			child := &protoNode{leaves: l, answer: answerParent}
			ctx.Spawn(actor.PropsFromProducer(func() actor.Actor { return child }))
		}
	case int:
		p.sum += m
		if p.missing--; p.missing == 0 {
			p.finish(ctx, p.sum)
		}
	}
}

func (p *protoNode) finish(ctx actor.Context, v int) {
	p.answer(ctx, v)
	ctx.Stop(ctx.Self())
}

func answerParent(ctx actor.Context, v int) { ctx.Send(ctx.Parent(), v) }

func skynetTroupe() bench.Contender {
	return bench.Contender{Name: contest.TroupeName, Prepare: func() bench.Runner {
		system, end := contest.Troupe()
		sum := make(chan int, 1)
		collector := spawnNode(system, runtime.Func[skynetMessage](func(_ *runtime.Context[skynetMessage], m skynetMessage) error {
			sum <- m.answer
			return nil
		}))
		var top runtime.Ref[skynetMessage]
		grow := func(all leaves) {
			top = spawnNode(system, &troupeNode{parent: collector})
			contest.Tell(context.Background(), top, skynetMessage{below: all})
		}
		return bench.Runner{Run: skynet(grow, sum), After: func() { <-top.Done() }, End: end}
	}}
}

// A skynetMessage is what a node gets: what it has below itself, and then its children's answers.
type skynetMessage struct {
	below  leaves
	answer int
}

type troupeNode struct {
	parent  runtime.Ref[skynetMessage]
	missing int // answers
	sum     int
}

func spawnNode(p runtime.Parent, node runtime.Actor[skynetMessage]) runtime.Ref[skynetMessage] {
	return contest.Must(runtime.Spawn(p, runtime.Props[skynetMessage]{New: func() runtime.Actor[skynetMessage] { return node }}))
}

func (t *troupeNode) Receive(ctx *runtime.Context[skynetMessage], m skynetMessage) error {
	switch {
	case t.missing > 0:
		t.sum += m.answer
		if t.missing--; t.missing == 0 {
			t.finish(ctx, t.sum)
		}
	case m.below.single():
		t.finish(ctx, m.below.from)
	default:
		children := m.below.below()
		t.missing = len(children)
		for _, l := range children {
			child := spawnNode(ctx, &troupeNode{parent: ctx.Self()})
			contest.Tell(ctx, child, skynetMessage{below: l})
		}
	}
	return nil
}

func (t *troupeNode) finish(ctx *runtime.Context[skynetMessage], v int) {
	contest.Tell(ctx, t.parent, skynetMessage{answer: v})
	ctx.Stop()
}
