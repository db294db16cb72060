package supervisor

import (
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// An oracle says what the package should decide, as naively as it can be said: it forgets nothing, and counts from the
// beginning at every question. It shares no code with what it judges.
type oracle struct {
	config   Config
	restarts []time.Time    // every restart that was asked for, of any child
	lives    [][]oracleLife // of each child, every life so far
}

// An oracleLife begins with a start, or with a restart that failed, and ends with the restart that it led to.
type oracleLife struct {
	ran              bool
	started, stopped time.Time
	over             bool
}

func (o *oracle) started(child int, now time.Time) {
	lives := o.lives[child]
	if len(lives) > 0 && !lives[len(lives)-1].over {
		lives[len(lives)-1] = oracleLife{ran: true, started: now} // for a sibling: measured anew
		return
	}
	o.lives[child] = append(lives, oracleLife{ran: true, started: now})
}

func (o *oracle) failed(child int, t RestartType, answer Directive, now time.Time, rnd float64) Decision {
	switch answer {
	case Resume, Stop, Escalate:
		return Decision{Directive: answer}
	case Restart:
		if t == Temporary {
			return Decision{Directive: Stop}
		}
		return o.restart(child, now, rnd)
	}
	return Decision{Directive: Escalate}
}

func (o *oracle) ended(child int, t RestartType, now time.Time, rnd float64) Decision {
	if t == Permanent {
		return o.restart(child, now, rnd)
	}
	return Decision{Directive: Stop}
}

func (o *oracle) restart(child int, now time.Time, rnd float64) Decision {
	within := o.config.Within
	if within == 0 {
		within = 5 * time.Second
	}
	allowed := o.config.MaxRestarts
	if allowed == 0 {
		allowed = 3
	}
	if allowed == -1 {
		allowed = 0
	}
	o.restarts = append(o.restarts, now)
	count := 0
	for _, t := range o.restarts {
		if !t.Add(within).Before(now) {
			count++
		}
	}
	if allowed != -2 && count > allowed {
		return Decision{Directive: Escalate, Exceeded: true}
	}

	lives := o.lives[child]
	if len(lives) == 0 || lives[len(lives)-1].over {
		lives = append(lives, oracleLife{})
	}
	lives[len(lives)-1].stopped, lives[len(lives)-1].over = now, true
	o.lives[child] = lives
	row := 0
	for _, l := range lives {
		if l.ran && !l.stopped.Before(l.started.Add(within)) {
			row = 0
		}
		row++
	}
	return Decision{Directive: Restart, Delay: o.delay(row, rnd)}
}

// delay multiplies one step at a time, in exact fractions.
func (o *oracle) delay(row int, rnd float64) time.Duration {
	b := o.config.Backoff
	if b.Min == 0 || row <= b.After {
		return 0
	}
	longest := b.Max
	if longest == 0 {
		longest = time.Hour
		if b.Min > longest {
			longest = b.Min
		}
	}
	factor := b.Factor
	if factor == 0 {
		factor = 2
	}
	top := new(big.Rat).SetInt64(int64(longest))
	d := new(big.Rat).SetInt64(int64(b.Min))
	for i := 1; i < row-b.After && d.Cmp(top) < 0; i++ {
		d.Mul(d, new(big.Rat).SetFloat64(factor))
	}
	if d.Cmp(top) > 0 {
		d = top
	}
	cut := new(big.Rat).SetFloat64(b.Jitter)
	cut.Mul(cut, new(big.Rat).SetFloat64(rnd))
	d.Mul(d, cut.Sub(big.NewRat(1, 1), cut))
	f, _ := d.Float64()
	return time.Duration(f)
}

// drawConfig draws a valid Config, of values small enough that their bounds are met often.
func drawConfig(t *rapid.T) Config {
	c := Config{
		MaxRestarts: rapid.SampledFrom([]int{0, NoRestarts, Unlimited, Unlimited, 1, 2, 5, 20}).Draw(t, "max restarts"),
		Within:      rapid.SampledFrom([]time.Duration{0, 1, 10 * ms, time.Second, time.Hour}).Draw(t, "within"),
	}
	if rapid.Bool().Draw(t, "backoff") {
		c.Backoff = Backoff{
			Min:    rapid.SampledFrom([]time.Duration{1, 10 * ms, time.Minute, 3 * time.Hour}).Draw(t, "min"),
			Factor: rapid.SampledFrom([]float64{0, 1, 1.1, 2, 10}).Draw(t, "factor"),
			Jitter: rapid.SampledFrom([]float64{0, 0.2, 1}).Draw(t, "jitter"),
			After:  rapid.IntRange(0, 4).Draw(t, "after"),
		}
		if rapid.Bool().Draw(t, "bounded") {
			c.Backoff.Max = c.Backoff.Min * time.Duration(rapid.IntRange(1, 100).Draw(t, "max"))
		}
	}
	return c
}

// near reports whether a and b are the same delay but for the rounding of floats.
func near(a, b time.Duration) bool {
	return math.Abs(float64(a-b)) <= 1+1e-12*float64(max(a, b))
}

func TestDecisionsAreThoseOfANaiveModel(t *testing.T) {
	const children = 3
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		o := oracle{config: c, lives: make([][]oracleLife, children)}
		var answer Directive
		if rapid.Bool().Draw(t, "decides") {
			c.Decide = func(error) Directive { return answer }
		}
		within := c.within()
		var (
			h       History
			records [children]Record
			now     = epoch
			steps   = rapid.SampledFrom([]time.Duration{0, 1, within / 3, within - 1, within, within + 1, 3 * within})
			kinds   = rapid.SampledFrom([]RestartType{Permanent, Permanent, Transient, Temporary})
			answers = rapid.SampledFrom([]Directive{Restart, Restart, Restart, Resume, Stop, Escalate, 4, 255})
		)
		same := func(what string, got, want Decision) {
			delay := want.Delay
			if want.Delay = got.Delay; got != want || !near(got.Delay, delay) {
				want.Delay = delay
				t.Fatalf("%s: %+v, want %+v", what, got, want)
			}
			if len(h.restarts) > max(c.MaxRestarts, DefaultMaxRestarts)+1 {
				t.Fatalf("%d restarts kept", len(h.restarts))
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"wait": func(t *rapid.T) {
				now = now.Add(steps.Draw(t, "step"))
			},
			"start": func(t *rapid.T) {
				child := rapid.IntRange(0, children-1).Draw(t, "child")
				records[child].Started(now)
				o.started(child, now)
			},
			"fail": func(t *rapid.T) {
				child, kind := rapid.IntRange(0, children-1).Draw(t, "child"), kinds.Draw(t, "kind")
				rnd := rapid.Float64Range(0, 0.999).Draw(t, "rnd")
				answer = Restart
				if c.Decide != nil {
					answer = answers.Draw(t, "answer")
				}
				got := c.Failed(&h, &records[child], kind, errors.New("model"), now, func() float64 { return rnd })
				same("failed", got, o.failed(child, kind, answer, now, rnd))
			},
			"end": func(t *rapid.T) {
				child, kind := rapid.IntRange(0, children-1).Draw(t, "child"), kinds.Draw(t, "kind")
				rnd := rapid.Float64Range(0, 0.999).Draw(t, "rnd")
				got := c.Ended(&h, &records[child], kind, now, func() float64 { return rnd })
				same("ended", got, o.ended(child, kind, now, rnd))
			},
		})
	})
}
