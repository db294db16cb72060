package supervisor

import (
	"reflect"
	"testing"
	"time"
)

// epoch is when the tests' time begins.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return epoch.Add(d) }

func TestRestartsBeyondTheIntensityEscalate(t *testing.T) {
	const (
		restart  = "restart"
		exceeded = "exceeded"
	)
	for name, tt := range map[string]struct {
		config Config
		at     []time.Duration
		want   []string
	}{
		"the default is 3": {
			Config{},
			[]time.Duration{0, 1, 2, 3},
			[]string{restart, restart, restart, exceeded},
		},
		"with intensity 2 the third": {
			Config{MaxRestarts: 2},
			[]time.Duration{0, 0, 0},
			[]string{restart, restart, exceeded},
		},
		"no restarts": {
			Config{MaxRestarts: NoRestarts},
			[]time.Duration{0, time.Hour},
			[]string{exceeded, exceeded},
		},
		"unlimited": {
			Config{MaxRestarts: Unlimited},
			[]time.Duration{0, 0, 0, 0, 0, 0},
			[]string{restart, restart, restart, restart, restart, restart},
		},
		"within is 5 s by default, its end included": {
			Config{MaxRestarts: 1},
			[]time.Duration{0, 5 * time.Second},
			[]string{restart, exceeded},
		},
		"past within by a nanosecond": {
			Config{MaxRestarts: 1},
			[]time.Duration{0, 5*time.Second + 1},
			[]string{restart, restart},
		},
		"the window slides": {
			Config{MaxRestarts: 2, Within: 10},
			[]time.Duration{0, 6, 11, 17, 22, 24},
			[]string{restart, restart, restart, restart, restart, exceeded},
		},
		"the restart that exceeded counts too": {
			Config{MaxRestarts: 1, Within: 10},
			[]time.Duration{0, 6, 12, 30},
			[]string{restart, exceeded, exceeded, restart},
		},
	} {
		var (
			h History
			r Record
		)
		for i, d := range tt.at {
			want := Decision{Directive: Restart}
			if tt.want[i] == exceeded {
				want = Decision{Directive: Escalate, Exceeded: true}
			}
			if got := tt.config.Failed(&h, &r, Permanent, errTest, at(d), nil); got != want {
				t.Errorf("%s: restart %d, at %v: %+v, want %+v", name, i, d, got, want)
			}
		}
	}
}

func TestIntensityIsOfAllChildrenTogether(t *testing.T) {
	var (
		h    History
		a, b Record
		c    = Config{MaxRestarts: 1}
	)
	if got := c.Failed(&h, &a, Permanent, errTest, at(0), nil); got.Directive != Restart {
		t.Errorf("first child: %+v, want Restart", got)
	}
	if got := c.Ended(&h, &b, Permanent, at(1), nil); !got.Exceeded {
		t.Errorf("second child: %+v, want Exceeded", got)
	}
}

func TestHistoryIsBoundedByTheIntensity(t *testing.T) {
	for _, tt := range []struct {
		max, want int
	}{
		{Unlimited, 0},
		{NoRestarts, 1},
		{0, DefaultMaxRestarts + 1},
		{1, 2},
		{100, 101},
	} {
		var (
			h History
			r Record
			c = Config{MaxRestarts: tt.max, Within: time.Hour}
		)
		for i := range 10_000 {
			c.Failed(&h, &r, Permanent, errTest, at(time.Duration(i)), nil)
			if len(h.restarts) > tt.want || cap(h.restarts) > 4*tt.want {
				t.Fatalf("MaxRestarts %d: %d kept, room for %d, want %d", tt.max, len(h.restarts), cap(h.restarts), tt.want)
			}
		}
		c.Failed(&h, &r, Permanent, errTest, at(2*time.Hour), nil)
		if len(h.restarts) > 1 {
			t.Errorf("MaxRestarts %d: %d kept, though all but one are past", tt.max, len(h.restarts))
		}
	}
}

func TestHistoryTakesAConfigThatChanges(t *testing.T) {
	var (
		h History
		r Record
	)
	for i, tt := range []struct {
		max      int
		exceeded bool
	}{
		{5, false}, {5, false}, {5, false}, {5, false},
		{2, true},          // fewer than there were
		{5, false},         // of them, 3 were kept
		{NoRestarts, true}, // none was kept
		{1, true},
		{3, false},
	} {
		c := Config{MaxRestarts: tt.max, Within: time.Hour}
		if got := c.Failed(&h, &r, Permanent, errTest, at(time.Duration(i)), nil); got.Exceeded != tt.exceeded {
			t.Errorf("restart %d, MaxRestarts %d: %+v, want Exceeded %v", i, tt.max, got, tt.exceeded)
		}
	}
}

func TestRecordIsSmall(t *testing.T) {
	if size := reflect.TypeFor[Record]().Size(); size > 32 {
		t.Errorf("a Record is %d bytes, want at most 32", size)
	}
}

func TestARunOfWithinForgetsEarlierFailures(t *testing.T) {
	const within = 5 * time.Second
	c := Config{MaxRestarts: Unlimited, Backoff: Backoff{Min: 10 * ms}}
	for name, tt := range map[string]struct {
		run  time.Duration
		want time.Duration
	}{
		"shorter":         {within - 1, 40 * ms},
		"exactly as long": {within, 10 * ms},
		"longer":          {within + 1, 10 * ms},
	} {
		var (
			h History
			r Record
		)
		r.Started(at(0))
		c.Failed(&h, &r, Permanent, errTest, at(1), nil)
		r.Started(at(2))
		c.Failed(&h, &r, Permanent, errTest, at(3), nil)
		r.Started(at(4))
		if got := c.Failed(&h, &r, Permanent, errTest, at(4+tt.run), nil); got.Delay != tt.want {
			t.Errorf("%s than Within: delay is %v, want %v", name, got.Delay, tt.want)
		}
	}
}

func TestALongDelayDoesNotForgetEarlierFailures(t *testing.T) {
	var (
		h   History
		r   Record
		now = at(0)
		c   = Config{MaxRestarts: Unlimited, Within: time.Second, Backoff: Backoff{Min: 4 * time.Second}}
	)
	for i, want := range []time.Duration{4, 8, 16, 32} {
		r.Started(now)
		now = now.Add(ms)
		got := c.Failed(&h, &r, Permanent, errTest, now, nil)
		if got.Delay != want*time.Second {
			t.Errorf("failure %d: delay is %v, want %v", i, got.Delay, want*time.Second)
		}
		now = now.Add(got.Delay)
	}
}

func TestARestartThatFailsContinuesTheRow(t *testing.T) {
	var (
		h   History
		r   Record
		now = at(0)
		c   = Config{MaxRestarts: Unlimited, Within: time.Second, Backoff: Backoff{Min: 4 * time.Second}}
	)
	r.Started(now)
	for i, want := range []time.Duration{4, 8, 16, 32} { // Started is not called again: no restart succeeds
		got := c.Failed(&h, &r, Permanent, errTest, now, nil)
		if got.Delay != want*time.Second {
			t.Errorf("failure %d: delay is %v, want %v", i, got.Delay, want*time.Second)
		}
		now = now.Add(got.Delay)
	}
}

func TestOnlyRestartsMakeARow(t *testing.T) {
	var (
		h    History
		r    Record
		next Directive
		c    = Config{
			MaxRestarts: 1,
			Within:      time.Second,
			Backoff:     Backoff{Min: 10 * ms},
			Decide:      func(error) Directive { return next },
		}
	)
	for i, tt := range []struct {
		directive Directive
		at        time.Duration
		want      Decision
	}{
		{Restart, 0, Decision{Directive: Restart, Delay: 10 * ms}},
		{Resume, 1, Decision{Directive: Resume}},
		{Stop, 2, Decision{Directive: Stop}},
		{Escalate, 3, Decision{Directive: Escalate}},
		{Restart, 4, Decision{Directive: Escalate, Exceeded: true}},
		{Restart, 2 * time.Second, Decision{Directive: Restart, Delay: 20 * ms}},
	} {
		next = tt.directive
		if got := c.Failed(&h, &r, Permanent, errTest, at(tt.at), nil); got != tt.want {
			t.Errorf("failure %d: %+v, want %+v", i, got, tt.want)
		}
	}
}

func TestBackoffBeginsWithTheFourthFailureOfARow(t *testing.T) {
	var (
		h   History
		r   Record
		now = at(0)
		c   = Config{MaxRestarts: Unlimited, Backoff: Backoff{Min: 10 * ms, Max: 5 * time.Second, After: 3}}
	)
	for i, want := range []time.Duration{0, 0, 0, 10 * ms, 20 * ms, 40 * ms} {
		r.Started(now)
		now = now.Add(ms)
		got := c.Failed(&h, &r, Permanent, errTest, now, nil)
		if got != (Decision{Directive: Restart, Delay: want}) {
			t.Errorf("failure %d: %+v, want a restart after %v", i+1, got, want)
		}
		now = now.Add(got.Delay)
	}
}
