// Package patterns measures the patterns, each beside the channels or the locks that a Go program would use in its place.
// Section is for the command of the whole; the rivals' module has the same loads done by other libraries too.
package patterns

import "github.com/troupe-go/troupe/benchmarks/internal/bench"

// A Rival is a contender that stands between the baseline and ours.
type Rival struct {
	bench.Contender
	Aim float64 // what the ratio of ours to it should be at most; 0: none
}

// against has the baseline, the rivals and ours do the work of a row. The aim is that of ours to the baseline.
func against(r bench.Row, baseline bench.Contender, aim float64, rivals []Rival, ours bench.Contender) bench.Row {
	r.Contenders, r.Aims = []bench.Contender{baseline}, []float64{aim}
	for _, rival := range rivals {
		r.Contenders, r.Aims = append(r.Contenders, rival.Contender), append(r.Aims, rival.Aim)
	}
	r.Contenders = append(r.Contenders, ours)
	return r
}
