package runtime

import (
	"context"
	"slices"
	"sync"
)

// A Holder is who may hold something that must come back: a behaviour, from its start until it is restarted or stopped,
// or a piece of work that Pipe runs, until that returns. It is a comparable value. Patterns use it to take back what a
// crashed actor held.
type Holder struct{ t *tenure }

// HolderOf returns whose code ctx was given to: a handler's or hook's context means the behaviour that runs, the context
// of a Pipe's work means that work, and so do contexts derived from them. It reports false for any other context.
func HolderOf(ctx context.Context) (Holder, bool) {
	if ctx == nil {
		return Holder{}, false
	}
	t, _ := ctx.Value(tenureKey{}).(*tenure)
	return Holder{t}, t != nil
}

// WatchHolder is Watch for the end of a holder: the actor of ctx receives the message that then makes of the failure
// that ended it, or of nil. A failed behaviour ends when its supervisor decides to restart or stop it, not after the
// restart's delay; one that is resumed goes on. The zero Holder has ended.
func WatchHolder[M any](ctx *Context[M], h Holder, then func(error) M) {
	ctx.demand("WatchHolder")
	if then == nil {
		panic("runtime: WatchHolder with a nil function: want one that makes a message")
	}
	w := newWatch(ctx, then)
	if h.t == nil {
		w.deliver(nil)
		return
	}
	w.begin(h.t)
}

// A tenure is the time of one holder.
type tenure struct {
	mu       sync.Mutex
	ended    bool
	cause    error
	watchers []*watch // in the order in which they asked
}

type tenureKey struct{}

func (t *tenure) watch(w *watch) {
	t.mu.Lock()
	if t.ended {
		cause := t.cause
		t.mu.Unlock()
		w.ended(cause)
		return
	}
	t.watchers = append(t.watchers, w)
	t.mu.Unlock()
}

func (t *tenure) unwatch(w *watch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.watchers, w); i >= 0 {
		t.watchers = slices.Delete(t.watchers, i, i+1)
	}
}

// end tells those who wait for it. Only the first end counts.
func (t *tenure) end(cause error) {
	t.mu.Lock()
	if t.ended {
		t.mu.Unlock()
		return
	}
	t.ended, t.cause = true, cause
	watchers := t.watchers
	t.watchers = nil
	t.mu.Unlock()
	for _, w := range watchers {
		w.ended(cause)
	}
}

// tenureNow returns the tenure of the behaviour that n has, or will have next.
func (n *node) tenureNow() *tenure {
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.rareLocked()
	if r.tenure == nil {
		r.tenure = &tenure{ended: n.state == stopped, cause: r.err}
	}
	return r.tenure
}

// endTenure ends the tenure of the behaviour that n has. A tenure that nobody asked for was never made.
func (n *node) endTenure(cause error) {
	n.mu.Lock()
	t := n.look().tenure
	if t == nil {
		n.mu.Unlock()
		return
	}
	n.rareLocked().tenure = nil
	n.mu.Unlock()
	t.end(cause)
}
