package patterns

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/workerpool"
)

// Workers is how many every pool has.
const Workers = 8

// Jobs is a load for a pool: so many goroutines hand jobs in, each of which does next to nothing.
type Jobs struct{ Submitters int }

// PoolRows is the time of a job from one submitter and from eight, until all are done.
func PoolRows(rivals func(Jobs) []Rival) []bench.Row {
	var rows []bench.Row
	for _, j := range []Jobs{{1}, {8}} {
		rows = append(rows, against(bench.Row{
			Name:  fmt.Sprintf("pool/submitters=%d", j.Submitters),
			Table: "Pool of 8 workers",
			Label: []bench.Label{{Column: "submitters", Value: fmt.Sprint(j.Submitters)}},
			Quick: true,
		}, j.Contender(contest.ChannelName, channelPool), 1.5, rivals(j), j.Contender(contest.TroupeName, troupePool)))
	}
	return rows
}

// A PoolMaker makes a pool whose job i is a call of done(i), how job i is handed in, and how the pool ends.
type PoolMaker func(done func(i int)) (submit func(i int), end func())

// Contender has a pool do the jobs.
func (j Jobs) Contender(name string, open PoolMaker) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		t := newTotal()
		submit, end := open(t.add)
		return bench.Runner{End: end, Run: func(n int) {
			t.expect(0, n)
			j.handIn(0, n, submit)
			t.wait()
		}}
	}}
}

// handIn has the jobs from first up to but not including last handed in.
func (j Jobs) handIn(first, last int, submit func(i int)) {
	contest.Share(j.Submitters, last-first, func(from, to int) {
		for i := first + from; i < first+to; i++ {
			submit(i)
		}
	})
}

func channelPool(done func(i int)) (func(i int), func()) {
	jobs := make(chan int, mailbox.DefaultCapacity)
	for range Workers {
		go func() {
			for i := range jobs {
				done(i)
			}
		}()
	}
	return func(i int) { jobs <- i }, func() { close(jobs) }
}

func troupePool(done func(i int)) (func(i int), func()) {
	system, end := contest.Troupe()
	pool := contest.Must(workerpool.New(system, workerpool.Config[int, struct{}]{
		Workers: Workers,
		Work: func(_ context.Context, i int) (struct{}, error) {
			done(i)
			return struct{}{}, nil
		},
	}))
	return func(i int) { check(pool.Go(contest.Forever, i)) }, end
}

// A total adds up the numbers of the jobs that are done, by one atomic addition each, so that the jobs stay tiny.
type total struct {
	want, sum atomic.Int64
	reached   chan struct{}
}

func newTotal() *total { return &total{reached: make(chan struct{}, 1)} }

// expect is called before the first job of those from first up to but not including last is handed in.
func (t *total) expect(first, last int) {
	t.sum.Store(0)
	t.want.Store(int64(last-first) * int64(first+1+last) / 2)
}

func (t *total) add(i int) {
	if t.sum.Add(int64(i)+1) == t.want.Load() {
		t.reached <- struct{}{}
	}
}

// wait returns when the sum of all jobs is there. If one was lost it never is; if one was done twice it is more.
func (t *total) wait() {
	<-t.reached
	if sum, want := t.sum.Load(), t.want.Load(); sum != want {
		panic(fmt.Sprintf("benchmarks: the sum of the jobs is %d, want %d", sum, want))
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
