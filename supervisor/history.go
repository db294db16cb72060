package supervisor

import "time"

// A History is what one supervisor remembers of its restarts: when they were, for as long as they count against
// MaxRestarts. One failure is one restart, however many siblings it takes along. The zero value is ready, and is what a
// supervisor that was itself restarted begins with.
//
// It keeps at most MaxRestarts+1 times, and none where MaxRestarts is Unlimited. It is not safe for concurrent use.
type History struct {
	restarts []time.Time // oldest first
}

// exceeds counts a restart at now, and reports whether it is one too many.
func (h *History) exceeds(c Config, now time.Time) bool {
	limit := c.MaxRestarts
	switch limit {
	case Unlimited:
		return false
	case 0:
		limit = DefaultMaxRestarts
	case NoRestarts:
		limit = 0
	}

	// Of the old ones, those that are past or cannot change the answer go. Dropping them from the front lets append move
	// the rest once in a while; a ring would save that, but not survive a Config that is changed between two calls.
	old := h.restarts
	for len(old) > 0 && (len(old) > limit || now.Sub(old[0]) > c.within()) {
		old = old[1:]
	}
	h.restarts = append(old, now)
	return len(h.restarts) > limit
}

// A Record is what a supervisor remembers of one child: how many failures in a row led to a restart, and when the
// child was last started. The zero value is ready. It is not safe for concurrent use.
type Record struct {
	started time.Time // zero: not running
	streak  int64
}

// Started says that the child runs from now on. A runtime calls it whenever it has started or restarted the child,
// also where that was for the failure of a sibling: the child's run is then measured anew.
func (r *Record) Started(now time.Time) { r.started = now }

// restart counts a failure at now that leads to a restart, and returns how many it makes in a row. A run of within or
// longer ends the row.
//
// The child does not run until Started is called again. So when the restart itself fails, however long its delay was,
// the row goes on.
func (r *Record) restart(within time.Duration, now time.Time) int64 {
	if !r.started.IsZero() && now.Sub(r.started) >= within {
		r.streak = 0
	}
	r.started = time.Time{}
	r.streak++
	return r.streak
}
