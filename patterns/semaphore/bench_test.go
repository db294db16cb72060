package semaphore_test

import (
	"context"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/runtime"
)

// cancellable is the kind of context that is mostly waited with.
func cancellable(b *testing.B) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	b.Cleanup(cancel)
	return ctx
}

// BenchmarkAcquireRelease is one goroutine that takes a permit and gives it back.
func BenchmarkAcquireRelease(b *testing.B) {
	b.Run("pool", func(b *testing.B) {
		pool := newPool(b, newSystem(b), 8)
		ctx := cancellable(b)
		b.ReportAllocs()
		for b.Loop() {
			lease, err := pool.Acquire(ctx, 1)
			if err != nil {
				b.Fatal(err)
			}
			_ = lease.Release()
		}
	})
	b.Run("channel", func(b *testing.B) {
		permits := make(chan struct{}, 8)
		ctx := cancellable(b)
		b.ReportAllocs()
		for b.Loop() {
			select {
			case permits <- struct{}{}:
			case <-ctx.Done():
			}
			<-permits
		}
	})
}

// BenchmarkSeveral is one goroutine that takes three permits and gives them back.
func BenchmarkSeveral(b *testing.B) {
	pool := newPool(b, newSystem(b), 8)
	ctx := cancellable(b)
	b.ReportAllocs()
	for b.Loop() {
		lease, err := pool.Acquire(ctx, 3)
		if err != nil {
			b.Fatal(err)
		}
		_ = lease.Release()
	}
}

// BenchmarkActor is a handler that takes a permit and gives it back, so that the pool would know of its end.
func BenchmarkActor(b *testing.B) {
	system := newSystem(b)
	pool := newPool(b, system, 8)
	over := make(chan struct{})
	b.ReportAllocs()
	tell(b, newActor(b, system, "user"), func(ctx *runtime.Context[act]) error {
		defer close(over)
		for b.Loop() {
			lease, err := pool.Acquire(ctx, 1)
			if err != nil {
				return err
			}
			_ = lease.Release()
		}
		return nil
	})
	<-over
}

// BenchmarkContended is 64 goroutines on 8 permits; an operation is one permit taken and given back.
func BenchmarkContended(b *testing.B) {
	share := func(b *testing.B, one func()) {
		const users = 64
		b.ReportAllocs()
		b.ResetTimer()
		var wg sync.WaitGroup
		for u := range users {
			wg.Go(func() {
				for i := u; i < b.N; i += users {
					one()
				}
			})
		}
		wg.Wait()
	}
	b.Run("pool", func(b *testing.B) {
		pool := newPool(b, newSystem(b), 8)
		ctx := cancellable(b)
		share(b, func() {
			lease, err := pool.Acquire(ctx, 1)
			if err != nil {
				b.Error(err)
				return
			}
			_ = lease.Release()
		})
	})
	b.Run("channel", func(b *testing.B) {
		permits := make(chan struct{}, 8)
		ctx := cancellable(b)
		share(b, func() {
			select {
			case permits <- struct{}{}:
			case <-ctx.Done():
			}
			<-permits
		})
	})
}
