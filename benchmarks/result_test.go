package main

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	r := row{name: "r", contenders: []contender{{name: "base"}, {name: "other"}}}
	got := summarize("s", r, 1000, [][]sample{
		{{10, 0, 0}, {100, 0, 0}, {50, 0, 0}},
		{{30, 1, 16}, {200, 1, 16}, {75, 2, 40}},
	})
	want := result{
		Section: "s", Row: "r", Messages: 1000, Baseline: "base",
		Contenders: []summary{
			{Name: "base", NS: 50, Ratio: spread{1, 1, 1}, Rounds: []float64{10, 100, 50}},
			{Name: "other", NS: 75, Allocs: 1, Bytes: 16, Ratio: spread{2, 1.5, 3}, Rounds: []float64{30, 200, 75}},
		},
	}
	got.row = row{}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(result{}, row{})); diff != "" {
		t.Errorf("the summary is not as wanted (-want +got):\n%s", diff)
	}
}
