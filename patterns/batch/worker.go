package batch

import (
	"context"
	goruntime "runtime"
	"runtime/debug"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// A worker is what one Pipe of the collector does: it fetches a batch, calls, answers, and fetches the next, until there is
// none. With a new Pipe for each call, one asker alone took 9.8 µs for a request, and takes 1.5 as it is. A child actor for
// each would not do: a shutdown ends children while the collector still has requests for them, but waits for pipes as long
// as there are any.
//
// For the same reason it is a worker that waits for Delay to pass, and not a timer of the actor: one that drains has none.
type worker[Req, Res any] struct {
	runtime.Reply[verdict] // of its ask for a batch
	of                     runtime.Ref[message[Req, Res]]
	call                   func(context.Context, []Req) ([]Res, error)
	hurry                  chan struct{}     // has a token when it need not wait any longer
	batch                  []asked[Req, Res] // filled by the collector before it answers
	failed                 bool              // the last call did, or some of its requests

	// The collector's alone.
	coming bool // will ask
	busy   bool // calls
	stays  int  // how often in a row it was to linger
}

// A verdict is what a worker is to do: call, or wait for so long, or let others run and ask again, or go home.
type verdict time.Duration

const (
	calls    verdict = 0
	lingers  verdict = -1
	goesHome verdict = -2
)

// stays is how often a worker lingers before it goes home. Those whom it has just answered come with their next request
// meanwhile, and need no new worker.
const stays = 2

// work is what the Pipe does. It returns the failure of a Call that crashed: the leases that this had go back with the
// end of the Pipe.
func (w *worker[Req, Res]) work(ctx context.Context) (struct{}, error) {
	ask := func(r runtime.Reply[verdict]) message[Req, Res] {
		w.Reply = r
		return message[Req, Res]{event: w}
	}
	for {
		v, err := runtime.Ask(ctx, w.of, ask)
		switch {
		case err != nil || v == goesHome:
			return struct{}{}, err
		case v == calls:
			err = w.perform(ctx)
			goruntime.Gosched() // those who have their answers may ask again: 100 askers make half as many calls so
		case v == lingers:
			goruntime.Gosched()
		default:
			err = w.wait(ctx, time.Duration(v))
		}
		if err != nil {
			return struct{}{}, err
		}
	}
}

// perform calls and answers, and returns an error if Call crashed.
func (w *worker[Req, Res]) perform(ctx context.Context) (crash error) {
	crash = runtime.ErrGoexit // unless all goes well
	defer func() {
		if v := recover(); v != nil {
			crash = &runtime.PanicError{Value: v, Stack: debug.Stack()}
		}
		if crash != nil {
			w.fail(crash)
		}
		clear(w.batch)
	}()
	reqs := make([]Req, len(w.batch)) // Call's to keep
	for i, a := range w.batch {
		reqs[i] = a.req
	}
	results, err := w.call(ctx, reqs)
	w.failed = !w.answer(ctx, results, err)
	return nil
}

func (w *worker[Req, Res]) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.hurry:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
