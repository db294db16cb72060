package lock_test

import (
	"context"
	goruntime "runtime"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/patterns/lock"
	"github.com/troupe-go/troupe/runtime"
)

// locks are this lock and what people use instead. A channel of capacity 1 is the usual lock that one can stop waiting for.
var locks = []struct {
	name string
	make func(b *testing.B) (section func(inside func()))
}{
	{"lock", func(b *testing.B) func(func()) {
		m, ctx := newMutex(b, newSystem(b)), context.Background()
		return func(inside func()) {
			hold, err := m.Lock(ctx)
			if err != nil {
				b.Error(err)
				return
			}
			inside()
			_ = hold.Unlock()
		}
	}},
	{"lock with a deadline", func(b *testing.B) func(func()) {
		m, ctx := newMutex(b, newSystem(b)), b.Context()
		return func(inside func()) {
			hold, err := m.Lock(ctx)
			if err != nil {
				b.Error(err)
				return
			}
			inside()
			_ = hold.Unlock()
		}
	}},
	{"channel", func(b *testing.B) func(func()) {
		lock, ctx := make(chan struct{}, 1), b.Context()
		return func(inside func()) {
			select {
			case lock <- struct{}{}:
			case <-ctx.Done():
			}
			inside()
			<-lock
		}
	}},
	{"sync.Mutex", func(*testing.B) func(func()) {
		var mu sync.Mutex
		return func(inside func()) {
			mu.Lock()
			inside()
			mu.Unlock()
		}
	}},
}

// BenchmarkUncontended is one goroutine that locks and unlocks.
func BenchmarkUncontended(b *testing.B) {
	for _, l := range locks {
		b.Run(l.name, func(b *testing.B) {
			section := l.make(b)
			b.ReportAllocs()
			for b.Loop() {
				section(func() {})
			}
		})
	}
}

// BenchmarkContended is 64 goroutines that lock and unlock; an operation is one of both.
func BenchmarkContended(b *testing.B) {
	for _, inside := range []struct {
		name string
		do   func()
	}{{"empty", func() {}}, {"yields", goruntime.Gosched}} {
		for _, l := range locks {
			b.Run(inside.name+"/"+l.name, func(b *testing.B) {
				section := l.make(b)
				b.ReportAllocs()
				b.ResetTimer()
				share(b.N, 64, func() { section(inside.do) })
			})
		}
	}
}

// share has users do one thing n times in all.
func share(n, users int, one func()) {
	var wg sync.WaitGroup
	for u := range users {
		wg.Go(func() {
			for i := u; i < n; i += users {
				one()
			}
		})
	}
	wg.Wait()
}

// BenchmarkActor is a handler that locks and unlocks.
func BenchmarkActor(b *testing.B) {
	system := newSystem(b)
	m := newMutex(b, system)
	over := make(chan struct{})
	actor := newActor(b, system, "actor")
	b.ReportAllocs()
	b.ResetTimer()
	tell(b, actor, func(ctx *runtime.Context[act]) error {
		defer close(over)
		for range b.N {
			hold, err := m.Lock(ctx)
			if err != nil {
				b.Error(err)
				return nil
			}
			_ = hold.Unlock()
		}
		return nil
	})
	<-over
}

// BenchmarkReentered is a lock that is taken again by who has it.
func BenchmarkReentered(b *testing.B) {
	r := newReentrant(b, newSystem(b))
	ctx, outer, err := r.Lock(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_, hold, err := r.Lock(ctx)
		if err != nil {
			b.Fatal(err)
		}
		_ = hold.Unlock()
	}
	_ = outer.Unlock()
}

// BenchmarkHandOver is two goroutines that take turns: each wakes the other, and waits. An operation is one turn.
func BenchmarkHandOver(b *testing.B) {
	b.Run("lock.Condition", func(b *testing.B) {
		m, ctx := newMutex(b, newSystem(b)), context.Background()
		condition := lock.NewCondition(m)
		turn := 0
		b.ReportAllocs()
		b.ResetTimer()
		var wg sync.WaitGroup
		for me := range 2 {
			wg.Go(func() {
				hold, err := m.Lock(ctx)
				if err != nil {
					b.Error(err)
					return
				}
				for ; turn < b.N; turn++ {
					for turn < b.N && turn%2 != me {
						if err := condition.Wait(ctx, hold); err != nil {
							b.Error(err)
							return
						}
					}
					_ = condition.NotifyAll(hold)
				}
				_ = hold.Unlock()
			})
		}
		wg.Wait()
	})
	b.Run("sync.Cond", func(b *testing.B) {
		condition := sync.NewCond(new(sync.Mutex))
		turn := 0
		b.ReportAllocs()
		b.ResetTimer()
		var wg sync.WaitGroup
		for me := range 2 {
			wg.Go(func() {
				condition.L.Lock()
				for ; turn < b.N; turn++ {
					for turn < b.N && turn%2 != me {
						condition.Wait()
					}
					condition.Broadcast()
				}
				condition.L.Unlock()
			})
		}
		wg.Wait()
	})
}
