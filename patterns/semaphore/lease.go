package semaphore

import (
	"context"

	"github.com/troupe-go/troupe/runtime"
)

// A permit is what lies in the pool's channel: one permit, and the slot for the lease that it will be.
type permit struct {
	slot *slot
	n    uint64 // of the lease
}

// A slot says which lease counts, of all that it has been used for. It is used for one after the other.
type slot struct {
	// counts has the number of the lease that counts. Whoever looks at it has it for a few instructions, so exactly one
	// who gives a lease back finds its number: Release, or the pool itself when the holder has ended.
	counts chan uint64
}

func newSlot() permit {
	const first = 1
	s := &slot{make(chan uint64, 1)}
	s.counts <- first
	return permit{s, first}
}

// end makes the lease count no more, and reports whether it did.
func (one permit) end() (next permit, ok bool) {
	now := <-one.slot.counts
	if now != one.n {
		one.slot.counts <- now
		return permit{}, false
	}
	one.slot.counts <- now + 1
	return permit{one.slot, now + 1}, true
}

// A Lease is permits that somebody holds. It belongs to the actor that acquired it, but anybody may release it. It is a
// comparable value; the zero Lease was released already.
type Lease struct {
	pool   *Pool
	permit permit
	n      int            // how many permits
	holder runtime.Holder // zero: a plain goroutine
}

// lease makes a lease for the caller, and notes whose it is, if that can be known.
func (p *Pool) lease(ctx context.Context, one permit, n int) (Lease, error) {
	lease := Lease{pool: p, permit: one, n: n}
	holder, ok := runtime.HolderOf(ctx)
	if !ok {
		return lease, nil
	}
	lease.holder = holder
	l := <-p.baton
	known := l.note(lease)
	p.baton <- l
	if !known && p.keeper.TryTell(met{holder}) != nil {
		return Lease{}, errStopped // so nobody gets a permit any more
	}
	return lease, nil
}

// Release gives the permits back. It does not block, is safe for concurrent use, and needs no context: it works for
// everybody for as long as the pool does, also while the system drains.
//
// It returns ErrReleased when the permits have come back before: by another Release, or because the holder has ended.
// It returns an error that wraps runtime.ErrStopped when the pool has stopped; then there is nothing to give back to.
func (l Lease) Release() error {
	if l.pool == nil {
		return ErrReleased
	}
	next, ok := l.permit.end()
	if !ok {
		return ErrReleased
	}
	l.pool.giveBack(l, next)
	select {
	case <-l.pool.stopped:
		return errStopped
	default:
		return nil
	}
}

// giveBack takes back what a lease has held that counts no more.
func (p *Pool) giveBack(lease Lease, next permit) {
	if lease.n == 1 && lease.holder == (runtime.Holder{}) && len(p.closed) == 0 && len(p.debt) == 0 {
		select {
		case p.loose <- next:
			p.recheck()
			return
		default: // there were more permits when the lease was made
		}
	}
	l := <-p.baton
	l.returned(lease, next)
	l.settle()
	p.baton <- l
}

// recheck is after a permit was put into loose. The ledger may have closed the pool at the same time: it says so first, and
// then looks into loose. So either it has found the permit, or this finds the pool closed. Who finds it closed takes the
// sign away for a moment, and so hides it from others; but their permits are in loose by then, and it settles for them too.
func (p *Pool) recheck() {
	select {
	case <-p.closed:
		raise(p.closed)
		p.settle()
	default:
	}
}
