package runtime

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// life is an actor's context.Context. It ends when the actor is told to stop.
//
// A standard context is made only when somebody asks for Done or derives from it: most actors never do, and idle
// actors should be small. The standard package then finds its own type behind Value and needs no goroutine to pass
// the end on.
type life struct {
	n     *node
	ended atomic.Bool

	mu     sync.Mutex
	std    context.Context
	cancel context.CancelCauseFunc
}

// nodeKey finds, through any context derived from an actor's, that actor. handlerKey does not where it is used beside
// the actor's turn, as far as the runtime knows.
type (
	nodeKey    struct{}
	handlerKey struct{}
)

func (l *life) Deadline() (time.Time, bool) { return time.Time{}, false }
func (l *life) Done() <-chan struct{}       { return l.standard().Done() }

func (l *life) Err() error {
	if l.ended.Load() {
		return context.Canceled
	}
	return nil
}

func (l *life) Value(key any) any {
	switch key {
	case nodeKey{}, handlerKey{}:
		return l.n
	case tenureKey{}:
		return l.n.tenureNow()
	}
	return l.standard().Value(key)
}

func (l *life) standard() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.std == nil {
		l.std, l.cancel = context.WithCancelCause(context.Background())
		if l.ended.Load() {
			l.cancel(ErrStopped)
		}
	}
	return l.std
}

func (l *life) end() {
	if l.ended.Swap(true) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel != nil {
		l.cancel(ErrStopped)
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

// runnerOf returns the runner on which the handler runs that ctx comes from. It is nil when ctx comes from no handler, or
// from one that runs elsewhere.
func runnerOf(ctx context.Context) *runner {
	if x, ok := ctx.(interface{ runner() *runner }); ok {
		return x.runner()
	}
	if ctx != nil {
		if n, _ := ctx.Value(handlerKey{}).(*node); n != nil {
			return n.on.Load()
		}
	}
	return nil
}
