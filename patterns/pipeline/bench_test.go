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

// BenchmarkParallel is an ordered stage with eight workers; an operation is one item all the way. The channel way is
// workers that take a number and a channel for its result from a queue, and a queue of those channels for the order.
func BenchmarkParallel(b *testing.B) {
	const workers = 8
	jobs := map[string]func(int) int{
		"tiny": func(n int) int { return n + 1 },
		"1µs":  spin,
	}
	for _, name := range []string{"tiny", "1µs"} {
		job := jobs[name]
		b.Run(name+"/pipeline", func(b *testing.B) {
			system := newSystem(b)
			b.ReportAllocs()
			b.ResetTimer()
			flow := pipeline.Map(pipeline.FromSeq(numbers(b.N)), func(_ context.Context, n int) (int, error) {
				return job(n), nil
			}, pipeline.Stage{Parallel: workers})
			finish(b, start(b, system, pipeline.ForEach(flow, func(context.Context, int) error { return nil })))
		})
		b.Run(name+"/channel", func(b *testing.B) {
			b.ReportAllocs()
			type request struct {
				n     int
				reply chan int
			}
			queue, order := make(chan request, 1024), make(chan chan int, 1024)
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					for r := range queue {
						r.reply <- job(r.n)
					}
				})
			}
			wg.Go(func() {
				defer close(queue)
				defer close(order)
				for n := range b.N {
					reply := make(chan int, 1)
					queue <- request{n, reply}
					order <- reply
				}
			})
			for reply := range order {
				<-reply
			}
			wg.Wait()
		})
	}
}

// spin takes about a microsecond.
func spin(n int) int {
	for range 700 {
		n = n*1664525 + 1013904223
	}
	return n
}

// BenchmarkAll is a loop over a flow; an operation is one item.
func BenchmarkAll(b *testing.B) {
	system := newSystem(b)
	b.ReportAllocs()
	b.ResetTimer()
	for _, err := range pipeline.Map(pipeline.FromSeq(numbers(b.N)), add).All(b.Context(), system) {
		if err != nil {
			b.Fatal(err)
		}
	}
}
