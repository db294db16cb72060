package semaphore

import (
	"fmt"

	"github.com/troupe-go/troupe/runtime"
)

// A ledger is who waits, and what is not in the pool's channel. It belongs to whoever has received it from the baton, for a
// few instructions in which nothing waits and no code but ours runs. It outlives restarts of the keeper.
//
// Each permit is in one of three places: with somebody, loose, or in stock. The pool is open while nobody waits in the
// queue and nothing is owed: all that is free is loose then, and nobody needs the ledger. Otherwise it is closed, and what
// comes back is in stock, until it is enough for the first in the queue.
type ledger struct {
	pool    *Pool
	permits int
	stock   int // permits that are free and not loose
	owed    int // permits that are still out, or loose, and too many since a Resize
	queue   queue
	spare   []permit // slots without a lease

	// big is the leases of more than one permit that are out, and how many permits they have.
	big struct{ leases, permits int }

	// held is the leases of each holder that is known. A holder is watched once, when it is first met, and forgotten
	// when it ends: a watch cannot be taken back, so forgetting it with its last lease would only mean to watch it again.
	held      map[runtime.Holder]map[Lease]struct{}
	reclaimed uint64
}

func newLedger(p *Pool, permits int) *ledger {
	return &ledger{pool: p, permits: permits, stock: permits, held: make(map[runtime.Holder]map[Lease]struct{})}
}

// note writes down a lease that an actor has, and reports whether the holder was known.
func (l *ledger) note(lease Lease) bool {
	leases, known := l.held[lease.holder]
	if !known {
		leases = make(map[Lease]struct{})
		l.held[lease.holder] = leases
	}
	leases[lease] = struct{}{}
	return known
}

// returned takes back what a lease has held.
func (l *ledger) returned(lease Lease, next permit) {
	delete(l.held[lease.holder], lease)
	if lease.n > 1 {
		l.big.leases--
		l.big.permits -= lease.n
	}
	l.stock += lease.n
	l.spare = append(l.spare, next)
}

// take takes n permits for somebody who does not wait.
func (l *ledger) take(n int) (permit, error) {
	if n < 1 || n > l.permits {
		return permit{}, l.rangeError(n)
	}
	l.close()
	if l.owed > 0 || !l.queue.empty() || len(l.pool.parked) > 0 || n > l.stock {
		return permit{}, ErrNoPermits
	}
	return l.grant(n), nil
}

func (l *ledger) rangeError(n int) error {
	return fmt.Errorf("%w: %d were asked for: want 1 to %d", ErrRange, n, l.permits)
}

// grant makes n permits in stock those of a lease.
func (l *ledger) grant(n int) permit {
	l.stock -= n
	if n > 1 {
		l.big.leases++
		l.big.permits += n
	}
	return l.slot()
}

func (l *ledger) slot() permit {
	last := len(l.spare) - 1
	if last < 0 {
		return newSlot()
	}
	one := l.spare[last]
	l.spare = l.spare[:last]
	return one
}

// resize changes the number of permits, and fails who waits for more than there are now.
func (l *ledger) resize(permits int) {
	l.close()
	switch more := permits - l.permits; {
	case more > l.owed:
		l.stock += more - l.owed
		l.owed = 0
	default:
		l.owed -= more
	}
	l.permits = permits
	for w := l.queue.first; w != nil; {
		next := w.next
		if w.n > permits {
			l.queue.remove(w)
			w.granted <- grant{err: l.rangeError(w.n)}
		}
		w = next
	}
}

// close takes what is loose into stock. From then on newcomers come to the ledger, and what comes back does.
func (l *ledger) close() {
	raise(l.pool.closed)
	for {
		select {
		case one := <-l.pool.loose:
			l.stock++
			l.spare = append(l.spare, one)
		default:
			return
		}
	}
}

// settle is the end of everything that is done with the ledger: it pays what is owed, serves who can be served, and opens
// the pool if nobody is left.
func (l *ledger) settle() {
	l.close()
	paid := min(l.owed, l.stock)
	l.owed -= paid
	l.stock -= paid
	if l.owed > 0 {
		raise(l.pool.debt)
		return
	}
	lower(l.pool.debt)
	// Who waits at loose came before the pool was closed, and so before everybody in the queue. Each looks in here when
	// it goes, so what was not needed there is not lost.
	for n := min(len(l.pool.parked), l.stock); n > 0 && l.loosen(); n-- {
	}
	for w := l.queue.first; w != nil && w.n <= l.stock; w = l.queue.first {
		l.queue.remove(w)
		w.granted <- grant{permit: l.grant(w.n)}
	}
	if !l.queue.empty() || l.permits > mostLoose {
		return
	}
	for l.stock > 0 && l.loosen() { // there is room for all
	}
	lower(l.pool.closed)
}

// loosen puts one permit into the channel, and reports whether there was room.
func (l *ledger) loosen() bool {
	one := l.slot()
	select {
	case l.pool.loose <- one:
		l.stock--
		return true
	default:
		l.spare = append(l.spare, one)
		return false
	}
}

func (l *ledger) stats() Stats {
	loose := len(l.pool.loose)
	out := l.permits + l.owed - l.stock - loose
	return Stats{
		Permits:   l.permits,
		Free:      max(l.permits-out, 0),
		Waiting:   len(l.pool.parked) + l.queue.len,
		Leases:    out - l.big.permits + l.big.leases,
		Reclaimed: l.reclaimed,
	}
}

// raise and lower set and clear a sign. Only who has the ledger does so.
func raise(sign chan struct{}) {
	select {
	case sign <- struct{}{}:
	default:
	}
}

func lower(sign chan struct{}) {
	select {
	case <-sign:
	default:
	}
}
