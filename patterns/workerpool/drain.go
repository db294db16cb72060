package workerpool

import (
	"context"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// A drain of the pool, by whomever, comes to the hub, which has nothing queued, and goes on to its children, the youngest
// first, to each when the one before has stopped. That is the sentinel. It does not stop before all jobs are done; so the
// workers are still there until then, all of them, idle ones ready to be woken, and restarted when Work panics.
//
// Nobody tells an actor that it drains. But when it does, its children stop; so the sentinel has a child too, the probe,
// whose end is a message to it. Its handler then waits for the hub's answer that all is done, for as long as it takes.
type sentinel[Req, Res any] struct{ pool *Pool[Req, Res] }

func spawnSentinel[Req, Res any](ctx *runtime.Context[message[Req, Res]], p *Pool[Req, Res]) error {
	_, err := runtime.Spawn(ctx, runtime.Props[struct{}]{
		New: func() runtime.Actor[struct{}] { return sentinel[Req, Res]{p} },
	})
	return err
}

func (s sentinel[Req, Res]) Started(ctx *runtime.Context[struct{}]) error {
	_, err := runtime.Spawn(ctx, runtime.Props[struct{}]{New: func() runtime.Actor[struct{}] { return probe{ctx} }})
	return err
}

// Receive is called when the pool drains. An error says that it stops instead.
func (s sentinel[Req, Res]) Receive(ctx *runtime.Context[struct{}], _ struct{}) error {
	_, _ = runtime.Ask(ctx, s.pool.hub, func(r runtime.Reply[struct{}]) message[Req, Res] { return finish[Req, Res]{r} })
	return nil
}

type probe struct{ of *runtime.Context[struct{}] }

func (probe) Receive(*runtime.Context[struct{}], struct{}) error { return nil }

// Stopped tells of the end of the probe, unless the sentinel is stopped too. The probe's own context is over by now, but
// still says whose it is: a draining actor takes messages from its own tree alone.
func (p probe) Stopped(ctx *runtime.Context[struct{}], _ error) {
	if p.of.Err() == nil {
		_ = p.of.Self().Tell(context.WithoutCancel(ctx), struct{}{})
	}
}

// finish is answered when all jobs are done.
type finish[Req, Res any] struct{ runtime.Reply[struct{}] }

func (m finish[Req, Res]) apply(_ *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	if !h.pool.isClosing() {
		h.pool.closing <- struct{}{}
	}
	h.drained = m.Reply
	h.rested()
}

// rested is told by each worker that becomes idle while the pool drains.
type rested[Req, Res any] struct{}

func (rested[Req, Res]) apply(_ *runtime.Context[message[Req, Res]], h *hub[Req, Res]) { h.rested() }

// inside is told by who hands in a job while the pool drains. It is nothing but what is refused from outside.
type inside[Req, Res any] struct{}

func (inside[Req, Res]) apply(*runtime.Context[message[Req, Res]], *hub[Req, Res]) {}

// rested ends the drain when there is nothing more to do, and nobody who could hand something in.
func (h *hub[Req, Res]) rested() {
	if !h.drained.Pending() || !h.quiet() {
		return
	}
	r := <-h.pool.roster
	for _, q := range h.pool.queues(r) {
		q.Close()
	}
	h.pool.roster <- r
	if h.quiet() {
		h.drained.Send(struct{}{})
		return
	}
	for _, at := range h.pool.all() { // something came in between; nothing comes from now on
		at.wake()
	}
}

// quiet reports whether all workers are idle, and no job waits.
func (h *hub[Req, Res]) quiet() bool {
	idle := 0
	for _, at := range h.pool.all() {
		n, _ := at.sitting()
		idle += n
		if at.waits() > 0 {
			return false
		}
	}
	return idle == len(h.workers) && h.pool.lanes.waits() == 0
}

// spawnCrew starts the workers' parent, and returns its context, under which they are spawned.
func spawnCrew[Req, Res any](ctx *runtime.Context[message[Req, Res]]) (*runtime.Context[struct{}], error) {
	c := &crew{}
	_, err := runtime.Spawn(ctx, runtime.Props[struct{}]{
		New:      func() runtime.Actor[struct{}] { return c },
		Mailbox:  mailbox.Config[struct{}]{Capacity: 1}, // nobody tells it anything
		Children: supervisor.Config{MaxRestarts: supervisor.Unlimited},
	})
	return c.ctx, err
}

type crew struct{ ctx *runtime.Context[struct{}] }

func (c *crew) Started(ctx *runtime.Context[struct{}]) error {
	c.ctx = ctx
	return nil
}

func (*crew) Receive(*runtime.Context[struct{}], struct{}) error { return nil }
