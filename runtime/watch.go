package runtime

import (
	"cmp"
	"maps"
	"slices"
)

// A watch is one actor's wish to know of the end of something.
type watch struct {
	watcher *node
	of      watchable
	deliver func(error) // may be called from any goroutine
	number  uint64      // among those of an actor
}

// A watchable has an end: an actor, or a holder.
type watchable interface {
	watch(*watch)   // adds a watch to those who are told of the end, or tells it at once
	unwatch(*watch) // forgets a watch, whose watcher is gone
}

func newWatch[M any](ctx *Context[M], then func(error) M) *watch {
	return &watch{watcher: &ctx.node, deliver: func(cause error) {
		ctx.enqueue(func() error {
			_, err := ctx.accept(then(cause))
			return err
		})
	}}
}

// begin has w, whose watcher notes it so that it can be forgotten, told of the end of what it is of.
func (w *watch) begin(of watchable) {
	w.of = of
	n := w.watcher
	n.mu.Lock()
	if n.state == stopped {
		n.mu.Unlock()
		return
	}
	r := n.rareLocked()
	if r.watching == nil {
		r.watching = make(map[*watch]struct{})
	}
	r.watching[w] = struct{}{}
	n.mu.Unlock()
	of.watch(w)
}

// ended tells w's watcher.
func (w *watch) ended(cause error) {
	w.watcher.mu.Lock()
	delete(w.watcher.look().watching, w)
	w.watcher.mu.Unlock()
	w.deliver(cause)
}

// Watch makes the actor of ctx receive, when other stops, the message that then makes of the reason (nil for a normal
// stop), or at once if other is stopped already. A restart is not an end. then runs on the actor's own turn, so it may
// use the actor's state; its panic is the actor's failure. While the mailbox is full the message is held aside, under
// every overflow policy. A watch outlives the watcher's restarts, but not the watcher: no message is made for an actor
// that is gone. Each call to Watch makes one more.
func Watch[M, N any](ctx *Context[M], other Ref[N], then func(error) M) {
	ctx.demand("Watch")
	if then == nil {
		panic("runtime: Watch with a nil function: want one that makes a message")
	}
	w := newWatch(ctx, then)
	if other.c == nil {
		w.deliver(nil)
		return
	}
	w.begin(&other.c.node)
}

func (n *node) watch(w *watch) {
	n.mu.Lock()
	if n.state == stopped {
		err := n.look().err
		n.mu.Unlock()
		w.ended(err)
		return
	}
	r := n.rareLocked()
	if r.watchers == nil {
		r.watchers = make(map[*watch]struct{})
	}
	r.watched++
	w.number = r.watched
	r.watchers[w] = struct{}{}
	n.mu.Unlock()
}

// inOrder returns the watches in the order in which they began.
func inOrder(watches map[*watch]struct{}) []*watch {
	return slices.SortedFunc(maps.Keys(watches), func(a, b *watch) int { return cmp.Compare(a.number, b.number) })
}

func (n *node) unwatch(w *watch) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.look().watchers, w)
}

// enqueue has f run on the turn of n, before another message begins. If n is gone, or was abandoned, there is no turn
// on which f could use the state of the actor: then it does not run, and its message never comes to be.
func (n *node) enqueue(f func() error) {
	n.mu.Lock()
	n.enqueueLocked(f)
	n.mu.Unlock()
	n.wake()
}

func (n *node) enqueueLocked(f func() error) {
	if r := n.rareLocked(); n.state != stopped && !r.abandoned {
		r.arrivals = append(r.arrivals, f)
	}
}
