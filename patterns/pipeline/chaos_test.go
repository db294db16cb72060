package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/troupe-go/troupe/patterns/pipeline"
	"github.com/troupe-go/troupe/runtime"
)

// A tenth of all calls panic, on every way through merging, branches and workers; each item still arrives once, or is a
// dead letter once.
func TestNothingIsLostWhereATenthOfTheCallsPanic(t *testing.T) {
	n := stressed(4000, 250)
	system := newSystem(t)
	var mu sync.Mutex
	var dead []int
	system.DeadLetters(func(d runtime.DeadLetter) {
		if v, ok := d.Message.(int); ok {
			mu.Lock()
			dead = append(dead, v)
			mu.Unlock()
		}
	})
	shaky := func(_ context.Context, v int) (int, error) {
		switch rand.IntN(40) {
		case 0, 1, 2, 3:
			panic("on purpose")
		case 4:
			return 0, fmt.Errorf("on purpose")
		}
		return v, nil
	}
	stage := func(retries int, s pipeline.Stage) pipeline.Stage {
		s.Retries, s.OnError = retries, pipeline.Skip
		return s
	}
	odd := pipeline.FromSeq(func(yield func(int) bool) {
		for v := 1; v < n && yield(v); v += 2 {
		}
	})
	even := pipeline.FromSeq(func(yield func(int) bool) {
		for v := 0; v < n && yield(v); v += 2 {
		}
	})
	flow := pipeline.Map(pipeline.Merge([]pipeline.Flow[int]{odd, even}), shaky, stage(1, pipeline.Stage{Parallel: 3}))
	branches := pipeline.Balance(flow, 3, pipeline.Stage{Buffer: 10})
	for i, b := range branches {
		branches[i] = pipeline.Map(b, shaky, stage(i, pipeline.Stage{Buffer: 1 + 9*i, Parallel: i + 1, Unordered: i == 2}))
	}
	var got []int
	stats := finish(t, start(t, system, pipeline.ForEach(pipeline.Merge(branches), func(ctx context.Context, v int) error {
		_, err := shaky(ctx, v)
		if err == nil {
			got = append(got, v)
		}
		return err
	}, stage(0, pipeline.Stage{}))))
	if err := system.Shutdown(t.Context()); err != nil { // the subscriber has heard of all dead letters then
		t.Fatal(err)
	}
	var skipped uint64
	for _, s := range stats.Stages {
		skipped += s.Skipped
		if s.Failed != s.Retried+s.Skipped {
			t.Errorf("stats of %s do not add up: %+v", s.Name, s)
		}
	}
	if uint64(len(dead)) != skipped || stats.Dropped != 0 {
		t.Errorf("%d dead letters, %d skipped, %d dropped", len(dead), skipped, stats.Dropped)
	}
	all := append(got, dead...)
	slices.Sort(all)
	if !slices.Equal(all, slices.Collect(numbers(n))) {
		t.Errorf("%d items of %d came to an end", len(all), n)
	}
}

// A run that is cancelled at any time has lost exactly what its figures say.
func TestCancelledRunsAddUp(t *testing.T) {
	system := newSystem(t)
	for i := range stressed(100, 100) {
		stage := pipeline.Stage{Buffer: 1 + i%20, Parallel: 1 + i%3, Unordered: i%2 == 0}
		got := 0
		flow := pipeline.Map(pipeline.FromSeq(numbers(1<<40)), add, stage)
		run := start(t, system, pipeline.ForEach(pipeline.Map(flow, add, stage), func(context.Context, int) error {
			got++
			return nil
		}))
		for run.Stats().Stages[0].Out < uint64(rand.IntN(2000)) {
		}
		run.Cancel()
		<-run.Done()
		if s := run.Stats(); s.Stages[0].Out != s.Dropped+uint64(got) {
			t.Fatalf("of %d items %d arrived: stats are %+v", s.Stages[0].Out, got, s)
		}
	}
}

// A run that fails has lost exactly what its figures say, beside the item that it has failed with.
func TestFailedRunsAddUp(t *testing.T) {
	system := newSystem(t)
	for i := range stressed(100, 50) {
		stage := pipeline.Stage{Buffer: 1 + i%20, Parallel: 1 + i%3, Unordered: i%2 == 0}
		skips := stage
		skips.OnError = pipeline.Skip
		got, last := 0, rand.IntN(2000)
		flow := pipeline.Map(pipeline.FromSeq(numbers(1<<40)), func(_ context.Context, v int) (int, error) {
			if v%7 == 3 {
				return 0, errOnPurpose
			}
			return v, nil
		}, skips)
		flow = pipeline.Map(flow, func(_ context.Context, v int) (int, error) {
			if v >= last {
				return 0, errOnPurpose
			}
			return v, nil
		}, stage)
		run := start(t, system, pipeline.ForEach(flow, func(context.Context, int) error {
			got++
			return nil
		}))
		if err := run.Wait(t.Context()); !errors.Is(err, errOnPurpose) {
			t.Fatalf("the run ends with %v", err)
		}
		s := run.Stats()
		if s.Stages[0].Out != s.Dropped+uint64(got)+s.Stages[1].Skipped+1 {
			t.Fatalf("%+v: of %d items %d arrived: stats are %+v", stage, s.Stages[0].Out, got, s)
		}
	}
}

// Pipelines of any shape do what a loop over a slice does.
func TestPipelinesDoWhatLoopsDo(t *testing.T) {
	system := newSystem(t)
	rapid.Check(t, func(t *rapid.T) {
		stage := func() pipeline.Stage {
			return pipeline.Stage{
				Buffer:   rapid.SampledFrom([]int{1, 2, 8, 30, 1024}).Draw(t, "buffer"),
				Parallel: rapid.IntRange(1, 4).Draw(t, "parallel"),
			}
		}
		sequential := func() pipeline.Stage { s := stage(); s.Parallel = 1; return s }
		model := slices.Collect(numbers(rapid.SampledFrom([]int{0, 1, 10, 3000}).Draw(t, "items")))
		flow := pipeline.FromSlice(slices.Clone(model), sequential())
		for range rapid.IntRange(0, 4).Draw(t, "stages") {
			var next []int
			switch rapid.SampledFrom([]string{"map", "filter", "flatmap", "batch", "window", "broadcast"}).Draw(t, "stage") {
			case "map":
				flow = pipeline.Map(flow, add, stage())
				for _, v := range model {
					next = append(next, v+1)
				}
			case "filter":
				flow = pipeline.Filter(flow, func(_ context.Context, v int) (bool, error) { return v%3 > 0, nil }, stage())
				for _, v := range model {
					if v%3 > 0 {
						next = append(next, v)
					}
				}
			case "flatmap":
				times := func(v int) []int { return slices.Repeat([]int{v}, v%4) }
				flow = pipeline.FlatMap(flow, func(_ context.Context, v int) ([]int, error) { return times(v), nil }, stage())
				for _, v := range model {
					next = append(next, times(v)...)
				}
			case "batch":
				n := rapid.IntRange(1, 10).Draw(t, "n")
				flow = pipeline.FlatMap(pipeline.Batch(flow, n, 0, sequential()), func(_ context.Context, b []int) ([]int, error) {
					return []int{len(b), b[0]}, nil
				}, stage())
				for b := range slices.Chunk(model, n) {
					next = append(next, len(b), b[0])
				}
			case "window":
				flow = pipeline.Map(pipeline.Window(flow, 3, 2, sequential()), func(_ context.Context, w []int) (int, error) {
					return w[0] + w[len(w)-1], nil
				}, stage())
				for i := 0; i < len(model) && (i == 0 || i+1 < len(model)); i += 2 {
					w := model[i:min(i+3, len(model))]
					next = append(next, w[0]+w[len(w)-1])
				}
			case "broadcast": // and back into one, by way of sums of pairs
				parts := pipeline.Broadcast(flow, 2, sequential())
				flow = pipeline.Map(parts[0], add, stage())
				var other []int
				flow = pipeline.Filter(flow, func(context.Context, int) (bool, error) { return true, nil }, stage())
				rest := pipeline.Filter(parts[1], func(context.Context, int) (bool, error) { return false, nil }, stage())
				flow = pipeline.Merge([]pipeline.Flow[int]{flow, rest}, sequential())
				for _, v := range model {
					other = append(other, v+1)
				}
				next = other
			}
			model = next
		}
		got, err := pipeline.Collect(context.Background(), system, flow, sequential())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, model) {
			t.Fatalf("the pipeline makes %v, a loop %v", got, model)
		}
	})
}
