package bench

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// recorded makes a row whose contenders write down who ran, and with how many messages.
func recorded(names ...string) (r Row, runs *[]string, sizes map[string][]int) {
	runs, sizes = new([]string), map[string][]int{}
	for _, name := range names {
		r.Contenders = append(r.Contenders, Contender{name, func() Runner {
			return Runner{Run: func(n int) {
				*runs, sizes[name] = append(*runs, name), append(sizes[name], n)
				for began := time.Now(); time.Since(began) < runTime/4; { // at once long enough for calibrate
				}
			}}
		}})
	}
	return r, runs, sizes
}

func TestContendersTakeTurnsInRotatingOrder(t *testing.T) {
	r, runs, sizes := recorded("a", "b", "c")
	samples, n, ok := measure(context.Background(), r, plan{rounds: 3})
	if !ok {
		t.Fatal("measure was interrupted by nobody")
	}
	// The first four are a's calibration, and the others' warming up.
	if want := []string{"a", "a", "b", "c", "a", "b", "c", "b", "c", "a", "c", "a", "b"}; !slices.Equal(*runs, want) {
		t.Errorf("the order of the runs is %v, want %v", *runs, want)
	}
	for name, moved := range sizes {
		moved = moved[len(moved)-3:]
		for _, got := range moved {
			if got != n {
				t.Errorf("%s ran with %v messages, want %d in each measured round", name, moved, n)
			}
		}
	}
	for i := range samples {
		if len(samples[i]) != 3 {
			t.Errorf("contender %d has %d samples, want 3", i, len(samples[i]))
		}
	}
}

// TestCalibrationOutlivesAStall has a machine that stands still during the first try. Its clock is fake.
func TestCalibrationOutlivesAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		n := calibrate(Runner{Run: func(n int) {
			took := time.Duration(n) * 2 * time.Microsecond
			if tries++; tries == 1 {
				took = time.Second
			}
			<-time.After(took)
		}}, 20*time.Millisecond)
		if n != 10000 {
			t.Errorf("calibrated to %d messages, want the 10,000 that take 20 ms", n)
		}
	})
}

func TestMeasureEndsBetweenTwoRuns(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	measured := 0
	r := Row{Contenders: []Contender{{"a", func() Runner {
		return Runner{Run: func(int) {
			for began := time.Now(); time.Since(began) < runTime/4; {
			}
			if measured++; measured == 4 { // two were the calibration
				cancel()
			}
		}}
	}}}}
	if _, _, ok := measure(ctx, r, plan{rounds: 7}); ok || measured != 4 {
		t.Errorf("ok is %v after %d runs, want false after the 4 that there were before the end", ok, measured)
	}
}

func TestSampleIsPerMessage(t *testing.T) {
	var kept [][]byte
	s := take(Runner{Run: func(n int) {
		for range n {
			kept = append(kept, make([]byte, 1024))
		}
	}}, 1000)
	if len(kept) != 1000 || s.allocs < 1 || s.allocs > 1.5 || s.bytes < 1024 || s.figures[0] <= 0 {
		t.Errorf("%d slices of 1,024 bytes: %+v, want about one allocation each", len(kept), s)
	}
}

// TestSizeOfARun says what makes a run, where nothing is calibrated.
func TestSizeOfARun(t *testing.T) {
	for _, tt := range []struct {
		row  Row
		plan plan
		want int
	}{
		{Row{Size: 50, QuickSize: 5}, plan{}, 50},
		{Row{Size: 50, QuickSize: 5}, plan{quick: true}, 5},
		{Row{Size: 50, QuickSize: 5}, plan{quick: true, n: 7}, 7},
		{Row{}, plan{n: 7}, 7},
	} {
		nothing := []Runner{{Run: func(int) {}}}
		if got := warmUp(nothing, tt.row, tt.plan); got != tt.want {
			t.Errorf("%+v under %+v does %d operations, want %d", tt.row, tt.plan, got, tt.want)
		}
	}
}

// TestMeasureRestsAfterEachRunAndClosesOnce counts, with a row that wants fewer rounds than all others, and one gauge.
func TestMeasureRestsAfterEachRunAndClosesOnce(t *testing.T) {
	runs, rests, closed := 0, 0, 0
	r := Row{Rounds: 3, Size: 10, QuickSize: 10, Figures: []Figure{{Name: "a"}, {Name: "b"}}, Contenders: []Contender{{"a", func() Runner {
		return Runner{
			Gauge: func(n int) []float64 {
				runs++
				return []float64{float64(n), 2}
			},
			After: func() { rests++ },
			End:   func() { closed++ },
		}
	}}}}
	samples, n, ok := measure(context.Background(), r, plan{rounds: 7})
	if !ok || n != 10 || len(samples[0]) != 3 || !slices.Equal(samples[0][0].figures, []float64{10, 2}) {
		t.Errorf("measured %v of %d operations, %v", samples, n, ok)
	}
	if runs != 3 || rests != 3 || closed != 1 {
		t.Errorf("%d runs, %d rests, closed %d times: want 3, 3 and 1", runs, rests, closed)
	}
}
