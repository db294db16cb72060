package workerpool

import (
	"context"
	"errors"
	"fmt"
)

var (
	errNoJob = errors.New("workerpool: the zero Future has no job: want one that Submit returned")
	errNil   = fmt.Errorf("%w: ctx is nil: want a context", ErrConfig)
)

// A Future is how a job will have ended. All methods are safe for concurrent use; it is a comparable value. It needs
// not be waited for.
type Future[Res any] struct{ outcome *outcome[Res] }

// Wait waits until the job has ended, or ctx ends. It may be called any number of times.
//
// It returns what Work returned, where the error is the one of Work itself. When Work panicked, the error wraps a
// *runtime.PanicError, and when it called Goexit, runtime.ErrGoexit. When the pool stopped before Work was done, it
// wraps runtime.ErrStopped; when a Drop policy evicted the job, mailbox.ErrFull; when Work gave up at its Timeout,
// context.DeadlineExceeded. When ctx ends first, it wraps ctx.Err(), and the job goes on; where ctx is nil, and the job has
// not ended, ErrConfig.
func (f Future[Res]) Wait(ctx context.Context) (Res, error) {
	var none Res
	if f.outcome == nil {
		return none, errNoJob
	}
	select {
	case <-f.outcome.done:
		return f.outcome.value, f.outcome.err
	default:
	}
	if ctx == nil {
		return none, errNil
	}
	if ended := ctx.Done(); ended == nil {
		<-f.outcome.done
	} else {
		select {
		case <-f.outcome.done:
		case <-ended:
			return none, fmt.Errorf("workerpool: wait for a job: %w", ctx.Err())
		}
	}
	return f.outcome.value, f.outcome.err
}

// Done returns a channel that is closed when the job has ended.
func (f Future[Res]) Done() <-chan struct{} {
	if f.outcome == nil {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return f.outcome.done
}

// An outcome is what a job and its Future share: an outlet that remembers. A channel that carries the result would be no
// less: one for values with pointers in them takes two allocations as well.
type outcome[Res any] struct {
	done  chan struct{}
	value Res
	err   error
}

func newOutcome[Res any]() *outcome[Res] { return &outcome[Res]{done: make(chan struct{})} }

func (o *outcome[Res]) unwanted() error { return nil }

func (o *outcome[Res]) sends() bool { return false }

func (o *outcome[Res]) send(context.Context, Res, error) error { return nil }

func (o *outcome[Res]) end(v Res, err error) error {
	o.value, o.err = v, err
	close(o.done)
	return nil
}
