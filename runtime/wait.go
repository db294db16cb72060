package runtime

import "context"

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
	token = r.parkLocked()
	more := d.needsMoreLocked()
	d.mu.Unlock()
	if more {
		d.relieve()
	}
	return token
}

// parkLocked is Park for a runner on duty. The caller relieves it.
func (r *runner) parkLocked() (token uint64) {
	d := r.d
	if !r.idleLocked() {
		d.pauseLocked(r)
	}
	r.waits++
	r.handOnLocked()
	r.watched.Store(true)
	d.needLocked()
	return r.hires
}

// Unpark is called after the wait. If enough others are at work by now, the runner ends after its turn.
func (r *runner) Unpark(token uint64) {
	r.d.mu.Lock()
	defer r.d.mu.Unlock()
	r.unparkLocked(token)
}

func (r *runner) unparkLocked(token uint64) {
	if r.hires != token || r.place < 0 {
		return
	}
	d := r.d
	if r.waits--; !r.idleLocked() {
		d.resumeLocked(r)
	}
	r.watched.Store(true)
	d.needLocked()
}

// A parking is a wait that has begun and of which no edge (deadlock.go) is noted: a short one.
type parking struct {
	runner *runner // nil if it is no handler's, or its runner takes nothing
	token  uint64
}

// hold begins a short wait of the handler that ctx comes from. If its runner takes nothing, as after an earlier wait, there
// is nothing to hand on, and the wait is too short to count.
func hold(ctx context.Context) parking {
	r := runnerOf(ctx)
	if r == nil || r.next.Load() == nobody { // so has elsewhere
		return parking{}
	}
	return parking{r, r.Park()}
}

func (p parking) free() {
	if p.runner != nil {
		p.runner.Unpark(p.token)
	}
}
