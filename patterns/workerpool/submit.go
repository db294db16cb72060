package workerpool

import (
	"context"
	"errors"
	"fmt"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// Go hands in a job whose result nobody wants. While there is no room in the queue it does what Config.Overflow says: under
// Block it waits, in the order of arrival, or until ctx ends; ctx does not concern the job from then on. If the job fails,
// Config.OnError is told. With room, Go allocates nothing.
//
// Pass a handler's context inside a handler, and Work's own inside Work: while the pool drains, it accepts what its own
// Work hands in, and nothing else.
//
// It returns an error that wraps ctx.Err() when ctx ended first, mailbox.ErrFull under Reject, and one that wraps
// runtime.ErrStopped when the pool is stopped or drains. The job is then not done. During a shutdown of the system it is
// accepted until it is the pool's turn to drain.
func (p *Pool[Req, Res]) Go(ctx context.Context, req Req) error {
	return p.put(ctx, job[Req, Res]{req: req}, true)
}

// TryGo is Go that never waits: under Block it returns mailbox.ErrFull where Go would. Since it does not say who submits,
// it is refused while the pool drains.
func (p *Pool[Req, Res]) TryGo(req Req) error {
	return p.put(context.Background(), job[Req, Res]{req: req}, false)
}

// Submit is Go for a job whose result is wanted: it returns its Future. That costs two allocations.
func (p *Pool[Req, Res]) Submit(ctx context.Context, req Req) (Future[Res], error) {
	return p.submit(ctx, req, true)
}

// TrySubmit is Submit that never waits, as TryGo.
func (p *Pool[Req, Res]) TrySubmit(req Req) (Future[Res], error) {
	return p.submit(context.Background(), req, false)
}

func (p *Pool[Req, Res]) submit(ctx context.Context, req Req, waits bool) (Future[Res], error) {
	o := newOutcome[Res]()
	if err := p.put(ctx, job[Req, Res]{req, o}, waits); err != nil {
		return Future[Res]{}, err
	}
	return Future[Res]{o}, nil
}

// Do is Submit and Wait with one context. When that ends, an accepted job goes on nevertheless.
//
// Work that calls Do on its own pool may wait for ever: its workers may all be waiting for each other.
func (p *Pool[Req, Res]) Do(ctx context.Context, req Req) (Res, error) {
	f, err := p.Submit(ctx, req)
	if err != nil {
		var none Res
		return none, err
	}
	return f.Wait(ctx)
}

// SubmitTo is Go for a job whose result becomes a message to an actor: the one that then makes of it, or of the job's
// failure. then is called on the worker, as a part of the job; where Work has failed it may be called on another goroutine,
// and should be quick. If it panics, the job fails.
//
// Where the receiver's mailbox is full, the worker waits for room as its overflow policy says. So a receiver that waits
// in SubmitTo itself, for room in the pool, needs room for the results of all that it has handed in, or a ctx that ends: no
// deadlock detection sees this wait. What cannot be delivered, as the receiver or the pool has stopped, is a failure that
// Config.OnError is told of.
func SubmitTo[Req, Res, M any](
	ctx context.Context, p *Pool[Req, Res], req Req, to runtime.Ref[M], then func(Res, error) M,
) error {
	return p.put(ctx, job[Req, Res]{req, &letter[Res, M]{to: to, then: then}}, true)
}

// put hands j in.
func (p *Pool[Req, Res]) put(ctx context.Context, j job[Req, Res], waits bool) (err error) {
	if p.isClosing() {
		if err := p.admits(ctx); err != nil {
			return err
		}
	}
	at := p.shared
	if at == nil {
		return p.route(ctx, j, waits)
	}
	if waits {
		err = at.jobs.Put(ctx, j)
	} else {
		err = at.jobs.TryPut(j)
	}
	if err != nil {
		return p.refused(err)
	}
	if !at.wake() && p.growth != nil {
		p.wantMore()
	}
	return nil
}

func (p *Pool[Req, Res]) putInto(
	ctx context.Context, jobs *mailbox.Mailbox[job[Req, Res]], j job[Req, Res], waits bool,
) (err error) {
	if waits {
		err = jobs.Put(ctx, j)
	} else {
		err = jobs.TryPut(j)
	}
	if err != nil {
		return p.refused(err)
	}
	return nil
}

// refused says why a job was not accepted.
func (p *Pool[Req, Res]) refused(err error) error {
	switch {
	case errors.Is(err, mailbox.ErrFull):
		return err
	case errors.Is(err, mailbox.ErrClosed):
		return p.stopped()
	default:
		return fmt.Errorf("workerpool: submit to %s: %w", p.hub.Path(), err)
	}
}

// isClosing reports whether the pool drains. The length of a channel can be read for next to nothing, though not in step with
// others: one who hands in as the drain begins may come before it.
func (p *Pool[Req, Res]) isClosing() bool { return len(p.closing) > 0 }

// admits asks the hub, which while it drains takes messages from its own tree alone.
func (p *Pool[Req, Res]) admits(ctx context.Context) error {
	if err := p.hub.Tell(ctx, inside[Req, Res]{}); err != nil {
		return fmt.Errorf("workerpool: submit: %w", err)
	}
	return nil
}

func (p *Pool[Req, Res]) stopped() error {
	return fmt.Errorf("workerpool: submit to %s: %w", p.hub.Path(), runtime.ErrStopped)
}
