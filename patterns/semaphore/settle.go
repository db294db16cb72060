package semaphore

// settle does all that can be done: the debt is paid first, then one who was called is served, then those at the channel,
// then the queue.
func (g *ledger) settle() {
	if g.busy {
		g.collect()
		paid := min(g.debt, g.vault)
		g.debt -= paid
		g.vault -= paid
		if g.debt > 0 {
			return
		}
		if !g.serveCalled() {
			return
		}
		g.serveParked()
		if g.more {
			return // he who is on his way comes before those in the queue
		}
		g.serveQueue()
		if g.queue.len > 0 {
			return
		}
		g.busy = false
		<-g.pool.busy
	}
	g.call()
}

// begin makes the pool busy. The caller settles afterwards.
func (g *ledger) begin() {
	if !g.busy {
		g.busy = true
		g.pool.busy <- struct{}{}
		g.hush()
	}
}

// serveCalled serves the one who was called, and reports whether he waits no longer.
func (g *ledger) serveCalled() bool {
	w := g.queue.first()
	if g.queue.len == 0 || !w.called {
		return true
	}
	if g.vault == 0 {
		return false
	}
	g.serve(w)
	return true
}

// serveParked passes permits on to those at the channel. Of these some may be about to come or to go, and let a permit
// lie: it is taken out again, for nobody else may find it there.
func (g *ledger) serveParked() {
	for g.offerParked() {
		if g.collect() > 0 {
			return
		}
	}
}

// offerParked puts as many permits into the channel as there are who wait there, and reports whether it did put any.
func (g *ledger) offerParked() (any bool) {
	for n := min(len(g.pool.parked), g.vault-g.promised()); n > 0 && g.offer(); n-- {
		any = true
	}
	return any
}

// serveQueue serves the first in the queue, as long as there are permits for it. Nobody overtakes it, or big requests
// would starve among small ones.
func (g *ledger) serveQueue() {
	for g.queue.len > 0 && g.queue.first().n <= g.vault {
		g.serve(g.queue.first())
	}
}

func (g *ledger) serve(w *waiter) {
	g.queue.remove(w)
	w.served <- outcome{lease: g.lease(w.n)}
}

// call lets those at the channel know whether there are permits in the vault. It serves whom it sees there first: to call
// them one after the other would take longer.
func (g *ledger) call() {
	g.offerParked()
	switch {
	case g.vault > 0 && !g.more:
		g.more = true
		g.pool.more <- struct{}{}
	case g.vault == 0:
		g.hush()
	}
}

// hush takes a call back that nobody has heard.
func (g *ledger) hush() {
	if !g.more {
		return
	}
	select {
	case <-g.pool.more:
		g.more = false
	default:
	}
}

// offer puts a permit into the channel, if there is room.
func (g *ledger) offer() bool {
	l := g.unit()
	select {
	case g.pool.free <- l:
		g.vault--
		return true
	default:
		g.put(l)
		return false
	}
}

// collect takes all permits out of the channel, and returns how many there were.
//
// That is how the ledger finds what those put there who do without it. They change the channel and then look at the length
// of busy; we set busy and then look into the channel; so one of the two must see the other. A select with one case may
// decide by a glance, without the channel's lock, that there is nothing to do. One with two cases takes the lock of each
// channel, and who holds a lock after another sees what that one did before. Hence the case that never comes.
func (g *ledger) collect() (n int) {
	for ; ; n++ {
		select {
		case l := <-g.pool.free:
			g.keep(l)
		case <-g.pool.never:
		default:
			return n
		}
	}
}

// lease makes a lease of n permits that are in the vault.
func (g *ledger) lease(n int) Lease {
	l := g.unit()
	l.at.n, l.noted = n, n > 1
	g.vault -= n
	g.extra += n - 1
	return l
}

// takeBack is for a lease that has ended: it is the next one of its slot. One permit goes where the next will look first.
func (g *ledger) takeBack(l Lease) {
	if l.at.n == 1 && !g.busy {
		select {
		case g.pool.free <- l:
			return
		default:
		}
	}
	g.vault += l.at.n
	g.extra -= l.at.n - 1
	l.at.n = 1
	g.put(l)
}

// keep is for a permit that was in the channel, or should have been.
func (g *ledger) keep(l Lease) {
	g.vault++
	g.put(l)
}

// unit returns a lease of one permit that nobody has.
func (g *ledger) unit() Lease {
	if len(g.spare) == 0 {
		return g.pool.newLease()
	}
	l := g.spare[len(g.spare)-1]
	g.spare = g.spare[:len(g.spare)-1]
	return l
}

// put keeps a lease for unit, or leaves it to the garbage collector.
func (g *ledger) put(l Lease) {
	if len(g.spare) < spares {
		g.spare = append(g.spare, l)
	}
}
