package barrier_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/patterns/barrier"
)

// A gate is a barrier as one writes it with a lock and a channel for each round. It cannot be broken.
type gate struct {
	mu     chan struct{} // a lock, of capacity 1
	n, in  int
	opened chan struct{}
}

func newGate(n int) *gate {
	return &gate{mu: make(chan struct{}, 1), n: n, opened: make(chan struct{})}
}

func (g *gate) wait(ctx context.Context) error {
	g.mu <- struct{}{}
	opened := g.opened
	if g.in++; g.in == g.n {
		close(opened)
		g.in, g.opened = 0, make(chan struct{})
	}
	<-g.mu
	select {
	case <-opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// BenchmarkRound is some goroutines that wait for each other; an operation is a Wait.
func BenchmarkRound(b *testing.B) {
	meet := func(b *testing.B, n int, wait func(context.Context) error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		b.ReportAllocs()
		b.ResetTimer()
		var all sync.WaitGroup
		for range n {
			all.Go(func() {
				for range (b.N + n - 1) / n {
					if err := wait(ctx); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		b.StopTimer()
	}
	for _, n := range []int{2, 8, 64} {
		b.Run(fmt.Sprintf("%d/barrier", n), func(b *testing.B) {
			at := newBarrier(b, newSystem(b), barrier.Config{Parties: n})
			meet(b, n, func(ctx context.Context) error {
				_, err := at.Wait(ctx)
				return err
			})
		})
		b.Run(fmt.Sprintf("%d/channel", n), func(b *testing.B) { meet(b, n, newGate(n).wait) })
	}
}
