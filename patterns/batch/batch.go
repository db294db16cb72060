package batch

import (
	"context"
	"fmt"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// A Batcher makes calls of requests. All methods are safe for concurrent use.
type Batcher[Req, Res any] struct {
	ref runtime.Ref[message[Req, Res]]
}

// Stats are a batcher's figures.
type Stats struct {
	Waiting  int    // requests that wait for a call
	Calling  int    // calls under way
	Calls    uint64 // that were begun
	Requests uint64 // in all calls that were begun: those per call are Requests / Calls
	Failed   uint64 // calls that have crashed, or failed for all of their requests or some
}

// New starts a batcher under p. It does not block.
//
// It returns an error that wraps ErrConfig if c is wrong, and the errors of runtime.Spawn.
func New[Req, Res any](p runtime.Parent, c Config[Req, Res]) (*Batcher[Req, Res], error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	ref, err := spawn(p, &collector[Req, Res]{cfg: c, began: time.Now()})
	if err != nil {
		return nil, err
	}
	return &Batcher[Req, Res]{ref}, nil
}

// Do hands req in and waits for its answer, or until ctx ends. While Queue requests wait, it waits in line behind them. A
// request that was given up before its batch was called is not called; afterwards its answer is thrown away. Pass a
// handler's context inside a handler: a system that shuts down still accepts requests from its own actors, until it is
// the batcher's turn to drain.
//
// It returns what Call returned for req; an error that wraps *runtime.PanicError, or runtime.ErrGoexit, when Call crashed,
// and ErrResults when it returned another number of results; an error that wraps ctx.Err() when ctx ended first; and one that
// wraps runtime.ErrStopped when the batcher is stopped or drains, or its system shuts down and ctx is not that of one of its
// actors.
//
// A Call that calls Do on its own batcher waits for itself, if all of Parallel do.
func (b *Batcher[Req, Res]) Do(ctx context.Context, req Req) (Res, error) {
	return b.do(ctx, req, false)
}

// TryDo is Do that does not wait for room: it returns mailbox.ErrFull at once while Queue requests wait. Otherwise it waits
// for its answer.
func (b *Batcher[Req, Res]) TryDo(ctx context.Context, req Req) (Res, error) {
	return b.do(ctx, req, true)
}

func (b *Batcher[Req, Res]) do(ctx context.Context, req Req, try bool) (Res, error) {
	res, err := runtime.Ask(ctx, b.ref, func(r runtime.Reply[Res]) message[Req, Res] {
		return message[Req, Res]{Reply: r, req: req, try: try}
	})
	if err != nil && ctx != nil && ctx.Err() != nil {
		_ = b.tell(withdrawn[Req, Res]{}) // fails only when the batcher is gone, and all requests with it
	}
	return res, err
}

func (b *Batcher[Req, Res]) tell(e event[Req, Res]) error {
	return b.ref.TryTell(message[Req, Res]{event: e})
}

// Flush has what waits now called without further delay, as soon as Parallel allows. It does not wait for that. It does
// nothing where Delay is 0.
//
// It returns an error that wraps runtime.ErrStopped when the batcher has stopped, or it is its turn in a shutdown.
func (b *Batcher[Req, Res]) Flush() error { return b.tell(flush[Req, Res]{}) }

// Stats returns the batcher's figures. A call whose askers have their answers may be under way still, as far as they say.
// It returns an error that wraps ctx.Err() when ctx ended first, and one that wraps runtime.ErrStopped as Do does.
func (b *Batcher[Req, Res]) Stats(ctx context.Context) (Stats, error) {
	return runtime.Ask(ctx, b.ref, func(r runtime.Reply[Stats]) message[Req, Res] {
		return message[Req, Res]{event: stats[Req, Res]{r}}
	})
}

// Drain refuses new requests from now on, has those that wait called without further delay, stops the batcher, and returns
// nil when it has stopped. When ctx ends first, it calls Stop and returns an error that wraps ctx.Err(). It may be called
// several times. Where ctx is nil it returns an error that wraps ErrConfig, and does nothing. Call must not drain its own
// batcher: that would wait for itself.
func (b *Batcher[Req, Res]) Drain(ctx context.Context) error {
	if ctx == nil {
		return fmt.Errorf("%w: ctx is nil: want a context", ErrConfig)
	}
	_ = b.tell(drain[Req, Res]{}) // fails only when it has stopped, or a shutdown drains it
	select {
	case <-b.Done():
		return nil
	case <-ctx.Done():
	}
	select {
	case <-b.Done(): // in the same instant
		return nil
	default:
		b.Stop()
		return fmt.Errorf("batch: drain %s: %w", b.ref.Path(), ctx.Err())
	}
}

// Stop stops the batcher. Requests that wait fail at once with an error that wraps runtime.ErrStopped; the context of Call
// ends, and what it then returns is the answer of those that it has. Stop does not wait: see Done.
func (b *Batcher[Req, Res]) Stop() {
	if b.tell(halt[Req, Res]{}) != nil {
		b.ref.Stop() // a shutdown drains it, and it listens to nobody else
	}
}

// Done returns a channel that is closed when the batcher has stopped, with all its calls.
func (b *Batcher[Req, Res]) Done() <-chan struct{} { return b.ref.Done() }
