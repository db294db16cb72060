package supervisor

import (
	"errors"
	"testing"
	"time"
)

var errTest = errors.New("test")

func TestFailureByDirectiveAndRestartType(t *testing.T) {
	for _, tt := range []struct {
		directive Directive
		kind      RestartType
		want      Directive
	}{
		{Restart, Permanent, Restart},
		{Restart, Transient, Restart},
		{Restart, Temporary, Stop},
		{Resume, Permanent, Resume},
		{Resume, Transient, Resume},
		{Resume, Temporary, Resume},
		{Stop, Permanent, Stop},
		{Stop, Transient, Stop},
		{Stop, Temporary, Stop},
		{Escalate, Permanent, Escalate},
		{Escalate, Transient, Escalate},
		{Escalate, Temporary, Escalate},
		{Escalate + 1, Permanent, Escalate},
		{Escalate + 1, Temporary, Escalate},
		{255, Transient, Escalate},
	} {
		var (
			h History
			r Record
			c = Config{Decide: func(error) Directive { return tt.directive }}
		)
		want := Decision{Directive: tt.want}
		if got := c.Failed(&h, &r, tt.kind, errTest, at(0), nil); got != want {
			t.Errorf("%v of a %v child: %+v, want %+v", tt.directive, tt.kind, got, want)
		}
		if counted := len(h.restarts) == 1 && r.streak == 1; counted != (tt.want == Restart) {
			t.Errorf("%v of a %v child: counted is %v", tt.directive, tt.kind, counted)
		}
	}
}

func TestNilDecideRestarts(t *testing.T) {
	for kind, want := range map[RestartType]Directive{Permanent: Restart, Transient: Restart, Temporary: Stop} {
		var (
			h History
			r Record
		)
		if got := (Config{}).Failed(&h, &r, kind, errTest, at(0), nil); got != (Decision{Directive: want}) {
			t.Errorf("%v: %+v, want %v", kind, got, want)
		}
	}
}

func TestDecideIsGivenTheCause(t *testing.T) {
	var (
		h     History
		r     Record
		cause error
	)
	c := Config{Decide: func(err error) Directive { cause = err; return Stop }}
	c.Failed(&h, &r, Permanent, errTest, at(0), nil)
	if cause != errTest {
		t.Errorf("Decide got %v, want %v", cause, errTest)
	}
}

func TestNormalEndByRestartType(t *testing.T) {
	c := Config{
		Backoff: Backoff{Min: 10 * ms},
		Decide:  func(error) Directive { panic("Decide was asked about a child that did not fail") },
	}
	for _, tt := range []struct {
		kind    RestartType
		want    Decision
		counted int
	}{
		{Permanent, Decision{Directive: Restart, Delay: 10 * ms}, 1},
		{Transient, Decision{Directive: Stop}, 0},
		{Temporary, Decision{Directive: Stop}, 0},
	} {
		var (
			h History
			r Record
		)
		if got := c.Ended(&h, &r, tt.kind, at(0), nil); got != tt.want {
			t.Errorf("%v: %+v, want %+v", tt.kind, got, tt.want)
		}
		if len(h.restarts) != tt.counted || int(r.streak) != tt.counted {
			t.Errorf("%v: %d counted, %d in a row, want %d", tt.kind, len(h.restarts), r.streak, tt.counted)
		}
	}
}

func TestNormalEndsOfAPermanentChildExceedTheIntensity(t *testing.T) {
	var (
		h History
		r Record
	)
	for i := range DefaultMaxRestarts {
		if got := (Config{}).Ended(&h, &r, Permanent, at(time.Duration(i)), nil); got.Directive != Restart {
			t.Fatalf("end %d: %+v, want Restart", i, got)
		}
	}
	want := Decision{Directive: Escalate, Exceeded: true}
	if got := (Config{}).Ended(&h, &r, Permanent, at(time.Second), nil); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestAPanicOfDecideLeavesNothingBehind(t *testing.T) {
	var (
		h History
		r Record
	)
	r.Started(at(0))
	func() {
		defer func() {
			if v := recover(); v != "oops" {
				t.Errorf("recovered %v, want oops", v)
			}
		}()
		c := Config{Decide: func(error) Directive { panic("oops") }}
		c.Failed(&h, &r, Permanent, errTest, at(1), nil)
		t.Error("Failed returned")
	}()
	if len(h.restarts) != 0 || r != (Record{started: at(0)}) {
		t.Errorf("left %+v and %+v", h, r)
	}
}

func TestADecisionDoesNotAllocateOnceItsHistoryIsGrown(t *testing.T) {
	var (
		h   History
		r   Record
		c   = Config{MaxRestarts: Unlimited, Backoff: Backoff{Min: ms, Jitter: 0.5}}
		rnd = func() float64 { return 0.5 }
		now = at(0)
	)
	if n := testing.AllocsPerRun(100, func() {
		r.Started(now)
		c.Failed(&h, &r, Permanent, errTest, now, rnd)
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
