package runtime_test

// The steps of a turn: turn.go, decide.go.

func (e *explorer) stepTurn(w world, t int) {
	th := &w.threads[t]
	var a *worldActor
	if th.n != 0 {
		a = w.actor(th.n)
	}
	switch th.at {
	case wakesUp:
		if a.working = a.state == alive; a.working {
			th.at = nexts
		} else {
			th.at = decides
		}
	case nexts:
		switch {
		case !a.settle():
			e.lose(&w, t)
		case a.interrupted:
			a.interrupted = false
			th.at = decides
		case a.queued > 0:
			a.queued--
			a.inHand = 1
			th.at = handles
		case e.mutation == sleepsUnseeing:
			th.at = sleepsBlind
		default:
			a.asleep = true
			e.over(&w, t)
		}
	case sleepsBlind:
		a.asleep = true
		e.over(&w, t)
	case handles, inHook:
		e.deeds(w, t)
		return
	case blocked:
		th.at, th.ret = th.ret, 0
		e.emitFrom(&w, t, true)
		return
	case leavesWork:
		if a.turn != th.turn {
			e.lose(&w, t)
		} else {
			a.working = false
			th.at = queues
		}
	case failsMessage:
		if !a.settle() {
			e.lose(&w, t)
		} else {
			a.working = false
			th.at = failsNode
		}
	case failsNode:
		if a.state != stoppingActor {
			a.state, a.asks, a.restart = failedActor, failedActor, false
		}
		th.at = decides
	case decides:
		if a.turn != th.turn {
			e.lose(&w, t)
		} else {
			a.working = false
			e.decide(&w, t, a)
		}
	case suspends:
		if th.at = decides; a.suspend() || e.mutation == suspendsUnseeing {
			a.asleep, a.suspended = true, true
			e.over(&w, t)
		}
	case tearsDown:
		if !a.lost {
			a.drain()
		}
		th.at = stopsKids
	case stopsKids:
		th.at = decides
		if next := w; next.take(children) {
			next.actors[th.n-1].asks = stoppingActor
			e.emit(&next, t)
		}
		a.kidsGone = true
	case entersHook:
		a.inUser = true
		if th.hook == arriveHook {
			a.arrival = false
		}
		if th.hook == stoppedHook || a.stop || a.halt {
			e.impatient(&w, th.n)
		}
		th.at = inHook
	case afterHook:
		if a.turn != th.turn {
			e.lose(&w, t)
		} else {
			a.inUser, a.patience = false, false
			switch {
			case th.hook != arriveHook:
				th.at = settlesHook
			case th.exits:
				th.at = failsNode
			default:
				th.at = decides
			}
		}
	case settlesHook:
		e.settleHook(&w, t, a)
	case takesOver:
		r := e.hire(&w, 0)
		if r == 0 {
			e.cut++
			return
		}
		th.from, th.at = r, takesOverOn
	case takesOverOn:
		a.on = th.from
		w.threads[th.from-1] = thread{at: starts, n: th.n, turn: th.turn, hook: th.hook}
		*th = thread{at: takes}
	case hereLoads:
		if w.actor(max(th.n, th.from)).on != 0 {
			th.at = hereStores
		} else {
			e.goHere(&w, t)
		}
	case hereStores:
		w.actor(max(th.n, th.from)).on = 0
		e.goHere(&w, t)
	case waitsIn: // a short wait on a closed runner is none here: its handler takes its time
		if r := w.runner(th.waits); th.waits == 0 || !r.onDuty {
			th.at, th.waits = inWait, 0
		} else {
			e.wait(&w, r)
			if th.at, th.hire = inWait, r.hires; e.needsMore(&w) {
				th.at, th.ret = relieves, inWait
			}
		}
	case inWait:
		if th.waits != 0 {
			e.waitOver(&w, w.runner(th.waits), th.hire)
		}
		if th.at, th.waits, th.hire = handles, 0, 0; th.n == 0 {
			*th = thread{}
		}
		e.emitFrom(&w, t, true)
		return
	default:
		e.stepDispatch(w, t)
		return
	}
	e.emit(&w, t)
}

// perform begins step s of node.run.
func (e *explorer) perform(w *world, t int, s hook) {
	th := &w.threads[t]
	th.run, th.exits, th.hook = true, false, s
	if th.at = entersHook; s == workHook {
		th.at, th.hook = nexts, noHook
	}
}

// next goes on with step s of the turn.
func (e *explorer) next(w *world, t int, s hook) {
	th := &w.threads[t]
	switch {
	case th.here:
		th.at, th.hook = hereLoads, s
	case th.run && th.exits:
		th.at, th.hook = takesOver, s
	default:
		e.perform(w, t, s)
	}
}

// over ends the turn.
func (e *explorer) over(w *world, t int) {
	th := &w.threads[t]
	n := th.n
	a := w.actor(n)
	a.rescued = false
	if t < worldRunners && e.left[lends]+e.left[lentWaits] == 0 {
		a.on = 0 // nobody looks before it is run again
	}
	switch {
	case th.here:
		*th = thread{at: hereLoads, from: n}
	case t >= worldRunners:
		*th = thread{}
	case th.exits:
		*th = thread{at: takes}
	default:
		*th = thread{at: endsTurn}
	}
}

// goHere is node.runHere, after it has noted that the turn is on no runner.
func (e *explorer) goHere(w *world, t int) {
	th := &w.threads[t]
	th.here, th.from = false, 0
	if th.n == 0 {
		*th = thread{}
	} else {
		e.perform(w, t, th.hook)
	}
}

// goesOn is where a stop goes on without the goroutine that is stuck.
func (th *thread) goesOn() place {
	if th.torn {
		return decides
	}
	return tearsDown
}

func (e *explorer) lose(w *world, t int) {
	w.threads[t] = thread{}
	if t < worldRunners && !w.runners[t].forsaken {
		w.threads[t].at = lost // until it is forsaken
	}
}

func (e *explorer) decide(w *world, t int, a *worldActor) {
	th := &w.threads[t]
	th.at = suspends
	if a.stop && a.state < stoppingActor {
		a.state = stoppingActor
		th.at = tearsDown
		return
	}
	switch a.state {
	case alive:
		switch {
		case a.halt:
			a.state = haltingActor
			th.at = stopsKids
		case a.arrival:
			e.next(w, t, arriveHook)
		default:
			a.working = true
			e.next(w, t, workHook)
		}
	case failedActor:
		switch {
		case a.halt:
			a.state = haltingActor
			th.at = stopsKids
		case a.restart:
			a.state, a.restart, a.start = haltingActor, false, true
			th.at = stopsKids
		}
	case haltingActor:
		if a.kidsGone {
			e.next(w, t, restartingHook)
		}
	case haltedActor:
		switch {
		case a.halt:
			a.halt, a.asks = false, haltedActor
			th.at = decides
		case a.start:
			a.start, a.kidsGone = false, false
			e.next(w, t, beginHook)
		}
	case stoppingActor:
		switch {
		case a.arrival:
			e.next(w, t, arriveHook)
		case a.kidsGone && a.abandoned:
			th.at, th.hook = settlesHook, stoppedHook
		case a.kidsGone:
			e.next(w, t, stoppedHook)
		}
	case stoppedActor:
		e.over(w, t)
	}
}

// settleHook is what follows a hook, in a section of its own.
func (e *explorer) settleHook(w *world, t int, a *worldActor) {
	th := &w.threads[t]
	switch th.hook {
	case restartingHook:
		a.state = haltedActor
	case beginHook:
		if a.state = alive; th.exits {
			a.state, a.asks, a.restart = failedActor, failedActor, false
		}
	case stoppedHook:
		e.finish(w, t, a)
		return
	}
	th.at = decides
}

func (e *explorer) finish(w *world, t int, a *worldActor) {
	*a = worldActor{state: stoppedActor, closed: true, turn: a.turn, abandoned: a.abandoned, lost: a.lost}
	e.over(w, t)
}

func (e *explorer) impatient(w *world, a uint8) {
	w.actor(a).patience = w.left[overdues] > 0 && w.actor(a).state != stoppedActor
}
