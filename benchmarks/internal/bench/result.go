package bench

import "slices"

// A result is what the rounds of one row come to, in one of its figures.
type result struct {
	Section    string    `json:"section"`
	Row        string    `json:"row"`
	GOMAXPROCS int       `json:"gomaxprocs"`
	Operations int       `json:"operations"` // that a run did
	Unit       string    `json:"unit"`       // of the contenders' values
	Contenders []summary `json:"contenders"` // the baseline first, ours last
	Ratios     []ratio   `json:"ratios"`     // of ours to each other, in their order

	job    job
	figure Figure
}

// A summary is what the rounds of one contender come to. All figures are medians, and of an operation.
type summary struct {
	Name   string    `json:"name"`
	Value  float64   `json:"value"`
	Allocs float64   `json:"allocs"`
	Bytes  float64   `json:"bytes"`
	Rounds []float64 `json:"rounds"` // the values
}

// A ratio is how ours compares to another contender. Below 1, ours is quicker, or smaller.
type ratio struct {
	To string `json:"to"`
	spread
	Aim float64 `json:"aim,omitempty"` // what it should be at most
}

// A spread is the median of some figures and their extremes.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// summarize makes a result of each figure of a job, from the samples by contender and round.
//
// A ratio is the median of the ratios of each round, not the ratio of the medians: the two runs of a round are a
// moment apart, and share the machine's mood, which medians taken over seconds do not.
func summarize(j job, n int, samples [][]sample) []result {
	var results []result
	r := j.row
	ours := len(r.Contenders) - 1
	for f, figure := range r.Told() {
		res := result{
			Section: j.section.Name, Row: r.Result(figure), GOMAXPROCS: j.procs, Operations: n, Unit: figure.Unit,
			job: j, figure: figure,
		}
		for i, c := range r.Contenders {
			var values, allocs, bytes, ratios []float64
			for round, s := range samples[i] {
				values, allocs, bytes = append(values, s.figures[f]), append(allocs, s.allocs), append(bytes, s.bytes)
				ratios = append(ratios, quotient(samples[ours][round].figures[f], s.figures[f]))
			}
			res.Contenders = append(res.Contenders, summary{
				Name: c.Name, Value: median(values), Allocs: median(allocs), Bytes: median(bytes), Rounds: values,
			})
			if i < ours {
				to := ratio{To: c.Name, spread: spreadOf(ratios)}
				if i < len(figure.Aims) {
					to.Aim = figure.Aims[i]
				}
				res.Ratios = append(res.Ratios, to)
			}
		}
		results = append(results, res)
	}
	return results
}

// quotient is a/b, but for a b of nothing: that is what a reading of a coarse clock may be. Beside it nothing is as
// good, and anything is no better than a large number, since JSON has no infinity.
func quotient(a, b float64) float64 {
	switch {
	case b > 0:
		return a / b
	case a > 0:
		return 1e6
	}
	return 1
}

func spreadOf(figures []float64) spread {
	return spread{Median: median(figures), Min: slices.Min(figures), Max: slices.Max(figures)}
}

// median leaves figures as they are. Of an even number it is the mean of the middle two.
func median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
