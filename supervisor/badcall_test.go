package supervisor

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// What a call lacks is said at once, whatever would have been decided, and nothing is counted.
func TestDecisionsWithoutWhatTheyNeedPanicAndCountNothing(t *testing.T) {
	const (
		history = "with a nil History: want the supervisor's own, which may be zero"
		record  = "with a nil Record: want the child's own, which may be zero"
		random  = "with a nil rnd: want a function, or no Backoff.Jitter"
	)
	stop := func(error) Directive { return Stop }
	jitter := Backoff{Min: time.Second, Jitter: 0.5}
	for _, tt := range []struct {
		name             string
		config           Config
		kind             RestartType
		noHistory, noRec bool
		want             string // after "supervisor: Failed " and "supervisor: Ended "
	}{
		{"no history", Config{}, Permanent, true, false, history},
		{"no history where none is kept", Config{MaxRestarts: Unlimited}, Permanent, true, false, history},
		{"no history where nothing restarts", Config{Decide: stop}, Temporary, true, false, history},
		{"no record", Config{}, Permanent, false, true, record},
		{"no record, one restart too many", Config{MaxRestarts: NoRestarts}, Permanent, false, true, record},
		{"no record where nothing restarts", Config{Decide: stop}, Transient, false, true, record},
		{"neither", Config{}, Permanent, true, true, history},
		{"neither, and no randomness", Config{Backoff: jitter}, Permanent, true, true, history},
		{"no randomness", Config{Backoff: jitter}, Permanent, false, false, random},
		{"no randomness, long before it is needed", Config{Backoff: Backoff{Min: 1, Jitter: 1, After: math.MaxInt}}, Permanent,
			false, false, random},
		{"no randomness where nothing restarts", Config{Decide: stop, Backoff: jitter}, Temporary, false, false, random},
		{"no randomness for what is no number", Config{Backoff: Backoff{Min: 1, Jitter: math.NaN()}}, Permanent,
			false, false, random},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, r := &History{}, &Record{}
			r.Started(at(0))
			givenH, givenR := h, r
			if tt.noHistory {
				givenH = nil
			}
			if tt.noRec {
				givenR = nil
			}
			for call, f := range map[string]func(){
				"Failed": func() { tt.config.Failed(givenH, givenR, tt.kind, errTest, at(1), nil) },
				"Ended":  func() { tt.config.Ended(givenH, givenR, tt.kind, at(1), nil) },
			} {
				if v, want := recovered(f), "supervisor: "+call+" "+tt.want; v != want {
					t.Errorf("panicked with %v\nwant          %v", v, want)
				}
			}
			if len(h.restarts) != 0 || *r != (Record{started: at(0)}) {
				t.Errorf("counted in %+v and %+v", h, r)
			}
		})
	}
}

func TestNilRecordStartedPanics(t *testing.T) {
	const want = "runtime error: invalid memory address or nil pointer dereference"
	var r *Record
	if v := recovered(func() { r.Started(at(0)) }); fmt.Sprint(v) != want {
		t.Errorf("panicked with %v, want Go's own %q", v, want)
	}
}

func recovered(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// Nobody validated, and a child fails again and again: what comes out is one of the four directives each time, and
// never a panic.
func TestDecisionsByAnInvalidConfigDoNotPanic(t *testing.T) {
	for _, c := range []Config{
		{Strategy: 255}, {MaxRestarts: -3}, {MaxRestarts: math.MinInt}, {Within: -1}, {Within: math.MinInt64},
		{AutoShutdown: 255}, {Decide: func(error) Directive { return 255 }},
		{Backoff: Backoff{Min: math.MinInt64, Max: math.MinInt64}}, {Backoff: Backoff{Max: 1, Factor: 2, Jitter: 1, After: 1}},
		{Backoff: Backoff{Min: 1, Max: math.MinInt64}}, {Backoff: Backoff{Min: math.MaxInt64, Max: 1}},
		{Backoff: Backoff{Min: 1, Factor: math.NaN()}}, {Backoff: Backoff{Min: 1, Factor: math.Inf(-1)}},
		{Backoff: Backoff{Min: 1, Factor: -2}}, {Backoff: Backoff{Min: 1, Jitter: math.NaN()}},
		{Backoff: Backoff{Min: 1, Jitter: math.Inf(1)}}, {Backoff: Backoff{Min: 1, After: math.MinInt}},
	} {
		for _, limit := range []int{c.MaxRestarts, Unlimited} {
			c.MaxRestarts = limit
			h, r := &History{}, &Record{}
			for i := range 8 {
				d := c.Failed(h, r, RestartType(i), errTest, at(time.Duration(i)), func() float64 { return 0.5 })
				if d.Directive > Escalate {
					t.Errorf("%+v: failure %d: %+v is no directive", c, i, d)
				}
				r.Started(at(time.Duration(i)))
			}
		}
	}
}

// Values that have no name do the least: an unknown strategy takes nobody along, an unknown restart type is restarted
// after a failure only, an unknown AutoShutdown ends nobody.
func TestUnknownValuesDoTheLeast(t *testing.T) {
	for _, s := range []Strategy{3, 255} {
		if from, to := s.Affected(1, 3); from != 1 || to != 2 {
			t.Errorf("%v takes %d to %d along, want child 1 alone", s, from, to)
		}
	}
	for _, kind := range []RestartType{3, 255} {
		if d := (Config{}).Failed(&History{}, &Record{}, kind, errTest, at(0), nil); d != (Decision{Directive: Restart}) {
			t.Errorf("%v failed: %+v, want a restart", kind, d)
		}
		if d := (Config{}).Ended(&History{}, &Record{}, kind, at(0), nil); d != (Decision{Directive: Stop}) {
			t.Errorf("%v ended: %+v, want a stop", kind, d)
		}
	}
	for _, a := range []AutoShutdown{3, 255} {
		if a.Ends(true, 0) || a.Ends(true, 1) || a.Ends(false, 0) {
			t.Errorf("%v ends its supervisor", a)
		}
	}
	for _, left := range []int{-1, math.MinInt} {
		if AllSignificant.Ends(true, left) {
			t.Errorf("AllSignificant ends where %d are left", left)
		}
	}
}

// A failure without an error is a failure: Decide is asked about nil, and everything else goes its way.
func TestFailureWithoutACauseIsDecidedAbout(t *testing.T) {
	asked := []error{errTest}
	c := Config{Decide: func(err error) Directive { asked = append(asked, err); return Restart }}
	if d := c.Failed(&History{}, &Record{}, Permanent, nil, at(0), nil); d != (Decision{Directive: Restart}) {
		t.Errorf("%+v, want a restart", d)
	}
	if len(asked) != 2 || asked[1] != nil {
		t.Errorf("Decide was asked about %v, want nil", asked[1:])
	}
}

// A clock that goes backwards, or stands at the zero time, allows no more restarts than one that stands still.
func TestLimitHoldsWhereTheClockGoesBackwards(t *testing.T) {
	for _, start := range []time.Time{{}, at(0)} {
		var h History
		for i := range 5 {
			d := Config{}.Failed(&h, &Record{}, Permanent, errTest, start.Add(-time.Duration(i)*time.Hour), nil)
			if want := i >= DefaultMaxRestarts; d.Exceeded != want {
				t.Errorf("from %v, failure %d: %+v, want Exceeded %v", start, i, d, want)
			}
		}
	}
}

func TestNamesOfUnknownConstantsShowTheirNumber(t *testing.T) {
	for _, tt := range []struct {
		value fmt.Stringer
		want  string
	}{
		{Strategy(255), "Strategy(255)"},
		{Directive(4), "Directive(4)"},
		{RestartType(255), "RestartType(255)"},
		{AutoShutdown(255), "AutoShutdown(255)"},
	} {
		if got := tt.value.String(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	if got, want := fmt.Sprint(Decision{Directive: 9, Delay: -1}), "{Directive(9) -1ns false}"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
