package workerpool

import (
	"slices"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// A hub is the behaviour of the pool's actor, the parent of the workers. It alone says who gets which job, and who
// retires, so that no job goes to a worker that does not want it any more. It never blocks, and it outlives restarts.
type hub[Req, Res any] struct {
	cfg     *Config[Req, Res]
	queue   runtime.Ref[*job[Req, Res]]
	target  int                            // workers that there are to be
	active  int                            // workers that have not retired
	workers map[*worker[Req, Res]]struct{} // all that have not ended
	free    []*worker[Req, Res]            // active, without a job; the last one worked last, and is next

	// jobs are on their way from the queue to a worker. There is none or one, and one stays only where Resize has
	// retired the worker that was free for it.
	jobs    []*job[Req, Res]
	vacancy runtime.Reply[struct{}] // the queue waits for a free worker

	placed       uint64 // jobs that the queue has handed over
	busy         int
	done, failed uint64
	restarts     uint64 // of workers that have ended
}

func spawnHub[Req, Res any](p runtime.Parent, c *Config[Req, Res]) (runtime.Ref[message[Req, Res]], error) {
	h := &hub[Req, Res]{cfg: c, target: c.Workers, workers: make(map[*worker[Req, Res]]struct{})}
	return runtime.Spawn(p, runtime.Props[message[Req, Res]]{
		Name:     c.Name,
		New:      func() runtime.Actor[message[Req, Res]] { return h },
		Children: supervisor.Config{MaxRestarts: supervisor.Unlimited},
		// Each message belongs to a worker, to the queue, or to a caller that waits for its answer. Most come from
		// workers, which must not wait.
		Mailbox: mailbox.Config[message[Req, Res]]{Capacity: mailbox.Unbounded},
		Inline:  true,
	})
}

// A message is something that happened, and knows what follows from it for the hub.
type message[Req, Res any] interface {
	apply(ctx *runtime.Context[message[Req, Res]], h *hub[Req, Res])
}

// Started hires the workers. Those of the behaviour before are gone: a restart stops all children.
func (h *hub[Req, Res]) Started(ctx *runtime.Context[message[Req, Res]]) error {
	for w := range h.workers {
		w.retired = true
	}
	h.active, h.free = 0, nil
	err := h.hire(ctx)
	h.assign()
	return err
}

// Receive never blocks.
func (h *hub[Req, Res]) Receive(ctx *runtime.Context[message[Req, Res]], m message[Req, Res]) error {
	m.apply(ctx, h)
	return nil
}

// Stopped fails what no worker has got.
func (h *hub[Req, Res]) Stopped(*runtime.Context[message[Req, Res]], error) {
	for _, j := range h.jobs {
		j.Fail(runtime.ErrStopped)
	}
	h.jobs = nil
}

// hire brings the workers up to the target.
func (h *hub[Req, Res]) hire(ctx *runtime.Context[message[Req, Res]]) error {
	for h.active < h.target {
		w, err := spawnWorker(ctx, h.cfg)
		if err != nil {
			return err
		}
		h.workers[w] = struct{}{}
		h.free = append(h.free, w)
		h.active++
	}
	return nil
}

// retire brings the workers down to the target, idle ones first. A busy one ends its job, and Drain waits for it.
func (h *hub[Req, Res]) retire() {
	for len(h.free) > 0 && h.active > h.target {
		h.dismiss(h.free[0])
		h.free = slices.Delete(h.free, 0, 1)
	}
	for w := range h.workers {
		if h.active > h.target && !w.retired {
			h.dismiss(w)
		}
	}
}

func (h *hub[Req, Res]) dismiss(w *worker[Req, Res]) {
	w.retired = true
	h.active--
	w.ref.StopWhenEmpty()
}

// assign brings jobs and free workers together.
func (h *hub[Req, Res]) assign() {
	for len(h.jobs) > 0 && len(h.free) > 0 {
		last := len(h.free) - 1
		j, w := h.jobs[0], h.free[last]
		h.jobs, h.free = slices.Delete(h.jobs, 0, 1), h.free[:last]
		j.worker = w
		h.busy++
		if err := w.ref.TryTell(j); err != nil {
			j.Fail(err)
		}
	}
	if len(h.free) > 0 && h.vacancy.TrySend(struct{}{}) {
		h.vacancy = runtime.Reply[struct{}]{}
	}
}

// attach makes the queue known.
type attach[Req, Res any] struct{ queue runtime.Ref[*job[Req, Res]] }

func (m attach[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	h.queue = m.queue
	runtime.Watch(ctx, m.queue, func(error) message[Req, Res] { return exhausted[Req, Res]{} })
}

// exhausted is the end of the queue: no job comes any more.
type exhausted[Req, Res any] struct{}

func (exhausted[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], _ *hub[Req, Res]) {
	ctx.Self().StopWhenEmpty()
}

// place is a job from the queue. The answer says whether there is a worker for the next one too. It comes first, because
// it tells whether the job is ours: if the queue has given the ask up, it keeps the job.
type place[Req, Res any] struct {
	runtime.Reply[bool]
	job *job[Req, Res]
}

func (m place[Req, Res]) apply(_ *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	if m.TrySend(len(h.free) > len(h.jobs)+1) {
		h.placed++
		h.jobs = append(h.jobs, m.job)
		h.assign()
	}
}

// vacancy is answered when there is a free worker.
type vacancy[Req, Res any] struct{ runtime.Reply[struct{}] }

func (m vacancy[Req, Res]) apply(_ *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	h.vacancy = m.Reply
	h.assign()
}

// finished is the end of a job that a worker had. A panic's comes before the worker's restart: the next job then waits
// for that in the worker's mailbox.
type finished[Req, Res any] struct {
	worker *worker[Req, Res]
	failed bool
}

func (m finished[Req, Res]) apply(_ *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	h.busy--
	if m.failed {
		h.failed++
	} else {
		h.done++
	}
	if !m.worker.retired {
		h.free = append(h.free, m.worker)
		h.assign()
	}
}

// gone is the end of a worker.
type gone[Req, Res any] struct{ worker *worker[Req, Res] }

func (m gone[Req, Res]) apply(_ *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	w := m.worker
	w.unhook()
	delete(h.workers, w)
	h.restarts += w.ref.Stats().Restarts
	if !w.retired { // it has not been retired: the hub drains, and its workers before it
		w.retired = true
		h.active--
		h.free = slices.DeleteFunc(h.free, func(f *worker[Req, Res]) bool { return f == w })
	}
}

type resize[Req, Res any] struct {
	runtime.Reply[struct{}]
	workers int
}

func (m resize[Req, Res]) apply(ctx *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	h.target = m.workers
	h.retire()
	if err := h.hire(ctx); err != nil {
		m.Fail(err)
		return
	}
	h.assign()
	m.Send(struct{}{})
}

type stats[Req, Res any] struct{ runtime.Reply[Stats] }

func (m stats[Req, Res]) apply(_ *runtime.Context[message[Req, Res]], h *hub[Req, Res]) {
	s := Stats{
		Workers: h.target, Busy: h.busy, Queued: len(h.jobs), Done: h.done, Failed: h.failed, Restarts: h.restarts,
	}
	for w := range h.workers {
		s.Restarts += w.ref.Stats().Restarts
	}
	// What the queue's actor calls Queued includes the job that it has handed over and not returned from.
	q := h.queue.Stats()
	s.Queued += int(q.Sent - q.Rejected - q.DeadLettered - h.placed)
	m.Send(s)
}
