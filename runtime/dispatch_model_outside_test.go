package runtime_test

// The steps of those who run no actor: the watchdog, the supervisor, tellers outside, who gives orders, timers.

func (e *explorer) stepOutside(w world, t int) {
	th := &w.threads[t]
	switch th.at {
	case nowhere:
		if t == lane {
			e.supervise(w)
		} else if t >= firstOther && t < firstOther+1 {
			e.outside(w, t)
		}
		return
	case lost:
		return
	case naps:
		behind, err := e.look(&w)
		switch {
		case err == errCut:
			e.cut++
			return
		case err == errNaps:
			return
		case !behind:
			th.at = disarms
		}
	case disarms:
		w.armed = false
		if th.at = looksAgain; e.mutation == disarmsBlind {
			th.at = nowhere
		}
	case looksAgain:
		if th.at = nowhere; w.anyReady() {
			th.at = rearms
		}
	case rearms:
		if th.at = nowhere; !w.armed {
			w.armed = true
			th.at = naps
		}
	case wakes:
		a := w.actor(th.target)
		if a.interrupt() {
			*th = thread{at: shares, m: th.target}
		} else if th.at = th.ret; th.at == nowhere || w.left[overdues] == 0 {
			*th = thread{}
		}
	case stopsWaiting:
		e.impatient(&w, th.target)
		*th = thread{}
	case overdueLoads:
		th.from = w.actor(th.n).on
		th.here = true
		if th.at = forsakes; th.from == 0 {
			th.at = th.goesOn()
		}
	case forsakes:
		e.forsake(&w, th.from)
		th.at, th.ret = relieves, th.goesOn()
	}
	e.emit(&w, t)
}

// supervise gives those who have failed, or halted, the order to begin anew, and tells those who wait for it that their
// children are gone. In a play with group restarts each failure leads to one.
func (e *explorer) supervise(w world) {
	for i := range e.actors {
		next := w
		a := &next.actors[i]
		if a.asks == alive {
			continue
		}
		next.threads[lane] = thread{at: wakes, target: uint8(i + 1)}
		switch a.asks {
		case failedActor:
			switch {
			case e.left[halts] == 0:
				a.restart = true
			case a.halt: // that is all it needs
				next.threads[lane] = thread{}
			default:
				a.halt = true
				next.threads[lane].ret = stopsWaiting
			}
		case haltedActor:
			a.start = true
		case stoppingActor:
			a.kidsGone = true
		}
		a.asks = alive
		e.emit(&next, lane)
	}
}

// outside explores what may happen from outside. Of two goroutines that have nothing to do, the first does it.
func (e *explorer) outside(w world, t int) {
	for other := firstOther; other < t; other++ {
		if w.threads[other].at == nowhere {
			return
		}
	}
	try := func(k kind, do func(w *world, th *thread) bool) {
		if next := w; next.take(k) && do(&next, &next.threads[t]) {
			e.emitFrom(&next, t, true)
		}
	}
	for i := range e.actors {
		if w.twin(i) {
			continue
		}
		n := uint8(i + 1)
		try(puts, func(w *world, th *thread) bool {
			if w.actors[i].put() {
				*th = thread{at: shares, m: n}
			}
			return true
		})
		for r := range w.runners {
			r := uint8(r + 1)
			if !w.lent(r) {
				continue
			}
			try(lends, func(w *world, th *thread) bool {
				if w.actors[i].put() {
					*th = thread{at: readies, m: n, from: r}
				}
				return true
			})
			if i == 0 {
				try(lentWaits, func(_ *world, th *thread) bool {
					*th = thread{at: waitsIn, waits: r}
					return true
				})
			}
		}
		if w.actors[i].state == stoppedActor {
			continue
		}
		try(stops, func(w *world, th *thread) bool {
			*th = thread{at: wakes, ret: stopsWaiting, target: n}
			w.actors[i].stop = true
			e.met(w, stops, n)
			return true
		})
		try(halts, func(w *world, th *thread) bool {
			if a := &w.actors[i]; a.halt || a.start || a.asks == haltedActor || a.state == haltingActor || a.state == haltedActor {
				return false // that group restart is not over, and its family does one at a time
			}
			*th = thread{at: wakes, ret: stopsWaiting, target: n}
			e.met(w, halts, n)
			w.actors[i].halt = true
			return true
		})
		try(arrivals, func(w *world, th *thread) bool {
			if w.actors[i].abandoned {
				return false
			}
			*th = thread{at: wakes, target: n}
			w.actors[i].arrival = true
			e.met(w, arrivals, n)
			return true
		})
		if w.actors[i].patience {
			try(overdues, func(w *world, th *thread) bool {
				a := &w.actors[i]
				a.patience = false
				torn := a.state == stoppingActor
				if a.abandon(e.mutation != abandonKeepsTurn) {
					*th = thread{at: overdueLoads, n: n, turn: a.turn, torn: torn}
				}
				return true
			})
		}
	}
}

// lent reports whether somebody may have the context of a handler that runs, or ran, on r.
func (w *world) lent(r uint8) bool {
	for i := range w.actors {
		if w.actors[i].on == r {
			return true
		}
	}
	return false
}
