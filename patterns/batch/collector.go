package batch

import (
	"fmt"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A collector is the behaviour of a batcher's actor: it keeps what waits, and sees to it that a worker comes for it. It never
// waits, and it outlives restarts, as its workers do.
type collector[Req, Res any] struct {
	cfg      Config[Req, Res]
	began    time.Time
	queue    queue[Req, Res]
	draining bool

	workers int               // whose Pipe has not ended; no more than Parallel
	coming  int               // of those, how many will ask for a batch without being told to
	waiting *worker[Req, Res] // the one that waits for the batch to grow, or for Delay to pass
	stats   Stats             // but for Waiting
}

// A message is a request, or an event that knows what follows from it. A request is a plain value: it need not be allocated.
type message[Req, Res any] struct {
	runtime.Reply[Res]
	req   Req
	try   bool
	event event[Req, Res] // nil: a request
}

type event[Req, Res any] interface {
	apply(ctx *runtime.Context[message[Req, Res]], c *collector[Req, Res])
}

func spawn[Req, Res any](p runtime.Parent, c *collector[Req, Res]) (runtime.Ref[message[Req, Res]], error) {
	return runtime.Spawn(p, runtime.Props[message[Req, Res]]{
		Name: c.cfg.Name,
		New:  func() runtime.Actor[message[Req, Res]] { return c },
		// Each message belongs to a caller that waits for its answer, to one that has just given up, or to a worker.
		Mailbox: mailbox.Config[message[Req, Res]]{Capacity: mailbox.Unbounded},
		Inline:  true,
	})
}

// Receive never blocks.
func (c *collector[Req, Res]) Receive(ctx *runtime.Context[message[Req, Res]], m message[Req, Res]) error {
	switch {
	case m.event != nil:
		m.event.apply(ctx, c)
	case c.draining:
		m.Fail(fmt.Errorf("batch: %s drains: %w", ctx.Self().Path(), runtime.ErrStopped))
	case m.try && c.queue.atLeast(c.cfg.Queue):
		m.Fail(mailbox.ErrFull)
	default:
		a := asked[Req, Res]{Reply: m.Reply, req: m.req}
		if c.cfg.Delay > 0 {
			a.due = c.now() + int64(c.cfg.Delay)
		}
		c.queue.push(a)
		c.staff(ctx)
	}
	return nil
}

func (c *collector[Req, Res]) now() int64 { return int64(time.Since(c.began)) }

// patience is how long a worker should wait for more requests.
func (c *collector[Req, Res]) patience() verdict {
	if c.cfg.Delay == 0 || c.draining || c.queue.atLeast(c.cfg.Size) {
		return calls
	}
	if c.queue.settle(); c.queue.len() == 0 {
		return calls
	}
	return verdict(max(c.queue.front().due-c.now(), 0))
}

// staff sees to it that a worker comes for what waits: the one that waits for more, or a new one, unless there is one that
// will come by itself. When that has come, and leaves something, staff is asked again. Where nothing waits any more, nobody
// is to wait for more.
func (c *collector[Req, Res]) staff(ctx *runtime.Context[message[Req, Res]]) {
	if c.waiting != nil {
		if c.patience() > 0 {
			return
		}
		w := c.waiting
		c.waiting = nil
		c.expect(w)
		w.hurry <- struct{}{} // has room: order has emptied it
	}
	if c.queue.len() > 0 && c.coming == 0 && c.workers < c.cfg.Parallel {
		w := &worker[Req, Res]{of: ctx.Self(), call: c.cfg.Call, hurry: make(chan struct{}, 1)}
		c.workers++
		c.expect(w)
		runtime.Pipe(ctx, w.work, func(_ struct{}, err error) message[Req, Res] {
			return message[Req, Res]{event: left[Req, Res]{w, err}}
		})
	}
}

func (c *collector[Req, Res]) expect(w *worker[Req, Res]) {
	w.coming = true
	c.coming++
}

// here notes that w asks, or will not any more.
func (c *collector[Req, Res]) here(w *worker[Req, Res]) {
	if w.coming {
		w.coming = false
		c.coming--
	}
	if w.busy {
		w.busy = false
		c.stats.Calling--
	}
	if c.waiting == w {
		c.waiting = nil
	}
}

// apply is for a worker that asks for a batch.
func (w *worker[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], c *collector[Req, Res]) {
	c.here(w)
	if w.failed {
		w.failed = false
		c.stats.Failed++
	}
	// What is w's is not touched after the answer.
	switch wait := c.order(w); {
	case wait != calls:
		w.Send(wait)
	case w.TrySend(calls):
	default: // its context has ended, as it does only when the batcher stops
		w.fail(runtime.ErrStopped)
	}
	c.staff(ctx)
}

// order gives w something to do.
func (c *collector[Req, Res]) order(w *worker[Req, Res]) verdict {
	if c.queue.len() == 0 {
		if w.stays++; w.stays > stays {
			return goesHome
		}
		c.expect(w)
		return lingers
	}
	if wait := c.patience(); wait > 0 {
		if c.waiting != nil {
			return goesHome
		}
		select {
		case <-w.hurry: // its time was up at the same moment
		default:
		}
		c.waiting = w
		return wait
	}
	if w.batch = c.queue.take(w.batch[:0], c.cfg.Size); len(w.batch) == 0 { // all were given up
		return goesHome
	}
	w.busy, w.stays = true, 0
	c.stats.Calling++
	c.stats.Calls++
	c.stats.Requests += uint64(len(w.batch))
	return calls
}

// left is a worker that went home, or whose Call crashed.
type left[Req, Res any] struct {
	w   *worker[Req, Res]
	err error
}

func (m left[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], c *collector[Req, Res]) {
	if m.w.busy {
		c.stats.Failed++
		ctx.Log().WithField("cause", m.err).Error("Call crashed: its askers are told")
	}
	c.workers--
	c.here(m.w)
	c.staff(ctx)
	c.endIfDrained(ctx)
}

func (c *collector[Req, Res]) endIfDrained(ctx *runtime.Context[message[Req, Res]]) {
	if c.draining && c.workers == 0 {
		ctx.Stop()
	}
}

// withdrawn is a request whose context has ended.
type withdrawn[Req, Res any] struct{}

func (withdrawn[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], c *collector[Req, Res]) {
	c.queue.giveUp()
	c.staff(ctx)
}

type flush[Req, Res any] struct{}

func (flush[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], c *collector[Req, Res]) {
	for i := range c.queue.slots {
		c.queue.slots[i].due = 0
	}
	c.staff(ctx)
}

type drain[Req, Res any] struct{}

func (drain[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], c *collector[Req, Res]) {
	c.draining = true
	c.staff(ctx)
	c.endIfDrained(ctx)
}

// halt is a Stop. The runtime by itself would fail what waits when the calls under way have returned.
type halt[Req, Res any] struct{}

func (halt[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], c *collector[Req, Res]) {
	c.queue.fail(fmt.Errorf("batch: %s: %w", ctx.Self().Path(), runtime.ErrStopped))
	ctx.Stop()
}

type stats[Req, Res any] struct{ runtime.Reply[Stats] }

func (m stats[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], c *collector[Req, Res]) {
	if c.queue.gone > 0 {
		c.queue.sweep()
		c.staff(ctx)
	}
	s := c.stats
	s.Waiting = c.queue.len()
	m.Send(s)
}
