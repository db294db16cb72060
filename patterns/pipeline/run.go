package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

var errNil = fmt.Errorf("%w: ctx is nil: want a context", ErrConfig)

// A Run is a flow that runs. All methods are safe for concurrent use.
type Run struct {
	ref    runtime.Ref[command]
	result *result
}

// A result is how a run has ended. It is written before its actor has stopped.
type result struct {
	err    error
	stats  Stats
	gauges []slot[shown]
}

// Run starts the flow that ends in s, under p, and returns when all its stages are there. It does not wait for items. When
// ctx ends, the run is cancelled.
//
// It returns an error that wraps ErrConfig if a stage or c is wrong, or not all branches of a flow are there; ErrUsed too
// when a flow is used twice, or was run before; and the errors of runtime.Spawn. Nothing runs then, but where p
// stops at the same time a source may have been asked for its first items.
func (s Sink) Run(ctx context.Context, p runtime.Parent, c Config) (*Run, error) {
	if ctx == nil {
		return nil, errNil
	}
	if c.StopTimeout < 0 {
		return nil, badConfig("Config.StopTimeout", c.StopTimeout, "0 (5s) or more")
	}
	nodes, err := survey(s.nodes)
	if err != nil {
		return nil, err
	}
	k := &keeper{
		nodes:     nodes,
		start:     s.start,
		result:    new(result),
		common:    common{draining: make(chan struct{}), stopTimeout: c.StopTimeout},
		over:      make(chan struct{}),
		cancelled: make(chan struct{}),
	}
	r := &Run{result: k.result}
	r.ref, err = runtime.Spawn(p, runtime.Props[command]{
		Name:        c.Name,
		New:         func() runtime.Actor[command] { return k },
		Mailbox:     mailbox.Config[command]{Capacity: mailbox.Unbounded}, // a Cancel counts, however many are before it
		Children:    resumeAlways,
		StopTimeout: c.StopTimeout,
	})
	if err != nil {
		return nil, fmt.Errorf("pipeline: run: %w", err)
	}
	unhook := context.AfterFunc(ctx, func() { r.cancel(context.Cause(ctx)) })
	// The younger sibling: when a shutdown comes to it, sources are told to end, and then the run is drained, which takes
	// until everything has arrived.
	g, err := runtime.Spawn(p, runtime.Props[struct{}]{New: func() runtime.Actor[struct{}] { return gate{r.ref, unhook} }})
	if err == nil {
		err = r.ref.TryTell(command{note: attached, gate: g})
	}
	if err != nil {
		unhook()
		g.Stop()
		r.ref.Stop()
		return nil, fmt.Errorf("pipeline: run: %w", err)
	}
	return r, nil
}

// A gate tells a run that a shutdown has begun. The run stops it at its end.
type gate struct {
	run    runtime.Ref[command]
	unhook func() bool // from the context of Run
}

func (gate) Receive(*runtime.Context[struct{}], struct{}) error { return nil }

func (g gate) Stopped(*runtime.Context[struct{}], error) {
	g.unhook()
	_ = g.run.TryTell(command{drain: true}) // refused where the run has ended
}

// Wait waits until the run has ended, and everything of it has stopped, or until ctx ends, which does not concern the
// run.
//
// It returns nil when every item has arrived; a *StageError when a stage has stopped the run; an error that wraps
// ErrCancelled when it was cancelled, and the reason too; one that wraps runtime.ErrStopped when the run's parent stopped
// it; and one that wraps ctx.Err() when ctx ended first.
func (r *Run) Wait(ctx context.Context) error {
	select {
	case <-r.ref.Done():
		return r.result.err
	default:
	}
	if ctx == nil {
		return errNil
	}
	select {
	case <-r.ref.Done():
		return r.result.err
	case <-ctx.Done():
		return fmt.Errorf("pipeline: wait for %s: %w", r.ref.Path(), ctx.Err())
	}
}

// Cancel ends the run at once: the contexts of all functions end, no function is called any more, and what is under way
// is dropped, and counted in Stats. It does not wait: see Wait, Done. After the run's end it does nothing.
func (r *Run) Cancel() { r.cancel(nil) }

func (r *Run) cancel(cause error) {
	err := ErrCancelled
	if cause != nil {
		err = fmt.Errorf("%w: %w", ErrCancelled, cause)
	}
	_ = r.ref.TryTell(command{fail: err})
}

// Drain makes the sources stop at their next item, and waits until everything that was under way has arrived, and the run
// has ended. It returns what Wait returns; when ctx ends first, it cancels the run and returns an error that wraps
// ctx.Err(). It may be called several times. A function of the run must not drain it: that would wait for itself.
func (r *Run) Drain(ctx context.Context) error {
	if ctx == nil {
		return errNil
	}
	_ = r.ref.TryTell(command{drain: true})
	err := r.Wait(ctx)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		r.cancel(ctx.Err())
	}
	return err
}

// Done returns a channel that is closed when the run has ended, and everything of it has stopped.
func (r *Run) Done() <-chan struct{} { return r.ref.Done() }

// Stats returns the run's figures. It waits for nothing. Once the run has ended they are exact.
func (r *Run) Stats() Stats {
	select {
	case <-r.ref.Done():
		return r.result.stats
	default:
		s, _ := r.result.read()
		return s
	}
}

// read returns what the stages show, and how many items are inside of them.
func (r *result) read() (s Stats, lost uint64) {
	s.Stages = make([]StageStats, len(r.gauges))
	for i, from := range r.gauges {
		now := from.get()
		s.Stages[i] = now.stats
		lost += now.lost
	}
	return s, lost
}
