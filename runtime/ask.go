package runtime

import (
	"context"
	"fmt"
	goruntime "runtime"
	"runtime/debug"

	"github.com/troupe-go/troupe/mailbox"
)

// yields is how often an asker lets others run before it parks. The answer mostly is there then: the actor was run in
// between, or on another processor, and neither side had to be put to sleep and woken.
const yields = 2

// Ask sends the message that request makes and waits for the answer.
//
// It returns the answer; the error given to Reply.Fail; an error that wraps ctx.Err() when ctx ends first; one that
// wraps ErrStopped when the actor is stopped or stops before it answers, and the failure too if that is why; and, at
// once, the handler's error when the message embeds its Reply and its handler failed for good. When the mailbox is full,
// its overflow policy decides, as for Tell. It returns a *DeadlockError when the answer would never come, because the actor
// waits, perhaps by others, for the handler that asks: at once or after a second, see Deadlocks in the package's doc. The message
// may be handled still; its answer is late then. What request does with the handle but put it into the message, the runtime does
// not know. From a handler pass the handler's context. To an actor with Props.Inline the
// handler may run on the caller's goroutine. Ask itself allocates nothing in the steady state.
func Ask[R, M any](ctx context.Context, to Ref[M], request func(Reply[R]) M) (R, error) {
	var none R
	c := to.c
	if c == nil {
		return none, ErrStopped
	}
	if request == nil {
		return none, fmt.Errorf("%w: the request function of Ask is nil: want one that makes the message", ErrConfig)
	}
	pool := poolOf[R](c.sys())
	p := pool.pool.Get().(*pending[R])
	in := p.word.Load()
	p.note = ctx
	if err := c.ask(ctx, request(Reply[R]{p, in, &c.node}), &p.wish); err != nil {
		if p.claim(in) {
			p.recycle(pool) // otherwise somebody answers a message that was not taken, and p is lost
		}
		return none, err
	}
	if !p.answered() {
		if err := c.awaitAnswer(ctx, &p.wish, in); err != nil {
			p.recycle(pool)
			return none, err
		}
	}
	value := p.value
	err, _ := p.note.(error)
	p.recycle(pool)
	return value, err
}

// awaitAnswer waits until w is answered. It returns an error when the ask ended before that; then w is claimed.
func (n *node) awaitAnswer(ctx context.Context, w *wish, in uint64) error {
	held := hold(ctx)
	n.sys().dispatch.point()
	for range yields {
		if goruntime.Gosched(); w.answered() {
			held.free()
			return nil
		}
	}
	a := asking{wish: w, in: in, edge: n.beginWait(ctx, w, in, nil, held)}
	why := a.wait(ctx, n)
	if why != nil && w.claim(in) {
		a.over(0)
		return n.askError(why)
	}
	a.over(1) // it was answered, if only in the same instant: that counts
	return nil
}

// An asking is an asker's wait.
type asking struct {
	*wish
	in     uint64
	edge   *edge // nil if the asker is no handler
	parks  bool
	tokens int // taken
}

// wait returns nil once there is an answer, or else why the asker gives up.
func (a *asking) wait(ctx context.Context, asked *node) error {
	if err := asked.addWish(a.wish); err != nil {
		return err
	}
	defer asked.removeWish(a.wish)
	if a.parks = a.park(); !a.parks {
		return nil
	}
	ended := ctx.Done()
	for {
		if ended == nil {
			<-a.token // a plain receive costs half of a select
		} else {
			select {
			case <-a.token:
			case <-ended:
				return ctx.Err()
			}
		}
		if a.tokens++; a.answered() {
			return nil
		}
		if err := a.edge.look(ctx); err != nil { // it was a poke
			return err
		}
	}
}

// over ends the wait, and takes the tokens that are left: one for each poke, and one for the answer, if there is one and the asker has
// parked.
func (a *asking) over(answers int) {
	left := -a.tokens
	if a.parks {
		left += answers
	}
	if a.edge != nil {
		left += a.edge.end()
	}
	for ; left > 0; left-- {
		<-a.token
	}
}

func (n *node) askError(why error) error { return fmt.Errorf("runtime: ask %s: %w", n.path(), why) }

// addWish has w fail when n stops. The error is that of an n that has stopped already.
func (n *node) addWish(w *wish) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.state == stopped {
		return n.stoppedLocked()
	}
	r := n.rareLocked()
	if w.next = r.wishes; w.next != nil {
		w.next.prev = w
	}
	r.wishes = w
	return nil
}

func (n *node) removeWish(w *wish) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case w.prev != nil:
		w.prev.next = w.next
	case n.look().wishes == w:
		n.rareLocked().wishes = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	}
	w.prev, w.next = nil, nil
}

// failWishesLocked fails those who wait for an answer from n, which has stopped.
func (n *node) failWishesLocked() {
	for w := n.look().wishes; w != nil; w = w.next {
		if w.claim(w.word.Load() &^ (round - 1)) {
			w.note = n.askError(n.stoppedLocked())
			w.finish()
		}
	}
}

func (n *node) stoppedLocked() error {
	if err := n.look().err; err != nil {
		return fmt.Errorf("%w: %w", ErrStopped, err)
	}
	return ErrStopped
}

// ask is Tell of a message that asks for w. The turn of an idle actor that promises never to wait runs here and now.
func (c *Context[M]) ask(ctx context.Context, m M, w *wish) error {
	if c.marks.has(gated|carriesMore) || c.sys().heed.Load() != 0 {
		if c.marks.has(carriesMore) {
			passOn(c.sys(), m, w)
		}
		if !c.admits(ctx) {
			return c.refuse()
		}
	}
	wake, err := c.mail.Offer(ctx, m)
	switch {
	case !wake:
	case c.marks.has(inline):
		c.runInline()
	default:
		c.sys().dispatch.ready(&c.node, c.runnerOf(ctx))
	}
	if err != nil {
		return c.sendError(ctx, "ask", err)
	}
	return nil
}

// runInline is a turn on the asker's goroutine. It is what runHere is, with one guard instead of two: an ask that is
// answered at once takes hardly longer than a call otherwise.
func (c *Context[M]) runInline() {
	turn := c.turn
	if !c.working {
		c.runHere(turn, c.awake(turn), inlineShare)
		return
	}
	c.moveElsewhere()
	out, returned := outcome{err: ErrGoexit}, false
	defer func() {
		if out.err == nil && out.state == mailbox.Idle && !out.yield {
			return // the turn may be another's by now
		}
		if v := recover(); v != nil {
			out.err, returned = &PanicError{Value: v, Stack: debug.Stack()}, true
		}
		s := c.after(turn, stepWork, out)
		if !returned && s > stepLost {
			c.sys().dispatch.takeOver(&c.node, turn, s)
			return
		}
		c.run(turn, s, workShare, nil)
	}()
	out = c.work(inlineShare, false)
	if out.err != nil {
		_ = out.err.Error() // as in perform
	}
	returned = true
}
