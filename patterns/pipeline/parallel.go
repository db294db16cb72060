package pipeline

import (
	"context"
	"slices"
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
	undone   int // items that were left because one before them stops the run
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
// A task has one item, unless items have proved quick. A worker gives back the rest of a task that does not, so that slow
// items do not stay with one worker while the others have nothing to do, and results do not wait for them.
type hub[A, B any] struct {
	node    *node
	loop    loop[A, B]
	workers []runtime.Ref[job[A, B]]
	cancel  []func()
	idle    []int // workers without a task
	window  int
	held    int // items in tasks
	pace    pace
	// Of ordered stages the tasks in order of their items; otherwise those that are done.
	head, tail *task[A, B]
	free       *task[A, B]
	rests      []*task[A, B] // that workers gave back
}

func newHub[A, B any](n *node, l loop[A, B]) *hub[A, B] {
	window := max(2*n.Parallel, n.Buffer)
	// Two tasks for each worker must fit, or some would have none.
	most := max(1, min(window/(2*n.Parallel), longestChunk/4))
	if n.Retries > 0 && n.Backoff.Min > 0 {
		most = 1 // nobody waits for the next try of another item
	}
	return &hub[A, B]{node: n, loop: l, window: window, pace: newPace(most)}
}

func (h *hub[A, B]) ready(ctx *runtime.Context[message[A, B]], s *stage[A, B]) bool {
	if h.workers == nil {
		h.hire(ctx, s)
	}
	return len(h.idle) > 0 && len(h.rests) == 0 && h.held < h.window
}

// hire starts the workers.
func (h *hub[A, B]) hire(ctx *runtime.Context[message[A, B]], s *stage[A, B]) {
	for i := range h.node.Parallel {
		w := &worker[A, B]{hub: ctx.Self(), crank: crank[A, B]{loop: h.loop, stage: &h.node.Stage, name: h.node.name}}
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
	t := h.newTask(items[:n])
	s.in.begin(items, n)
	h.held += n
	if !h.node.Unordered {
		h.append(t)
	}
	h.deal(ctx, t)
}

func (h *hub[A, B]) newTask(items []A) *task[A, B] {
	t := h.free
	if t == nil {
		t = new(task[A, B])
	} else {
		h.free, t.next = t.next, nil
	}
	t.in = append(t.in[:0], items...)
	return t
}

// deal gives t to a worker that has none.
func (h *hub[A, B]) deal(ctx context.Context, t *task[A, B]) {
	last := len(h.idle) - 1
	t.worker = h.idle[last]
	h.idle = h.idle[:last]
	_ = h.workers[t.worker].Tell(ctx, job[A, B]{t})
}

// dealRests gives what came back to others.
func (h *hub[A, B]) dealRests(ctx context.Context) {
	for len(h.rests) > 0 && len(h.idle) > 0 {
		t := h.rests[0]
		h.rests = slices.Delete(h.rests, 0, 1)
		h.cut(t, h.pace.limit)
		h.deal(ctx, t)
	}
}

// cut leaves n items to t, and makes the others the first of the rests.
func (h *hub[A, B]) cut(t *task[A, B], n int) {
	if n >= len(t.in) {
		return
	}
	rest := h.newTask(t.in[n:])
	clear(t.in[n:])
	t.in = t.in[:n]
	if !h.node.Unordered {
		if rest.next, t.next = t.next, rest; h.tail == t {
			h.tail = rest
		}
	}
	h.rests = slices.Insert(h.rests, 0, rest)
}

func (h *hub[A, B]) append(t *task[A, B]) {
	if h.tail == nil {
		h.head = t
	} else {
		h.tail.next = t
	}
	h.tail = t
}

// notice takes a task that a worker has done, or what it has done of it.
func (h *hub[A, B]) notice(ctx *runtime.Context[message[A, B]], s *stage[A, B], m message[A, B]) {
	t := m.task
	if t == nil {
		return
	}
	h.idle = append(h.idle, t.worker)
	s.stats.Failed += t.failures
	s.stats.Retried += t.retries
	h.pace.pass(t.begun, t.took)
	h.cut(t, t.begun)
	t.done = true
	if h.node.Unordered {
		h.append(t)
	}
	h.dealRests(ctx)
}

// pump sends the results that are next.
func (h *hub[A, B]) pump(ctx *runtime.Context[message[A, B]], s *stage[A, B]) bool {
	for h.head != nil && h.head.done {
		t := h.head
		for len(t.failed) > 0 {
			f := t.failed[0]
			t.failed = slices.Delete(t.failed, 0, 1)
			if f.what == stopRun {
				s.stop(f.err)
				return false
			}
			s.skip(ctx, f.item, f.err)
		}
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

func (h *hub[A, B]) finish(*runtime.Context[message[A, B]], *stage[A, B]) bool { return h.held == 0 }

func (h *hub[A, B]) quit() {
	for _, cancel := range h.cancel {
		cancel()
	}
}

// stopped counts each item that is not done, and of those that are done the results that were not sent, and the failures.
func (h *hub[A, B]) stopped() int {
	lost := h.held
	for t := h.head; t != nil; t = t.next {
		if t.done {
			lost += len(t.out) - t.sent + len(t.failed) + t.undone - len(t.in)
		}
	}
	return lost
}
