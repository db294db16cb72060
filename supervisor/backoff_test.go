package supervisor

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const ms = time.Millisecond

func TestBackoffDelays(t *testing.T) {
	for name, tt := range map[string]struct {
		backoff Backoff
		want    []time.Duration // after the first failure in a row, the second, and so on
	}{
		"zero restarts at once":  {Backoff{}, []time.Duration{0, 0, 0, 0}},
		"factor is 2 by default": {Backoff{Min: 10 * ms}, []time.Duration{10 * ms, 20 * ms, 40 * ms, 80 * ms}},
		"factor 1 is constant":   {Backoff{Min: 10 * ms, Factor: 1}, []time.Duration{10 * ms, 10 * ms, 10 * ms}},
		"fractional factor":      {Backoff{Min: 8 * ms, Factor: 1.5}, []time.Duration{8 * ms, 12 * ms, 18 * ms, 27 * ms}},
		"max cuts":               {Backoff{Min: 10 * ms, Max: 35 * ms}, []time.Duration{10 * ms, 20 * ms, 35 * ms, 35 * ms}},
		"max equals min":         {Backoff{Min: 10 * ms, Max: 10 * ms}, []time.Duration{10 * ms, 10 * ms, 10 * ms}},
		"max is an hour by default": {
			Backoff{Min: 40 * time.Minute},
			[]time.Duration{40 * time.Minute, time.Hour, time.Hour},
		},
		"max by default is not below min": {
			Backoff{Min: 2 * time.Hour},
			[]time.Duration{2 * time.Hour, 2 * time.Hour},
		},
		"max may be above its default": {
			Backoff{Min: time.Hour, Max: 3 * time.Hour},
			[]time.Duration{time.Hour, 2 * time.Hour, 3 * time.Hour, 3 * time.Hour},
		},
		"after counts from its end": {
			Backoff{Min: 10 * ms, After: 3},
			[]time.Duration{0, 0, 0, 10 * ms, 20 * ms, 40 * ms},
		},
	} {
		for i, want := range tt.want {
			if got := tt.backoff.delay(int64(i+1), nil); got != want {
				t.Errorf("%s: delay after failure %d in a row is %v, want %v", name, i+1, got, want)
			}
		}
	}
}

func TestBackoffDoesNotOverflow(t *testing.T) {
	for _, b := range []Backoff{
		{Min: 1},
		{Min: 1, Factor: math.Nextafter(1, 2)},
		{Min: 1, Factor: math.MaxFloat64},
		{Min: time.Second, Max: math.MaxInt64},
		{Min: math.MaxInt64, Max: math.MaxInt64},
		{Min: math.MaxInt64 - 1, Max: math.MaxInt64, Factor: 1},
		{Min: math.MaxInt64, Jitter: 1},
		{Min: time.Second, After: math.MaxInt},
	} {
		var last time.Duration
		for _, n := range []int64{1, 2, 3, 62, 63, 64, 65, 1000, math.MaxInt32, math.MaxInt64 - 1, math.MaxInt64} {
			got := b.delay(n, func() float64 { return 0 })
			if got < last {
				t.Errorf("%+v: delay after %d failures in a row is %v, less than %v before it", b, n, got, last)
			}
			if b.Max > 0 && got > b.Max {
				t.Errorf("%+v: delay after %d failures in a row is %v, more than Max", b, n, got)
			}
			last = got
		}
	}
}

func TestJitterSpreadsFromTheWholeDelayDownToItsShare(t *testing.T) {
	b := Backoff{Min: time.Second, Factor: 1, Jitter: 0.25}
	for _, tt := range []struct {
		rnd  float64
		want time.Duration
	}{
		{0, 1000 * ms},
		{0.2, 950 * ms},
		{0.5, 875 * ms},
		{0.8, 800 * ms},
	} {
		if got := b.delay(1, func() float64 { return tt.rnd }); got != tt.want {
			t.Errorf("random %v: delay is %v, want %v", tt.rnd, got, tt.want)
		}
	}
}

func TestJitterKeepsItsBoundsAtEveryScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Backoff{
			Min:    time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "min")),
			Factor: rapid.Float64Range(1, 10).Draw(t, "factor"),
			Jitter: rapid.Float64Range(0, 1).Draw(t, "jitter"),
		}
		b.Max = time.Duration(rapid.Int64Range(int64(b.Min), math.MaxInt64).Draw(t, "max"))
		n := rapid.Int64Range(1, 200).Draw(t, "n")
		r := rapid.Float64Range(0, math.Nextafter(1, 0)).Draw(t, "rnd")

		whole := b.unspread(n)
		got := b.delay(n, func() float64 { return r })
		// A float64 holds a duration of over 104 days to within some nanoseconds only.
		least := float64(whole)*(1-b.Jitter) - 1 - float64(whole)*1e-15
		if got > whole || got > b.Max || float64(got) < least || got < 0 {
			t.Fatalf("%+v after %d failures in a row, random %v: %v is outside [%v, %v]",
				b, n, r, got, time.Duration(least), whole)
		}
	})
}

func TestRandomnessIsAskedForOnlyWhereThereIsSomethingToSpread(t *testing.T) {
	for name, tt := range map[string]struct {
		backoff Backoff
		want    int
	}{
		"no backoff":      {Backoff{}, 0},
		"no jitter":       {Backoff{Min: ms}, 0},
		"not yet delayed": {Backoff{Min: ms, Jitter: 0.5, After: 1}, 0},
		"jitter":          {Backoff{Min: ms, Jitter: 0.5}, 1},
	} {
		calls := 0
		tt.backoff.delay(1, func() float64 { calls++; return 0.5 })
		if calls != tt.want {
			t.Errorf("%s: %d calls, want %d", name, calls, tt.want)
		}
	}
}
