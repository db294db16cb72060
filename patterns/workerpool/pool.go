package workerpool

import (
	"context"
	"fmt"

	"github.com/troupe-go/troupe/runtime"
)

// A Pool is a number of workers behind one queue. All methods are safe for concurrent use.
type Pool[Req, Res any] struct {
	hub   runtime.Ref[message[Req, Res]]
	queue runtime.Ref[*job[Req, Res]]
}

// Stats are a pool's figures.
type Stats struct {
	Workers  int    // that there are to be
	Busy     int    // jobs that are being worked on; more than Workers for a while after a Resize to less
	Queued   int    // jobs that wait for a worker
	Done     uint64 // jobs whose Work returned no error
	Failed   uint64 // jobs whose Work returned an error, panicked for the last time, or was abandoned
	Restarts uint64 // of workers, after panics
}

// New starts a pool under p. It does not block.
//
// It returns an error that wraps ErrConfig if c is wrong, and the errors of runtime.Spawn.
func New[Req, Res any](p runtime.Parent, c Config[Req, Res]) (*Pool[Req, Res], error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	hub, err := spawnHub(p, &c)
	if err != nil {
		return nil, err
	}
	// The younger sibling: a shutdown drains the queue while all workers are still there. If it were the workers'
	// sibling instead, those that Resize adds would be younger, and go first.
	queue, err := spawnQueue(p, &c, hub)
	if err != nil {
		hub.Stop()
		return nil, err
	}
	_ = hub.TryTell(attach[Req, Res]{queue}) // fails only when the pool is stopped already
	return &Pool[Req, Res]{hub, queue}, nil
}

// Submit hands a job in. While Queue jobs wait, it waits for room, in the order of arrival, or until ctx ends; ctx does
// not concern the job from then on. Pass a handler's context inside a handler: a system that shuts down still accepts
// jobs from its own actors, until it is the pool's turn to drain.
//
// It returns an error that wraps ctx.Err() when ctx ended first, and one that wraps runtime.ErrStopped when the pool is
// stopped or drains, or its system shuts down and ctx is not that of one of its actors. The job is then not done.
func (p *Pool[Req, Res]) Submit(ctx context.Context, req Req) (Future[Res], error) {
	j := newJob[Req, Res](req)
	if err := p.queue.Tell(ctx, j); err != nil {
		return Future[Res]{}, err
	}
	return Future[Res]{j.outcome}, nil
}

// TrySubmit is Submit that never waits: it returns mailbox.ErrFull while Queue jobs wait. Since it does not say who
// submits, it is accepted until the pool itself begins to drain or stop.
func (p *Pool[Req, Res]) TrySubmit(req Req) (Future[Res], error) {
	j := newJob[Req, Res](req)
	if err := p.queue.TryTell(j); err != nil {
		return Future[Res]{}, err
	}
	return Future[Res]{j.outcome}, nil
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

// Resize changes the number of workers. More begin at once. With less, as many as are too many finish the jobs that
// they have, idle ones going first, and stop. It does not wait for that, only for the pool's answer.
//
// It returns an error that wraps ErrConfig when workers is less than 1, one that wraps ctx.Err() when ctx ended first,
// and one that wraps runtime.ErrStopped when the pool is stopped or stops.
func (p *Pool[Req, Res]) Resize(ctx context.Context, workers int) error {
	if workers < 1 {
		return badConfig("Workers", workers, "1 or more")
	}
	_, err := runtime.Ask(ctx, p.hub, func(r runtime.Reply[struct{}]) message[Req, Res] {
		return resize[Req, Res]{r, workers}
	})
	return err
}

// Stats returns the pool's figures. A job whose Future is done is counted. It returns the errors of Resize when the
// pool does not answer.
func (p *Pool[Req, Res]) Stats(ctx context.Context) (Stats, error) {
	return runtime.Ask(ctx, p.hub, func(r runtime.Reply[Stats]) message[Req, Res] { return stats[Req, Res]{r} })
}

// Drain refuses new jobs from now on, finishes those that were accepted, stops the pool, and returns nil when it has
// stopped. When ctx ends first, it calls Stop and returns an error that wraps ctx.Err(). It may be called several times.
// Work must not drain its own pool: that would wait for itself.
func (p *Pool[Req, Res]) Drain(ctx context.Context) error {
	p.queue.StopWhenEmpty() // the hub follows
	select {
	case <-p.Done():
		return nil
	case <-ctx.Done():
	}
	select {
	case <-p.Done(): // in the same instant
		return nil
	default:
		p.Stop()
		return fmt.Errorf("workerpool: drain %s: %w", p.hub.Path(), ctx.Err())
	}
}

// Stop stops the pool. Jobs that wait fail at once with an error that wraps runtime.ErrStopped; the context of Work
// ends in all workers, and what it then returns is the end of its job. Stop does not wait: see Done.
func (p *Pool[Req, Res]) Stop() {
	p.queue.Stop()
	p.hub.Stop()
}

// Done returns a channel that is closed when the pool has stopped, with all its workers.
func (p *Pool[Req, Res]) Done() <-chan struct{} { return p.hub.Done() }
