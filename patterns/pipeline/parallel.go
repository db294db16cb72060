package pipeline

import (
	"context"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A task is some items on their way to a worker, and their results on the way back. The hub recycles it.
type task[A, B any] struct {
	worker int
	in     []A
	next   *task[A, B] // in order of the items

	// Of the worker, until it is done.
	begun    int
	out      []B
	failed   []failure[A]
	failures uint64
	retries  uint64
	took     time.Duration

	// Of the hub.
	done bool
	sent int // results
}

// A failure is an item that was given up.
type failure[A any] struct {
	item A
	err  *StageError
	what verdict
}

// A hub is the operator of a parallel stage: it deals its items out to workers, which are its children, and puts their
// results in order again. It holds no more than window items: more than there are workers, so that a slow item does
// not stop the others at once; and less than without end, since they wait here for it.
//
// How many items a task has is decided by the slowest of the last tasks: one, unless all are quick. So a chunk of slow
// items does not end on one worker while the others have nothing to do.
type hub[A, B any] struct {
	node    *node
	do      func(context.Context, A, []B) ([]B, error)
	workers []runtime.Ref[job[A, B]]
	cancel  []func()
	idle    []int // workers without a task
	window  int
	held    int // items in tasks
	pace    pace
	// Of ordered stages the tasks in order of their items; otherwise those that are done.
	head, tail *task[A, B]
	free       *task[A, B]
}

func newHub[A, B any](n *node, do func(context.Context, A, []B) ([]B, error)) *hub[A, B] {
	window := max(2*n.Parallel, n.Buffer)
	// Two tasks for each worker must fit, or some would have none.
	most := max(1, min(window/(2*n.Parallel), longestChunk/4))
	return &hub[A, B]{node: n, do: do, window: window, pace: newPace(most)}
}

func (h *hub[A, B]) ready(ctx *runtime.Context[message[A, B]], s *stage[A, B]) bool {
	if h.workers == nil {
		h.hire(ctx, s)
	}
	return len(h.idle) > 0 && h.held < h.window
}

// hire starts the workers.
func (h *hub[A, B]) hire(ctx *runtime.Context[message[A, B]], s *stage[A, B]) {
	for i := range h.node.Parallel {
		w := &worker[A, B]{hub: ctx.Self(), number: i, crank: crank[A, B]{do: h.do, stage: &h.node.Stage, name: h.node.name}}
		ref, err := runtime.Spawn(ctx, runtime.Props[job[A, B]]{
			New:         func() runtime.Actor[job[A, B]] { return w },
			Mailbox:     mailbox.Config[job[A, B]]{Capacity: 1}, // one that has a task gets no other
			StopTimeout: s.common.stopTimeout,
		})
		if err != nil {
			return // the run stops
		}
		context.AfterFunc(ctx, ref.Stop) // a stop of the stage would stop them one after the other
		h.cancel = append(h.cancel, w.cancel)
		h.workers = append(h.workers, ref)
		h.idle = append(h.idle, i)
	}
}

func (h *hub[A, B]) work(ctx *runtime.Context[message[A, B]], s *stage[A, B], items []A) {
	n := min(len(items), h.pace.limit, h.window-h.held)
	t := h.free
	if t == nil {
		t = new(task[A, B])
	} else {
		h.free, t.next = t.next, nil
	}
	t.in = append(t.in[:0], items[:n]...)
	s.in.begin(items, n)
	h.held += n
	if !h.node.Unordered {
		h.append(t)
	}
	last := len(h.idle) - 1
	w := h.idle[last]
	h.idle = h.idle[:last]
	t.worker = w
	_ = h.workers[w].Tell(ctx, job[A, B]{t})
}

func (h *hub[A, B]) append(t *task[A, B]) {
	if h.tail == nil {
		h.head = t
	} else {
		h.tail.next = t
	}
	h.tail = t
}

// notice takes a task that a worker has done.
func (h *hub[A, B]) notice(_ *runtime.Context[message[A, B]], s *stage[A, B], m message[A, B]) {
	t := m.task
	if t == nil {
		return
	}
	t.done = true
	h.idle = append(h.idle, t.worker)
	s.stats.Failed += t.failures
	s.stats.Retried += t.retries
	h.pace.pass(len(t.in), t.took)
	if h.node.Unordered {
		h.append(t)
	}
}

// pump sends the results that are next.
func (h *hub[A, B]) pump(ctx *runtime.Context[message[A, B]], s *stage[A, B]) bool {
	for h.head != nil && h.head.done {
		t := h.head
		for _, f := range t.failed {
			if f.what == stopRun {
				s.stop(f.err)
				return false
			}
			s.skip(ctx, f.item, f.err)
		}
		t.failed = clean(t.failed)
		t.sent += s.out.give(ctx, t.out[t.sent:])
		if t.sent < len(t.out) {
			return false
		}
		h.held -= len(t.in)
		if h.head = t.next; h.head == nil {
			h.tail = nil
		}
		*t = task[A, B]{in: clean(t.in), out: clean(t.out), failed: t.failed, next: h.free}
		h.free = t
	}
	return true
}

// clean empties a slice for its next use, and drops references.
func clean[T any](s []T) []T {
	clear(s)
	return s[:0]
}

func (h *hub[A, B]) started(*runtime.Context[message[A, B]]) {}

func (h *hub[A, B]) finish(*runtime.Context[message[A, B]], *stage[A, B]) bool { return h.held == 0 }

func (h *hub[A, B]) quit() {
	for _, cancel := range h.cancel {
		cancel()
	}
}

// stopped counts each item whose results were not all sent.
func (h *hub[A, B]) stopped() int { return h.held }
