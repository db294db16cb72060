package batch_test

import (
	"context"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/patterns/batch"
)

// The calls of the benchmarks cost what they cost by the call, and little by the request, as a transaction or a round trip
// does: about 2 µs of work.
func costly(_ context.Context, reqs []int) ([]int, error) {
	x := 1
	for i := range 4000 {
		x = x*31 + i
	}
	res := make([]int, len(reqs))
	for i, n := range reqs {
		res[i] = 2*n + x&1
	}
	return res, nil
}

type request struct {
	n     int
	reply chan int
}

// serve is the batcher that one writes by hand: a goroutine that takes what is there, and calls.
func serve(call func(context.Context, []int) ([]int, error), size int) (in chan request, end func()) {
	in = make(chan request, 1024)
	var wg sync.WaitGroup
	wg.Go(func() {
		batch := make([]request, 0, size)
		reqs := make([]int, 0, size)
		for r := range in {
			batch, reqs = append(batch[:0], r), append(reqs[:0], r.n)
		more:
			for len(batch) < size {
				select {
				case r, ok := <-in:
					if !ok {
						break more
					}
					batch, reqs = append(batch, r), append(reqs, r.n)
				default:
					break more
				}
			}
			res, _ := call(context.Background(), reqs)
			for i, r := range batch {
				r.reply <- res[i]
			}
		}
	})
	return in, func() {
		close(in)
		wg.Wait()
	}
}

func askByHand(ctx context.Context, in chan<- request, n int) (int, error) {
	r := request{n, make(chan int, 1)}
	select {
	case in <- r:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	select {
	case res := <-r.reply:
		return res, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func benchmark(b *testing.B, askers int, call func(context.Context, []int) ([]int, error)) {
	share := func(b *testing.B, one func(context.Context, int) error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		b.ReportAllocs()
		b.ResetTimer()
		var wg sync.WaitGroup
		for a := range askers {
			wg.Go(func() {
				for i := a; i < b.N; i += askers {
					if err := one(ctx, i); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		b.StopTimer()
	}
	b.Run("batcher", func(b *testing.B) {
		batcher := newBatcher(b, newSystem(b), batch.Config[int, int]{Size: 64, Call: call})
		share(b, func(ctx context.Context, i int) error {
			_, err := batcher.Do(ctx, i)
			return err
		})
		s, _ := batcher.Stats(context.Background())
		b.ReportMetric(float64(s.Requests)/float64(s.Calls), "reqs/call")
	})
	b.Run("channel", func(b *testing.B) {
		calls := 0
		in, end := serve(func(ctx context.Context, reqs []int) ([]int, error) { calls++; return call(ctx, reqs) }, 64)
		share(b, func(ctx context.Context, i int) error {
			_, err := askByHand(ctx, in, i)
			return err
		})
		end()
		b.ReportMetric(float64(b.N)/float64(calls), "reqs/call")
	})
	b.Run("each", func(b *testing.B) {
		share(b, func(ctx context.Context, i int) error {
			_, err := call(ctx, []int{i})
			return err
		})
	})
}

func BenchmarkOneAsker(b *testing.B)      { benchmark(b, 1, double) }
func BenchmarkAskers100(b *testing.B)     { benchmark(b, 100, double) }
func BenchmarkCostlyCall100(b *testing.B) { benchmark(b, 100, costly) }
