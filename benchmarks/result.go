package main

import "slices"

// A result is what the rounds of one row come to.
type result struct {
	Section    string    `json:"section"`
	Row        string    `json:"row"`
	Messages   int       `json:"messages"` // that a run moved
	Baseline   string    `json:"baseline"`
	Contenders []summary `json:"contenders"` // the baseline first

	row row
}

// A summary is what the rounds of one contender come to. All figures are medians, and a message.
type summary struct {
	Name   string    `json:"name"`
	NS     float64   `json:"ns"`
	Allocs float64   `json:"allocs"`
	Bytes  float64   `json:"bytes"`
	Ratio  spread    `json:"ratio"` // to the baseline, of the same round
	Rounds []float64 `json:"rounds_ns"`
}

// A spread is the median of some figures and their extremes.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// summarize takes the samples of a row, by contender and round.
//
// The ratio is the median of the ratios of each round, not the ratio of the medians: the two runs of a round are a
// moment apart, and share the machine's mood, which medians taken over seconds do not.
func summarize(section string, r row, n int, samples [][]sample) result {
	res := result{Section: section, Row: r.name, Messages: n, Baseline: r.contenders[0].name, row: r}
	for i, c := range r.contenders {
		var ns, allocs, bytes, ratios []float64
		for round, s := range samples[i] {
			ns, allocs, bytes = append(ns, s.ns), append(allocs, s.allocs), append(bytes, s.bytes)
			ratios = append(ratios, s.ns/samples[0][round].ns)
		}
		res.Contenders = append(res.Contenders, summary{
			Name: c.name, NS: median(ns), Allocs: median(allocs), Bytes: median(bytes), Ratio: spreadOf(ratios), Rounds: ns,
		})
	}
	return res
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
