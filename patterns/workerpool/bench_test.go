package workerpool_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/patterns/workerpool"
)

const benchWorkers = 8

// request is how a channel and goroutines do the same: a queue, and a channel for each result.
type request struct {
	n     int
	reply chan int
}

func serve(b *testing.B) chan<- request {
	queue := make(chan request, 1024)
	var wg sync.WaitGroup
	for range benchWorkers {
		wg.Go(func() {
			for r := range queue {
				r.reply <- 2 * r.n
			}
		})
	}
	b.Cleanup(func() {
		close(queue)
		wg.Wait()
	})
	return queue
}

// total is closed when all jobs of a benchmark are done.
type total struct {
	left atomic.Int64
	over chan struct{}
}

func (t *total) done() {
	if t.left.Add(-1) == 0 {
		close(t.over)
	}
}

// BenchmarkGo is a tiny job that nobody waits for, handed in by one goroutine or by eight.
func BenchmarkGo(b *testing.B) {
	handIn := func(b *testing.B, submitters int, submit func(*total)) {
		t := &total{over: make(chan struct{})}
		t.left.Store(int64(b.N))
		b.ReportAllocs()
		b.ResetTimer()
		for s := range submitters {
			go func() {
				for i := s; i < b.N; i += submitters {
					submit(t)
				}
			}()
		}
		<-t.over
	}
	for _, submitters := range []int{1, 8} {
		for _, d := range []workerpool.Dispatch{workerpool.Shared, workerpool.RoundRobin, workerpool.LeastLoaded, workerpool.ByKey} {
			b.Run(fmt.Sprintf("pool %v/submitters=%d", d, submitters), func(b *testing.B) {
				config := workerpool.Config[*total, struct{}]{
					Workers: benchWorkers, Dispatch: d,
					Work: func(_ context.Context, t *total) (struct{}, error) {
						t.done()
						return struct{}{}, nil
					},
				}
				if d == workerpool.ByKey {
					config.Key = func(t *total) any { return t }
				}
				pool := newPool(b, newSystem(b), config)
				handIn(b, submitters, func(t *total) {
					if err := pool.Go(context.Background(), t); err != nil {
						b.Error(err)
					}
				})
			})
		}
		b.Run(fmt.Sprintf("channel/submitters=%d", submitters), func(b *testing.B) {
			queue := make(chan *total, 1024)
			var wg sync.WaitGroup
			for range benchWorkers {
				wg.Go(func() {
					for t := range queue {
						t.done()
					}
				})
			}
			handIn(b, submitters, func(t *total) { queue <- t })
			close(queue)
			wg.Wait()
		})
	}
}

// BenchmarkDo is one goroutine that hands in a tiny job and waits for its result.
func BenchmarkDo(b *testing.B) {
	b.Run("pool", func(b *testing.B) {
		pool := newPool(b, newSystem(b), workerpool.Config[int, int]{Workers: benchWorkers, Work: double})
		ctx := context.Background()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := pool.Do(ctx, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("channel", func(b *testing.B) {
		queue := serve(b)
		b.ReportAllocs()
		for b.Loop() {
			r := request{1, make(chan int, 1)}
			queue <- r
			<-r.reply
		}
	})
}

// BenchmarkInFlight is 256 jobs at a time; an operation is one job with its result.
func BenchmarkInFlight(b *testing.B) {
	const inFlight = 256
	b.Run("pool", func(b *testing.B) {
		pool := newPool(b, newSystem(b), workerpool.Config[int, int]{Workers: benchWorkers, Work: double})
		ctx := context.Background()
		futures := make([]workerpool.Future[int], 0, inFlight)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			f, err := pool.Submit(ctx, i)
			if err != nil {
				b.Fatal(err)
			}
			if futures = append(futures, f); len(futures) < inFlight {
				continue
			}
			for _, f := range futures {
				if _, err := f.Wait(ctx); err != nil {
					b.Fatal(err)
				}
			}
			futures = futures[:0]
		}
	})
	b.Run("channel", func(b *testing.B) {
		queue := serve(b)
		replies := make([]chan int, 0, inFlight)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			r := request{i, make(chan int, 1)}
			queue <- r
			if replies = append(replies, r.reply); len(replies) < inFlight {
				continue
			}
			for _, reply := range replies {
				<-reply
			}
			replies = replies[:0]
		}
	})
}
