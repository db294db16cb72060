package runtime_test

// stepDispatch is step for the functions that others call: they go on at ret.
func (e *explorer) stepDispatch(w world, t int) {
	th := &w.threads[t]
	switch th.at {
	case readies:
		if th.from == 0 {
			th.at = shares
			e.step(w, t)
			return
		}
		r := w.runner(th.from)
		switch {
		case e.mutation == tornSlot && r.next == 0:
			th.at = tornStore
		case r.next == 0:
			r.next, th.m = th.m, 0
			e.toGuard(&w, t)
		default:
			th.at = readiesAdd
		}
		e.emit(&w, t)
	case tornStore:
		w.runner(th.from).next, th.m = th.m, 0
		e.toGuard(&w, t)
		e.emit(&w, t)
	case readiesAdd:
		if r := w.runner(th.from); r.closed {
			th.at = shares
		} else {
			r.list.push(th.m)
			th.m = 0
			th.at = readiesShort
		}
		e.emit(&w, t)
	case readiesShort:
		if w.short {
			th.at = readiesCalled
		} else {
			e.toGuard(&w, t)
		}
		e.emit(&w, t)
	case readiesCalled:
		if w.called {
			e.toGuard(&w, t)
		} else {
			th.at = calls
		}
		e.emit(&w, t)
	case calls:
		if w.looking > 0 {
			w.called = true
		} else if int(w.atWork) < e.limit {
			r := e.hire(&w, 0)
			if r == 0 {
				e.cut++
				return
			}
			w.start(r)
		}
		e.toGuard(&w, t)
		e.emit(&w, t)
	case shares:
		a := th.m
		th.m, th.from = 0, 0
		if slow := w; slow.take(slows) {
			if _, ok := e.share(&slow, a, true); ok {
				e.goBack(&slow, t)
				e.emit(&slow, t)
			}
		}
		guard, ok := e.share(&w, a, false)
		if !ok {
			e.cut++
			return
		}
		if guard {
			th.at = guards
		} else {
			e.goBack(&w, t)
		}
		e.emit(&w, t)
	case guards:
		if th.at = guardsCAS; w.armed {
			e.goBack(&w, t)
		}
		e.emit(&w, t)
	case guardsCAS:
		if w.armed {
			e.goBack(&w, t)
		} else {
			w.armed = true
			th.at = guardsStart
		}
		e.emit(&w, t)
	case guardsStart:
		if th.from != 0 && w.runner(th.from).onDuty {
			w.runner(th.from).watched = true
		}
		for i := firstWatcher; i < lane; i++ {
			if w.threads[i].at == nowhere {
				w.threads[i].at = naps
				e.goBack(&w, t)
				e.emit(&w, t)
				return
			}
		}
		e.cut++
	case relieves:
		again, ok := e.relieve(&w)
		if !ok {
			e.cut++
			return
		}
		if !again {
			e.goBack(&w, t)
		}
		e.emit(&w, t)
	default:
		e.stepOutside(w, t)
	}
}

func (e *explorer) toGuard(w *world, t int) {
	if w.threads[t].at = guards; e.mutation == readyDoesNotGuard {
		e.goBack(w, t)
	}
}

func (e *explorer) goBack(w *world, t int) {
	th := &w.threads[t]
	th.at, th.ret, th.from, th.m = th.ret, 0, 0, 0
}
