package runtime

// decide looks at the orders and says which step is next.
func (n *node) decide(turn uint64) step {
	for {
		n.mu.Lock()
		if n.turn != turn {
			n.mu.Unlock()
			return stepLost
		}
		n.working = false
		next := n.decideLocked()
		n.mu.Unlock()
		if s, decided := next(turn); decided {
			return s
		}
	}
}

// A move carries out a decision without the lock. It returns the next step, or false to decide again.
type move func(turn uint64) (step, bool)

func to(s step) move { return func(uint64) (step, bool) { return s, true } }

func (n *node) decideLocked() move {
	o := &n.orders
	if o.stop >= stopNow && n.state < stopping {
		n.state = stopping
		return n.tearDown
	}
	switch n.state {
	case running:
		switch {
		case o.raise != nil:
			err := o.raise
			o.raise = nil
			return func(turn uint64) (step, bool) { return n.fail(turn, err), true }
		case o.halt:
			n.state, n.failure = halting, nil
			return n.stopKids
		case len(o.arrivals) > 0:
			return to(stepArrive)
		case o.stop == stopSoft && n.drain == noDrain:
			n.drain = drainOwn
			return n.beginDrain
		}
		n.working = true
		return to(stepWork)
	case failed:
		switch {
		case o.halt:
			n.state = halting
			return n.stopKids
		case o.verdict == resume:
			o.verdict, n.state, n.failure = noVerdict, running, nil
			return again
		case o.verdict == restart:
			o.verdict, n.state, o.start = noVerdict, halting, true
			return n.stopKids
		}
	case halting:
		if o.kidsGone {
			return to(stepRestarting)
		}
	case halted:
		switch {
		case o.halt:
			return n.reportHalted
		case o.start:
			// The new behaviour begins a new family, without the old one's history, escalations and drain.
			o.start, o.kidsGone, o.raise = false, false, nil
			n.kids, n.drain = nil, min(n.drain, drainOwn)
			return to(stepBegin)
		}
	case stopping:
		switch {
		case len(o.arrivals) > 0:
			return to(stepArrive)
		case o.kidsGone && len(n.pipes) == 0 && n.abandoned:
			return n.finish
		case o.kidsGone && len(n.pipes) == 0:
			return to(stepStopped)
		}
	case stopped:
		return to(stepOver)
	}
	return n.sleep
}

func again(uint64) (step, bool) { return 0, false }

// sleep waits for the next order; messages do not wake it.
func (n *node) sleep(uint64) (step, bool) { return stepOver, n.body.suspend() }

// stopKids makes room for a new behaviour, which starts children of its own.
func (n *node) stopKids(uint64) (step, bool) {
	n.endKids(stopNow)
	return 0, false
}

// barren is the family of actors that never had a child, from when they must not have one any more.
var barren = &family{closed: true}

// endKids stops the children and orders kidsGone when none is left.
func (n *node) endKids(mode stopMode) {
	n.mu.Lock()
	if n.kids == nil && mode >= stopNow {
		n.kids = barren
	}
	kids := n.kids
	n.orders.kidsGone = kids == nil || kids == barren
	gone := n.orders.kidsGone
	n.mu.Unlock()
	if !gone {
		kids.post(event{kind: stopAll, mode: mode, then: func() {
			n.order(func(o *orders) { o.kidsGone = true })
		}})
	}
}
