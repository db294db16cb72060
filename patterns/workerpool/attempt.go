package workerpool

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// tries are how often a job was tried in vain.
type tries struct {
	failed int
	record supervisor.Record
	delay  time.Duration // until the next one
}

// do does the job in hand, as often as it takes. A panic leaves it: the next behaviour calls it again.
func (w *worker[Req, Res]) do(ctx *runtime.Context[turn[Req, Res]]) (v Res, err error) {
	out := w.job.out
	if out != nil && w.crash == nil {
		if err = out.unwanted(); err != nil {
			return v, err
		}
	}
	if err = w.crash; err == nil {
		err = w.wait(ctx)
	}
	if err == nil {
		v, err = w.try(ctx)
	}
	if err != nil && w.crash == nil && w.pool.cfg.RetryIf != nil {
		v, err = w.tryAgain(ctx, v, err)
	}
	if w.tries.failed > 0 {
		w.tries = tries{}
	}
	if out != nil && out.sends() {
		if !w.claim() {
			return v, err // its failure was sent
		}
		w.settled = true
		if untold := out.send(ctx, v, err); untold != nil {
			err = untold
		}
	}
	w.crash, w.settled = nil, false
	return v, err
}

// claim has the result of the job in hand sent by nobody else. It reports false if the job was abandoned.
func (w *worker[Req, Res]) claim() bool {
	d := <-w.desk
	d.sending = !d.lost
	w.desk <- d
	return d.sending
}

// tryAgain is what follows an error that Work has returned.
func (w *worker[Req, Res]) tryAgain(ctx *runtime.Context[turn[Req, Res]], v Res, err error) (Res, error) {
	for err != nil && ctx.Err() == nil && w.retryIf(err) && w.again(ctx, err) {
		if over := w.wait(ctx); over != nil {
			return v, over
		}
		v, err = w.try(ctx)
	}
	return v, err
}

// retryIf asks whether Work is to be called again. A panic of RetryIf is no answer to that: it is the end of the job.
func (w *worker[Req, Res]) retryIf(err error) bool {
	w.settled = true
	yes := w.pool.cfg.RetryIf(err)
	w.settled = false
	return yes
}

// try calls Work once.
func (w *worker[Req, Res]) try(ctx *runtime.Context[turn[Req, Res]]) (v Res, err error) {
	if c := &w.pool.cfg; c.Timeout == 0 {
		v, err = c.Work(ctx, w.job.req)
	} else {
		v, err = w.tryInTime(ctx)
	}
	return v, stopped(ctx, err)
}

// stopped returns the error that Work has returned, and adds what may be the reason for it.
func stopped(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", runtime.ErrStopped, err)
	}
	return err
}

func (w *worker[Req, Res]) tryInTime(ctx context.Context) (v Res, err error) {
	limited, cancel := context.WithTimeout(ctx, w.pool.cfg.Timeout)
	defer cancel()
	v, err = w.pool.cfg.Work(limited, w.job.req)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && errors.Is(limited.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("workerpool: %w: %w", context.DeadlineExceeded, err)
	}
	return v, err
}

// again reports whether a job that has failed is to be tried again, and when.
func (w *worker[Req, Res]) again(ctx context.Context, cause error) bool {
	c := &w.pool.cfg
	if w.tries.failed == c.Retries || ctx.Err() != nil {
		return false
	}
	w.tries.failed++
	d := <-w.desk
	d.retried++
	w.desk <- d
	if c.Backoff == (supervisor.Backoff{}) {
		return true
	}
	// The tries of one job are the restarts of one child, however long each takes.
	now := time.Now()
	s := supervisor.Config{MaxRestarts: supervisor.Unlimited, Within: math.MaxInt64, Backoff: c.Backoff}
	w.tries.record.Started(now)
	w.tries.delay = s.Failed(&supervisor.History{}, &w.tries.record, supervisor.Permanent, cause, now, rand.Float64).Delay
	return true
}

// wait waits until the next try, if there is a delay, and returns an error when the worker stops meanwhile. A timer of the
// actor would spare the goroutine, but an actor that drains has none.
func (w *worker[Req, Res]) wait(ctx context.Context) error {
	if w.tries.delay == 0 {
		return nil
	}
	timer := time.NewTimer(w.tries.delay)
	defer timer.Stop()
	w.tries.delay = 0
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("workerpool: job failed: %w before its next try", runtime.ErrStopped)
	}
}
