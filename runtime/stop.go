package runtime

import (
	"fmt"
	"time"
)

// stop tells the actor to stop. A stronger stop replaces a weaker one.
func (n *node) stop(mode stopMode, cause error, self bool) {
	n.mu.Lock()
	if n.state == stopped || n.orders.stop >= mode {
		n.mu.Unlock()
		return
	}
	if n.orders.stop < stopNow {
		n.orders.cause = cause
		n.selfStop = self
	}
	n.orders.stop = mode
	n.mu.Unlock()
	if mode >= stopNow {
		n.life.end()
	}
	if n.wake() || mode < stopNow {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waitLocked()
}

// orderHalt tells the actor to give its behaviour up for a group restart.
func (n *node) orderHalt() {
	n.mu.Lock()
	n.orders.halt = true
	n.mu.Unlock()
	if n.wake() {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waitLocked()
}

// waitLocked starts to wait, with the actor's patience, for the user's code to return. A kill's patience is shorter.
func (n *node) waitLocked() {
	if n.state == stopped {
		return
	}
	if n.patience != nil {
		n.patience.Stop()
	}
	turn := n.turn
	n.patience = time.AfterFunc(n.timeoutLocked(), func() { n.overdue(turn) })
}

func (n *node) timeoutLocked() time.Duration {
	if n.orders.stop == stopKill {
		return min(n.stopTimeout, killPatience)
	}
	return n.stopTimeout
}

func (n *node) calmLocked() {
	if n.patience != nil {
		n.patience.Stop()
		n.patience = nil
	}
}

// overdue is called when patience has run out. If the turn still is in the user's code, it is taken over: what the
// actor holds is accounted for, and the stop goes on without it. The goroutine that is stuck touches nothing of the
// actor any more when it returns, if it ever does.
func (n *node) overdue(turn uint64) {
	n.mu.Lock()
	reason := fmt.Errorf("%w: %s did not return within %v of its stop", ErrAbandoned, n.path(), n.timeoutLocked())
	switch {
	case n.turn != turn || n.state == stopped:
		n.mu.Unlock()
		return
	case n.inUser:
		n.log().WithField("ran", time.Since(n.busyFrom).Round(time.Millisecond).String()).Error(reason)
	case n.state == stopping:
		n.abandonPipesLocked()
		n.mu.Unlock()
		n.wake()
		return
	default:
		n.mu.Unlock()
		if !n.body.abandon(reason) {
			return // the handler has returned in the meantime
		}
		n.log().Error(reason)
		n.mu.Lock()
	}
	torn := n.state == stopping
	n.turn++
	n.inUser, n.abandoned, n.state = false, true, stopping
	n.orders.stop, n.orders.cause = max(n.orders.stop, stopNow), reason
	n.calmLocked()
	n.tallyLocked(Stats{Abandoned: 1})
	n.mu.Unlock()
	if !torn {
		n.tearDown(turn + 1)
	}
	n.run(turn+1, n.decide(turn+1))
}

func (n *node) abandonPipesLocked() {
	if len(n.pipes) == 0 {
		return
	}
	n.tallyLocked(Stats{Abandoned: uint64(len(n.pipes))})
	n.log().WithField("pipes", len(n.pipes)).Error("abandoned what Pipe started: it did not return in time after the stop")
	for p := range n.pipes {
		delete(n.pipes, p)
		p.release()
	}
}

// tearDown begins the stop proper: what is queued becomes dead letters, then the children stop.
func (n *node) tearDown(uint64) (step, bool) {
	n.life.end()
	n.gate.Store(true)
	n.body.cancelTimers()
	reason := stoppedError(n.path())
	n.mu.Lock()
	if n.orders.cause != nil {
		reason = fmt.Errorf("%w: %w", reason, n.orders.cause)
	}
	mode := n.orders.stop
	if len(n.pipes) > 0 {
		n.waitLocked()
	}
	n.mu.Unlock()
	n.body.deadLetterAll(reason)
	n.endKids(mode)
	return 0, false
}

// finish is the end of the actor: its counts go to the system's ledger, its name is free, and whoever waits for its end
// is told.
func (n *node) finish(uint64) (step, bool) {
	n.mu.Lock()
	n.state = stopped
	n.err = n.orders.cause
	n.mergeLocked()
	watchers := n.watchers
	watching := n.watching
	n.watchers, n.watching = nil, nil
	self := n.selfStop
	err := n.err
	n.mu.Unlock()

	n.endTenure(err)
	n.parent.family().remove(n)
	n.mu.Lock()
	if n.done == nil {
		n.done = make(chan struct{})
	}
	close(n.done)
	n.mu.Unlock()
	for w := range watching {
		w.target.unwatch(w)
	}
	for w := range watchers {
		w.ended(err)
	}
	n.parent.family().post(event{kind: childEnded, child: n, err: err, self: self})
	return stepOver, true
}

// doneChan returns a channel that is closed at the end of the actor.
func (n *node) doneChan() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.done == nil {
		n.done = make(chan struct{})
	}
	return n.done
}
