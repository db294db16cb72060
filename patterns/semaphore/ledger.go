package semaphore

import (
	"fmt"

	"github.com/troupe-go/troupe/runtime"
)

// A ledger is what is known of a pool beyond its channel. It belongs to whoever has received it. It outlives restarts of
// the keeper.
//
// A pool is either at ease: then all who wait want one permit, and do so at the channel. Or it is busy: then who comes
// waits in the ledger's queue, behind those at the channel, and what comes back is brought here.
type ledger struct {
	pool    *Pool
	permits int
	vault   int // free permits that are not in the channel
	debt    int // permits that Resize wants back
	extra   int // how many more permits than leases are out
	queue   queue
	busy    bool // what Pool.busy says
	more    bool // Pool.more has an element, or he who has received it is on his way here
	spare   []Lease

	// held is the leases of each holder that is known, with their turns. A holder is watched once, when it is first met, and
	// forgotten when it ends: a watch cannot be taken back, so forgetting it with its last lease would only mean to watch it
	// again.
	held      map[runtime.Holder]map[*slot]uint64
	reclaimed uint64
}

// batch is how many permits go from the vault into the channel at a time, when they are wanted there.
const batch = 16

// spares is how many slots are kept that have no lease, beside those of the channel.
const spares = 1024

func newLedger(p *Pool, permits int) *ledger {
	g := &ledger{pool: p, permits: permits, vault: permits, held: make(map[runtime.Holder]map[*slot]uint64)}
	g.queue.init()
	return g
}

// close passes the ledger on, after all has been served that can be.
func (p *Pool) close(g *ledger) {
	g.settle()
	p.ledger <- g
}

// request takes n permits, or else puts a waiter into the queue. It returns ErrNoPermits to who should rather wait at the
// channel.
func (g *ledger) request(n int) (Lease, *waiter, error) {
	l, err := g.try(n)
	if err != ErrNoPermits || n == 1 && !g.busy {
		return l, nil, err
	}
	g.begin()
	w := g.pool.newWaiter(n)
	g.queue.push(w)
	return Lease{}, w, nil
}

// answer is request of one who was called. He has waited longer than everybody at the channel and in the queue, where there
// is no other like him: nobody is called while somebody is there.
func (g *ledger) answer() (Lease, *waiter, error) {
	g.more = false
	if g.busy {
		w := g.pool.newWaiter(1)
		w.called = true
		g.queue.pushFront(w)
		return Lease{}, w, nil
	}
	l, err := g.take(1)
	if err == nil {
		for n := min(g.vault, batch); n > 0 && g.offer(); n-- {
		}
	}
	return l, nil, err
}

// try takes n permits, if they are free and nobody is in front.
func (g *ledger) try(n int) (Lease, error) {
	if n < 1 || n > g.permits {
		return Lease{}, g.rangeError(n)
	}
	if g.busy {
		g.settle()
	} else {
		g.offerParked()
	}
	return g.take(n)
}

func (g *ledger) take(n int) (Lease, error) {
	if g.busy || g.vault-g.promised()+len(g.pool.free) < n {
		return Lease{}, ErrNoPermits
	}
	for g.vault-g.promised() < n {
		select {
		case l := <-g.pool.free:
			g.keep(l)
		default: // somebody was quicker
			return Lease{}, ErrNoPermits
		}
	}
	return g.lease(n), nil
}

// promised is how many permits of the vault are for somebody who is on his way.
func (g *ledger) promised() int {
	if g.more && len(g.pool.more) == 0 {
		return min(g.vault, 1)
	}
	return 0
}

func (g *ledger) rangeError(n int) error {
	return fmt.Errorf("%w: %d were asked for: want 1 to %d", ErrRange, n, g.permits)
}

// resize changes the number of permits, and fails the requests that are now for too many.
func (g *ledger) resize(permits int) {
	if permits < g.permits {
		g.begin()
		g.debt += g.permits - permits
	} else {
		g.vault += permits - g.permits // what is owed is paid from the vault
	}
	g.permits = permits
	for w := g.queue.first(); w != &g.queue.ends; {
		next := w.next
		if w.n > permits {
			g.queue.remove(w)
			w.served <- outcome{err: g.rangeError(w.n)}
		}
		w = next
	}
}

func (g *ledger) stats() Stats {
	free := g.vault + len(g.pool.free)
	return Stats{
		Permits:   g.permits,
		Free:      free,
		Waiting:   g.queue.len + len(g.pool.parked),
		Leases:    g.permits + g.debt - free - g.extra,
		Reclaimed: g.reclaimed,
	}
}

// note notes whose l is, and reports whether the holder was known.
func (g *ledger) note(l Lease, h runtime.Holder) bool {
	leases, known := g.held[h]
	if !known {
		leases = make(map[*slot]uint64)
		g.held[h] = leases
	}
	leases[l.at] = l.turn
	l.at.holder = h
	return known
}

// end ends a lease that is noted, and reports whether it counted.
func (g *ledger) end(l Lease) bool {
	next, ok := l.end()
	if ok {
		delete(g.held[l.at.holder], l.at)
		l.at.holder = runtime.Holder{}
		g.takeBack(next)
	}
	return ok
}

// reclaim takes back what a holder had that has ended.
func (g *ledger) reclaim(h runtime.Holder) {
	for at, turn := range g.held[h] {
		if g.end(Lease{at: at, turn: turn}) {
			g.reclaimed++
		}
	}
	delete(g.held, h)
}
