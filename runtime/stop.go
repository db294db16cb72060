package runtime

import (
	"fmt"
	"time"
)

// stop tells the actor to stop. A stronger stop replaces a weaker one. An actor that its supervisor stops after a failure
// ends with that failure.
func (n *node) stop(mode stopMode, cause error, self bool) {
	if n.beginStop(mode, cause, self) {
		n.sys().dispatch.ready(n, nil)
	}
}

// beginStop is stop, and reports whether the actor was asleep: then the caller must have its turn run.
func (n *node) beginStop(mode stopMode, cause error, self bool) (woke bool) {
	n.mu.Lock()
	if n.state == stopped || n.ordered >= mode {
		n.mu.Unlock()
		return false
	}
	if n.ordered < stopNow {
		if cause == nil && !self && mode >= stopNow && n.state == failed {
			cause = n.look().failure
		}
		if cause != nil || n.look().cause != nil {
			n.rareLocked().cause = cause
		}
		n.selfStop = self
	}
	n.ordered = mode
	n.mu.Unlock()
	if mode == stopSoft {
		n.marks.set(gated)
		return n.body.interrupt()
	}
	woke = n.body.interrupt()
	n.sys().dispatch.point()
	n.endLife() // only now, so that who sees it does not begin another message
	if !woke && mode == stopNow && n.sys().dispatch.waitFor(n) {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !woke {
		n.waitLocked()
	}
	if n.look().pipePatience != nil {
		n.waitPipesLocked() // a kill has less patience
	}
	return woke
}

// endSilently ends an actor that beginStop has woken, if none of the user's code has a part in that: it then takes less
// time than to have a runner do it. It reports false, and does nothing, otherwise.
func (n *node) endSilently() bool {
	n.mu.Lock()
	r := n.look()
	silent := n.working && n.ordered >= stopNow && r.kids.Load() == nil && r.aside == nil &&
		len(r.arrivals) == 0 && len(r.pipes) == 0 && !n.body.hears()
	n.mu.Unlock()
	if !silent {
		return false
	}
	turn := n.turn
	if s := n.decide(turn); s > stepLost { // something to run has come in meanwhile
		n.sys().dispatch.takeOver(n, turn, s)
	}
	return true
}

// orderHalt tells the actor to give its behaviour up for a group restart. When it begins anew is the group's to say from
// then on, also where it was about to do so.
func (n *node) orderHalt() {
	n.giveUp(func(r *rare) { r.halt, r.start = true, false })
}

// orderAnew tells the actor to give its behaviour up and to begin anew, alone. Its siblings have no part in that, so nobody
// waits for it.
func (n *node) orderAnew() {
	n.giveUp(func(r *rare) { r.anew = true })
}

func (n *node) giveUp(orderLocked func(*rare)) {
	n.mu.Lock()
	if n.state == stopped {
		n.mu.Unlock()
		return
	}
	orderLocked(n.rareLocked())
	n.mu.Unlock()
	if n.wake() {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waitLocked()
}

// A patience is the time for which something is waited for that may never return.
type patience struct{ timer *time.Timer }

func (n *node) newPatience(over func(*patience)) *patience {
	p := &patience{}
	p.timer = n.sys().dispatch.afterFunc(n.timeoutLocked(), func() { over(p) })
	return p
}

func (p *patience) end() {
	if p != nil {
		p.timer.Stop()
	}
}

// waitLocked starts to wait for the user's code to return.
func (n *node) waitLocked() {
	if n.state == stopped {
		return
	}
	r := n.rareLocked()
	r.patience.end()
	r.patience = n.newPatience(n.overdue)
}

// waitPipesLocked starts to wait for what Pipe has under way.
func (n *node) waitPipesLocked() {
	r := n.rareLocked()
	r.pipePatience.end()
	r.pipePatience = n.newPatience(n.pipesOverdue)
}

func (n *node) timeoutLocked() time.Duration {
	timeout := n.look().stopTimeout
	if timeout == 0 {
		timeout = DefaultStopTimeout
	}
	if n.ordered == stopKill {
		return min(timeout, killPatience)
	}
	return timeout
}

func (n *node) calmLocked() {
	if r := n.look(); r.patience != nil {
		r.patience.end()
		r.patience = nil
	}
}

// overdue is called when the patience p has run out. If the turn still is in the user's code, it is taken over: what
// the actor holds is accounted for, and the stop goes on without it. The goroutine that is stuck touches nothing of the
// actor any more when it returns, if it ever does; and as it may touch the behaviour meanwhile, nothing else does so.
func (n *node) overdue(p *patience) {
	n.mu.Lock()
	r := n.rareLocked()
	if r.patience != p {
		n.mu.Unlock()
		return
	}
	r.patience = nil
	if !n.inUser && !(n.working && n.body.abandonLocked()) {
		n.mu.Unlock()
		return // it has returned in the meantime
	}
	reason := fmt.Errorf("%w: %s did not return within %v of its stop", ErrAbandoned, n.path(), n.timeoutLocked())
	if r.cause != nil {
		reason = fmt.Errorf("%w: %w", reason, r.cause)
	}
	torn := n.state == stopping
	n.turn++
	turn := n.turn
	n.inUser, n.working, n.state, n.ordered = false, false, stopping, max(n.ordered, stopNow)
	r.abandoned, r.cause, r.arrivals = true, reason, nil
	n.tallyLocked(Stats{Abandoned: 1})
	n.mu.Unlock()
	n.sys().crew.join()
	defer n.sys().crew.leave()
	if stuck := n.runner(); stuck != nil {
		n.sys().dispatch.forsake(stuck)
	}
	n.log().Error(reason)
	if !torn {
		n.tearDown(turn)
	}
	n.moveElsewhere() // before it can be woken, and noted elsewhere
	n.runHere(turn, n.decide(turn), workShare)
}

// pipesOverdue is called when the patience p with the pipes has run out.
func (n *node) pipesOverdue(p *patience) {
	n.mu.Lock()
	r := n.rareLocked()
	if r.pipePatience != p {
		n.mu.Unlock()
		return
	}
	left := r.pipes
	r.pipes, r.pipePatience = nil, nil
	n.tallyLocked(Stats{Abandoned: uint64(len(left))})
	n.mu.Unlock()
	if len(left) == 0 {
		return
	}
	n.log().WithField("pipes", len(left)).Error("abandoned what Pipe started: it did not return in time after the stop")
	for p := range left {
		p.release()
	}
	n.wake()
}

// tearDown begins the stop proper: what is queued becomes dead letters, then the children stop.
func (n *node) tearDown(uint8) (step, bool) {
	n.endLife()
	n.marks.set(gated)
	n.body.cancelTimers()
	n.mu.Lock()
	r := n.look()
	cause := r.cause
	mode := n.ordered
	if len(r.pipes) > 0 {
		n.waitPipesLocked()
	}
	childless := n.barKidsLocked()
	n.mu.Unlock()
	n.body.deadLetterAll(cause)
	if !childless {
		n.endKids(mode)
	}
	return 0, false
}

// finish is the end of the actor: its counts go to the system's ledger, its name is free, and whoever waits for its end
// is told.
func (n *node) finish(uint8) (step, bool) {
	n.mu.Lock()
	n.state = stopped
	n.mergeLocked()
	self := n.selfStop
	var err error
	if r := n.rare.Load(); r != nil {
		err = n.finishRare(r)
	} else {
		n.over = true // nobody waits for it; who does from now on finds it stopped
		n.mu.Unlock()
	}
	n.kin.post(event{kind: childEnded, child: n, err: err, self: self})
	return stepOver, true
}

// finishRare tells all who wait for the end, and returns its cause. It is called with the lock, and releases it.
func (n *node) finishRare(r *rare) (err error) {
	n.calmLocked()
	r.pipePatience.end()
	r.err = r.cause
	err, watchers, watching := r.err, r.watchers, r.watching
	r.watchers, r.watching = nil, nil
	n.failWishesLocked()
	n.mu.Unlock()

	n.endTenure(err)
	n.kin.unname(n)
	n.mu.Lock()
	if r.done != nil {
		close(r.done)
	}
	n.over = true
	n.mu.Unlock()
	for w := range watching {
		w.of.unwatch(w)
	}
	for _, w := range inOrder(watchers) {
		w.ended(err)
	}
	return err
}

// hasStopped is what doneChan returns after the end of an actor that nobody had asked.
var hasStopped = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// doneChan returns a channel that is closed at the end of the actor.
func (n *node) doneChan() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	done := n.look().done
	switch {
	case done != nil:
	case n.over:
		return hasStopped
	default:
		done = make(chan struct{})
		n.rareLocked().done = done
	}
	return done
}
