package main

import (
	"context"
	goruntime "runtime"
	"time"
)

// runTime is what a run of the baseline should take: long against the clock and the start of the goroutines, short
// against the seconds over which a shared machine changes its mind.
const runTime = 25 * time.Millisecond

// A sample is what one run took, a message.
type sample struct {
	ns, allocs, bytes float64
}

// measure lets each contender of the row run once a round. It returns the samples by contender and round, and how many
// messages a run moved; ok is false when ctx ended first.
//
// What the machine does meanwhile hits neighbours in time alike, so the contenders take turns, and nobody is always
// first: the order rotates from round to round.
func measure(ctx context.Context, r row, rounds int) (samples [][]sample, n int, ok bool) {
	moves := make([]func(int), len(r.contenders))
	for i, c := range r.contenders {
		moves[i] = c.prepare()
	}
	n = calibrate(moves[0], runTime)
	for _, move := range moves[1:] {
		move(n/4 + 1) // so that everybody is warm: slots allocated, branches learnt
	}
	samples = make([][]sample, len(moves))
	for round := range rounds {
		for turn := range moves {
			if ctx.Err() != nil {
				return nil, 0, false
			}
			i := (round + turn) % len(moves)
			samples[i] = append(samples[i], timed(moves[i], n))
		}
	}
	return samples, n, true
}

// calibrate returns how many messages move takes about want for, at least one. It believes the quicker of two tries: a
// stall of the machine in the only one would make all the row's runs too short.
func calibrate(move func(int), want time.Duration) int {
	for n := 1024; ; n *= 4 {
		took := min(stopwatch(move, n), stopwatch(move, n))
		if took >= want/4 { // long enough to be scaled up
			return max(1, int(float64(n)*float64(want)/float64(took)))
		}
	}
}

func stopwatch(move func(int), n int) time.Duration {
	began := time.Now()
	move(n)
	return time.Since(began)
}

// timed times one run. The garbage of the run before is not its business, so that is collected first.
func timed(move func(int), n int) sample {
	var before, after goruntime.MemStats
	goruntime.GC()
	goruntime.ReadMemStats(&before)
	took := stopwatch(move, n)
	goruntime.ReadMemStats(&after)
	per := 1 / float64(n)
	return sample{
		ns:     float64(took.Nanoseconds()) * per,
		allocs: float64(after.Mallocs-before.Mallocs) * per,
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) * per,
	}
}
