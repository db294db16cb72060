package patterns

import (
	"fmt"
	"time"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
)

const (
	burst  = 256  // jobs that come at once, from 8 goroutines
	effort = 2000 // multiplications that a job is
)

// WaitRow is how long a job takes that comes in a burst, from the moment at which the burst begins until the job is done.
// That is the same for all pools, also for those that have no queue, and keep waiting who has a job.
func WaitRow(rivals ...Rival) bench.Row {
	r := against(bench.Row{
		Name:  "pool/wait",
		Table: "Pool of 8 workers, until a job of a burst is done",
		Label: []bench.Label{{Column: "burst", Value: fmt.Sprint(burst)}},
		Quick: true, Rounds: 5, Size: 100 * burst, QuickSize: 10 * burst,
	}, Waits(contest.ChannelName, channelPool), 1, rivals, Waits(contest.TroupeName, troupePool))
	r.Figures = []bench.Figure{{Name: "p50", Unit: "µs"}, {Name: "p99", Unit: "µs", Aims: r.Aims, Loose: true}, {Name: "p99.9", Unit: "µs", Loose: true}}
	r.Aims = nil
	return r
}

// Waits has a pool do bursts of jobs, one after the other, which take some microseconds each.
func Waits(name string, open PoolMaker) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		return bench.Runner{Gauge: func(n int) []float64 {
			var began time.Time
			t, took := newTotal(), make([]time.Duration, n)
			submit, end := open(func(i int) {
				labour()
				took[i] = time.Since(began)
				t.add(i)
			})
			defer end()
			for first := 0; first < n; first += burst {
				t.expect(first, min(first+burst, n))
				began = time.Now()
				Jobs{Submitters: 8}.handIn(first, min(first+burst, n), submit)
				t.wait()
			}
			return contest.Ranks(took)
		}}
	}}
}

// labour keeps a processor for a few microseconds. What it returns is odd, which the compiler does not know.
func labour() {
	x := uint64(1)
	for range effort {
		x = x*6364136223846793005 + 1442695040888963406
	}
	if x%2 == 0 {
		panic("benchmarks: odd times odd, and even added, is even")
	}
}
