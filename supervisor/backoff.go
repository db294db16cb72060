package supervisor

import (
	"errors"
	"math"
	"time"
)

// What a zero field of a [Backoff] with a Min means.
const (
	DefaultMaxDelay = time.Hour // Max 0; or Min, where that is longer
	DefaultFactor   = 2         // Factor 0
)

// A Backoff delays the restarts of a child that fails again and again. The zero value restarts at once.
//
// After the n-th failure in a row the restart waits for d = min(Max, Min * Factor^(n-1)), or, with Jitter, for a time
// spread uniformly over [d*(1-Jitter), d]: jitter only ever shortens a delay, so that Max is kept. The first After
// failures in a row are restarted at once, and n counts from there.
//
// Failures are in a row while the child fails before it has run for Config.Within since it was last started. The time
// that it waits to be restarted is not time that it ran, so a delay longer than Within does not end the row.
type Backoff struct {
	Min    time.Duration // the first delay; 0: no delay at all, and then no other field may be set
	Max    time.Duration // the longest delay; 0: DefaultMaxDelay, or Min where that is longer
	Factor float64       // each delay is the last one times Factor, 1 or more; 0: DefaultFactor
	Jitter float64       // the share of a delay that is random, from 0 (none) to 1 (all of it)
	After  int           // failures in a row that are restarted at once before the first delay; 0: none
}

// delay is how long the restart after the n-th failure in a row waits, n counting from 1. It calls rnd only where
// there is something to spread.
func (b Backoff) delay(n int64, rnd func() float64) time.Duration {
	n -= int64(b.After)
	if b.Min <= 0 || n <= 0 {
		return 0
	}
	d := b.unspread(n)
	if b.Jitter > 0 {
		// From above, as rnd may be 0 but not 1: the longest delay is then reached, and none is shorter than promised.
		d -= time.Duration(b.Jitter * float64(d) * rnd())
	}
	return d
}

// unspread is the n-th delay, without jitter. It is computed as a float: that has no overflow but infinity, where the
// shift or the repeated product of durations would wrap to a negative or a zero delay, and so to a restart storm.
func (b Backoff) unspread(n int64) time.Duration {
	longest, factor := b.Max, b.Factor
	if longest == 0 {
		longest = max(b.Min, DefaultMaxDelay)
	}
	if factor == 0 {
		factor = DefaultFactor
	}
	d := float64(b.Min) * math.Pow(factor, float64(n-1))
	if d >= float64(longest) {
		return longest
	}
	return time.Duration(d)
}

func (b Backoff) validate() error {
	return errors.Join(b.validateMin(), b.validateMax(), b.validateFactor(), b.validateJitter(), b.validateAfter())
}

func (b Backoff) validateMin() error {
	if b.Min < 0 {
		return invalid("Backoff.Min is %v: want 0 (no delay) or more", b.Min)
	}
	return nil
}

func (b Backoff) validateMax() error {
	switch {
	case b.Max < 0:
		return invalid("Backoff.Max is %v: want 0 (default %v) or more", b.Max, DefaultMaxDelay)
	case b.Max > 0 && b.Max < b.Min:
		return invalid("Backoff.Max is %v, less than Backoff.Min: want 0 (default %v) or at least %v",
			b.Max, DefaultMaxDelay, b.Min)
	case b.Max > 0 && b.Min == 0:
		return b.withoutMin("Max", b.Max)
	}
	return nil
}

func (b Backoff) validateFactor() error {
	switch {
	case b.Factor != 0 && !(b.Factor >= 1 && b.Factor <= math.MaxFloat64): // NaN compares as false
		return invalid("Backoff.Factor is %v: want 0 (default %v) or a finite number from 1 on", b.Factor, DefaultFactor)
	case b.Factor != 0 && b.Min == 0:
		return b.withoutMin("Factor", b.Factor)
	}
	return nil
}

func (b Backoff) validateJitter() error {
	switch {
	case !(b.Jitter >= 0 && b.Jitter <= 1): // NaN compares as false
		return invalid("Backoff.Jitter is %v: want a number from 0 to 1", b.Jitter)
	case b.Jitter != 0 && b.Min == 0:
		return b.withoutMin("Jitter", b.Jitter)
	}
	return nil
}

func (b Backoff) validateAfter() error {
	switch {
	case b.After < 0:
		return invalid("Backoff.After is %d: want 0 (none) or more", b.After)
	case b.After > 0 && b.Min == 0:
		return b.withoutMin("After", b.After)
	}
	return nil
}

// withoutMin refuses a field that would be silently without effect.
func (b Backoff) withoutMin(field string, found any) error {
	return invalid("Backoff.%s is %v, but Backoff.Min is 0, so that nothing is delayed: want a Min, or no %s",
		field, found, field)
}
