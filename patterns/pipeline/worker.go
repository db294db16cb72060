package pipeline

import (
	"context"
	"math"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// A job is what a worker receives: a task, or none where it is to try again.
type job[A, B any] struct{ task *task[A, B] }

// A worker does the tasks of a parallel stage, one at a time.
type worker[A, B any] struct {
	hub    runtime.Ref[message[A, B]]
	crank  crank[A, B]
	life   context.Context // see stage
	cancel func()
	task   *task[A, B]   // nil: none
	delay  time.Duration // more than 0: an item of it waits that long for its next try
}

func (w *worker[A, B]) Started(ctx *runtime.Context[job[A, B]]) error {
	w.life, w.cancel = context.WithCancel(ctx)
	return nil
}

func (w *worker[A, B]) Receive(ctx *runtime.Context[job[A, B]], j job[A, B]) error {
	if j.task != nil {
		w.task, w.crank.slow = j.task, false
	}
	w.delay = 0
	w.work(ctx)
	return nil
}

// work goes on with the task until it is done, or proves slow, which gives the rest back, or an item waits for its next try.
func (w *worker[A, B]) work(ctx *runtime.Context[job[A, B]]) {
	t := w.task
	began := time.Now()
	for t.begun < len(t.in) && w.delay == 0 && !w.givesBack(t) {
		if w.life.Err() != nil {
			return // what is left is lost
		}
		w.turn(ctx, t)
	}
	if w.delay > 0 {
		return
	}
	t.took = time.Since(began)
	w.task = nil
	_ = w.hub.Tell(ctx, message[A, B]{task: t})
}

// turn works on t until an item fails.
func (w *worker[A, B]) turn(ctx *runtime.Context[job[A, B]], t *task[A, B]) {
	k := &w.crank
	defer func() {
		t.begun += k.begun
		t.out, k.out = k.out, nil
		if k.err == nil {
			k.tries = 0
		} else if w.life.Err() == nil {
			w.failed(ctx, t)
		}
		if k.exits && w.delay == 0 {
			_ = ctx.Self().TryTell(job[A, B]{}) // to go on; no other job comes meanwhile
		}
	}()
	k.turn(w.life, t.in[t.begun:], t.out, math.MaxInt)
	k.exits = false
}

// failed deals with the failure of the item that was begun last.
func (w *worker[A, B]) failed(ctx *runtime.Context[job[A, B]], t *task[A, B]) {
	t.failures++
	what, delay := w.crank.judge()
	if what == again {
		t.retries++
		t.begun--
		if w.delay = delay; delay > 0 {
			ctx.After(delay, job[A, B]{})
		}
		return
	}
	t.failed = append(t.failed, failure[A]{t.in[t.begun-1], w.crank.stageError(), what})
	if what == stopRun {
		t.undone = len(t.in) - t.begun
		t.begun = len(t.in)
	}
}

// givesBack reports whether the rest of t is for others: it proves slow. An item that is being tried again stays, since
// its tries are counted here.
func (w *worker[A, B]) givesBack(t *task[A, B]) bool {
	return w.crank.slow && t.begun > 0 && w.crank.tries == 0
}
