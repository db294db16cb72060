package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/troupe-go/troupe/patterns/pipeline"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func ignore(context.Context, int) error { return nil }

// Rule 3.09 among others: a demand of less than nothing is an error, as is everything else that makes no sense. The error
// says where, what was found, and what is accepted; and nothing is started.
func TestRunRefusesWhatMakesNoSense(t *testing.T) {
	source := func() pipeline.Flow[int] { return pipeline.FromSlice([]int{1}) }
	with := func(s pipeline.Stage) pipeline.Sink { s.Name = "it"; return pipeline.ForEach(source(), ignore, s) }
	into := func(f pipeline.Flow[int]) pipeline.Sink { return pipeline.ForEach(f, ignore) }
	groups := func(f pipeline.Flow[[]int]) pipeline.Sink {
		return pipeline.ForEach(f, func(context.Context, []int) error { return nil })
	}
	it := pipeline.Stage{Name: "it"}
	for want, sink := range map[string]pipeline.Sink{
		`stage "it": pipeline: invalid config: Stage.Buffer is -1: want 0`:         with(pipeline.Stage{Buffer: -1}),
		`Stage.Parallel is -2: want 0 (1) or more`:                                 with(pipeline.Stage{Parallel: -2}),
		`Stage.Retries is -1: want 0 (never) or more`:                              with(pipeline.Stage{Retries: -1}),
		`Stage.OnError is 7: want Stop or Skip`:                                    with(pipeline.Stage{OnError: 7}),
		`Stage.Backoff: supervisor`:                                                with(pipeline.Stage{Backoff: supervisor.Backoff{Min: -1}}),
		`Stage.Name is "a/b": want a name without '/'`:                             pipeline.ForEach(source(), ignore, pipeline.Stage{Name: "a/b"}),
		`2 Stages were given`:                                                      pipeline.ForEach(source(), ignore, it, it),
		`stage "it": pipeline: invalid config: the function is nil`:                into(pipeline.Map[int, int](source(), nil, it)),
		`where the items go is nil`:                                                pipeline.ForEach[int](source(), nil),
		`it is fed by the zero Flow`:                                               into(pipeline.Flow[int]{}),
		`the size of a batch is 0: want 1 or more`:                                 groups(pipeline.Batch(source(), 0, 0)),
		`the time of a batch is -1ns: want 0`:                                      groups(pipeline.Batch(source(), 1, -1)),
		`the size of a window is 0: want 1 or more`:                                groups(pipeline.Window(source(), 0, 1)),
		`the step of a window is 0: want 1 or more`:                                groups(pipeline.Window(source(), 1, 0)),
		`the number of items is 0: want 1 or more`:                                 into(pipeline.Throttle(source(), 0, time.Second)),
		`the time for them is 0s: want more than 0`:                                into(pipeline.Throttle(source(), 1, 0)),
		`the number of flows is 0: want 1 or more`:                                 into(pipeline.Merge[int](nil)),
		`Stage.Parallel is 2: want 0 or 1, because throttle is sequential`:         into(pipeline.Throttle(source(), 1, 1, pipeline.Stage{Parallel: 2})),
		`stage "it": pipeline: invalid config: 1 of its 2 branches lead to a sink`: into(pipeline.Broadcast(source(), 2, it)[0]),
		`there is no sink to run`:                                                  pipeline.Join(),
		`two stages are called "it"`:                                               pipeline.ForEach(pipeline.Map(source(), add, it), ignore, it),
	} {
		t.Run(want, func(t *testing.T) {
			system := newSystem(t)
			run, err := sink.Run(t.Context(), system, pipeline.Config{})
			if run != nil || !errors.Is(err, pipeline.ErrConfig) || !strings.Contains(err.Error(), want) {
				t.Errorf("Run returns %v", err)
			}
			if system.Stats().Actors != 0 {
				t.Error("something was started")
			}
		})
	}
	if _, err := with(it).Run(t.Context(), newSystem(t), pipeline.Config{StopTimeout: -1}); !errors.Is(err, pipeline.ErrConfig) {
		t.Errorf("Run returns %v", err)
	}
}

func TestBranchesOfNothingPanic(t *testing.T) {
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, pipeline.ErrConfig) {
			t.Errorf("Balance into 0 branches panics with %v", err)
		}
	}()
	pipeline.Balance(pipeline.FromSlice([]int{1}), 0)
}

// Rule 2.05: a flow has one receiver, once.
func TestSecondUseOfAFlowIsRefusedByName(t *testing.T) {
	system := newSystem(t)
	twice := pipeline.Map(pipeline.FromSlice([]int{1}), add, pipeline.Stage{Name: "twice"})
	both := pipeline.Join(pipeline.ForEach(twice, ignore), pipeline.ForEach(twice, ignore))
	if _, err := both.Run(t.Context(), system, pipeline.Config{}); !errors.Is(err, pipeline.ErrUsed) ||
		!errors.Is(err, pipeline.ErrConfig) || !strings.Contains(err.Error(), `"twice"`) {
		t.Errorf("two receivers: Run returns %v", err)
	}

	sink := pipeline.ForEach(pipeline.FromSlice([]int{1}, pipeline.Stage{Name: "again"}), ignore)
	finish(t, start(t, system, sink))
	if _, err := sink.Run(t.Context(), system, pipeline.Config{}); !errors.Is(err, pipeline.ErrUsed) ||
		!strings.Contains(err.Error(), `"again"`) {
		t.Errorf("another run: Run returns %v", err)
	}
}

func TestNamesOfTheRunAreThoseOfItsActors(t *testing.T) {
	system := newSystem(t)
	in := pipeline.NewIntake[int](pipeline.Stage{Name: "orders"})
	run, err := pipeline.ForEach(in.Flow(), ignore).Run(t.Context(), system, pipeline.Config{Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	want(t, in.Ref().Path(), "troupe/shop/orders")
	_, err = pipeline.ForEach(pipeline.FromSeq(numbers(1)), ignore).Run(t.Context(), system, pipeline.Config{Name: "shop"})
	if !errors.Is(err, runtime.ErrNameTaken) {
		t.Errorf("a second run of the name: %v", err)
	}
	run.Cancel()
	<-run.Done()
}

func TestRunInAContextThatHasEndedIsCancelled(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	end()
	run, err := pipeline.ForEach(pipeline.FromSeq(numbers(1<<40)), ignore).Run(ctx, newSystem(t), pipeline.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Wait(context.Background()); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait returns %v", err)
	}
}

func TestStoppedParentRefusesARun(t *testing.T) {
	system := newSystem(t)
	_ = system.Shutdown(t.Context())
	_, err := pipeline.Collect(t.Context(), system, pipeline.FromSeq(numbers(1)))
	if !errors.Is(err, runtime.ErrStopped) {
		t.Errorf("Collect returns %v", err)
	}
}
