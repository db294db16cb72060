package pipeline_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/troupe-go/troupe/patterns/pipeline"
	"github.com/troupe-go/troupe/runtime"
)

func collect[T any](t testing.TB, flow pipeline.Flow[T]) []T {
	t.Helper()
	got, err := pipeline.Collect(context.Background(), newSystem(t), flow)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func want[T any](t testing.TB, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSourcesSendWhatTheyAreMadeOf(t *testing.T) {
	full := make(chan int, 3)
	for i := range 3 {
		full <- i
	}
	close(full)
	want(t, collect(t, pipeline.FromSlice([]int{0, 1, 2})), []int{0, 1, 2})
	want(t, collect(t, pipeline.FromSeq(numbers(3))), []int{0, 1, 2})
	want(t, collect(t, pipeline.FromChan(full)), []int{0, 1, 2})
	want(t, collect(t, pipeline.Lines(strings.NewReader("a b\n\nc"))), []string{"a b", "", "c"})
	want(t, collect(t, pipeline.FromReader(strings.NewReader("a b\n\nc"), bufio.ScanWords)), []string{"a", "b", "c"})
	want(t, collect(t, pipeline.FromSeq2(func(yield func(int, error) bool) {
		_ = yield(0, nil) && yield(7, fmt.Errorf("on purpose")) && yield(1, nil)
	}, pipeline.Stage{OnError: pipeline.Skip})), []int{0, 1})
	want(t, collect(t, pipeline.FromSlice([]int(nil))), nil)
}

func TestStagesDoWhatTheySay(t *testing.T) {
	ten := func() pipeline.Flow[int] { return pipeline.FromSeq(numbers(10)) }
	odd := func(_ context.Context, n int) (bool, error) { return n%2 == 1, nil }
	twice := func(_ context.Context, n int) ([]int, error) { return []int{n, n}[:n%3], nil }
	sum := func(_ context.Context, sum, n int) (int, error) { return sum + n, nil }
	want(t, collect(t, pipeline.Map(ten(), add)), []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
	want(t, collect(t, pipeline.Filter(ten(), odd)), []int{1, 3, 5, 7, 9})
	want(t, collect(t, pipeline.FlatMap(ten(), twice)), []int{1, 2, 2, 4, 5, 5, 7, 8, 8})
	want(t, collect(t, pipeline.Reduce(ten(), 100, sum)), []int{145})
	want(t, collect(t, pipeline.Batch(ten(), 4, 0)), [][]int{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9}})
	want(t, collect(t, pipeline.Window(ten(), 4, 4)), [][]int{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9}})
	want(t, collect(t, pipeline.Window(ten(), 3, 1)), [][]int{
		{0, 1, 2}, {1, 2, 3}, {2, 3, 4}, {3, 4, 5}, {4, 5, 6}, {5, 6, 7}, {6, 7, 8}, {7, 8, 9},
	})
	want(t, collect(t, pipeline.Window(ten(), 4, 3)), [][]int{{0, 1, 2, 3}, {3, 4, 5, 6}, {6, 7, 8, 9}})
	want(t, collect(t, pipeline.Window(ten(), 5, 3)), [][]int{{0, 1, 2, 3, 4}, {3, 4, 5, 6, 7}, {6, 7, 8, 9}})
	want(t, collect(t, pipeline.Window(ten(), 2, 3)), [][]int{{0, 1}, {3, 4}, {6, 7}, {9}})
}

// Each of many shapes of pipelines, at sizes where chunks do and do not fit, delivers everything, in order where asked.
func TestEverythingArrivesInOrder(t *testing.T) {
	for _, buffer := range []int{1, 2, 7, 8, 64, 1024} {
		for _, parallel := range []int{1, 2, 8} {
			for _, unordered := range []bool{false, true} {
				t.Run(fmt.Sprintf("buffer=%d/parallel=%d/unordered=%v", buffer, parallel, unordered), func(t *testing.T) {
					n := stressed(min(300*buffer, 3000), 20)
					stage := pipeline.Stage{Buffer: buffer}
					work := pipeline.Stage{Buffer: buffer, Parallel: parallel, Unordered: unordered}
					flow := pipeline.FromSeq(numbers(n), stage)
					flow = pipeline.Map(flow, add, work)
					flow = pipeline.FlatMap(flow, func(_ context.Context, n int) ([]int, error) { return []int{n - 1}, nil }, work)
					flow = pipeline.Filter(flow, func(context.Context, int) (bool, error) { return true, nil }, work)
					got := collect(t, flow)
					if unordered {
						slices.Sort(got)
					}
					if !slices.Equal(got, slices.Collect(numbers(n))) {
						t.Errorf("%d items arrived, or not in order", len(got))
					}
				})
			}
		}
	}
}

func TestMergeKeepsAllAndTheOrderOfEach(t *testing.T) {
	var flows []pipeline.Flow[int]
	const n, each = 4, 5_000
	for i := range n {
		flows = append(flows, pipeline.Map(pipeline.FromSeq(numbers(each)), func(_ context.Context, v int) (int, error) {
			return i*each + v, nil
		}))
	}
	got := collect(t, pipeline.Merge(flows))
	var next [n]int
	for _, v := range got {
		if i := v / each; v%each != next[i] {
			t.Fatalf("flow %d sends %d after %d", i, v%each, next[i]-1)
		} else {
			next[i]++
		}
	}
	want(t, next, [n]int{each, each, each, each})
}

func TestBroadcastSendsAllToAllAndBalanceEachToOne(t *testing.T) {
	n := stressed(1000, 20)
	for _, buffer := range []int{1, 8, 1024} {
		stage := pipeline.Stage{Buffer: buffer}
		system := newSystem(t)
		for name, split := range map[string]func() []pipeline.Flow[int]{
			"broadcast": func() []pipeline.Flow[int] { return pipeline.Broadcast(pipeline.FromSeq(numbers(n)), 3, stage) },
			"balance":   func() []pipeline.Flow[int] { return pipeline.Balance(pipeline.FromSeq(numbers(n)), 3, stage) },
		} {
			var got [3][]int
			var sinks []pipeline.Sink
			for i, flow := range split() {
				sinks = append(sinks, pipeline.ToSlice(pipeline.Map(flow, add, stage), &got[i], stage))
			}
			stats := finish(t, start(t, system, sinks...))
			want(t, stats.Dropped, 0)
			var all []int
			for i := range got {
				if !slices.IsSorted(got[i]) {
					t.Errorf("%s: branch %d is out of order", name, i)
				}
				if name == "broadcast" {
					want(t, len(got[i]), n)
				}
				all = append(all, got[i]...)
			}
			if name == "balance" {
				slices.Sort(all)
				if len(all) != n || all[0] != 1 || all[n-1] != n || len(slices.Compact(all)) != n {
					t.Errorf("balance: %d items arrived, from %d to %d", len(all), all[0], all[n-1])
				}
			}
		}
	}
}

func TestSinksTakeEverything(t *testing.T) {
	system := newSystem(t)
	ch := make(chan int, 3)
	finish(t, start(t, system, pipeline.ToChan(pipeline.FromSeq(numbers(3)), ch)))
	var got []int
	for v := range ch { // closed by the run's end
		got = append(got, v)
	}
	want(t, got, []int{0, 1, 2})

	got = nil
	ref, err := runtime.SpawnFunc(system, "sum", func(_ *runtime.Context[int], v int) error {
		got = append(got, v)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	finish(t, start(t, system, pipeline.ToRef(pipeline.FromSeq(numbers(3)), ref)))
	ref.StopWhenEmpty()
	<-ref.Done()
	want(t, got, []int{0, 1, 2})

	got = nil
	for v, err := range pipeline.FromSeq(numbers(3000)).All(t.Context(), system) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	want(t, got, slices.Collect(numbers(3000)))
}

func TestIntakeIsFedByMessages(t *testing.T) {
	system := newSystem(t)
	in := pipeline.NewIntake[int](pipeline.Stage{Buffer: 2})
	if err := in.TryTell(1); err == nil {
		t.Error("an Intake that does not run takes messages")
	}
	var got []int
	run := start(t, system, pipeline.ToSlice(in.Flow(), &got, pipeline.Stage{Buffer: 2}))
	for i := range 1000 {
		if err := in.Tell(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	in.Close()
	finish(t, run)
	want(t, got, slices.Collect(numbers(1000)))
	if err := in.Tell(t.Context(), 1000); !errors.Is(err, runtime.ErrStopped) {
		t.Errorf("after the end Tell returns %v", err)
	}
	in.Close() // does nothing
}
