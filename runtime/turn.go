package runtime

import (
	"runtime/debug"

	"github.com/troupe-go/troupe/mailbox"
)

// A turn is the time during which one goroutine acts for an actor. It is a sequence of steps; those that run the
// user's code are performed under a guard, and what follows from each is decided in between. A step that panics, or
// that ends its goroutine, is thus one that failed, like one that returned an error, and the sequence goes on.
type step uint8

const (
	stepOver       step = iota // the turn is over: the actor sleeps, or is gone
	stepLost                   // the turn was taken away
	stepWork                   // handle messages
	stepArrive                 // run a function that came from Watch or Pipe
	stepRestarting             // the Restarting hook
	stepBegin                  // New, and the Started hook
	stepStopped                // the Stopped hook
)

// An outcome is what a step came to. For stepWork without an error, state is what the mailbox said.
type outcome struct {
	state mailbox.State
	yield bool // stepWork: it has had its share
	err   error
}

// awake says with which step the turn begins of an actor that did not sleep in stepWork.
func (n *node) awake(turn uint8) step {
	n.mu.Lock()
	n.working = n.state == running
	work := n.working
	n.mu.Unlock()
	if work {
		return stepWork
	}
	return n.decide(turn)
}

// runHere is a turn on a goroutine that is no runner's: that of a Spawn, an inline ask or an abandonment. It reports
// whether the turn was taken away.
func (n *node) runHere(turn uint8, s step, share int) (lost bool) {
	n.moveElsewhere()
	return n.run(turn, s, share, nil)
}

// run performs steps until the turn is over. It reports whether the turn was taken away, and notes that in r too, if
// there is a runner.
func (n *node) run(turn uint8, s step, share int, r *runner) (lost bool) {
	performing := false
	defer func() {
		if !performing {
			return
		}
		// Goexit: the goroutine is going away, whatever we do, so the turn goes on with another.
		// It is seen here, not in perform, because a deferred panic may have been recovered there.
		if s = n.after(turn, s, outcome{err: ErrGoexit}); s > stepLost {
			n.sys().dispatch.takeOver(n, turn, s)
		} else if r != nil {
			r.lost = s == stepLost
		}
	}()
	for s > stepLost {
		performing = true
		out := n.perform(s, share)
		performing = false
		s = n.after(turn, s, out)
	}
	return s == stepLost
}

// perform runs the user's code of step s.
func (n *node) perform(s step, share int) (out outcome) {
	defer func() {
		if v := recover(); v != nil {
			out.err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	switch s {
	case stepWork:
		out = n.body.work(share, false)
	case stepArrive:
		out.err = n.arrive()
	case stepRestarting:
		n.enter(false)
		n.body.restarting(n.failureNow())
	case stepBegin:
		out.err = n.body.begin(n.enter(false) == starting)
	case stepStopped:
		n.enter(true)
		n.body.stopped(n.causeNow())
	}
	if out.err != nil {
		_ = out.err.Error() // panics for a nil pointer, say, and had better do so here than where it is logged
	}
	return out
}

// enter notes that the turn is in the user's code, where only patience gets it out. A stop or halt that comes
// meanwhile begins to wait by itself; timed makes the waiting begin now. It returns the state in which that is.
func (n *node) enter(timed bool) state {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.enterLocked(timed)
	return n.state
}

func (n *node) enterLocked(timed bool) {
	n.inUser = true
	if timed || n.ordered >= stopNow || n.look().halt || n.look().anew {
		n.waitLocked()
	}
}

func (n *node) failureNow() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.look().failure
}

func (n *node) causeNow() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.look().cause
}

// arrive runs the functions that came in, in order, up to the first that fails.
func (n *node) arrive() error {
	for {
		n.mu.Lock()
		r := n.rareLocked()
		if len(r.arrivals) == 0 {
			n.mu.Unlock()
			return nil
		}
		next := r.arrivals[0]
		r.arrivals[0] = nil
		r.arrivals = r.arrivals[1:]
		n.enterLocked(false)
		n.mu.Unlock()
		if err := next(); err != nil {
			return err
		}
	}
}

// after says what follows step s with the given outcome.
func (n *node) after(turn uint8, s step, out outcome) step {
	if s == stepWork {
		return n.afterWork(turn, out)
	}
	n.mu.Lock()
	if n.turn != turn {
		n.mu.Unlock()
		return stepLost
	}
	n.inUser = false
	n.calmLocked()
	n.mu.Unlock()
	switch s {
	case stepArrive:
		if out.err != nil {
			return n.fail(turn, out.err)
		}
	case stepRestarting:
		if out.err != nil {
			n.hookFailed("Restarting", out.err)
		}
		n.halt()
	case stepBegin:
		return n.begun(turn, out.err)
	case stepStopped:
		if out.err != nil {
			n.hookFailed("Stopped", out.err)
		}
		over, _ := n.finish(turn)
		return over
	}
	return n.decide(turn)
}

func (n *node) afterWork(turn uint8, out outcome) step {
	switch {
	case out.err != nil:
		if !n.body.failMessage(out.err) {
			return stepLost
		}
		return n.fail(turn, out.err)
	case out.yield:
		if !n.leaveWork(turn) {
			return stepLost
		}
		n.on.Load().queue(n)
		return stepOver
	}
	switch out.state {
	case mailbox.Idle:
		return stepOver // the turn may be another's by now
	case mailbox.Lost:
		return stepLost
	case mailbox.Empty:
		if !n.leaveWork(turn) {
			return stepLost
		}
		return n.emptied(turn)
	default:
		return n.decide(turn)
	}
}

// leaveWork notes that no handler runs, so that the turn cannot be taken away. It reports false when it was.
func (n *node) leaveWork(turn uint8) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.turn != turn {
		return false
	}
	n.working = false
	return true
}

// hookFailed is for hooks whose failure changes nothing, because what they belong to is ending anyway.
func (n *node) hookFailed(hook string, err error) {
	n.tally(Stats{Failed: 1})
	n.log().WithField("cause", err).Errorf("the %s hook failed", hook)
}

// fail suspends the actor and asks its supervisor what to do. There is nothing to ask when it is stopping anyway.
func (n *node) fail(turn uint8, err error) step {
	n.mu.Lock()
	n.tallyLocked(Stats{Failed: 1})
	stops := n.state == stopping
	if !stops {
		n.failLocked(err)
	}
	n.mu.Unlock()
	if stops {
		n.log().WithField("cause", err).Error("actor failed while it was stopping")
	} else {
		n.kin.post(event{kind: childFailed, child: n, err: err})
	}
	return n.decide(turn)
}

func (n *node) failLocked(err error) {
	r := n.rareLocked()
	n.state, r.failure = failed, err
	r.verdict = noVerdict // one that came too late for an earlier failure
}

// halt is reached when a behaviour has been given up, to be replaced.
func (n *node) halt() {
	n.endTenure(n.failureNow())
	n.body.cancelTimers()
	n.mu.Lock()
	n.state = halted
	n.mu.Unlock()
}

func (n *node) reportHalted(uint8) (step, bool) {
	n.mu.Lock()
	n.rareLocked().halt = false
	n.mu.Unlock()
	n.kin.post(event{kind: childHalted, child: n})
	return 0, false
}

// begun follows an attempt to begin: the first, in Spawn, or a restart.
func (n *node) begun(turn uint8, err error) step {
	n.mu.Lock()
	first := n.state == starting
	switch {
	case err == nil && first:
		n.state = running
	case err == nil:
		n.state, n.rareLocked().failure = running, nil
		n.tallyLocked(Stats{Restarts: 1})
	case first:
		r := n.rareLocked()
		r.unborn, r.failure, r.cause = true, err, err
		n.ordered = stopNow
		n.tallyLocked(Stats{Failed: 1})
	default:
		n.failLocked(err)
		n.tallyLocked(Stats{Failed: 1})
	}
	n.mu.Unlock()
	if !first {
		n.kin.post(event{kind: childBegun, child: n, err: err})
	} else if err == nil {
		// Spawn's caller has better things to do than to handle what came in meanwhile.
		if !n.body.rest() {
			n.sys().dispatch.share(n)
		}
		return stepOver
	}
	return n.decide(turn)
}
