package bench

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestMedianLeavesItsArgumentInOrder(t *testing.T) {
	for _, tt := range []struct {
		figures []float64
		want    float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 4}, 4},
		{[]float64{9, 1, 4, 2}, 3},
		{[]float64{5, 5, 1, 5, 9}, 5},
	} {
		before := slices.Clone(tt.figures)
		if got := median(tt.figures); got != tt.want {
			t.Errorf("median(%v) is %v, want %v", before, got, tt.want)
		}
		if !slices.Equal(tt.figures, before) {
			t.Errorf("median changed %v to %v", before, tt.figures)
		}
	}
}

// TestRatioIsOfTheSameRound has a machine that is ten times slower in the second round, and five in the third. The
// ratio of the medians would be 1.5: it compares rounds with each other.
func TestRatioIsOfTheSameRound(t *testing.T) {
	j := job{Section{Name: "s"}, Row{Name: "r", Aims: []float64{0.4}, Contenders: []Contender{{Name: "base"}, {Name: "ours"}}}, 2}
	got := summarize(j, 1000, [][]sample{
		{{[]float64{10}, 0, 0}, {[]float64{100}, 0, 0}, {[]float64{50}, 0, 0}},
		{{[]float64{30}, 1, 16}, {[]float64{200}, 1, 16}, {[]float64{75}, 2, 40}},
	})
	want := []result{{
		Section: "s", Row: "r", GOMAXPROCS: 2, Operations: 1000, Unit: "ns",
		Contenders: []summary{
			{Name: "base", Value: 50, Rounds: []float64{10, 100, 50}},
			{Name: "ours", Value: 75, Allocs: 1, Bytes: 16, Rounds: []float64{30, 200, 75}},
		},
		Ratios: []ratio{{To: "base", spread: spread{2, 1.5, 3}, Aim: 0.4}},
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(ratio{}), cmpopts.IgnoreUnexported(result{})); diff != "" {
		t.Errorf("the summary is not as wanted (-want +got):\n%s", diff)
	}
}

// TestEachFigureHasAResult has three contenders and two figures: the ratios are of the last contender to the others.
func TestEachFigureHasAResult(t *testing.T) {
	r := Row{Name: "r", Figures: []Figure{{Name: "p50", Unit: "µs"}, {Name: "p99", Unit: "ms"}}}
	var samples [][]sample
	for i, name := range []string{"a", "b", "ours"} {
		r.Contenders = append(r.Contenders, Contender{Name: name})
		samples = append(samples, []sample{{figures: []float64{math.Pow(2, float64(i)), math.Pow(10, float64(i))}}})
	}
	var got []string
	for _, res := range summarize(job{Section{Name: "s"}, r, 2}, 1, samples) {
		got = append(got, fmt.Sprint(res.key(), " ", res.Unit, " ", res.Ratios[0].To, " ", res.Ratios[0].Median, " ", res.Ratios[1].To, " ", res.Ratios[1].Median))
	}
	if want := []string{"s/r/p50 µs a 4 b 2", "s/r/p99 ms a 100 b 10"}; !slices.Equal(got, want) {
		t.Errorf("the results are %q, want %q", got, want)
	}
}

func TestQuotientOfNothingIsFinite(t *testing.T) {
	for _, tt := range []struct{ a, b, want float64 }{{3, 2, 1.5}, {0, 2, 0}, {0, 0, 1}, {1, 0, 1e6}} {
		if got := quotient(tt.a, tt.b); got != tt.want {
			t.Errorf("quotient(%v, %v) is %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}
