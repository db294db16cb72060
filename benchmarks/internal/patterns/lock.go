package patterns

import (
	"context"
	"fmt"
	goruntime "runtime"
	"sync"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/patterns/lock"
)

// SyncName is what the baseline is called where it is of package sync.
const SyncName = "sync"

// A lockLoad is so many goroutines that go through one section. Within it, one may give the processor away.
type lockLoad struct {
	name, title string
	goroutines  int
	yields      bool
}

// LockRows is the time of a mutex's section, and of a hand-over between two who wait for each other on a condition.
func LockRows() []bench.Row {
	var rows []bench.Row
	for _, l := range []lockLoad{
		{"mutex/alone", "1 goroutine", 1, false},
		{"mutex/goroutines=64", "64", 64, false},
		{"mutex/yields", "64; the section yields", 64, true},
	} {
		rows = append(rows, against(bench.Row{
			Name:  l.name,
			Table: "Mutex",
			Label: []bench.Label{{Column: "goroutines", Value: l.title}},
			Quick: true,
		}, l.syncMutex(), 0, nil, l.troupeMutex()))
	}
	return append(rows, against(bench.Row{
		Name:  "condition",
		Table: "Condition",
		Label: []bench.Label{{Column: "work", Value: "hand-over between 2"}},
		Quick: true,
	}, syncHandOver(), 0, nil, troupeHandOver()))
}

// run has n sections gone through, by loops which do as many as they are told. A section counts, with no other protection
// than the lock.
func (l lockLoad) run(n int, loop func(n int, count *int)) {
	count := 0
	contest.Share(l.goroutines, n, func(from, to int) { loop(to-from, &count) })
	if count != n {
		panic(fmt.Sprintf("benchmarks: %d sections were gone through, and counted %d", n, count))
	}
}

// section is inlined: it costs next to nothing beside a lock.
func (l lockLoad) section(count *int) {
	*count++
	if l.yields {
		goruntime.Gosched()
	}
}

func (l lockLoad) syncMutex() bench.Contender {
	return bench.Contender{Name: SyncName, Prepare: func() bench.Runner {
		var m sync.Mutex
		return bench.Runner{Run: func(n int) {
			l.run(n, func(n int, count *int) {
				for range n {
					m.Lock()
					l.section(count)
					m.Unlock()
				}
			})
		}}
	}}
}

func (l lockLoad) troupeMutex() bench.Contender {
	return bench.Contender{Name: contest.TroupeName, Prepare: func() bench.Runner {
		system, end := contest.Troupe()
		m := contest.Must(lock.NewMutex(system, lock.Config{}))
		ctx, cancel := context.WithCancel(contest.Forever)
		return bench.Runner{
			Run: func(n int) {
				l.run(n, func(n int, count *int) {
					for range n {
						hold := contest.Must(m.Lock(ctx))
						l.section(count)
						check(hold.Unlock())
					}
				})
			},
			End: func() {
				cancel()
				end()
			},
		}
	}}
}

// handOver runs two players in turn, until each has had half of n turns. play has player me wait until its turn has come,
// and end it, under the lock that turn needs.
func handOver(n int, play func(turn *int, me, turns int)) {
	turn := 0
	contest.Share(2, 2*(n/2+1), func(from, to int) {
		me := 0
		if from > 0 {
			me = 1
		}
		play(&turn, me, to-from)
	})
	if turn != 2*(n/2+1) {
		panic(fmt.Sprintf("benchmarks: %d turns, want %d", turn, 2*(n/2+1)))
	}
}

func syncHandOver() bench.Contender {
	return bench.Contender{Name: SyncName, Prepare: func() bench.Runner {
		var m sync.Mutex
		c := sync.NewCond(&m)
		return bench.Runner{Run: func(n int) {
			handOver(n, func(turn *int, me, turns int) {
				m.Lock()
				defer m.Unlock()
				for range turns {
					for *turn%2 != me {
						c.Wait()
					}
					*turn++
					c.Signal()
				}
			})
		}}
	}}
}

func troupeHandOver() bench.Contender {
	return bench.Contender{Name: contest.TroupeName, Prepare: func() bench.Runner {
		system, end := contest.Troupe()
		m := contest.Must(lock.NewMutex(system, lock.Config{}))
		c := lock.NewCondition(m)
		ctx, cancel := context.WithCancel(contest.Forever)
		return bench.Runner{
			Run: func(n int) {
				handOver(n, func(turn *int, me, turns int) {
					hold := contest.Must(m.Lock(ctx))
					for range turns {
						for *turn%2 != me {
							check(c.Wait(ctx, hold))
						}
						*turn++
						check(c.Notify(hold, 1))
					}
					check(hold.Unlock())
				})
			},
			End: func() {
				cancel()
				end()
			},
		}
	}}
}
