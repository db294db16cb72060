package bench

import (
	"context"
	goruntime "runtime"
	"time"
)

// What a run of the baseline should take: long against the clock and the start of the goroutines, short against the
// seconds over which a shared machine changes its mind.
const (
	runTime      = 25 * time.Millisecond
	quickRunTime = 10 * time.Millisecond
)

// A sample is what one run told: each figure of its row, and what an operation allocated.
type sample struct {
	figures       []float64
	allocs, bytes float64
}

// A plan says how much is measured.
type plan struct {
	rounds int // that each contender runs
	quick  bool
	n      int // operations that make a run; 0: as the row says
}

// measure lets each contender of the row run once a round. It returns the samples by contender and round, and how many
// operations a run did; ok is false when ctx ended first.
//
// What the machine does meanwhile hits neighbours in time alike, so the contenders take turns, and nobody is always
// first: the order rotates from round to round.
func measure(ctx context.Context, r Row, p plan) (samples [][]sample, n int, ok bool) {
	runners := make([]Runner, len(r.Contenders))
	for i, c := range r.Contenders {
		runners[i] = c.Prepare()
		defer runners[i].Close()
	}
	n = warmUp(runners, r, p)
	rounds := p.rounds
	if r.Rounds > 0 {
		rounds = min(rounds, r.Rounds)
	}
	samples = make([][]sample, len(runners))
	for round := range rounds {
		for turn := range runners {
			if ctx.Err() != nil {
				return nil, 0, false
			}
			i := (round + turn) % len(runners)
			samples[i] = append(samples[i], take(runners[i], n))
		}
	}
	return samples, n, true
}

// warmUp returns how many operations make a run, and sees to it that everybody is warm: slots allocated, branches
// learnt.
func warmUp(runners []Runner, r Row, p plan) int {
	n, cold := p.n, runners
	switch {
	case n > 0:
	case r.Size > 0 && p.quick:
		n = r.QuickSize
	case r.Size > 0:
		n = r.Size
	case p.quick:
		n, cold = calibrate(runners[0], quickRunTime), runners[1:]
	default:
		n, cold = calibrate(runners[0], runTime), runners[1:]
	}
	for _, c := range cold {
		if c.Gauge == nil { // or it starts from nothing each time
			c.Once(n/4 + 1)
		}
	}
	return n
}

// calibrate returns how many operations take about want, at least one. It believes the quicker of two tries: a stall of
// the machine in the only one would make all the row's runs too short.
func calibrate(r Runner, want time.Duration) int {
	for n := 1024; ; n *= 4 {
		took := min(stopwatch(r, n), stopwatch(r, n))
		if took >= want/4 { // long enough to be scaled up
			return max(1, int(float64(n)*float64(want)/float64(took)))
		}
	}
}

func stopwatch(r Runner, n int) time.Duration {
	began := time.Now()
	r.Run(n)
	took := time.Since(began)
	r.Rest()
	return took
}

// take measures one run. The garbage of the run before is not its business, so that is collected first.
func take(r Runner, n int) sample {
	goruntime.GC()
	if r.Gauge != nil {
		s := sample{figures: r.Gauge(n)}
		r.Rest()
		return s
	}
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	began := time.Now()
	r.Run(n)
	took := time.Since(began)
	goruntime.ReadMemStats(&after)
	r.Rest()
	per := 1 / float64(n)
	return sample{
		figures: []float64{float64(took.Nanoseconds()) * per},
		allocs:  float64(after.Mallocs-before.Mallocs) * per,
		bytes:   float64(after.TotalAlloc-before.TotalAlloc) * per,
	}
}
