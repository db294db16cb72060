package workerpool

import (
	"context"
	"errors"
	"fmt"

	"github.com/troupe-go/troupe/runtime"
)

var errNoJob = errors.New("workerpool: the zero Future has no job: want one that Submit returned")

// A Future is how a job will have ended. All methods are safe for concurrent use; it is a comparable value. It needs
// not be waited for.
type Future[Res any] struct{ outcome *outcome[Res] }

// Wait waits until the job has ended, or ctx ends. It may be called any number of times.
//
// It returns what Work returned, where the error is the one of Work itself. When Work panicked, the error wraps a
// *runtime.PanicError, and when it called Goexit, runtime.ErrGoexit. When the pool stopped before Work was done, it
// wraps runtime.ErrStopped. When ctx ends first, it wraps ctx.Err(), and the job goes on.
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
	select {
	case <-f.outcome.done:
		return f.outcome.value, f.outcome.err
	case <-ctx.Done():
		return none, fmt.Errorf("workerpool: wait for a job: %w", ctx.Err())
	}
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

// An outcome is what a job and its Future share.
type outcome[Res any] struct {
	// open has one token while the job has not ended. The first to take it says how the job ends: Work that returns
	// after it was abandoned comes too late.
	open  chan struct{}
	done  chan struct{}
	value Res
	err   error
}

// A job is a message: to the queue, then as part of one to the hub, then to a worker.
type job[Req, Res any] struct {
	req     Req
	outcome *outcome[Res]
	worker  *worker[Req, Res] // nil until the hub gives it to one
}

func newJob[Req, Res any](req Req) *job[Req, Res] {
	o := &outcome[Res]{open: make(chan struct{}, 1), done: make(chan struct{})}
	o.open <- struct{}{}
	return &job[Req, Res]{req: req, outcome: o}
}

// end is the end of the job, if that has not come. The hub hears of it first, so that whoever saw a Future done finds
// the job counted.
func (j *job[Req, Res]) end(v Res, err error) {
	select {
	case <-j.outcome.open:
	default:
		return
	}
	if j.worker != nil {
		// Refused only when the hub drains or stops: then nobody needs to know any more.
		_ = j.worker.hub.TryTell(finished[Req, Res]{j.worker, err != nil})
	}
	j.outcome.value, j.outcome.err = v, err
	close(j.outcome.done)
}

// Fail is called by the runtime when the job becomes a dead letter: its Work has panicked for the last time, or the
// pool stops. It runs where that happens, on the worker's own turn for a panic.
func (j *job[Req, Res]) Fail(err error) {
	if errors.Is(err, runtime.ErrAbandoned) {
		err = fmt.Errorf("%w: %w", runtime.ErrStopped, err) // nothing but a stop abandons
	}
	var none Res
	j.end(none, fmt.Errorf("workerpool: job failed: %w", err))
}
