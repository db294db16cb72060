package runtime

// A wait is one inside the runtime, of a handler on a runner: for room in a mailbox, or for an answer. Meanwhile others run
// what the runner has, and it does not count as at work.
type wait struct {
	r    *runner
	hire uint64 // which of the runner's
}

// wait is called before the wait. A nil runner, and one off duty, has nothing to hand on.
func (r *runner) wait() wait {
	if r == nil {
		return wait{}
	}
	d := r.d
	d.mu.Lock()
	if r.place < 0 {
		d.mu.Unlock()
		return wait{}
	}
	if !r.idleLocked() {
		d.pauseLocked(r)
	}
	r.waits++
	r.handOnLocked()
	r.watched.Store(true)
	d.needLocked()
	w := wait{r, r.hires}
	d.mu.Unlock()
	d.relieve()
	return w
}

// over is called after the wait. If enough others are at work by now, the runner ends after its turn.
func (w wait) over() {
	if w.r == nil {
		return
	}
	d := w.r.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if w.r.hires != w.hire || w.r.place < 0 {
		return
	}
	if w.r.waits--; !w.r.idleLocked() {
		d.resumeLocked(w.r)
	}
	w.r.watched.Store(true)
	d.needLocked()
}
