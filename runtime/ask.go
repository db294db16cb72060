package runtime

import (
	"context"
	"fmt"
	"sync/atomic"
)

// A Reply is the handle with which the receiver of an ask answers. It is made by Ask and travels in the message, whose
// type should embed it: then the asker is told at once when the message becomes a dead letter or its handler fails. It
// may be kept, and passed on to other actors in other messages; whoever answers first counts. The zero Reply is that of
// a message that was told, not asked: answering it does nothing.
type Reply[R any] struct{ p *pending[R] }

// Send answers with v. It never blocks and may be called from any goroutine. The first answer counts; later ones, and
// those after the ask has ended, are counted as late and ignored.
func (r Reply[R]) Send(v R) { r.answer(v, nil, true) }

// Fail answers with an error, which Ask returns. Otherwise it is like Send.
func (r Reply[R]) Fail(err error) {
	if err == nil {
		err = fmt.Errorf("runtime: Reply.Fail was called with a nil error")
	}
	var none R
	r.answer(none, err, true)
}

// TrySend is Send, and reports whether the answer counts: the asker gets it then, even if its context has ended
// meanwhile. One that does not count is not counted as late.
func (r Reply[R]) TrySend(v R) bool { return r.answer(v, nil, false) }

// Pending reports whether an asker still waits for the answer.
func (r Reply[R]) Pending() bool { return r.p != nil && !r.p.over.Load() }

// failAsk is Fail by the runtime, which does not know whether there was an answer already.
func (r Reply[R]) failAsk(err error) {
	var none R
	r.answer(none, err, false)
}

func (r Reply[R]) answer(v R, err error, late bool) bool {
	p := r.p
	if p == nil {
		return false
	}
	if !p.over.CompareAndSwap(false, true) {
		if late {
			p.asked.tally(Stats{LateReplies: 1})
		}
		return false
	}
	p.value, p.err = v, err
	p.answered <- struct{}{}
	return true
}

// pending is an ask under way.
type pending[R any] struct {
	asked    *node
	over     atomic.Bool   // answered, or given up
	answered chan struct{} // has room for the one answer
	value    R
	err      error
}

// An unanswerable is a message that wants to know that it will not be handled. A message that embeds a Reply is one.
type unanswerable interface{ failAsk(error) }

// A failer is a message of the user's own that wants to know.
type failer interface{ Fail(error) }

// failAsk tells the sender of a message that became a dead letter. A message may also have a method Fail(error) of its
// own, which gets a goroutine of its own, because it might end it, and with it an actor's turn.
func (s *System) failAsk(m any, reason error) {
	switch m := m.(type) {
	case unanswerable:
		defer func() { _ = recover() }() // m is a nil pointer to what embeds a Reply: nobody asked
		m.failAsk(reason)
	case failer:
		if err := s.apart(func() { m.Fail(reason) }); err != nil {
			s.log.WithField("cause", err).Errorf("the Fail method of a dead letter failed: %T", m)
		}
	}
}

// Ask sends the message that request makes and waits for the answer.
//
// It returns the answer; the error given to Reply.Fail; an error that wraps ctx.Err() when ctx ends first; one that
// wraps ErrStopped when the actor is stopped or stops before it answers, and the failure too if that is why; and, at
// once, the handler's error when the message embeds its Reply and its handler failed for good. When the mailbox is full,
// its overflow policy decides, as for Tell. From a handler pass the handler's context. To an actor with Props.Inline the
// handler may run on the caller's goroutine.
func Ask[R, M any](ctx context.Context, to Ref[M], request func(Reply[R]) M) (R, error) {
	var none R
	c := to.c
	if c == nil {
		return none, ErrStopped
	}
	if request == nil {
		return none, fmt.Errorf("%w: the request function of Ask is nil", ErrConfig)
	}
	p := &pending[R]{asked: &c.node, answered: make(chan struct{}, 1)}
	if err := c.ask(ctx, request(Reply[R]{p})); err != nil {
		p.over.Store(true)
		return none, err
	}
	var ended error
	select {
	case <-p.answered:
		return p.value, p.err
	default:
	}
	defer runnerOf(ctx).wait().over()
	select {
	case <-p.answered:
		return p.value, p.err
	case <-ctx.Done():
		ended = ctx.Err()
	case <-c.doneChan():
		ended = ErrStopped
		if cause := to.Err(); cause != nil {
			ended = fmt.Errorf("%w: %w", ErrStopped, cause)
		}
	}
	if p.over.CompareAndSwap(false, true) {
		return none, fmt.Errorf("runtime: ask %s: %w", c.path(), ended)
	}
	<-p.answered // it was answered in the same instant, and that counts
	return p.value, p.err
}

// ask is Tell, but for an idle actor that promises never to wait: its turn runs here and now.
func (c *cell[M]) ask(ctx context.Context, m M) error {
	if !c.props.Inline {
		return Ref[M]{c}.Tell(ctx, m)
	}
	if (c.gate.Load() || c.sys.closing.Load()) && !c.admits(ctx) {
		return c.refuse()
	}
	wake, full, err := c.mail.Offer(ctx, m)
	if full {
		wake, err = c.putWaiting(ctx, m)
	}
	if wake {
		c.runHere(c.turn, c.awake(c.turn), inlineShare)
	}
	if err != nil {
		return c.tellError(err)
	}
	return nil
}
