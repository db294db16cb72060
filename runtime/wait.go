package runtime

// A wait is one inside the runtime, of a handler on a runner: for room in a mailbox, or for an answer. Meanwhile others run
// what the runner has, and it does not count as at work. A runner is thus a mailbox.Parker.

// Park is called before a wait. The token says which of the runner's hires it belongs to; 0 is that of a runner off duty,
// which has nothing to hand on.
func (r *runner) Park() (token uint64) {
	d := r.d
	d.mu.Lock()
	if r.place < 0 {
		d.mu.Unlock()
		return 0
	}
	if !r.idleLocked() {
		d.pauseLocked(r)
	}
	r.waits++
	r.handOnLocked()
	r.watched.Store(true)
	d.needLocked()
	token = r.hires
	d.mu.Unlock()
	d.relieve()
	return token
}

// Unpark is called after the wait. If enough others are at work by now, the runner ends after its turn.
func (r *runner) Unpark(token uint64) {
	d := r.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.hires != token || r.place < 0 {
		return
	}
	if r.waits--; !r.idleLocked() {
		d.resumeLocked(r)
	}
	r.watched.Store(true)
	d.needLocked()
}
