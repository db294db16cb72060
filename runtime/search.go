package runtime

import goruntime "runtime"

const (
	maxLoot = 32 // actors that one runner takes from another's list
	looks   = 64 // how often a runner looks for work in vain before it ends
)

// search is take where the runner has nothing to do: it looks for work for a moment, and ends then. The looks are those of
// all searches of one hire. A runner and an actor that asks and asks can keep two processors busy, each of them yielding until the
// other is done, where one processor would do it in half the time. When the runner ends, the next one starts beside the asker.
func (r *runner) search() *node {
	d := r.d
	d.mu.Lock()
	defer d.mu.Unlock()
	n := r.findLocked()
	if n != nil {
		return n
	}
	r.looking = true
	d.looking++
	d.needLocked()
	for r.looks > 0 && n == nil {
		d.mu.Unlock()
		for goruntime.Gosched(); !d.shared.any() && !d.called.Load() && r.looks > 0; goruntime.Gosched() {
			r.looks--
		}
		d.mu.Lock()
		if n = r.findLocked(); n == nil {
			r.looks--
		}
	}
	r.looking = false
	d.looking--
	if n == nil {
		if n = r.closeLocked(); n == nil {
			d.retireLocked(r)
			d.crew.leave()
			return nil
		}
		r.open()
	}
	d.needLocked()
	return n
}

// findLocked looks at the shared list, and at those of others, of which it takes half.
func (r *runner) findLocked() *node {
	d := r.d
	if d.called.Load() {
		d.called.Store(false)
	}
	if d.shared.n > 0 {
		n := d.shared.pop()
		if d.shared.n > 0 {
			r.mu.Lock()
			if !r.closed {
				for left := min(d.shared.n/2, maxLoot-1); left > 0; left-- {
					r.list.old.push(d.shared.pop()) // young or not: to look would take a cache miss each
				}
			}
			r.mu.Unlock()
		}
		d.guard(r)
		return n
	}
	if n := r.takeNext(); n != nil {
		return n
	}
	for _, other := range d.runners[:d.atWork] {
		if other == r || !other.list.any() {
			continue
		}
		var loot [maxLoot]*node
		got := 0
		other.mu.Lock()
		for want := min((other.list.len()+1)/2, len(loot)); got < want; got++ {
			loot[got] = other.list.shift()
		}
		other.mu.Unlock()
		if got > 0 {
			for _, n := range loot[1:got] {
				if !r.add(n) {
					d.shared.push(n)
				}
			}
			d.guard(r)
			return loot[0]
		}
	}
	return nil
}
