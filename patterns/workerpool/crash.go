package workerpool

import (
	"context"
	"errors"
	"fmt"

	"github.com/troupe-go/troupe/runtime"
)

// This file is what happens to a job whose Work comes to no end.

// Restarting is the end of a behaviour whose Work has failed. If there is no more try left, so has its job, and the next
// behaviour says so, which may wait. By then the supervisor has decided, so that what Work held is on its way back.
func (w *worker[Req, Res]) Restarting(ctx *runtime.Context[turn[Req, Res]], cause error) {
	d := <-w.desk
	d.told, d.sending = false, false // if that was what has failed
	w.desk <- d
	switch {
	case !w.busy:
	case w.crash != nil: // saying so has failed
		w.giveUp(cause)
	case w.settled || !w.again(ctx, cause):
		w.crash, w.settled = failure(cause), false
	}
}

// crashed is called before Restarting, and also where there is none, since the worker was abandoned. Then this is the end of
// a job that nobody waits for.
func (w *worker[Req, Res]) crashed() {
	d := <-w.desk
	lost := d.lost
	w.desk <- d
	if lost && w.busy && !w.onDesk() {
		w.busy = false
		w.pool.untold(w.job.req, failure(runtime.ErrAbandoned))
	}
}

// Stopped ends the job that the worker still has where it was stopped before it could begin anew.
func (w *worker[Req, Res]) Stopped(ctx *runtime.Context[turn[Req, Res]], cause error) {
	if cause == nil {
		cause = runtime.ErrStopped
	}
	defer func() { // also if OnError ends the goroutine
		w.putLaneBack()
		if w.pool.life.Err() == nil {
			_ = w.pool.hub.Tell(context.WithoutCancel(ctx), gone[Req, Res]{w}) // its own context is over
		}
	}()
	defer w.publish(nil)
	w.giveUp(cause)
}

// giveUp fails the job in hand, if there is one.
func (w *worker[Req, Res]) giveUp(cause error) {
	w.tries, w.crash, w.settled = tries{}, nil, false
	if !w.busy {
		return
	}
	w.busy = false
	d := <-w.desk
	d.failed++
	d.job, d.busy = job[Req, Res]{}, false
	w.desk <- d
	w.pool.fail(w.job, failure(cause))
}

// Fail is called by the runtime when a turn becomes a dead letter: the worker stops, or its Work was abandoned. Then this
// is the end of its job, as far as that is known; of one that nobody waits for, OnError is told when Work returns.
func (t turn[Req, Res]) Fail(err error) {
	w := t.worker
	if errors.Is(err, runtime.ErrAbandoned) {
		w.abandon(err)
	}
	w.post.found() // others go on
}

func (w *worker[Req, Res]) abandon(cause error) {
	d := <-w.desk
	if d.sending { // it ends when its result is sent, or cannot be
		d.lost = true
		w.desk <- d
		w.putLaneBack()
		return
	}
	j, onDesk, first := d.job, d.busy, !d.lost
	if first && !d.told {
		d.failed++
	}
	d.job, d.busy, d.lost = job[Req, Res]{}, false, true
	w.desk <- d
	if first && onDesk {
		w.pool.fail(j, failure(cause))
	}
	w.putLaneBack()
}

// failure is the error of a job whose Work came to no end: it panicked, or was abandoned.
func failure(err error) error {
	if errors.Is(err, runtime.ErrAbandoned) && !errors.Is(err, runtime.ErrStopped) {
		err = fmt.Errorf("%w: %w", runtime.ErrStopped, err) // nothing but a stop abandons
	}
	return fmt.Errorf("workerpool: job failed: %w", err)
}
