package main

import (
	"context"

	"golang.org/x/sync/semaphore"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/patterns"
)

const aboutSemaphores = `Take one of 8 permits and give it back, under a context that could be cancelled: 1 goroutine, and 64;
and 64 of whom each calls runtime.Gosched while it has one, so that the others have to wait.
channel: a buffered one of 8, and a select with ctx.Done(). x/sync: semaphore.Weighted. troupe: semaphore.Pool.`

func semaphoreRows() []bench.Row {
	return patterns.SemaphoreRows(func(t patterns.Takers) []patterns.Rival {
		aim := 0.0
		if t.Goroutines > patterns.Permits && !t.Yields {
			aim = 0.6
		}
		return []patterns.Rival{{Contender: patterns.Taking(t, "x/sync", weighted), Aim: aim}}
	})
}

func weighted() patterns.Semaphore[struct{}] {
	s := semaphore.NewWeighted(patterns.Permits)
	return patterns.Semaphore[struct{}]{
		Acquire: func(ctx context.Context) (struct{}, error) { return struct{}{}, s.Acquire(ctx, 1) },
		Release: func(struct{}) { s.Release(1) },
		Loop: func(ctx context.Context, n int, t patterns.Takers) {
			for range n {
				check(s.Acquire(ctx, 1))
				t.Hold()
				s.Release(1)
			}
		},
		End: func() {},
	}
}
