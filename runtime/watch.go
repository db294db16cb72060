package runtime

// A watch is one actor's wish to know of another's end.
type watch struct {
	watcher, target *node
	deliver         func(error) // may be called from any goroutine
}

// Watch makes the actor of ctx receive, when other stops, the message that then makes of the reason (nil for a normal
// stop), or at once if other is stopped already. A restart is not an end. then runs on the actor's own turn, so it may
// use the actor's state; its panic is the actor's failure. The message is never dropped. A watch outlives the watcher's
// restarts; each call to Watch makes one more message.
func Watch[M, N any](ctx *Context[M], other Ref[N], then func(error) M) {
	if then == nil {
		panic("runtime: Watch with a nil function: want one that makes a message")
	}
	c := ctx.c
	w := &watch{watcher: &c.node, deliver: func(cause error) {
		c.enqueue(func() error {
			c.accept(then(cause))
			return nil
		})
	}}
	if other.c == nil {
		w.deliver(nil)
		return
	}
	w.target = &other.c.node
	c.mu.Lock()
	if c.state == stopped {
		c.mu.Unlock()
		return
	}
	if c.watching == nil {
		c.watching = make(map[*watch]struct{})
	}
	c.watching[w] = struct{}{}
	c.mu.Unlock()
	w.target.watch(w)
}

// watch adds w to those who are told of the end of n, or tells it at once.
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

// unwatch forgets w, whose watcher is gone.
func (n *node) unwatch(w *watch) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.watchers, w)
}

// ended tells w's watcher.
func (w *watch) ended(cause error) {
	w.watcher.mu.Lock()
	delete(w.watcher.watching, w)
	w.watcher.mu.Unlock()
	w.deliver(cause)
}

// enqueue has f run on the turn of n, before another message begins. If n is gone, f runs here and now, so that what it
// makes becomes a dead letter; its panic then has nobody to fail, and is logged.
func (n *node) enqueue(f func() error) {
	n.mu.Lock()
	if n.state != stopped {
		n.orders.arrivals = append(n.orders.arrivals, f)
		n.mu.Unlock()
		n.wake()
		return
	}
	n.mu.Unlock()
	defer func() {
		if v := recover(); v != nil {
			n.tally(Stats{Failed: 1})
			n.log().WithField("cause", v).Error("a function given to Watch or Pipe panicked after its actor had stopped")
		}
	}()
	_ = f()
}
