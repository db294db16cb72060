package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// resumeAlways is for stages and workers: nothing but a Goexit of the user's function makes one fail, after its outcome has
// been dealt with, so there is nothing to restart.
var resumeAlways = supervisor.Config{Decide: func(error) supervisor.Directive { return supervisor.Resume }}

// A command is what a run's actor receives. It has one of these.
type command struct {
	fail  error                 // ends the run
	drain bool                  // ends the sources
	ended bool                  // a stage has stopped
	gate  runtime.Ref[struct{}] // the run's gate, where attach says so
	note  gateNote
}

type gateNote uint8

const (
	attached gateNote = iota + 1 // the gate is there
	detached                     // it has stopped
)

// Fail is called when a command becomes a dead letter: the run was stopped by itself before it had its gate.
func (c command) Fail(error) {
	if c.note == attached {
		c.gate.Stop()
	}
}

// A common is what all stages of a run know of it.
type common struct {
	run         runtime.Ref[command]
	draining    chan struct{} // closed when sources are to end
	stopTimeout time.Duration
}

// fail ends the run. The first failure counts.
func (c *common) fail(err error) { _ = c.run.TryTell(command{fail: err}) }

// A keeper is the behaviour of a run's actor: the parent of the stages, which begins and ends them.
type keeper struct {
	common
	nodes     []*node
	start     []func(*builder) error
	result    *result
	begin     []func() // lets the sources begin, when all stages are there
	quit      []func() // tells an actor each that the run is cancelled
	stop      []func() // stops one
	drain     []func() // more to do at a drain
	alive     int      // stages
	gated     bool     // the gate is there, or will be
	gate      runtime.Ref[struct{}]
	over      chan struct{} // closed at the end
	cancelled chan struct{} // closed when the run is cancelled
	err       error
	started   bool
	ended     bool
	failed    bool
	drains    bool
}

// Started starts the stages. A run is not run again where a supervisor restarts its siblings, and it too: its items are gone.
func (k *keeper) Started(ctx *runtime.Context[command]) error {
	if k.started {
		ctx.Stop()
		return nil
	}
	k.started = true
	k.run, k.gated = ctx.Self(), true
	for _, n := range k.nodes {
		k.result.gauges = append(k.result.gauges, newSlot(shown{stats: StageStats{Name: n.name}}))
	}
	b := &builder{ctx, k}
	for _, start := range k.start {
		if err := start(b); err != nil {
			return err
		}
	}
	// A stop of the parent would end the stages one after the other.
	context.AfterFunc(ctx, k.quitAll)
	for _, begin := range k.begin {
		begin()
	}
	// A shutdown waits for it, and lets the stages work on meanwhile: to the runtime they look as if they had nothing to
	// do, while what they have waits for the next stage.
	runtime.Pipe(ctx, func(ctx context.Context) (struct{}, error) {
		k.await(ctx)
		return struct{}{}, nil
	}, func(struct{}, error) command { return command{} })
	return nil
}

// grace is how long functions have to notice that their context has ended before their actors are stopped by force, which
// makes dead letters of what is in their mailboxes.
const grace = 100 * time.Millisecond

// await waits for the end of the run, and helps it along where functions do not heed their context.
func (k *keeper) await(ctx context.Context) {
	select {
	case <-k.over:
		return
	case <-ctx.Done():
		return
	case <-k.cancelled:
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-k.over:
	case <-ctx.Done():
	case <-timer.C:
		for _, stop := range k.stop {
			stop()
		}
	}
}

func (k *keeper) Receive(ctx *runtime.Context[command], c command) error {
	switch {
	case c.fail != nil:
		k.cancel(c.fail)
	case c.drain:
		k.drainAll()
	case c.ended:
		k.alive--
	case c.note == attached:
		k.gate = c.gate
		runtime.Watch(ctx, c.gate, func(error) command { return command{note: detached} })
	case c.note == detached:
		k.gated = false
	}
	if k.alive == 0 && !k.ended {
		// The gate goes first, so that nothing is left of a run that has stopped.
		if k.gate.Stop(); !k.gated {
			k.end(ctx)
		}
	}
	return nil
}

func (k *keeper) cancel(err error) {
	if k.failed || k.ended {
		return
	}
	k.failed, k.err = true, err
	close(k.cancelled)
	k.quitAll()
}

// quitAll tells all stages that the run is cancelled. It is called once they are all there, and may be called again.
func (k *keeper) quitAll() {
	for _, quit := range k.quit {
		quit()
	}
}

func (k *keeper) drainAll() {
	if k.drains {
		return
	}
	k.drains = true
	close(k.draining)
	for _, drain := range k.drain {
		drain()
	}
}

// end is when all stages have stopped.
func (k *keeper) end(ctx *runtime.Context[command]) {
	k.ended = true
	close(k.over)
	ctx.Self().StopWhenEmpty()
}

// Stopped says how the run has ended.
func (k *keeper) Stopped(_ *runtime.Context[command], cause error) {
	if !k.ended {
		close(k.over)
		if !k.failed {
			k.err = stopped(cause)
		}
	}
	k.gate.Stop() // where the run alone was stopped
	stats, lost := k.result.read()
	var in, out uint64
	for _, s := range stats.Stages {
		in += s.In
		out += s.Out
	}
	stats.Dropped = max(out, in) - in + lost // less were sent, it seems, than arrived, where a stage was abandoned
	k.result.stats, k.result.err = stats, k.err
}

// gauge returns the gauge of n.
func (b *builder) gauge(n *node) gauge {
	for i, other := range b.keeper.nodes {
		if other == n {
			return gauge{stats: StageStats{Name: n.name}, shown: b.keeper.result.gauges[i]}
		}
	}
	panic("pipeline: a stage that was not surveyed")
}

// watch makes the run wait for an actor, and tell it when it is cancelled.
func watch[M any](b *builder, ref runtime.Ref[M], quit func()) {
	k := b.keeper
	k.alive++
	k.quit = append(k.quit, quit)
	k.stop = append(k.stop, ref.Stop)
	runtime.Watch(b.ctx, ref, func(error) command { return command{ended: true} })
}

func stopped(cause error) error {
	if cause != nil {
		return fmt.Errorf("%w before the run had ended: %w", runtime.ErrStopped, cause)
	}
	return fmt.Errorf("%w before the run had ended", runtime.ErrStopped)
}
