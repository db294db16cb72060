package bench

import (
	"context"
	goruntime "runtime"
)

// A job is a row that is to be measured.
type job struct {
	section Section
	row     Row
	procs   int // the GOMAXPROCS to measure it under
}

// measure returns a result for each figure of the row; ok is false when ctx ended first.
func (j job) measure(ctx context.Context, p plan) (results []result, ok bool) {
	if before := goruntime.GOMAXPROCS(0); before != j.procs {
		goruntime.GOMAXPROCS(j.procs)
		defer goruntime.GOMAXPROCS(before)
	}
	samples, n, ok := measure(ctx, j.row, p)
	if !ok {
		return nil, false
	}
	return summarize(j, n, samples), true
}

func (j job) sameSection(other job) bool {
	return j.section.Name == other.section.Name && j.procs == other.procs
}

func (j job) sameTable(other job) bool {
	return j.sameSection(other) && j.row.Table == other.row.Table
}
