package workerpool

import (
	"context"
	"errors"
	"fmt"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A job is what waits in a queue. It is a value there, so one that has no result takes no allocation.
type job[Req, Res any] struct {
	req Req
	out outlet[Res] // nil: nobody waits for the result
}

// An outlet is where the result of a job goes.
type outlet[Res any] interface {
	// unwanted says why the job need not be begun any more, or nil.
	unwanted() error

	// sends reports whether send does anything.
	sends() bool

	// send delivers what Work returned where that may wait, on the worker, as a part of the job. An error is the job's.
	send(ctx context.Context, v Res, err error) error

	// end is called once, by whoever has ended the job, after it was counted. It never waits. It returns an error if
	// nobody has heard of err.
	end(v Res, err error) error
}

// fail ends a job without a result.
func (p *Pool[Req, Res]) fail(j job[Req, Res], err error) {
	var none Res
	p.end(j, none, err)
}

// end ends a job that was counted.
func (p *Pool[Req, Res]) end(j job[Req, Res], v Res, err error) {
	if j.out != nil {
		err = j.out.end(v, err)
	}
	if err != nil {
		p.untold(j.req, err)
	}
}

// untold tells of a failure that nobody waits for. A panic of OnError harms nobody else.
func (p *Pool[Req, Res]) untold(req Req, err error) {
	if p.cfg.OnError == nil {
		p.logSome(err)
		return
	}
	defer func() {
		if v := recover(); v != nil {
			p.logSome(fmt.Errorf("workerpool: OnError panicked: %v, over: %w", v, err))
		}
	}()
	p.cfg.OnError(req, err)
}

// logSome logs one failure at each power of two: the first is news, and the millionth is none.
func (p *Pool[Req, Res]) logSome(err error) {
	n := <-p.mute
	n++
	p.mute <- n
	if n&(n-1) == 0 {
		p.warn(err, n)
	}
}

// dropped is told by a queue what its overflow policy has evicted.
func (p *Pool[Req, Res]) dropped(j job[Req, Res], err error) {
	p.fail(j, fmt.Errorf("workerpool: job dropped: %w", err))
}

// errLeft is how jobs end that were left when the pool stopped.
var errLeft = fmt.Errorf("workerpool: job failed: %w before it was begun", runtime.ErrStopped)

// A letter is the outlet of SubmitTo: the result as a message.
type letter[Res, M any] struct {
	to   runtime.Ref[M]
	then func(Res, error) M
	sent bool
}

func (l *letter[Res, M]) unwanted() error { return nil }

func (l *letter[Res, M]) sends() bool { return true }

// send waits for room at the receiver, which so holds the worker up. Where the context has ended it does not.
func (l *letter[Res, M]) send(ctx context.Context, v Res, err error) error {
	m := l.then(v, err)
	told := l.to.TryTell(m)
	if errors.Is(told, mailbox.ErrFull) && ctx.Err() == nil {
		told = l.to.Tell(ctx, m)
	}
	if told != nil {
		return fmt.Errorf("workerpool: deliver a result: %w", told)
	}
	l.sent = true
	return nil
}

// end delivers the failure of a job whose Work came to no end, as far as that is possible without a wait.
func (l *letter[Res, M]) end(v Res, err error) (untold error) {
	if l.sent {
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			untold = fmt.Errorf("workerpool: the message for a failed job panicked: %v: %w", r, err)
		}
	}()
	if told := l.to.TryTell(l.then(v, err)); told != nil {
		return fmt.Errorf("workerpool: deliver a failure: %w: %w", told, err)
	}
	return nil
}
