package supervisor

import "time"

// A Directive is what a supervisor does about a child that failed.
type Directive uint8

const (
	Restart  Directive = iota // replace the child's instance by a fresh one; the zero value
	Resume                    // keep the instance, as if it had not failed
	Stop                      // end the child for good, and no other
	Escalate                  // fail the supervisor itself, to its own supervisor
)

// String returns the directive's name.
func (d Directive) String() string {
	return enum(d, "Directive", "Restart", "Resume", "Stop", "Escalate")
}

// A RestartType says after which kind of end a child is restarted.
type RestartType uint8

const (
	Permanent RestartType = iota // always, after a normal end too; the zero value
	Transient                    // after a failure only
	Temporary                    // never, and not after the failure of a sibling either
)

// String returns the restart type's name.
func (t RestartType) String() string {
	return enum(t, "RestartType", "Permanent", "Transient", "Temporary")
}

// A Decision is what follows the failure or the end of a child.
type Decision struct {
	Directive Directive
	Delay     time.Duration // Restart: how long to wait first, without blocking the supervisor
	Exceeded  bool          // Escalate: because there were too many restarts, not because Decide said so
}

// Failed decides what follows the failure cause, at now, of a child with restart type t.
//
// Decide is consulted first, and its Resume, Stop and Escalate are taken as they are: they count for nothing. A
// Restart becomes Stop where t is Temporary. Else it is counted in h, and where that makes more than MaxRestarts within
// Within it becomes Escalate, with Exceeded set; if not, it is counted in r, and Delay is what Backoff says.
//
// The Config must be valid: with another Failed does not panic, but what it decides means nothing. rnd returns a
// number in [0, 1); it is called at most once, and only where Backoff.Jitter is set: it may be nil elsewhere. Failed
// panics where h or r is nil, or a rnd that is needed, before anything is counted. Where Decide panics, so does Failed,
// with h and r unchanged: it is for the runtime to guard the call, and to choose what a failing decision means.
func (c Config) Failed(h *History, r *Record, t RestartType, cause error, now time.Time, rnd func() float64) Decision {
	c.demand("Failed", h, r, rnd)
	var directive Directive
	if c.Decide != nil {
		directive = c.Decide(cause)
	}
	switch {
	case directive > Escalate:
		return Decision{Directive: Escalate}
	case directive != Restart:
		return Decision{Directive: directive}
	case t == Temporary:
		return Decision{Directive: Stop}
	}
	return c.restart(h, r, now, rnd)
}

// Ended decides what follows when a child with restart type t returned at now, of itself and without failing.
//
// A Permanent child is restarted: it counts as by [Config.Failed], in h and in r, so that a child which returns at once
// is as little of a restart storm as one which fails at once. Decide is not consulted, as there is no error. Every
// other child is at its end: Stop. What is said there of h, r and rnd holds here.
func (c Config) Ended(h *History, r *Record, t RestartType, now time.Time, rnd func() float64) Decision {
	c.demand("Ended", h, r, rnd)
	if t != Permanent {
		return Decision{Directive: Stop}
	}
	return c.restart(h, r, now, rnd)
}

// demand panics where call was not given what it needs. It comes before anything is counted, and also where this one
// decision would have done without: a supervisor that lacks one of them finds out at the first failure of a child, and
// not at the first that comes to need it.
func (c Config) demand(call string, h *History, r *Record, rnd func() float64) {
	switch {
	case h == nil:
		panic("supervisor: " + call + " with a nil History: want the supervisor's own, which may be zero")
	case r == nil:
		panic("supervisor: " + call + " with a nil Record: want the child's own, which may be zero")
	case rnd == nil && c.Backoff.Jitter != 0:
		panic("supervisor: " + call + " with a nil rnd: want a function, or no Backoff.Jitter")
	}
}

// restart counts a restart, and decides whether and when it takes place.
func (c Config) restart(h *History, r *Record, now time.Time, rnd func() float64) Decision {
	if h.exceeds(c, now) {
		return Decision{Directive: Escalate, Exceeded: true}
	}
	return Decision{Directive: Restart, Delay: c.Backoff.delay(r.restart(c.within(), now), rnd)}
}
