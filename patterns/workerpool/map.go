package workerpool

import (
	"context"
	"errors"
	"iter"
)

// Map has the pool do a job for each of reqs, and yields their results in that order. It hands in ahead of the consumer
// no more than twice as many as the pool may have workers (Scale.Max), and takes the next of reqs only then. An error that
// Work returned comes with its job's result, and the rest goes on.
//
// It ends early when the consumer breaks, and with an error of its own, which wraps ctx.Err() or runtime.ErrStopped, when
// ctx has ended or the pool has stopped. Of what it has handed in by then, jobs that had not begun are not begun any more
// (they count as failed), and those that had go on. reqs is iterated over on the consumer's goroutine.
func (p *Pool[Req, Res]) Map(ctx context.Context, reqs iter.Seq[Req]) iter.Seq2[Res, error] {
	return func(yield func(Res, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		ahead := 2 * p.cfg.Scale.Max
		var window []*errand[Res] // handed in, and not yielded; the eldest is the first
		pass := func() (more bool) {
			v, err := Future[Res]{&window[0].outcome}.Wait(ctx)
			window[0] = nil
			window = window[1:]
			return yield(v, err) && (ctx.Err() == nil || !errors.Is(err, ctx.Err()))
		}
		for req := range reqs {
			if len(window) == ahead && !pass() {
				return
			}
			e := &errand[Res]{*newOutcome[Res](), ctx}
			if err := p.put(ctx, job[Req, Res]{req, e}, true); err != nil {
				for len(window) > 0 {
					if !pass() {
						return
					}
				}
				var none Res
				yield(none, err)
				return
			}
			window = append(window, e)
		}
		for len(window) > 0 && pass() {
		}
	}
}

// An errand is the outlet of a job of Map: one that is unwanted when the Map is over.
type errand[Res any] struct {
	outcome[Res]
	ctx context.Context
}

func (e *errand[Res]) unwanted() error { return e.ctx.Err() }
