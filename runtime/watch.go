package runtime

// A watch is one actor's wish to know of the end of something.
type watch struct {
	watcher *node
	of      watchable
	deliver func(error) // may be called from any goroutine
}

// A watchable has an end: an actor, or a holder.
type watchable interface {
	watch(*watch)   // adds a watch to those who are told of the end, or tells it at once
	unwatch(*watch) // forgets a watch, whose watcher is gone
}

func newWatch[M any](ctx *Context[M], then func(error) M) *watch {
	c := ctx.c
	return &watch{watcher: &c.node, deliver: func(cause error) {
		c.enqueue(func() error {
			_, err := c.accept(then(cause))
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
	if n.watching == nil {
		n.watching = make(map[*watch]struct{})
	}
	n.watching[w] = struct{}{}
	n.mu.Unlock()
	of.watch(w)
}

// ended tells w's watcher.
func (w *watch) ended(cause error) {
	w.watcher.mu.Lock()
	delete(w.watcher.watching, w)
	w.watcher.mu.Unlock()
	w.deliver(cause)
}

// Watch makes the actor of ctx receive, when other stops, the message that then makes of the reason (nil for a normal
// stop), or at once if other is stopped already. A restart is not an end. then runs on the actor's own turn, so it may
// use the actor's state; its panic is the actor's failure. While the mailbox is full the message is held aside, under
// every overflow policy. A watch outlives the watcher's restarts, but not the watcher: no message is made for an actor
// that is gone. Each call to Watch makes one more.
func Watch[M, N any](ctx *Context[M], other Ref[N], then func(error) M) {
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
		err := n.err
		n.mu.Unlock()
		w.ended(err)
		return
	}
	if n.watchers == nil {
		n.watchers = make(map[*watch]struct{})
	}
	n.watchers[w] = struct{}{}
	n.mu.Unlock()
}

func (n *node) unwatch(w *watch) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.watchers, w)
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
	if n.state != stopped && !n.abandoned {
		n.orders.arrivals = append(n.orders.arrivals, f)
	}
}
