package semaphore

import (
	"context"

	"github.com/troupe-go/troupe/runtime"
)

// A Lease is permits that somebody holds. It belongs to the actor that acquired it, but anybody may release it. It is a
// comparable value; copies are the same lease. The zero Lease is of no pool.
type Lease struct {
	at   *slot
	turn uint64
}

// A slot is where a lease is out of, one after the other: each has a turn of its own. So what has come back once is told
// from the lease that is out now, and nothing is allocated for the next.
type slot struct {
	pool *Pool
	// turn is the turn of the lease that counts, and passes from hand to hand: who wants to end a lease takes it out,
	// looks, and puts it back at once, increased if it was that lease's.
	turn chan uint64
	// The rest is for who acquires the lease, before anybody else knows it, and then for who has ended it.
	n      int            // permits
	holder runtime.Holder // zero: a plain goroutine
}

// newLease makes the first lease of a slot, of one permit.
func (p *Pool) newLease() Lease {
	const first = 1
	s := &slot{pool: p, turn: make(chan uint64, 1), n: 1}
	s.turn <- first
	return Lease{s, first}
}

// end ends l, and reports whether it counted: that is said once. What was l's belongs to the caller then, as the slot's
// next lease.
func (l Lease) end() (next Lease, ok bool) {
	turn := <-l.at.turn
	if ok = turn == l.turn; ok {
		turn++
	}
	l.at.turn <- turn
	return Lease{l.at, turn}, ok
}

// Release gives the permits back, to those who have waited longest if anybody waits. It does not block, is safe for
// concurrent use, and needs no context: it works for everybody for as long as the pool does. Of several Releases of a
// lease, and of its holder's end, exactly one counts. It allocates nothing.
//
// It returns ErrReleased when the permits have come back before: by another Release, or because the holder has ended.
// It returns an error that wraps runtime.ErrStopped when the pool has stopped; then there is nothing to give back to.
func (l Lease) Release() error {
	if l.at == nil {
		return ErrReleased
	}
	next, ok := l.end()
	if !ok {
		return ErrReleased
	}
	return l.at.pool.giveBack(next)
}

// giveBack puts a permit into the channel, or brings to the ledger what does not belong there.
//
// Somebody may begin to wait in the ledger between the first look at busy and the channel. He looks into the channel
// after he has said that he is busy, and if the permit is not there yet, the second look sees him: see ledger.collect.
func (p *Pool) giveBack(l Lease) error {
	select {
	case <-p.stopped:
		return errStopped
	default:
	}
	if l.at.n == 1 && l.at.holder == (runtime.Holder{}) && len(p.busy) == 0 {
		select {
		case p.free <- l:
			if len(p.busy) > 0 {
				p.close(<-p.ledger)
			}
			return nil
		default: // it is full
		}
	}
	g := <-p.ledger
	g.forget(l)
	g.takeBack(l)
	p.close(g)
	return nil
}

// lend notes whose l is, if that can be known. The holder may have ended by now: the keeper hears of it all the same, and
// takes the lease back.
func (p *Pool) lend(ctx context.Context, l Lease) (Lease, error) {
	holder, ok := runtime.HolderOf(ctx)
	if !ok {
		return l, nil
	}
	g := <-p.ledger
	known := g.note(l, holder)
	p.ledger <- g
	if known || p.keeper.TryTell(met{holder}) == nil {
		return l, nil
	}
	return Lease{}, errStopped
}
