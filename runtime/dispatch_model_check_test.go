package runtime_test

import "fmt"

// check is what holds in every world. Where an actor is, is counted: in slots, lists, the shared list, with runners that
// were hired for it, with whoever makes it ready, and with whoever has its turn.
func (e *explorer) check(w *world) error {
	atWork, looking := 0, 0
	for i := range w.runners {
		r := &w.runners[i]
		switch {
		case r.closed != (r.next == nobodyNext) && e.mutation != tornSlot:
			return fmt.Errorf("runner %d: slot and list are not closed together", i+1)
		case r.closed && r.behind():
			return fmt.Errorf("runner %d is closed, and somebody is behind it", i+1)
		case !r.onDuty && !r.closed:
			return fmt.Errorf("runner %d is off duty, and open", i+1)
		case r.onDuty && r.idle() && !r.closed:
			return fmt.Errorf("runner %d is held or waits, and is open", i+1)
		case r.onDuty && !r.idle() && r.closed && !r.excused:
			return fmt.Errorf("runner %d is at work, and closed", i+1)
		}
		if r.onDuty && !r.idle() {
			atWork++
		}
		if r.looking {
			looking++
		}
		if th := &w.threads[i]; th.n != 0 && (th.at == handles || th.at == inHook || th.at == blocked) {
			if a := w.actor(th.n); a.turn == th.turn && a.on != uint8(i+1) {
				return fmt.Errorf("actor %d is run by runner %d, and noted on %d", th.n, i+1, a.on)
			}
		}
	}
	switch {
	case int(w.atWork) != atWork || int(w.looking) != looking:
		return fmt.Errorf("%d at work and %d looking: want %d and %d", w.atWork, w.looking, atWork, looking)
	case w.short != (looking > 0 || atWork < e.limit):
		return fmt.Errorf("short is %v", w.short)
	case w.called && looking == 0:
		return fmt.Errorf("somebody was called, and nobody looks for work")
	}
	watchers := 0
	for i := range w.threads {
		if at := w.threads[i].at; at == naps || at == disarms || at == guardsStart {
			watchers++
		}
	}
	if watchers > 1 || w.armed != (watchers == 1) {
		return fmt.Errorf("%d watchdogs, and armed is %v", watchers, w.armed)
	}
	for i := range e.actors {
		a, n := &w.actors[i], w.places(uint8(i+1))
		switch {
		case (a.asleep || a.state == stoppedActor) && n != 0:
			return fmt.Errorf("actor %d sleeps or is gone, and is in %d places", i+1, n)
		case !a.asleep && a.state != stoppedActor && n != 1:
			return fmt.Errorf("actor %d is awake, and in %d places", i+1, n)
		case a.asleep && (a.interrupted || a.queued > 0 && !a.suspended):
			return fmt.Errorf("actor %d sleeps, and has something to do", i+1)
		}
	}
	return nil
}

// places counts where actor a is ready or run. A goroutine that has lost its turn does not count.
func (w *world) places(a uint8) (n int) {
	n = w.ready(a)
	for i := range w.threads {
		th := &w.threads[i]
		if th.m == a && th.at != casNext {
			n++
		}
		if th.n == a && th.turn == w.actor(a).turn {
			n++
		}
	}
	return n
}

// ready counts where actor a waits to be run.
func (w *world) ready(a uint8) (n int) {
	for i := range w.runners {
		r := &w.runners[i]
		if r.next == a {
			n++
		}
		if r.first == a {
			n++
		}
		n += r.list.count(a)
	}
	return n + w.shared.count(a)
}

func (l *line) count(a uint8) (n int) {
	for _, other := range l {
		if other == a {
			n++
		}
	}
	return n
}

// checkEnd is what holds in a world where nothing happens any more.
func (e *explorer) checkEnd(w *world) error {
	for i := range w.threads {
		if w.threads[i].at != nowhere {
			return fmt.Errorf("goroutine %d is stuck at %d", i, w.threads[i].at)
		}
	}
	for i := range w.runners {
		if w.runners[i].onDuty {
			return fmt.Errorf("runner %d is on duty", i+1)
		}
	}
	if w.armed {
		return fmt.Errorf("the watchdog is armed")
	}
	for i := range e.actors {
		a := &w.actors[i]
		switch {
		case a.state != alive && a.state != stoppedActor:
			return fmt.Errorf("actor %d is in state %d", i+1, a.state)
		case a.state == alive && (a.stop || a.halt || a.start || a.arrival || a.asks != alive):
			return fmt.Errorf("actor %d has orders", i+1)
		case a.state == alive && a.queued > 0:
			return fmt.Errorf("actor %d has %d messages", i+1, a.queued)
		}
	}
	return nil
}

// settled reports whether nobody waits to be run.
func (e *explorer) settled(w *world) bool {
	for i := range e.actors {
		if w.ready(uint8(i+1)) > 0 {
			return false
		}
	}
	return true
}
