package workerpool

import (
	"context"
	"errors"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// share is how many jobs a worker does before it lets other actors go on.
const share = 128

// A worker is the behaviour of one of the pool's workers, and what the hub knows of it. It outlives restarts.
type worker[Req, Res any] struct {
	pool *Pool[Req, Res]
	post *post[Req, Res]
	ref  runtime.Ref[turn[Req, Res]]

	// desk has what the worker is at. Whoever has taken it from the channel owns it: the worker but while Work runs, the
	// hub for a look at the figures, the runtime to end a job whose Work was abandoned.
	desk chan *desk[Req, Res]

	tries tries     // of the job in hand; of the worker's turn alone
	since time.Time // since when it is idle; of the owner of the bench, and only where the pool scales

	unhook func() bool // from the hub's context; of the hub alone
}

type desk[Req, Res any] struct {
	job  job[Req, Res]
	busy bool            // with job
	lost bool            // Work was abandoned: what it returns comes too late
	lane *lane[Req, Res] // that job is from, under ByKey
	left int             // jobs that the worker may still do from lane before the next lane's turn comes
	figures
}

// figures are counts of ended jobs.
type figures struct{ done, failed, retried uint64 }

func (f *figures) add(g figures) {
	f.done += g.done
	f.failed += g.failed
	f.retried += g.retried
}

// A turn is the message to a worker that it has something to do.
type turn[Req, Res any] struct {
	worker    *worker[Req, Res]
	searching bool // it was idle, and is to call the next one when it has found a job
}

func newWorker[Req, Res any](p *Pool[Req, Res], at *post[Req, Res]) *worker[Req, Res] {
	w := &worker[Req, Res]{pool: p, post: at, desk: make(chan *desk[Req, Res], 1)}
	w.desk <- &desk[Req, Res]{}
	return w
}

// Receive does jobs until there are none, or enough were done in a row. Where Work panics, the same turn comes again to the
// next behaviour, which goes on with what Restarting has left.
func (w *worker[Req, Res]) Receive(ctx *runtime.Context[turn[Req, Res]], t turn[Req, Res]) error {
	d := <-w.desk
	for range share {
		if !d.busy {
			if err := w.next(ctx, d); err != nil {
				w.desk <- d
				w.rest(ctx, t.searching, err)
				return nil
			}
		}
		j := d.job
		w.desk <- d
		if t.searching {
			t.searching = false
			w.post.found()
		}
		v, err := w.do(ctx, j)
		d = <-w.desk
		if d.lost {
			w.desk <- d
			return nil
		}
		d.ended(err)
		if err == nil {
			w.pool.end(j, v, nil)
			continue
		}
		w.desk <- d // others' code may be told, and do what it likes
		w.pool.end(j, v, err)
		if d = <-w.desk; d.lost {
			w.desk <- d
			return nil
		}
	}
	w.desk <- d
	_ = ctx.Self().TryTell(turn[Req, Res]{w, t.searching}) // refused only when it stops, and then it is over
	return nil
}

// ended counts the job in hand.
func (d *desk[Req, Res]) ended(err error) {
	if err == nil {
		d.done++
	} else {
		d.failed++
	}
	d.job, d.busy = job[Req, Res]{}, false
}

// next takes the next job. It returns mailbox.ErrEmpty if there is none, mailbox.ErrClosed if there will be none, and
// the context's error if the worker is to stop.
func (w *worker[Req, Res]) next(ctx context.Context, d *desk[Req, Res]) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-w.post.leave:
		return mailbox.ErrClosed
	default:
	}
	if w.post.lanes != nil {
		return w.nextOfLane(d)
	}
	d.job, err = w.post.jobs.TryGet()
	d.busy = err == nil
	return err
}

// rest ends the worker's turn when next has found no job.
func (w *worker[Req, Res]) rest(ctx *runtime.Context[turn[Req, Res]], searching bool, why error) {
	if !errors.Is(why, mailbox.ErrEmpty) {
		if searching {
			w.post.found()
		}
		ctx.Stop()
		return
	}
	if !w.post.sit(w, searching) {
		ctx.Stop()
	}
	if isClosed(w.pool.closing) {
		_ = w.pool.hub.Tell(ctx, rested[Req, Res]{}) // as one of its tree; refused when it stops
	}
}

// Restarting is the end of a behaviour whose Work has failed. If there is no more try left, so has its job. By then the
// supervisor has decided, so that what Work held is on its way back.
func (w *worker[Req, Res]) Restarting(ctx *runtime.Context[turn[Req, Res]], cause error) {
	d := <-w.desk
	again := d.busy && w.again(ctx, cause)
	w.desk <- d
	if d.busy && !again {
		w.giveUp(cause)
	}
}

// Stopped ends the job that the worker still has where it was stopped before it could begin anew.
func (w *worker[Req, Res]) Stopped(ctx *runtime.Context[turn[Req, Res]], cause error) {
	if cause == nil {
		cause = runtime.ErrStopped
	}
	w.giveUp(cause)
	w.putLaneBack()
	if !isClosed(w.pool.life.Done()) {
		_ = w.pool.hub.Tell(context.WithoutCancel(ctx), gone[Req, Res]{w}) // its own context is over
	}
}

// Fail is called by the runtime when a turn becomes a dead letter: the worker stops, or its Work was abandoned. Then this
// is the end of its job, if that is not over.
func (t turn[Req, Res]) Fail(err error) {
	w := t.worker
	if errors.Is(err, runtime.ErrAbandoned) {
		d := <-w.desk
		d.lost = true
		w.desk <- d
		w.giveUp(err)
		w.putLaneBack()
	}
	w.post.found() // others go on
}

// giveUp fails the job in hand, if there is one.
func (w *worker[Req, Res]) giveUp(cause error) {
	d := <-w.desk
	j, busy := d.job, d.busy
	if busy {
		d.ended(cause)
	}
	w.tries = tries{}
	w.desk <- d
	if busy {
		w.pool.fail(j, failure(cause))
	}
}
