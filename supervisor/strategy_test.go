package supervisor

import "testing"

func TestAffectedByStrategy(t *testing.T) {
	type span struct{ from, to int }
	for _, tt := range []struct {
		strategy  Strategy
		failed, n int
		want      span
	}{
		{OneForOne, 0, 1, span{0, 1}},
		{OneForOne, 0, 4, span{0, 1}},
		{OneForOne, 2, 4, span{2, 3}},
		{OneForOne, 3, 4, span{3, 4}},
		{AllForOne, 0, 1, span{0, 1}},
		{AllForOne, 0, 4, span{0, 4}},
		{AllForOne, 2, 4, span{0, 4}},
		{AllForOne, 3, 4, span{0, 4}},
		{RestForOne, 0, 1, span{0, 1}},
		{RestForOne, 0, 4, span{0, 4}},
		{RestForOne, 2, 4, span{2, 4}},
		{RestForOne, 3, 4, span{3, 4}},
	} {
		from, to := tt.strategy.Affected(tt.failed, tt.n)
		if got := (span{from, to}); got != tt.want {
			t.Errorf("%v, child %d of %d: %v, want %v", tt.strategy, tt.failed, tt.n, got, tt.want)
		}
	}
}

func TestEndsByAutoShutdown(t *testing.T) {
	for _, tt := range []struct {
		shutdown    AutoShutdown
		significant bool
		left        int
		want        bool
	}{
		{Never, false, 0, false},
		{Never, true, 0, false},
		{Never, true, 1, false},
		{AnySignificant, false, 0, false},
		{AnySignificant, false, 1, false},
		{AnySignificant, true, 0, true},
		{AnySignificant, true, 1, true},
		{AllSignificant, false, 0, false},
		{AllSignificant, false, 1, false},
		{AllSignificant, true, 0, true},
		{AllSignificant, true, 1, false},
	} {
		if got := tt.shutdown.Ends(tt.significant, tt.left); got != tt.want {
			t.Errorf("%v, significant %v, %d left: %v, want %v", tt.shutdown, tt.significant, tt.left, got, tt.want)
		}
	}
}
