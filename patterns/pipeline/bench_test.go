package pipeline_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/patterns/pipeline"
)

// BenchmarkFiveStages is a source of integers, three stages that add one, and a sink that sums up; an operation is one
// integer all the way.
func BenchmarkFiveStages(b *testing.B) {
	for _, buffer := range []int{1, 64, 1024} {
		b.Run(fmt.Sprintf("buffer=%d/pipeline", buffer), func(b *testing.B) {
			system := newSystem(b)
			stage := pipeline.Stage{Buffer: buffer}
			b.ReportAllocs()
			b.ResetTimer()
			flow := pipeline.FromSeq(numbers(b.N), stage)
			for range 3 {
				flow = pipeline.Map(flow, add, stage)
			}
			sum := 0
			run := start(b, system, pipeline.ForEach(flow, func(_ context.Context, n int) error {
				sum += n
				return nil
			}, stage))
			finish(b, run)
			if want := b.N*(b.N-1)/2 + 3*b.N; sum != want {
				b.Fatalf("the sum is %d, want %d", sum, want)
			}
		})
		b.Run(fmt.Sprintf("buffer=%d/channel", buffer), func(b *testing.B) {
			b.ReportAllocs()
			var wg sync.WaitGroup
			flow := make(chan int, buffer)
			first := flow
			wg.Go(func() {
				defer close(first)
				for i := range b.N {
					first <- i
				}
			})
			for range 3 {
				from, to := flow, make(chan int, buffer)
				wg.Go(func() {
					defer close(to)
					for n := range from {
						to <- n + 1
					}
				})
				flow = to
			}
			sum := 0
			wg.Go(func() {
				for n := range flow {
					sum += n
				}
			})
			wg.Wait()
		})
	}
}
