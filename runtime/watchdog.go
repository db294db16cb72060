package runtime

import "time"

// The watchdog frees what sits behind a handler that takes its time: one that waits for something of which the runtime
// does not know, or computes. It looks at intervals while actors are ready, and is not there while none is. A runner that
// has not come from one actor to the next between two looks is held: others get what it has, and another runner is at work
// in its stead. As those others may well take their time too, twice as many are hired as were found held: so a thousand
// handlers that wait are all at it after ten looks.

const interval = 200 * time.Microsecond

// guard has the watchdog look, after an actor has become ready that is to run later: on r, or anywhere.
func (d *dispatcher) guard(r *runner) {
	if d.armed.Load() || !d.armed.CompareAndSwap(false, true) {
		return
	}
	if r != nil {
		r.watched.Store(true)
	}
	d.crew.join()
	go d.watch()
}

// watch is the goroutine of the watchdog.
func (d *dispatcher) watch() {
	defer d.crew.leave()
	for {
		d.napper.nap(interval)
		if d.look() {
			continue
		}
		d.armed.Store(false)
		// Who has made an actor ready in this moment may have found the watchdog armed: look again.
		if !d.anyReady() || !d.armed.CompareAndSwap(false, true) {
			return
		}
	}
}

// waitFor has the watchdog begin to wait, at its next look, for the code of n to return, which was told to stop: nearly
// always it has by then, and no timer is made for it. It reports false where time is virtual, and a look would be late.
func (d *dispatcher) waitFor(n *node) bool {
	if d.virtual {
		return false
	}
	d.mu.Lock()
	d.stops = append(d.stops, n)
	d.mu.Unlock()
	d.guard(nil)
	return true
}

// keepStops is how many of those told to stop there stays room for.
const keepStops = 1024

// lookAtStops begins to wait for who was told to stop before the last look and has not yet.
func (d *dispatcher) lookAtStops() {
	d.mu.Lock()
	stops := d.stops
	d.stops, d.spare = d.spare, nil
	d.mu.Unlock()
	for _, n := range stops {
		n.mu.Lock()
		if n.state != stopped {
			n.waitLocked()
		}
		n.mu.Unlock()
	}
	if cap(stops) > keepStops {
		return
	}
	clear(stops)
	d.mu.Lock()
	d.spare = stops[:0]
	d.mu.Unlock()
}

// look frees what has to be freed. It reports whether anybody is ready and waits to be run.
func (d *dispatcher) look() bool {
	d.lookAtStops()
	d.mu.Lock()
	held, behind := 0, d.shared.n > 0
	for i := d.atWork - 1; i >= 0; i-- { // backwards, because those that are held leave
		r := d.runners[i]
		switch {
		case r.looking || !r.begun.Load():
			behind = behind || r.behind()
		case !r.watched.Swap(true):
			behind = behind || r.behind()
		case behind || r.behind():
			r.held = true
			d.pauseLocked(r)
			r.handOnLocked()
			held++
			behind = true
		}
	}
	var hired []*runner
	for n := max(d.limit-d.atWork, 2*held); d.shared.n > 0 && len(hired) < n; {
		r := d.hireLocked(d.shared.pop())
		r.timed = true
		hired = append(hired, r)
	}
	d.needLocked()
	d.mu.Unlock()
	for _, r := range hired {
		d.start(r.start)
	}
	return behind
}

// behind reports whether anybody waits for the runner.
func (r *runner) behind() bool {
	if n := r.next.Load(); n != nil && n != nobody {
		return true
	}
	return r.list.any()
}

func (d *dispatcher) anyReady() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.runners[:d.atWork] {
		if r.behind() {
			return true
		}
	}
	return d.shared.n > 0 || len(d.stops) > 0
}
