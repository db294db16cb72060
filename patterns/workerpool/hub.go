package workerpool

import (
	"context"
	"math"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// A hub is the behaviour of the pool's actor. It says how many workers there are, and counts. Jobs do not come by. It
// never blocks, and it outlives restarts.
//
// Its children are the crew, which is the workers' parent, and the sentinel, the youngest, which is the first to hear of a
// drain: were the workers its siblings, those that Resize adds would be younger, and go first.
type hub[Req, Res any] struct {
	pool     *Pool[Req, Res]
	crew     *runtime.Context[struct{}]
	target   int                            // workers that there are to be
	workers  map[*worker[Req, Res]]struct{} // all that have not ended
	drained  runtime.Reply[struct{}]        // the sentinel waits for the end of all jobs
	watching bool                           // a timer runs for the idle
	growing  bool                           // a timer runs for jobs that wait

	figures         // of workers that have ended
	restarts uint64 // likewise
}

func spawnHub[Req, Res any](p runtime.Parent, pool *Pool[Req, Res]) error {
	h := &hub[Req, Res]{pool: pool, target: pool.cfg.Workers, workers: make(map[*worker[Req, Res]]struct{})}
	_, err := runtime.Spawn(p, runtime.Props[message[Req, Res]]{
		Name:     pool.cfg.Name,
		New:      func() runtime.Actor[message[Req, Res]] { return h },
		Children: supervisor.Config{MaxRestarts: supervisor.Unlimited},
		// Each message belongs to a worker or to a caller that waits for its answer.
		Mailbox: mailbox.Config[message[Req, Res]]{Capacity: mailbox.Unbounded},
		Inline:  true,
	})
	return err
}

// A message is something that happened, and knows what follows from it for the hub.
type message[Req, Res any] interface {
	apply(ctx *runtime.Context[message[Req, Res]], h *hub[Req, Res])
}

// Started hires the workers. Those of the behaviour before are gone: a restart stops all children.
func (h *hub[Req, Res]) Started(ctx *runtime.Context[message[Req, Res]]) (err error) {
	p := h.pool
	if p.warn == nil { // the first time
		p.hub, p.life = ctx.Self(), ctx
		p.warn = func(err error, failures uint64) {
			ctx.Log().WithField("cause", err).WithField("failures", failures).Warn("a job failed that nobody waits for")
		}
		context.AfterFunc(ctx, p.abandon)
	}
	h.forgetAll()
	posts := p.all()
	for _, at := range posts {
		at.clear()
	}
	if h.crew, err = spawnCrew(ctx); err != nil {
		return err
	}
	if err := spawnSentinel(ctx, p); err != nil {
		return err
	}
	if p.shared == nil {
		for _, at := range posts {
			if err := h.hire(ctx, at); err != nil {
				return err
			}
		}
		return nil
	}
	h.watching, h.growing = false, false // timers end with the behaviour
	if err := h.grow(ctx, h.target); err != nil {
		return err
	}
	h.scaled(ctx)
	return nil
}

// Receive never blocks.
func (h *hub[Req, Res]) Receive(ctx *runtime.Context[message[Req, Res]], m message[Req, Res]) error {
	m.apply(ctx, h)
	return nil
}

// Stopped leaves the last figures behind. All workers have ended, or were abandoned.
func (h *hub[Req, Res]) Stopped(*runtime.Context[message[Req, Res]], error) {
	h.pool.abandon()
	<-h.pool.emptied
	h.forgetAll()
	last := h.stats()
	r := <-h.pool.roster
	r.last = last
	h.pool.roster <- r
}

// hire starts a worker at a post.
func (h *hub[Req, Res]) hire(ctx *runtime.Context[message[Req, Res]], at *post[Req, Res]) error {
	w := newWorker(h.pool, at)
	ref, err := runtime.Spawn(h.crew, runtime.Props[turn[Req, Res]]{
		New:     func() runtime.Actor[turn[Req, Res]] { return w },
		Mailbox: mailbox.Config[turn[Req, Res]]{Capacity: mailbox.Unbounded}, // there are two at most
		// A turn whose job has panicked goes on with the next behaviour.
		Redeliver: math.MaxInt,
	})
	if err != nil {
		return err
	}
	w.ref = ref
	// A stop of the hub stops its children one after the other, each with its own time to return. Here all of them
	// hear of it at once.
	w.unhook = context.AfterFunc(ctx, ref.Stop)
	h.workers[w] = struct{}{}
	if !at.sit(w, false) {
		ref.Stop()
	}
	return nil
}

// grow hires so many workers for the shared post.
func (h *hub[Req, Res]) grow(ctx *runtime.Context[message[Req, Res]], n int) error {
	for range n {
		if err := h.hire(ctx, h.pool.shared); err != nil {
			return err
		}
	}
	return nil
}

// resize has so many workers be there. Those that are too many go when they are idle.
func (h *hub[Req, Res]) resize(ctx *runtime.Context[message[Req, Res]], n int) error {
	more := n - h.target
	h.target = n
	at := h.pool.shared
	switch {
	case at != nil && more > 0:
		return h.grow(ctx, more-at.keep(more))
	case at != nil:
		at.dismiss(-more)
		return nil
	}
	for ; more > 0; more-- {
		at, err := h.pool.newPost()
		if err != nil {
			return err
		}
		if err := h.hire(ctx, at); err != nil {
			return err
		}
		h.pool.open(at)
	}
	for ; more < 0; more++ {
		h.pool.giveUp()
	}
	return nil
}

type resize[Req, Res any] struct {
	runtime.Reply[struct{}]
	workers int
}

func (m resize[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	if err := h.resize(ctx, m.workers); err != nil {
		m.Fail(err)
		return
	}
	h.scaled(ctx)
	m.Send(struct{}{})
}

// gone is the end of a worker that was one too many.
type gone[Req, Res any] struct{ worker *worker[Req, Res] }

func (m gone[Req, Res]) apply(_ *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	h.forget(m.worker)
	if at := m.worker.post; at.isOver() && at.waits() == 0 {
		h.pool.bury(at)
	}
	h.rested()
}

// forget counts what a worker has done that has ended, once.
func (h *hub[Req, Res]) forget(w *worker[Req, Res]) {
	if _, known := h.workers[w]; !known {
		return
	}
	delete(h.workers, w)
	w.unhook()
	d := <-w.desk
	h.add(d.figures)
	w.desk <- d
	h.restarts += w.ref.Stats().Restarts
}

func (h *hub[Req, Res]) forgetAll() {
	for w := range h.workers {
		h.forget(w)
	}
}

type stats[Req, Res any] struct{ runtime.Reply[Stats] }

func (m stats[Req, Res]) apply(_ *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	m.Send(h.stats())
}

// stats holds everybody up for an instant, so that each job is counted in one place.
//
// What workers have taken from the queues, and not put on their desks, are jobs that nobody waits for: one that each may
// be at who is awake, and others that are done. So one that has just ended may count as busy, until its worker takes the
// next one or rests.
func (h *hub[Req, Res]) stats() Stats {
	f := h.figures
	s := Stats{Workers: h.target, Restarts: h.restarts}
	for w := range h.workers {
		d := <-w.desk
		defer func() { w.desk <- d }()
		f.add(d.figures)
		if d.busy {
			s.Busy++
		}
		s.Restarts += w.ref.Stats().Restarts
	}
	awake := len(h.workers) - s.Busy
	for _, at := range h.pool.all() {
		idle, _ := at.sitting()
		awake -= idle
	}
	r := <-h.pool.roster
	defer func() { h.pool.roster <- r }()
	s.Failed, s.Retried = f.failed, f.retried
	s.Accepted, s.Dropped, s.Left = r.accepted, r.dropped, r.left
	for _, q := range h.pool.queues(r) {
		of := q.Stats()
		s.Accepted += of.Put
		s.Dropped += of.Dropped
		s.Queued += of.Len
	}
	begun := s.Accepted - s.Dropped - s.Left - uint64(s.Queued)
	if begun > f.done+f.failed+uint64(s.Busy) {
		s.Busy += int(min(uint64(max(awake, 0)), begun-f.done-f.failed-uint64(s.Busy)))
	}
	s.Done = begun - f.failed - uint64(s.Busy)
	return s
}
