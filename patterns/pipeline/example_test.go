package pipeline_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/troupe-go/troupe/patterns/pipeline"
	"github.com/troupe-go/troupe/runtime"
)

// Lines become words, and words are counted.
func Example() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = system.Shutdown(ctx) }()

	lines := pipeline.Lines(strings.NewReader("the cat sat\non the mat\n"))
	words := pipeline.FlatMap(lines, func(_ context.Context, line string) ([]string, error) {
		return strings.Fields(line), nil
	}, pipeline.Stage{Name: "split", Parallel: 4})
	counts := pipeline.Reduce(words, map[string]int{}, func(_ context.Context, n map[string]int, word string) (map[string]int, error) {
		n[word]++
		return n, nil
	}, pipeline.Stage{Name: "count"})

	result, err := pipeline.Collect(ctx, system, counts)
	fmt.Println(result, err)
	// Output:
	// [map[cat:1 mat:1 on:1 sat:1 the:2]] <nil>
}

// A loop takes the items one by one. Leaving it ends the run.
func ExampleFlow_All() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = system.Shutdown(ctx) }()

	naturals := pipeline.FromSeq(func(yield func(int) bool) {
		for n := 0; yield(n); n++ {
		}
	})
	squares := pipeline.Map(naturals, func(_ context.Context, n int) (int, error) { return n * n, nil })
	for square, err := range squares.All(ctx, system) {
		if err != nil {
			fmt.Println(err)
			break
		}
		if square > 20 {
			break
		}
		fmt.Println(square)
	}
	// Output:
	// 0
	// 1
	// 4
	// 9
	// 16
}

// What fails is tried again, and given up then; the rest goes on.
func ExampleStage() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = system.Shutdown(ctx) }()

	halves := pipeline.Map(pipeline.FromSlice([]int{2, 4, 6}), func(_ context.Context, n int) (int, error) {
		if n == 4 {
			return 0, fmt.Errorf("%d is not for us", n)
		}
		return n / 2, nil
	}, pipeline.Stage{Name: "halve", Retries: 2})
	_, err = pipeline.Collect(ctx, system, halves)
	fmt.Println(err)
	// Output:
	// pipeline: stage "halve": 4 is not for us
}
