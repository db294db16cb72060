package runtime

import (
	"context"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// life is an actor's context.Context: the node, under the methods of one. It ends when the actor is told to stop.
//
// A standard context is made only when somebody asks for Done or derives from it: most actors never do, and idle
// actors should be small. The standard package then finds its own type behind Value and needs no goroutine to pass
// the end on.
type life node

// nodeKey finds, through any context derived from an actor's, that actor. A mailbox.ParkerKey finds the runner of its turn,
// unless the context is for work beside the turn, as far as the runtime knows.
type nodeKey struct{}

func (l *life) Deadline() (time.Time, bool) { return time.Time{}, false }
func (l *life) Done() <-chan struct{}       { return l.standard().Done() }

func (l *life) Err() error {
	if l.marks.has(lifeEnded) {
		return context.Canceled
	}
	return nil
}

func (l *life) Value(key any) any {
	n := (*node)(l)
	switch key {
	case nodeKey{}:
		return n
	case mailbox.ParkerKey{}:
		return n.place()
	case tenureKey{}:
		return n.tenureNow()
	}
	if r := n.runner(); r != nil {
		if v := r.labelValue(key); v != nil {
			return v
		}
	}
	return l.standard().Value(key)
}

func (l *life) standard() context.Context {
	n := (*node)(l)
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.rareLocked()
	if r.std == nil {
		r.std, r.cancel = context.WithCancelCause(context.Background())
		if n.marks.has(lifeEnded) {
			r.cancel(ErrStopped) // nobody has derived from it yet
		}
	}
	return r.std
}

// endLife ends the actor's context.
func (n *node) endLife() {
	if !n.marks.set(lifeEnded) || n.rare.Load() == nil { // who makes a standard context now sees the mark
		return
	}
	n.mu.Lock()
	cancel := n.look().cancel
	n.mu.Unlock()
	if cancel != nil {
		cancel(ErrStopped)
	}
}

// sender returns the actor whose handler ctx comes from, or nil.
func sender(ctx context.Context) *node {
	if ctx == nil {
		return nil
	}
	n, _ := ctx.Value(nodeKey{}).(*node)
	return n
}

// runnerOf returns the runner on which the handler runs that ctx comes from, which may be elsewhere. It is nil when ctx
// comes from no handler.
func runnerOf(ctx context.Context) *runner {
	if x, ok := ctx.(interface{ place() *runner }); ok {
		return x.place()
	}
	if ctx != nil {
		r, _ := ctx.Value(mailbox.ParkerKey{}).(*runner)
		return r
	}
	return nil
}
