package runtime

// decide looks at the orders and says which step is next.
func (n *node) decide(turn uint8) step {
	for {
		n.mu.Lock()
		if n.turn != turn {
			n.mu.Unlock()
			return stepLost
		}
		n.working = false
		next := n.decideLocked()
		n.mu.Unlock()
		n.sys().dispatch.point()
		if s, decided := next(n, turn); decided {
			return s
		}
	}
}

// A move carries out a decision without the lock. It returns the next step, or false to decide again.
type move func(n *node, turn uint8) (step, bool)

func toOver(*node, uint8) (step, bool)       { return stepOver, true }
func toWork(*node, uint8) (step, bool)       { return stepWork, true }
func toArrive(*node, uint8) (step, bool)     { return stepArrive, true }
func toRestarting(*node, uint8) (step, bool) { return stepRestarting, true }
func toBegin(*node, uint8) (step, bool)      { return stepBegin, true }
func toStopped(*node, uint8) (step, bool)    { return stepStopped, true }
func again(*node, uint8) (step, bool)        { return 0, false }

func (n *node) decideLocked() move {
	o := n.look() // who reads something there that is not zero may write it
	if n.ordered >= stopNow && n.state < stopping {
		n.state = stopping
		return (*node).tearDown
	}
	switch n.state {
	case running:
		switch {
		case o.raise != nil:
			err := o.raise
			o.raise = nil
			return func(n *node, turn uint8) (step, bool) { return n.fail(turn, err), true }
		case o.halt:
			n.state, o.failure = halting, nil
			return (*node).stopKids
		case o.anew:
			n.state, o.failure, o.start = halting, nil, true
			return (*node).stopKids
		case len(o.arrivals) > 0:
			return toArrive
		case n.ordered == stopSoft && o.drain == noDrain:
			n.rareLocked().drain = drainOwn
			return (*node).beginDrain
		}
		n.working = true
		return toWork
	case failed:
		switch {
		case o.halt:
			n.state = halting
			return (*node).stopKids
		case o.verdict == resume:
			o.verdict, n.state, o.failure = noVerdict, running, nil
			return again
		case o.verdict == restart, o.anew:
			o.verdict, n.state, o.start = noVerdict, halting, true
			return (*node).stopKids
		}
	case halting:
		if n.kids != kidsOpen {
			return toRestarting
		}
	case halted:
		switch {
		case o.halt:
			return (*node).reportHalted
		case o.start:
			// The new behaviour begins a new family, without the old one's history, escalations and drain.
			o.start, o.anew, o.raise, o.drain = false, false, nil, min(o.drain, drainOwn)
			n.kids = kidsOpen
			o.kids.Store(nil)
			return toBegin
		}
	case stopping:
		switch {
		case len(o.arrivals) > 0:
			return toArrive
		case n.kids != kidsOpen && len(o.pipes) == 0 && (o.abandoned || !n.body.hears()):
			return (*node).finish
		case n.kids != kidsOpen && len(o.pipes) == 0:
			return toStopped
		}
	case stopped:
		return toOver
	}
	return (*node).sleep
}

// sleep waits for the next order; messages do not wake it.
func (n *node) sleep(uint8) (step, bool) { return stepOver, n.body.suspend() }

// stopKids makes room for a new behaviour, which starts children of its own.
func (n *node) stopKids(uint8) (step, bool) {
	n.endKids(stopNow)
	return 0, false
}

// barKidsLocked keeps children out of an actor that stops and has none. It reports false when it has some, or may have.
func (n *node) barKidsLocked() bool {
	switch kids := n.family(); {
	case kids == nil:
		n.kids = kidsBarred
	case kids.shutEmpty():
		n.kids = kidsGone
	default:
		return false
	}
	return true
}

// endKids stops the children, and orders kidsGone when none is left. After more than a drain there must be no new ones.
func (n *node) endKids(mode stopMode) {
	n.mu.Lock()
	kids := n.family()
	switch {
	case kids != nil:
		n.kids = kidsOpen
	case mode >= stopNow:
		n.kids = kidsBarred
	default:
		n.kids = kidsGone
	}
	n.mu.Unlock()
	if kids != nil {
		kids.post(event{kind: stopAll, mode: mode, then: func() {
			n.order(func() { n.kids = kidsGone })
		}})
	}
}
