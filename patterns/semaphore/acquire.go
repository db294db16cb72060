package semaphore

import (
	"context"

	"github.com/troupe-go/troupe/mailbox"
)

// check returns what is to be said before anything else.
func (p *Pool) check(ctx context.Context) error {
	if ctx == nil {
		return errNil
	}
	select {
	case <-p.stopped:
		return errStopped
	default:
		return ctx.Err()
	}
}

// tryOne takes one permit, unless newcomers must not, or there is none in the channel.
func (p *Pool) tryOne() (Lease, bool) {
	if len(p.busy) > 0 {
		return Lease{}, false
	}
	select {
	case l := <-p.free:
		return l, true
	default:
		return Lease{}, false
	}
}

func (p *Pool) acquire(ctx context.Context, n int) (Lease, error) {
	if err := p.check(ctx); err != nil {
		return Lease{}, err
	}
	if n == 1 {
		if l, ok := p.tryOne(); ok {
			return l, nil
		}
		if len(p.busy) == 0 {
			return p.park(ctx)
		}
	}
	g := <-p.ledger
	l, w, err := g.request(n)
	p.close(g)
	switch {
	case err == ErrNoPermits:
		return p.park(ctx)
	case w != nil:
		return p.await(ctx, w)
	default:
		return l, err
	}
}

// tryAcquire asks the ledger before it says no. The channel alone may look empty though permits are free: while somebody
// has the ledger who takes several and finds too few.
func (p *Pool) tryAcquire(ctx context.Context, n int) (Lease, error) {
	if err := p.check(ctx); err != nil {
		return Lease{}, err
	}
	if n == 1 {
		if l, ok := p.tryOne(); ok {
			return l, nil
		}
	}
	g := <-p.ledger
	l, err := g.try(n)
	p.close(g)
	return l, err
}

// park waits for one permit at the channel, and for being called to the ledger.
func (p *Pool) park(ctx context.Context) (Lease, error) {
	for {
		l, called, err := p.parkOnce(ctx)
		if !called {
			return l, err
		}
		g := <-p.ledger
		l, w, err := g.answer()
		p.close(g)
		switch {
		case w != nil:
			return p.await(ctx, w)
		case err == nil:
			return l, nil
		}
	}
}

// parkOnce tells the runtime, where ctx is a handler's, so that what else its goroutine would have run goes on elsewhere at
// once.
func (p *Pool) parkOnce(ctx context.Context) (l Lease, called bool, err error) {
	p.parked <- struct{}{}
	defer func() { <-p.parked }()
	if r, _ := ctx.Value(mailbox.ParkerKey{}).(mailbox.Parker); r != nil {
		defer r.Unpark(r.Park())
	}
	select {
	case l := <-p.free:
		return l, false, nil
	case <-p.more:
		return Lease{}, true, nil
	case <-ctx.Done():
		return Lease{}, false, ctx.Err()
	case <-p.stopped:
		return Lease{}, false, errStopped
	}
}

// await waits in the ledger's queue.
func (p *Pool) await(ctx context.Context, w *waiter) (Lease, error) {
	if r, _ := ctx.Value(mailbox.ParkerKey{}).(mailbox.Parker); r != nil {
		defer r.Unpark(r.Park())
	}
	defer p.reuse(w)
	select {
	case o := <-w.served:
		return o.lease, o.err
	case <-ctx.Done():
		return p.giveUp(w, ctx.Err())
	case <-p.stopped:
		return p.giveUp(w, errStopped)
	}
}

// giveUp takes w off the queue. One that was served in the same moment is not in there, and has what it waited for.
func (p *Pool) giveUp(w *waiter, why error) (Lease, error) {
	g := <-p.ledger
	waits := g.queue.remove(w)
	p.close(g)
	if waits {
		return Lease{}, why
	}
	o := <-w.served
	return o.lease, o.err
}
