package runtime_test

import "errors"

// The sections under dispatcher.mu, as in dispatch.go, runner.go, watchdog.go and wait.go. Each is one step. Some
// touch slots and lists too, which tellers touch without that lock. The model does not come between the slot and the list
// of a runner that closes or opens, nor between two runners that the watchdog looks at: a teller who finds the one closed
// goes on to the other, and that is open still, or sends it to the shared list.

var (
	errCut  = errors.New("the model has too few runners")
	errNaps = errors.New("the watchdog naps, until a runner that is between two actors has come a step further")
)

func (e *explorer) need(w *world) {
	w.short = w.looking > 0 || int(w.atWork) < e.limit
}

// hire begins a runner with a. It returns 0 where the model has no more, and the step is not explored.
func (e *explorer) hire(w *world, a uint8) uint8 {
	for i := range w.runners {
		r := &w.runners[i]
		if r.onDuty || r.forsaken || w.threads[i].at != nowhere {
			continue
		}
		*r = worldRunner{
			next: nobodyNext, closed: true, list: r.list, // which is empty, or check says so
			first: a, hires: r.hires, watched: true, onDuty: true,
		}
		w.hireAgain(uint8(i + 1))
		if e.mutation != hireStaysClosed {
			e.open(r)
		}
		w.atWork++
		e.need(w)
		return uint8(i + 1)
	}
	return 0
}

func (w *world) start(r uint8) { w.threads[r-1] = thread{at: starts} }

// hireAgain tells waits on r of before from those of now. There are few of them, and mostly none: then hires is 0.
func (w *world) hireAgain(r uint8) {
	for i := range w.threads {
		if w.threads[i].waits == r {
			w.runner(r).hires = (w.runner(r).hires + 1) % 4
			return
		}
	}
	w.runner(r).hires = 0
}

func (e *explorer) open(r *worldRunner) {
	r.closed, r.excused = false, false
	if r.next == nobodyNext {
		r.next = 0
	}
}

func (e *explorer) closeRunner(w *world, r *worldRunner) (first uint8) {
	if r.next != nobodyNext {
		first = r.next
	}
	r.next, r.closed = nobodyNext, true
	if e.mutation == closeKeepsList {
		return first
	}
	if first == 0 {
		first = r.list.pop()
	}
	for r.list[0] != 0 {
		w.shared.push(r.list.pop())
	}
	return first
}

func (e *explorer) handOn(w *world, r *worldRunner) {
	if a := e.closeRunner(w, r); a != 0 {
		w.shared.push(a)
	}
}

// dismiss takes a runner off duty. Its place among those on duty is the last one's from then on, as in the code, so that
// they are looked at in the same order; it returns the number that the dismissed has now.
func (e *explorer) dismiss(w *world, me uint8) uint8 {
	r := w.runner(me)
	if !r.idle() {
		w.atWork--
	}
	// Nobody looks at these of a runner off duty.
	*r = worldRunner{next: r.next, closed: r.closed, list: r.list, hires: r.hires}
	e.need(w)
	for last := uint8(worldRunners); last > me; last-- {
		if w.runner(last).onDuty {
			w.swap(me, last)
			return last
		}
	}
	return me
}

// swap gives two runners each other's numbers.
func (w *world) swap(r, q uint8) {
	*w.runner(r), *w.runner(q) = *w.runner(q), *w.runner(r)
	w.threads[r-1], w.threads[q-1] = w.threads[q-1], w.threads[r-1]
	rename := func(number *uint8) {
		switch *number {
		case r:
			*number = q
		case q:
			*number = r
		}
	}
	for i := range w.actors {
		rename(&w.actors[i].on)
	}
	for i := range w.threads {
		rename(&w.threads[i].waits)
		if at := w.threads[i].at; at != hereLoads && at != hereStores { // there it is an actor
			rename(&w.threads[i].from)
		}
	}
}

// share has a run by whatever runner is free, or by a new one. It reports whether it must be guarded; ok is false where
// the model has too few runners.
func (e *explorer) share(w *world, a uint8, slow bool) (guard, ok bool) {
	switch {
	case slow:
		r := e.hire(w, a)
		if r == 0 {
			return false, false
		}
		w.runner(r).held = true
		e.handOn(w, w.runner(r))
		w.atWork--
		e.need(w)
		w.start(r)
		return false, true
	case w.shared.len() >= int(w.looking) && int(w.atWork) < e.limit:
		r := e.hire(w, a)
		if r == 0 {
			return false, false
		}
		w.start(r)
		return false, true
	}
	w.shared.push(a)
	return w.shared.len() > int(w.looking) && e.mutation != shareDoesNotGuard, true
}

// relieve is one round of its loop. It reports whether there is another.
func (e *explorer) relieve(w *world) (again, ok bool) {
	if !e.needsMore(w) {
		return false, true
	}
	r := e.hire(w, w.shared.pop())
	if r == 0 {
		return false, false
	}
	w.start(r)
	return true, true
}

// needsMore is whether relieve has another runner to hire.
func (e *explorer) needsMore(w *world) bool {
	return w.shared.len() > int(w.looking) && int(w.atWork) < e.limit
}

// find reports whether what it took besides a is to be guarded.
func (e *explorer) find(w *world, me uint8) (a uint8, guard bool) {
	r := w.runner(me)
	w.called = false
	if w.shared[0] != 0 {
		a = w.shared.pop()
		if !r.closed {
			for left := w.shared.len() / 2; left > 0; left-- {
				r.list.push(w.shared.pop())
			}
		}
		return a, true
	}
	if a := r.next; a != 0 && a != nobodyNext {
		r.next = 0
		return a, false
	}
	for i := range w.runners {
		other := &w.runners[i]
		if other == r || !other.onDuty || other.list[0] == 0 {
			continue
		}
		want := (other.list.len() + 1) / 2
		loot := other.list.pop()
		for ; want > 1; want-- {
			if a := other.list.pop(); r.closed {
				w.shared.push(a)
			} else {
				r.list.push(a)
			}
		}
		return loot, true
	}
	return 0, false
}

// lookUp reports whether the runner goes on, and what number it has now.
func (e *explorer) lookUp(w *world, me uint8) (goesOn bool, now uint8) {
	r := w.runner(me)
	if r.idle() {
		r.held, r.waits = false, 0
		w.hireAgain(me)
		if e.mutation != lookUpForgetsAtWork {
			w.atWork++
		}
	}
	over := int(w.atWork) > e.limit
	if over {
		e.handOn(w, r)
		return false, e.dismiss(w, me)
	}
	e.open(r)
	e.need(w)
	return true, me
}

func (e *explorer) wait(w *world, r *worldRunner) {
	if !r.idle() && e.mutation != waitKeepsPlace {
		w.atWork--
	}
	r.waits++
	if e.mutation != waitKeepsList {
		e.handOn(w, r)
	}
	r.watched, r.excused = true, true
	e.need(w)
}

func (e *explorer) waitOver(w *world, r *worldRunner, hire uint8) {
	if r.hires != hire || !r.onDuty {
		return
	}
	r.waits--
	if !r.idle() {
		w.atWork++
	}
	r.watched = true
	e.need(w)
}

func (e *explorer) forsake(w *world, r uint8) {
	if e.mutation != forsakeKeepsList {
		e.handOn(w, w.runner(r))
	}
	r = e.dismiss(w, r)
	w.runner(r).forsaken = true
	if w.threads[r-1].at == lost {
		w.threads[r-1] = thread{} // it has come back already
	}
}

// look is one look of the watchdog. It reports whether anybody is ready and waits to be run.
func (e *explorer) look(w *world) (behind bool, err error) {
	held := 0
	behind = w.shared[0] != 0
	for i := range w.runners {
		r := &w.runners[i]
		if !r.onDuty || r.idle() {
			continue
		}
		switch {
		case r.looking || !r.begun:
			behind = behind || r.behind()
		case !r.watched:
			r.watched = true
			behind = behind || r.behind()
		case e.mutation == lookHoldsNobody:
			behind = behind || r.behind()
		case behind || r.behind():
			if at := w.threads[i].at; at != handles && at != inHook && at != blocked && !w.take(preempts) {
				return false, errNaps
			}
			r.held = true
			w.atWork--
			e.rescue(w, r)
			held++
			behind = true
		}
	}
	for n := max(e.limit-int(w.atWork), 2*held); w.shared[0] != 0 && n > 0; n-- {
		r := e.hire(w, w.shared.pop())
		if r == 0 {
			return false, errCut
		}
		w.start(r)
	}
	e.need(w)
	return behind, nil
}

// rescue hands on what is behind a held runner, and notes whom, for the coverage.
func (e *explorer) rescue(w *world, r *worldRunner) {
	if a := r.next; a != 0 && a != nobodyNext {
		w.actor(a).rescued = true
	}
	for _, a := range r.list {
		if a != 0 {
			w.actor(a).rescued = true
		}
	}
	e.handOn(w, r)
}

func (w *world) anyReady() bool {
	for i := range w.runners {
		if w.runners[i].onDuty && w.runners[i].behind() {
			return true
		}
	}
	return w.shared[0] != 0
}
