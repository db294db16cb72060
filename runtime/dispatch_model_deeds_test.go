package runtime_test

// deeds explores what the user's code in goroutine t may do.
func (e *explorer) deeds(w world, t int) {
	th := &w.threads[t]
	a := w.actor(th.n)
	try := func(k kind, do func(w *world, th *thread)) {
		if next := w; k == kinds || next.take(k) {
			// The choice and the first step are one: nobody can tell a handler that is about to from one that did not choose.
			if do(&next, &next.threads[t]); next.threads[t].at == th.at || k == blocks || k == tells {
				e.emit(&next, t)
			} else {
				e.step(next, t)
			}
		}
	}
	hook := th.at == inHook
	over := nexts
	if hook {
		over = afterHook
	}
	try(kinds, func(_ *world, th *thread) { th.at = over })
	try(blocks, func(_ *world, th *thread) { th.at, th.ret = blocked, th.at })
	try(exits, func(_ *world, th *thread) {
		if th.exits, th.at = true, afterHook; !hook {
			th.at = failsMessage
		}
	})
	if hook {
		return
	}
	try(yields, func(_ *world, th *thread) {
		if th.at = yieldsNext; th.run {
			th.at = leavesWork
		}
	})
	try(failures, func(_ *world, th *thread) { th.at = failsMessage })
	try(waits, func(_ *world, th *thread) { th.at, th.waits = waitsIn, a.on })
	for other := range e.actors {
		if w.twin(other) {
			continue
		}
		try(tells, func(w *world, th *thread) {
			if w.actors[other].put() {
				th.at, th.ret, th.m, th.from = readies, handles, uint8(other+1), a.on
			}
		})
	}
}
