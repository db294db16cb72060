package workerpool

import (
	"context"
	"errors"
	"fmt"

	"github.com/troupe-go/troupe/runtime"
)

// A Pool is a number of workers behind one queue, or one for each. All methods are safe for concurrent use.
type Pool[Req, Res any] struct {
	cfg  Config[Req, Res]
	hub  runtime.Ref[message[Req, Res]]
	warn func(err error, failures uint64) // logs, as the hub's actor
	life context.Context                  // the hub's

	shared *post[Req, Res] // under Shared: the only one

	// roster has all posts. Whoever has taken it from the channel owns it.
	roster chan *roster[Req, Res]
	lanes  lanes[Req, Res] // under ByKey

	closing chan struct{} // has a token when the pool drains: from then on only its own Work may hand jobs in
	growth  chan struct{} // has a token while the hub wants to know that jobs wait; nil: it never does
	mute    chan uint64   // failures that nobody was told of
	emptied chan struct{} // closed when the pool has stopped, and all jobs that it had left have failed
}

// Stats are a pool's figures. Accepted = Done + Failed + Dropped + Left + Queued + Busy, exactly, at any time.
type Stats struct {
	Workers  int    // that there are to be
	Busy     int    // jobs that are being worked on; more than Workers for a while after a Resize to less
	Queued   int    // jobs that wait for a worker
	Accepted uint64 // jobs that were handed in without an error
	Done     uint64 // jobs whose Work returned no error
	Failed   uint64 // jobs whose Work returned an error, panicked for the last time, or was abandoned
	Dropped  uint64 // jobs that the overflow policy evicted
	Left     uint64 // jobs that had not begun when the pool stopped
	Retried  uint64 // tries after the first one of a job
	Restarts uint64 // of workers, after panics
}

// New starts a pool under p. It does not block.
//
// It returns an error that wraps ErrConfig if c is wrong, and the errors of runtime.Spawn.
func New[Req, Res any](p runtime.Parent, c Config[Req, Res]) (*Pool[Req, Res], error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	pool := &Pool[Req, Res]{
		cfg:    c,
		roster: make(chan *roster[Req, Res], 1), closing: make(chan struct{}, 1),
		mute: make(chan uint64, 1), emptied: make(chan struct{}),
	}
	pool.mute <- 0
	if c.scales() {
		pool.growth = make(chan struct{}, 1)
		pool.growth <- struct{}{}
	}
	r, err := pool.newRoster()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if c.Dispatch == Shared {
		pool.shared = r.posts[0]
	}
	pool.roster <- r
	if err := spawnHub(p, pool); err != nil {
		return nil, err
	}
	return pool, nil
}

// Resize changes the number of workers. More begin at once. With less, as many as are too many finish what they have, idle
// ones going first, and stop; where each worker has a queue, they finish that, but for jobs of ByKey, which go to others.
// It does not wait for that, only for the pool's answer. Where the pool scales, it goes on from there.
//
// It returns an error that wraps ErrConfig when workers is less than 1, or outside of the bounds of Config.Scale, one that
// wraps ctx.Err() when ctx ended first, and one that wraps runtime.ErrStopped when the pool is stopped or stops.
func (p *Pool[Req, Res]) Resize(ctx context.Context, workers int) error {
	switch c := &p.cfg; {
	case workers < 1:
		return badConfig("Workers", workers, "1 or more")
	case c.scales() && (workers < c.Workers || workers > c.Scale.Max):
		return badConfig("Workers", workers, fmt.Sprintf("%d to %d, as the pool scales", c.Workers, c.Scale.Max))
	}
	_, err := runtime.Ask(ctx, p.hub, func(r runtime.Reply[struct{}]) message[Req, Res] {
		return resize[Req, Res]{r, workers}
	})
	return err
}

// Stats returns the pool's figures, all of one moment. A job whose Future is done is counted. When the pool does not
// answer it returns the errors of Resize, and after its end the last figures too.
func (p *Pool[Req, Res]) Stats(ctx context.Context) (Stats, error) {
	s, err := runtime.Ask(ctx, p.hub, func(r runtime.Reply[Stats]) message[Req, Res] { return stats[Req, Res]{r} })
	if errors.Is(err, runtime.ErrStopped) && isClosed(p.Done()) {
		r := <-p.roster
		s = r.last
		p.roster <- r
	}
	return s, err
}

// Drain refuses new jobs from now on, finishes those that were accepted, stops the pool, and returns nil when it has
// stopped. What Work hands in to its own pool meanwhile, with its context, is still accepted and finished. When ctx ends
// first, it calls Stop and returns an error that wraps ctx.Err(). It may be called several times. Where ctx is nil it
// returns an error that wraps ErrConfig, and does nothing. Work must not drain its own pool: that would wait for itself.
func (p *Pool[Req, Res]) Drain(ctx context.Context) error {
	if ctx == nil {
		return errNil
	}
	p.hub.StopWhenEmpty()
	select {
	case <-p.Done():
		return nil
	case <-ctx.Done():
	}
	if isClosed(p.Done()) { // in the same instant
		return nil
	}
	p.Stop()
	return fmt.Errorf("workerpool: drain %s: %w", p.hub.Path(), ctx.Err())
}

// Stop stops the pool. Jobs that wait fail at once with an error that wraps runtime.ErrStopped; the context of Work
// ends in all workers, and what it then returns is the end of its job. Stop does not wait: see Done.
func (p *Pool[Req, Res]) Stop() {
	p.hub.Stop()
	p.abandon()
}

// Done returns a channel that is closed when the pool has stopped, with all its workers.
func (p *Pool[Req, Res]) Done() <-chan struct{} { return p.hub.Done() }
