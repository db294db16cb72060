package runtime

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/troupe-go/troupe/mailbox"
)

// A Ref is the address of an actor: what others know of it. It is a comparable value, stays valid over restarts, and
// all its methods are safe for concurrent use. The zero Ref is that of an actor that is stopped.
type Ref[M any] struct{ c *Context[M] }

// Tell sends m. What happens when the mailbox is full, its overflow policy decides: under Block, which is the default,
// Tell waits until there is room or ctx ends.
//
// It returns nil once m is in the mailbox (or a Drop policy has evicted something), mailbox.ErrFull under Reject, an
// error that wraps ctx.Err() when ctx ended first, and one that wraps ErrStopped when the actor is stopped, or refuses
// messages because it drains; what an actor's own children and their children send, a draining actor still accepts.
// It returns a *DeadlockError when it would wait for ever, because the receiver waits, perhaps by others, for the handler that
// sends; waits with a context that can end by itself are not looked at: see Deadlocks in the package's doc.
// From a handler pass the handler's context: that is how the runtime knows the sender. On an error m was not taken.
// With room Tell takes one lock and allocates nothing.
func (r Ref[M]) Tell(ctx context.Context, m M) error {
	c := r.c
	if c == nil {
		return ErrStopped
	}
	if c.marks.has(gated|carries) || c.sys().heed.Load() != 0 {
		if c.marks.has(carries) {
			passOn(c.sys(), m, nil)
		}
		if !c.admits(ctx) {
			return c.refuse()
		}
	}
	wake, err := c.mail.Offer(ctx, m)
	if wake {
		c.sys().dispatch.ready(&c.node, c.runnerOf(ctx))
	}
	if err != nil {
		return c.sendError(ctx, "tell", err)
	}
	return nil
}

// awaitRoom waits with a put that is in line, unless that would be for ever.
func (c *Context[M]) awaitRoom(ctx context.Context, w *mailbox.Waiting[M]) error {
	e := c.beginWait(ctx, nil, 0, w, parking{})
	pokes := 0
	defer func() { // also if Less panics
		if e != nil {
			pokes = e.end()
		}
		w.Release(pokes)
	}()
	for {
		over, err := w.Await(ctx)
		if over {
			return err
		}
		if err := e.look(ctx); err != nil && w.Leave() {
			return err
		}
	}
}

// runnerOf is the function of that name, and quicker where the sender takes the same type of message.
func (c *Context[M]) runnerOf(ctx context.Context) *runner {
	if x, ok := ctx.(*Context[M]); ok {
		return x.on.Load()
	}
	return runnerOf(ctx)
}

// TryTell is Tell that never waits: without room it returns mailbox.ErrFull under Block and Reject. Since it does not
// say who is sending, it is accepted until the actor itself begins to stop.
func (r Ref[M]) TryTell(m M) error {
	c := r.c
	if c == nil {
		return ErrStopped
	}
	if c.marks.has(gated | carries) {
		if c.marks.has(gated) {
			return c.refuse()
		}
		passOn(c.sys(), m, nil)
	}
	c.sys().dispatch.point()
	wake, err := c.mail.TryPut(m)
	if wake {
		c.sys().dispatch.share(&c.node)
	}
	if err != nil {
		return c.sendError(context.Background(), "tell", err) // which it does not wait with
	}
	return nil
}

// admits reports whether a draining actor or system still takes what is sent with ctx.
func (c *Context[M]) admits(ctx context.Context) bool {
	c.sys().dispatch.point()
	switch {
	case c.marks.has(gated):
		return sender(ctx).below(&c.node)
	case c.sys().isClosing():
		from := sender(ctx)
		return from != nil && from.sys() == c.sys()
	}
	return true
}

func (c *Context[M]) refuse() error {
	c.tally(Stats{Sent: 1, Rejected: 1})
	return stoppedError(c.path())
}

// sendError waits if the message is in line, and makes of what is wrong in the end the error of a Tell or an Ask.
func (c *Context[M]) sendError(ctx context.Context, what string, err error) error {
	if w, waits := err.(*mailbox.Waiting[M]); waits {
		if err = c.awaitRoom(ctx, w); err == nil {
			return nil
		}
	}
	switch {
	case errors.Is(err, mailbox.ErrClosed):
		return c.refuse()
	case errors.Is(err, mailbox.ErrFull):
		return err // as it is: rejecting must be cheap, because it happens under load
	}
	return fmt.Errorf("runtime: %s %s: %w", what, c.path(), err)
}

// Stop stops the actor after its current message, whatever Props.Restart says. What is queued becomes dead letters, its
// children stop first, and its context ends at once. Stop does not wait: see Done.
func (r Ref[M]) Stop() {
	if r.c != nil {
		r.c.node.stop(stopNow, nil, true)
	}
}

// StopWhenEmpty stops the actor after what is queued now: it handles that, lets its children do the same, handles what
// they still send, and stops. Everybody else's messages are refused from now on, its timers do not fire any more, and
// what Pipe has under way is waited for. It does not wait: see Done.
func (r Ref[M]) StopWhenEmpty() {
	if r.c != nil {
		r.c.node.stop(stopSoft, nil, true)
	}
}

// Done returns a channel that is closed when the actor has stopped.
func (r Ref[M]) Done() <-chan struct{} {
	if r.c == nil {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return r.c.doneChan()
}

// Err returns why the actor stopped: nil while it runs, and after a normal stop.
func (r Ref[M]) Err() error {
	if r.c == nil {
		return nil
	}
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	return r.c.look().err
}

// Path returns the actor's path: its name after its parent's path, as in "shop/orders/3". The zero Ref's is "".
func (r Ref[M]) Path() string {
	if r.c == nil {
		return ""
	}
	return r.c.path()
}

func (r Ref[M]) String() string { return r.Path() }

// Stats returns the counts of this actor.
func (r Ref[M]) Stats() Stats {
	if r.c == nil {
		return Stats{}
	}
	return r.c.node.stats()
}

// Lookup finds a running actor by the path of names that leads to it, the system's name first.
//
// It returns an error that wraps ErrNotFound, or ErrType when the actor there takes another type of message, or
// ErrConfig where there is no system to look in. It does not block, and may be called from anywhere.
func Lookup[M any](s *System, path string) (Ref[M], error) {
	if !s.isStarted() {
		return Ref[M]{}, badConfig("the System of Lookup", "nil or zero", "one from New")
	}
	names := strings.Split(path, "/")
	n := s.root
	if names[0] != n.name() {
		return Ref[M]{}, fmt.Errorf("%w: %q: paths of this system begin with %q", ErrNotFound, path, n.name())
	}
	for _, name := range names[1:] {
		parent := n
		switch n = parent.family().lookup(name); {
		case name == "":
			return Ref[M]{}, fmt.Errorf("%w: %q has an empty name in it: want names, and one '/' between two", ErrNotFound, path)
		case n == nil:
			return Ref[M]{}, fmt.Errorf("%w: %q: %q has no child named %q", ErrNotFound, path, parent.path(), name)
		}
	}
	if n.body == nil {
		return Ref[M]{}, fmt.Errorf("%w: %q is the system itself: want the path of an actor", ErrNotFound, path)
	}
	c, ok := n.body.(*Context[M])
	if !ok {
		return Ref[M]{}, fmt.Errorf("%w: %q takes %s, not %s", ErrType, path, n.body.messageType(), reflect.TypeFor[M]())
	}
	return Ref[M]{c}, nil
}
