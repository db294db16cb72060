package pipeline

import (
	"fmt"

	"github.com/troupe-go/troupe/runtime"
)

// A Flow is items of one type on their way: a source, or what a stage makes of other flows. It is a description; nothing
// happens until the Sink at its end is run. It is used once: by one stage or sink, in one run.
type Flow[T any] struct {
	node   *node
	branch int
	// start starts what the flow comes from, now that its receiver is there.
	start func(b *builder, to port[T]) error
}

// A Sink is where flows end, ready to be run.
type Sink struct {
	nodes []*node
	start []func(b *builder) error
}

// Join makes one sink of several, to be run together: those of the branches of a Broadcast or Balance, for example.
func Join(sinks ...Sink) (all Sink) {
	for _, s := range sinks {
		all.nodes = append(all.nodes, s.nodes...)
		all.start = append(all.start, s.start...)
	}
	return all
}

// A node is the plan of one stage.
type node struct {
	Stage
	kind string
	name string // of the run
	err  error  // what is wrong with it
	ups  []*node
	uses []int         // of each branch
	idle chan struct{} // has a token until the node is run
}

// plan makes a node whose flow has so many branches. A sequential one refuses to be parallel.
func plan(kind string, branches int, stages []Stage) *node {
	n := &node{kind: kind, uses: make([]int, branches), idle: make(chan struct{}, 1)}
	n.idle <- struct{}{}
	n.Stage, n.err = one(stages)
	return n
}

func (n *node) refuse(err error) {
	if n.err == nil {
		n.err = err
	}
}

// sequential refuses what makes no sense for a stage that has to see all items in order.
func (n *node) sequential() *node {
	if n.Parallel > 1 {
		n.refuse(badConfig("Stage.Parallel", n.Parallel, "0 or 1, because "+n.kind+" is sequential"))
	}
	return n
}

// use makes f what n receives.
func use[T any](n *node, f Flow[T]) {
	if f.node == nil {
		n.refuse(fmt.Errorf("%w: it is fed by the zero Flow: want one that a source or stage returned", ErrConfig))
		return
	}
	f.node.uses[f.branch]++
	n.ups = append(n.ups, f.node)
}

func (n *node) String() string {
	if n.Name != "" {
		return fmt.Sprintf("stage %q", n.Name)
	}
	return "an unnamed " + n.kind
}

// survey reserves the nodes that sinks need for this run, and lists them, each after those that it is fed by. It returns
// the first thing that is wrong.
func survey(sinks []*node) ([]*node, error) {
	var all []*node
	ways := make(map[*node]int) // branches that lead somewhere
	var visit func(*node)
	visit = func(n *node) {
		if _, seen := ways[n]; seen {
			return
		}
		ways[n] = 0
		for _, up := range n.ups {
			visit(up)
			ways[up]++
		}
		all = append(all, n)
	}
	for _, n := range sinks {
		visit(n)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: there is no sink to run: want one at least", ErrConfig)
	}
	if err := claim(all); err != nil {
		return nil, err
	}
	err := name(all)
	for _, n := range all {
		if err == nil {
			err = n.check(ways[n])
		}
	}
	if err != nil {
		release(all)
	}
	return all, err
}

func name(all []*node) error {
	names := make(map[string]bool)
	for i, n := range all {
		if n.name = n.Name; n.name == "" {
			n.name = fmt.Sprintf("%s-%d", n.kind, i+1)
		}
		if names[n.name] {
			return fmt.Errorf("%w: two stages are called %q: want names that differ", ErrConfig, n.name)
		}
		names[n.name] = true
	}
	return nil
}

// check returns what is wrong with n, from which so many ways lead on in this run.
func (n *node) check(ways int) error {
	err := n.err
	for branch, uses := range n.uses {
		if uses > 1 && err == nil {
			err = fmt.Errorf("%w: %w: branch %d of its flow feeds %d stages: want one; Broadcast makes several of one",
				ErrConfig, ErrUsed, branch, uses)
		}
	}
	if ways != len(n.uses) && err == nil {
		err = fmt.Errorf("%w: %d of its %d branches lead to a sink of this run: want all; Join makes one sink of several",
			ErrConfig, ways, len(n.uses))
	}
	if err != nil {
		return &StageError{n.name, err}
	}
	return nil
}

// claim reserves the nodes for one run.
func claim(all []*node) error {
	for i, n := range all {
		select {
		case <-n.idle:
		default:
			release(all[:i])
			return fmt.Errorf("%w: %w: %v was run before: want a new flow for each run", ErrConfig, ErrUsed, n)
		}
	}
	return nil
}

func release(claimed []*node) {
	for _, n := range claimed {
		n.idle <- struct{}{}
	}
}

// A builder starts the actors of a run, sinks first and sources last: a stage is started when all that it sends to is
// there.
type builder struct {
	ctx    *runtime.Context[command]
	keeper *keeper
}
