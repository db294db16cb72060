package runtime

import (
	"context"
	"runtime/debug"
	"sync/atomic"

	"github.com/troupe-go/troupe/mailbox"
)

// A pipe is a piece of work that runs beside its actor.
type pipe struct {
	sys    *System
	left   atomic.Bool
	tenure tenure
}

// release takes the pipe's goroutine out of the crew: when it ends, or when it is abandoned.
func (p *pipe) release() {
	if !p.left.Swap(true) {
		p.sys.crew.leave()
	}
}

// Pipe runs work on a goroutine of its own and sends the actor of ctx the message that then makes of its result. The
// handler does not wait for it. then runs on the actor's own turn, so it may use the actor's state; its panic is the
// actor's failure. A panic of work is an error for then, a *PanicError.
//
// While the mailbox is full the message is held aside, under every overflow policy. The context of work ends with the actor's,
// and counts as the actor's own where the runtime asks who is sending. A restart leaves pipes alone: the new behaviour
// gets their messages. A drain waits for them; a stop waits too, up to Props.StopTimeout, and then abandons them:
// what such work then returns makes no message. Where the actor has stopped already, as it may have when its code was
// abandoned or has kept ctx, work is not begun.
func Pipe[M, R any](ctx *Context[M], work func(context.Context) (R, error), then func(R, error) M) {
	ctx.demand("Pipe")
	if work == nil || then == nil {
		panic("runtime: Pipe with a nil function: want work to do, and one that makes a message")
	}
	c := ctx
	p := &pipe{sys: c.sys()}
	c.mu.Lock()
	if c.state == stopped {
		c.mu.Unlock()
		return
	}
	p.sys.crew.join() // while the system cannot have ended without it
	r := c.rareLocked()
	if r.pipes == nil {
		r.pipes = make(map[*pipe]struct{})
	}
	r.pipes[p] = struct{}{}
	c.mu.Unlock()
	p.sys.dispatch.start(func() {
		var r R
		err := ErrGoexit // unless work returns
		defer func() {
			defer p.release()
			defer func() { p.tenure.end(err) }()
			if v := recover(); v != nil {
				err = &PanicError{Value: v, Stack: debug.Stack()}
			}
			c.endPipe(p, func() error {
				_, err := c.accept(then(r, err))
				return err
			})
		}()
		beside := context.WithValue(c.Context, mailbox.ParkerKey{}, nil)
		r, err = work(context.WithValue(beside, tenureKey{}, &p.tenure))
	})
}

// endPipe takes p off the list in the same moment as it hands its result over, so that a drain misses neither.
func (n *node) endPipe(p *pipe, arrival func() error) {
	n.mu.Lock()
	delete(n.look().pipes, p)
	n.enqueueLocked(arrival)
	n.mu.Unlock()
	n.wake()
}
