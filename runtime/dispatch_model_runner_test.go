package runtime_test

// The steps of a runner: runner.go.

// step explores the next step of goroutine t in world w. It may have several outcomes, or none where it must wait.
func (e *explorer) step(w world, t int) {
	th := &w.threads[t]
	me := uint8(t + 1)
	switch th.at {
	case starts:
		r := w.runner(me)
		r.begun = true
		switch {
		case th.n != 0: // a turn that another goroutine could not end
			e.perform(&w, t, th.hook)
		case r.first != 0:
			w.begin(t, r.first)
			r.first = 0
		default:
			th.at = takes
		}
		e.emit(&w, t)
	case activates:
		if w.actor(th.n).on == me {
			e.turn(&w, t)
		} else {
			th.at = setsOn
		}
		e.emit(&w, t)
	case setsOn:
		w.actor(th.n).on = me
		e.turn(&w, t)
		e.emit(&w, t)
	case endsTurn:
		if th.at = takes; w.runner(me).watched {
			th.at = looksUp
		}
		e.emit(&w, t)
	case looksUp:
		w.runner(me).watched = false
		th.at = looksUpLocked
		e.emit(&w, t)
	case looksUpLocked:
		th.at = takes
		goesOn, now := e.lookUp(&w, me)
		t = int(now - 1)
		if !goesOn {
			w.threads[t] = thread{at: relieves}
		}
		e.emit(&w, t)
	case takes:
		th.at = takesNext
		e.emit(&w, t)
		if w.shared[0] != 0 && w.take(rounds) {
			th.at = takesShared
			e.emit(&w, t)
		}
	case takesShared:
		if a := w.shared.pop(); a != 0 {
			w.begin(t, a)
		} else {
			th.at = takesNext
		}
		e.emit(&w, t)
	case takesNext:
		if th.at = takesList; w.runner(me).next != 0 && w.runner(me).next != nobodyNext {
			th.m, th.at = w.runner(me).next, casNext // m is only what it compares with
		}
		e.emit(&w, t)
	case casNext:
		e.takeSlot(&w, t)
	case rowOthers:
		if th.at = rowList; w.shared[0] != 0 {
			th.at = rowQueues
		}
		e.emit(&w, t)
	case rowList:
		if th.at = rowQueues; w.runner(me).list[0] == 0 {
			th.at = activates
		}
		e.emit(&w, t)
	case rowQueues:
		a := th.n
		th.n, th.turn = 0, 0
		e.queue(&w, t, me, a, takesList)
		e.emit(&w, t)
	case takesList:
		// The rota knows who is young; here, anybody may be next.
		for i := range w.runner(me).list.len() {
			taken := w
			taken.begin(t, taken.runner(me).list.takeAt(i))
			e.emit(&taken, t)
		}
		if th.at = searches; w.runner(me).list[0] == 0 {
			e.emit(&w, t)
		}
	case searches, searchesOn:
		e.search(&w, t)
		e.emit(&w, t)
	case yieldsNext:
		if th.at = yieldsShared; w.runner(me).next != 0 && w.runner(me).next != nobodyNext {
			th.at = leavesWork
		}
		e.emit(&w, t)
	case yieldsShared:
		if th.at = yieldsList; w.shared[0] != 0 {
			th.at = leavesWork
		}
		e.emit(&w, t)
	case yieldsList:
		if th.at = nexts; w.runner(me).list[0] != 0 {
			th.at = leavesWork
		}
		e.emit(&w, t)
	case queues:
		a, r := th.n, w.actor(th.n).on
		e.over(&w, t)
		e.queue(&w, t, r, a, th.at)
		e.emit(&w, t)
	default:
		e.stepTurn(w, t)
	}
}

// begin has a runner begin a turn.
func (w *world) begin(t int, a uint8) {
	w.threads[t] = thread{at: activates, n: a, turn: w.actor(a).turn}
}

// turn is the first step of a turn.
func (e *explorer) turn(w *world, t int) {
	th := &w.threads[t]
	if th.at = wakesUp; w.actor(th.n).working {
		th.at = nexts
	}
}

func (e *explorer) takeSlot(w *world, t int) {
	th, r := &w.threads[t], w.runner(uint8(t+1))
	a := th.m
	th.m = 0
	if r.next != a {
		th.at = takesList
		e.emit(w, t)
		return
	}
	r.next = 0
	w.begin(t, a)
	e.emit(w, t)
	if w.take(rows) {
		th.at = rowOthers
		e.emit(w, t)
	}
}

// queue has a, which has had its share, run after all others. The goroutine goes on at ret.
//
// It guards a, as ready does. That it must was found here: a gives way to another that is on the shared list, unguarded
// since a runner looks for work. This runner takes that one, in a round that begins with the shared list; one more is
// shared, unguarded for the same reason, and the looking runner takes it. If both block, nobody is left to see a. As who
// takes from the shared list guards as well, one of the two would do.
func (e *explorer) queue(w *world, t int, r, a uint8, ret place) {
	th := &w.threads[t]
	if r == 0 || w.runner(r).closed {
		th.at, th.ret, th.m = shares, ret, a
		return
	}
	w.runner(r).list.push(a)
	if th.at = ret; e.mutation != givesWayUnguarded {
		th.at, th.ret, th.from = guards, ret, r
	}
}

func (e *explorer) search(w *world, t int) {
	th, me := &w.threads[t], uint8(t+1)
	r := w.runner(me)
	var a uint8
	var guard bool
	if th.at == searches || e.mutation != searchEndsBlind {
		a, guard = e.find(w, me)
	}
	if th.at == searches && a == 0 {
		r.looking = true
		w.looking++
		e.need(w)
		th.at = searchesOn
		return
	}
	if th.at == searchesOn {
		r.looking = false
		w.looking--
		if a == 0 {
			if a = e.closeRunner(w, r); a == 0 {
				*th = thread{}
				e.dismiss(w, me)
				return
			}
			e.open(r)
		}
		e.need(w)
	}
	w.begin(t, a)
	if guard && e.mutation != givesWayUnguarded {
		th.at, th.ret, th.from = guards, activates, me
	}
}
