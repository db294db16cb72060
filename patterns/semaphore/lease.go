package semaphore

import (
	"context"

	"github.com/troupe-go/troupe/runtime"
)

// A Lease is permits that somebody holds. It belongs to the actor that acquired it, but anybody may release it. It is a
// comparable value; copies are the same lease. The zero Lease is of no pool.
type Lease struct {
	at    *slot
	turn  uint64
	noted bool // the ledger has to know of its end: it is of several permits, or an actor's
}

// A slot is where a lease is out of, one after the other: each has a turn of its own. So what has come back once is told
// from the lease that is out now, and nothing is allocated for the next.
type slot struct {
	pool *Pool
	// turn is the turn of the lease that counts, and passes from hand to hand: who wants to end a lease takes it out,
	// looks, and puts it back at once, increased if it was that lease's.
	//
	// It would be neater to put it back when the permit is where it belongs: then a second Release would be told no sooner
	// than that. But the permit may be with the next one by then, who has to wait for the turn when he gives it back; with
	// 64 goroutines on 8 permits everybody soon waited for somebody, and it took three times as long.
	turn chan uint64
	// The rest is for who acquires the lease, before anybody else knows it, and then for who ends it.
	n      int            // permits
	holder runtime.Holder // zero: a plain goroutine
}

// newLease makes the first lease of a slot, of one permit.
func (p *Pool) newLease() Lease {
	const first = 1
	s := &slot{pool: p, turn: make(chan uint64, 1), n: 1}
	s.turn <- first
	return Lease{at: s, turn: first}
}

// Release gives the permits back, to those who have waited longest if anybody waits. It does not block, is safe for
// concurrent use, and needs no context: it works for everybody for as long as the pool does. Of several Releases of a
// lease, and of its holder's end, exactly one counts. It allocates nothing.
//
// It returns ErrReleased when the lease has ended before: by another Release, or because the holder has ended. That other
// Release may not have returned yet; then the permits are on their way.
//
// It returns an error that wraps runtime.ErrStopped when the pool has stopped; then there is nothing to give back to.
func (l Lease) Release() error {
	if l.at == nil {
		return ErrReleased
	}
	p := l.at.pool
	if l.noted {
		g := <-p.ledger
		ok := g.end(l)
		p.close(g)
		return p.released(ok)
	}
	next, ok := l.end()
	if ok {
		p.giveBack(next)
	}
	return p.released(ok)
}

// end ends l, and reports whether it counted: that is said once. What was l's is the caller's then, as the next lease of its
// slot.
func (l Lease) end() (next Lease, ok bool) {
	turn := <-l.at.turn
	if ok = turn == l.turn; ok {
		turn++
	}
	l.at.turn <- turn
	return Lease{at: l.at, turn: turn}, ok
}

// giveBack puts a permit into the channel, or brings it to the ledger while the pool is busy or where there is no room.
//
// Somebody may begin to wait in the ledger between the first look at busy and the channel. He looks into the channel
// after he has said that the pool is busy, and if the permit is not there yet, the second look sees him: see ledger.collect.
func (p *Pool) giveBack(l Lease) {
	if len(p.busy) == 0 {
		select {
		case p.free <- l:
			if len(p.busy) > 0 {
				p.close(<-p.ledger)
			}
			return
		default:
		}
	}
	g := <-p.ledger
	g.keep(l)
	p.close(g)
}

// released returns what is to be said after all.
func (p *Pool) released(ok bool) error {
	if !ok {
		return ErrReleased
	}
	select {
	case <-p.stopped:
		return errStopped
	default:
		return nil
	}
}

// lend notes whose l is, if that can be known. The holder may have ended by now: the keeper hears of it all the same, and
// takes the lease back.
func (p *Pool) lend(ctx context.Context, l Lease) (Lease, error) {
	holder, ok := runtime.HolderOf(ctx)
	if !ok {
		return l, nil
	}
	l.noted = true
	g := <-p.ledger
	known := g.note(l, holder)
	p.ledger <- g
	if known || p.keeper.TryTell(met{holder}) == nil {
		return l, nil
	}
	return Lease{}, errStopped
}
