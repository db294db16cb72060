package contest

import (
	"math"
	"slices"
	"time"
)

// Ranks returns the 50th, 99th and 99.9th percentile, in µs: of few latencies the last is the highest. It sorts took.
func Ranks(took []time.Duration) []float64 {
	slices.Sort(took)
	var figures []float64
	for _, share := range []float64{0.5, 0.99, 0.999} {
		i := int(math.Ceil(share*float64(len(took)))) - 1
		figures = append(figures, float64(took[i].Nanoseconds())/1e3)
	}
	return figures
}
