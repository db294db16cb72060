package workerpool_test

import (
	"context"
	"sync"
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
