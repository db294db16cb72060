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

	// Of the worker's turn alone.
	job   job[Req, Res] // in hand
	busy  bool          // with it
	tries tries         // of it that were in vain
	crash error         // what came of the last one, where that was a panic: nothing is left but to say so
	// Work is not called again for the job, whatever comes of what is called now.
	settled bool
	done    uint64 // jobs since the desk was last written to

	// desk has what others may want to know. Whoever has taken it from the channel owns it: the worker but while Work
	// runs, the hub for a look at the figures, the runtime to end a job whose Work was abandoned.
	desk chan *desk[Req, Res]

	since  time.Time   // since when it is idle; of the owner of the bench, and only where the pool scales
	unhook func() bool // from the hub's context; of the hub alone
}

// A desk costs two operations on a channel a job, which is as much as all the rest. So a job that nobody waits for is not
// put there: that it was taken from the queue says that there is one, and how many were done is noted when the worker
// rests. Stats makes up for that, but for the req of one that is abandoned.
type desk[Req, Res any] struct {
	job     job[Req, Res]
	busy    bool            // with job
	lost    bool            // Work was abandoned: what it returns comes too late
	sending bool            // with its result, which is not too late then
	told    bool            // OnError is being told of a job, which is counted
	lane    *lane[Req, Res] // that job is from, under ByKey
	left    int             // jobs that the worker may still do from lane before the next lane's turn comes
	figures
}

// figures are counts of ended jobs.
type figures struct{ done, failed, retried uint64 }

func (f *figures) add(g figures) {
	f.done += g.done
	f.failed += g.failed
	f.retried += g.retried
}

func (f *figures) ended(err error) {
	if err == nil {
		f.done++
	} else {
		f.failed++
	}
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
	returned := false
	defer func() {
		if !returned {
			w.crashed()
		}
	}()
	err := w.work(ctx, t)
	returned = true
	return err
}

func (w *worker[Req, Res]) work(ctx *runtime.Context[turn[Req, Res]], t turn[Req, Res]) error {
	work, quick := w.pool.cfg.Work, w.pool.cfg.quick()
	var d *desk[Req, Res] // in hand, from a job that was put there to the next one
	for range share {
		if !w.busy {
			err := w.next(ctx, &d)
			if err != nil {
				w.rest(ctx, d, t.searching, err)
				return nil
			}
		}
		if t.searching {
			t.searching = false
			w.post.found()
		}
		if quick && w.job.out == nil && w.crash == nil {
			if _, err := work(ctx, w.job.req); err == nil {
				w.busy = false
				w.done++
			} else if !w.endInVain(stopped(ctx, err)) {
				return nil
			}
			continue
		}
		v, err := w.do(ctx)
		switch {
		case w.onDesk():
			if d = w.endOnDesk(v, err); d == nil {
				return nil
			}
		case err == nil:
			w.busy = false
			w.done++
		case !w.endInVain(err):
			return nil
		}
	}
	if w.publish(d) {
		_ = ctx.Self().TryTell(turn[Req, Res]{w, t.searching}) // refused only when it stops, and then it is over
	}
	return nil
}

// onDesk reports whether others must know which job this is: it has a result, or a lane.
func (w *worker[Req, Res]) onDesk() bool { return w.job.out != nil || w.post.lanes != nil }

// next takes the next job. It returns mailbox.ErrEmpty if there is none, mailbox.ErrClosed if there will be none, and
// the context's error if the worker is to stop. The desk is in hand or not, and stays so only on an error.
func (w *worker[Req, Res]) next(ctx context.Context, in **desk[Req, Res]) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(w.post.leave) > 0 && w.post.keep(1) == 1 {
		return mailbox.ErrClosed
	}
	if w.post.lanes != nil {
		return w.nextOfLane(in)
	}
	if *in != nil && w.pool.cfg.Less != nil { // which may panic
		w.desk <- *in
		*in = nil
	}
	if w.job, err = w.post.jobs.TryGet(); err != nil {
		return err
	}
	w.busy = true
	if *in != nil || w.job.out != nil {
		w.putOnDesk(in)
	}
	return nil
}

// putOnDesk has others know of the job in hand, if they must.
func (w *worker[Req, Res]) putOnDesk(in **desk[Req, Res]) {
	d := *in
	if d == nil {
		d = <-w.desk
	}
	if w.onDesk() {
		d.job, d.busy = w.job, true
	}
	d.done += w.done
	w.done = 0
	w.desk <- d
	*in = nil
}

// endOnDesk ends a job that others know of. It returns the desk, or nil if the job was abandoned.
func (w *worker[Req, Res]) endOnDesk(v Res, err error) (d *desk[Req, Res]) {
	j := w.job
	d = <-w.desk
	if d.lost && !d.sending {
		w.desk <- d
		return nil
	}
	d.ended(err)
	d.job, d.busy, d.sending, w.busy = job[Req, Res]{}, false, false, false
	if d.lost { // while the result was being sent, which the end of the context has not stopped
		w.desk <- d
		w.pool.end(j, v, err)
		return nil
	}
	if err == nil {
		w.pool.end(j, v, nil)
		return d
	}
	d.told = true
	w.desk <- d // others' code may be told, and do what it likes
	w.pool.end(j, v, err)
	d = <-w.desk
	if d.told = false; d.lost {
		w.desk <- d
		return nil
	}
	return d
}

// endInVain ends a job that nobody waits for, and that has failed. It reports false if it was abandoned.
func (w *worker[Req, Res]) endInVain(err error) bool {
	j := w.job
	d := <-w.desk
	lost := d.lost
	if !lost {
		d.failed++
		d.told, w.busy = true, false
	}
	w.desk <- d
	w.pool.untold(j.req, err)
	d = <-w.desk
	defer func() { w.desk <- d }()
	d.told = false
	return !d.lost
}

// publish notes what was done since the last time, and puts the desk back. It reports false if the worker was abandoned.
func (w *worker[Req, Res]) publish(d *desk[Req, Res]) bool {
	if d == nil {
		d = <-w.desk
	}
	lost := d.lost
	if !lost {
		d.done += w.done
	}
	w.done = 0
	w.desk <- d
	if lost && !w.onDesk() {
		w.pool.untold(w.job.req, failure(runtime.ErrAbandoned))
	}
	return !lost
}

// rest ends the worker's turn when next has found no job.
func (w *worker[Req, Res]) rest(
	ctx *runtime.Context[turn[Req, Res]], d *desk[Req, Res], searching bool, why error,
) {
	if !w.publish(d) {
		return
	}
	w.job = job[Req, Res]{} // whoever is idle keeps nothing alive
	switch {
	case !errors.Is(why, mailbox.ErrEmpty):
		if searching {
			w.post.found()
		}
		ctx.Stop()
	case !w.post.sit(w, searching):
		ctx.Stop()
	}
	if w.pool.isClosing() {
		_ = w.pool.hub.Tell(ctx, rested[Req, Res]{}) // as one of its tree; refused when it stops
	}
}
