package patterns

import (
	"context"
	"fmt"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/workerpool"
)

// InFlight is how many jobs one goroutine has handed in without having taken their results.
const InFlight = 256

// ResultRow is the time of a job whose result is wanted, while 256 are in flight.
func ResultRow(rivals ...Rival) bench.Row {
	renewed := Rival{Contender: Results("new channel", channelResults(true))}
	return against(bench.Row{
		Name:  "pool/results",
		Table: "Pool of 8 workers, a result each",
		Label: []bench.Label{{Column: "in flight", Value: fmt.Sprint(InFlight)}},
		Quick: true,
	}, Results(contest.ChannelName, channelResults(false)), 0, append([]Rival{renewed}, rivals...), Results(contest.TroupeName, troupeResults))
}

// A ResultMaker makes a pool whose job i results in Double(i), how job i is handed in for a future of it, and how one waits
// for that.
type ResultMaker[F any] func() (submit func(i int) F, wait func(F) int, end func())

// Double is what a job with a result does.
func Double(i int) int { return 2 * i }

// Results has a pool do jobs with results. They are taken in the order of the jobs.
func Results[F any](name string, open ResultMaker[F]) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		submit, wait, end := open()
		var futures [InFlight]F
		return bench.Runner{End: end, Run: func(n int) {
			sum := 0
			for i := range n {
				slot := &futures[i%InFlight]
				if i >= InFlight {
					sum += wait(*slot)
				}
				*slot = submit(i)
			}
			for i := max(0, n-InFlight); i < n; i++ {
				sum += wait(futures[i%InFlight])
			}
			if want := n * (n - 1); sum != want {
				panic(fmt.Sprintf("benchmarks: the sum of %d results is %d, want %d", n, sum, want))
			}
		}}
	}}
}

// channelResults answers each job on a channel that comes with it: one that was used before, or a new one.
func channelResults(renew bool) ResultMaker[chan int] {
	type job struct {
		of     int
		result chan<- int
	}
	return func() (func(int) chan int, func(chan int) int, func()) {
		jobs := make(chan job, mailbox.DefaultCapacity)
		for range Workers {
			go func() {
				for j := range jobs {
					j.result <- Double(j.of)
				}
			}()
		}
		var used [InFlight]chan int
		for i := range used {
			used[i] = make(chan int, 1)
		}
		submit := func(i int) chan int {
			result := used[i%InFlight]
			if renew {
				result = make(chan int, 1)
			}
			jobs <- job{i, result}
			return result
		}
		return submit, func(result chan int) int { return <-result }, func() { close(jobs) }
	}
}

func troupeResults() (func(int) workerpool.Future[int], func(workerpool.Future[int]) int, func()) {
	system, end := contest.Troupe()
	pool := contest.Must(workerpool.New(system, workerpool.Config[int, int]{
		Workers: Workers,
		Work:    func(_ context.Context, i int) (int, error) { return Double(i), nil },
	}))
	submit := func(i int) workerpool.Future[int] { return contest.Must(pool.Submit(contest.Forever, i)) }
	wait := func(f workerpool.Future[int]) int { return contest.Must(f.Wait(contest.Forever)) }
	return submit, wait, end
}
