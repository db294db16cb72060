package patterns

import (
	"context"
	"fmt"
	goruntime "runtime"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/patterns/semaphore"
)

// Permits is how many every semaphore has.
const Permits = 8

// Takers is a load for a semaphore: so many goroutines take a permit and give it back, under a context that could be
// cancelled.
type Takers struct {
	Goroutines int

	// Yields has each give the processor away while it holds a permit. On few processors, goroutines that do nothing with
	// their permits are seldom in each other's way.
	Yields bool
}

// Hold is what one does with a permit.
func (t Takers) Hold() {
	if t.Yields {
		goruntime.Gosched()
	}
}

// SemaphoreRows is the time of taking a permit and giving it back, by one goroutine and by 64.
func SemaphoreRows(rivals func(Takers) []Rival) []bench.Row {
	var rows []bench.Row
	for _, r := range []struct {
		name, title string
		load        Takers
		aim         float64
	}{
		{"semaphore/alone", "1", Takers{Goroutines: 1}, 2},
		{"semaphore/goroutines=64", "64", Takers{Goroutines: 64}, 0},
		{"semaphore/yields", "64; the holder yields", Takers{Goroutines: 64, Yields: true}, 0},
	} {
		rows = append(rows, against(bench.Row{
			Name:  r.name,
			Table: "Semaphore of 8 permits",
			Label: []bench.Label{{Column: "goroutines", Value: r.title}},
			Quick: true,
		}, Taking(r.load, contest.ChannelName, channelSemaphore), r.aim, rivals(r.load), Taking(r.load, contest.TroupeName, troupeSemaphore)))
	}
	return rows
}

// A Semaphore is how one takes a permit, and how one gives it back. Loop does both n times, with a Hold between them.
type Semaphore[L any] struct {
	Acquire func(context.Context) (L, error)
	Release func(L)
	Loop    func(ctx context.Context, n int, t Takers)
	End     func()
}

// Taking has permits of a semaphore taken and given back. After each run all of them are there, and no more.
func Taking[L any](t Takers, name string, open func() Semaphore[L]) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		s := open()
		ctx, cancel := context.WithCancel(contest.Forever)
		return bench.Runner{
			Run: func(n int) {
				contest.Share(t.Goroutines, n, func(from, to int) { s.Loop(ctx, to-from, t) })
			},
			After: s.count,
			End: func() {
				cancel()
				s.End()
			},
		}
	}}
}

// count takes all permits, and panics unless there are as many as there should be.
func (s Semaphore[L]) count() {
	ended, cancel := context.WithCancel(contest.Forever)
	cancel()
	var taken []L
	for range Permits {
		taken = append(taken, contest.Must(s.Acquire(contest.Forever)))
	}
	if _, err := s.Acquire(ended); err == nil {
		panic(fmt.Sprintf("benchmarks: a semaphore of %d gave one permit more", Permits))
	}
	for _, permit := range taken {
		s.Release(permit)
	}
}

func channelSemaphore() Semaphore[struct{}] {
	permits := make(chan struct{}, Permits)
	return Semaphore[struct{}]{
		Acquire: func(ctx context.Context) (struct{}, error) {
			select {
			case permits <- struct{}{}:
				return struct{}{}, nil
			case <-ctx.Done():
				return struct{}{}, ctx.Err()
			}
		},
		Release: func(struct{}) { <-permits },
		Loop: func(ctx context.Context, n int, t Takers) {
			for range n {
				select {
				case permits <- struct{}{}:
				case <-ctx.Done():
					panic(ctx.Err())
				}
				t.Hold()
				<-permits
			}
		},
		End: func() {},
	}
}

func troupeSemaphore() Semaphore[semaphore.Lease] {
	system, end := contest.Troupe()
	pool := contest.Must(semaphore.New(system, semaphore.Config{Permits: Permits}))
	return Semaphore[semaphore.Lease]{
		Acquire: func(ctx context.Context) (semaphore.Lease, error) { return pool.Acquire(ctx, 1) },
		Release: func(l semaphore.Lease) { check(l.Release()) },
		Loop: func(ctx context.Context, n int, t Takers) {
			for range n {
				lease := contest.Must(pool.Acquire(ctx, 1))
				t.Hold()
				check(lease.Release())
			}
		},
		End: end,
	}
}
