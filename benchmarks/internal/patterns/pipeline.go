package patterns

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/patterns/pipeline"
)

const stages = 5

// PipelineRows is the time of an item on its way from a source through five stages, each of which adds 1, to a sink.
func PipelineRows() []bench.Row {
	var rows []bench.Row
	for _, r := range []struct {
		buffer int
		aim    float64
	}{{1, 0}, {64, 0}, {1024, 0.35}} {
		rows = append(rows, against(bench.Row{
			Name:  fmt.Sprintf("pipeline/buffer=%d", r.buffer),
			Table: "Pipeline of 5 stages",
			Label: []bench.Label{{Column: "buffers", Value: bench.Comma(r.buffer)}},
			Quick: r.buffer != 64,
		}, flowing(contest.ChannelName, r.buffer, channelPipeline), r.aim, nil, flowing(contest.TroupeName, r.buffer, troupePipeline)))
	}
	return rows
}

// A pipelineMaker prepares pipelines with so much room before each stage and the sink. Each run is a pipeline of its own.
type pipelineMaker func(buffer int) (run func(n int, sink func(item int)), end func())

// flowing has the numbers from 0 go through a pipeline, and come out in their order.
func flowing(name string, buffer int, open pipelineMaker) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		run, end := open(buffer)
		return bench.Runner{End: end, Run: func(n int) {
			got := 0
			run(n, func(item int) {
				if item != got+stages {
					panic(fmt.Sprintf("benchmarks: item %d of a pipeline is %d, want %d", got, item, got+stages))
				}
				got++
			})
			if got != n {
				panic(fmt.Sprintf("benchmarks: %d items left a pipeline, and %d went in", got, n))
			}
		}}
	}}
}

func channelPipeline(buffer int) (func(int, func(int)), func()) {
	return func(n int, sink func(int)) {
		source := make(chan int, buffer)
		go func() {
			for i := range n {
				source <- i
			}
			close(source)
		}()
		last := source
		for range stages {
			in, out := last, make(chan int, buffer)
			go func() {
				for item := range in {
					out <- item + 1
				}
				close(out)
			}()
			last = out
		}
		for item := range last {
			sink(item)
		}
	}, func() {}
}

func troupePipeline(buffer int) (func(int, func(int)), func()) {
	system, end := contest.Troupe()
	stage := pipeline.Stage{Buffer: buffer}
	addOne := func(_ context.Context, item int) (int, error) { return item + 1, nil }
	var items []int // made once, before the clock runs
	return func(n int, sink func(int)) {
		if len(items) < n {
			items = slices.Collect(numbers(n))
		}
		flow := pipeline.FromSlice(items[:n], stage)
		for range stages {
			flow = pipeline.Map(flow, addOne, stage)
		}
		last := pipeline.ForEach(flow, func(_ context.Context, item int) error {
			sink(item)
			return nil
		}, stage)
		run := contest.Must(last.Run(contest.Forever, system, pipeline.Config{}))
		check(run.Wait(contest.Forever))
	}, end
}

// numbers are those from 0 up to but not including n.
func numbers(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}
