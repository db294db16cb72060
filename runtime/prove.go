package runtime

import "slices"

// A suspicion is a cycle of waits, each of which is what it seems (deadlock.go): copies of its edges, because the waits may
// end. It is proven when there was an instant at which all of them were under way and none could end but by the others.
//
// A put ends when its receiver makes room, which that cannot while its handler waits. An ask ends when somebody answers. While
// the request is in the queue, or in the hands of the handler that waits, nobody else can, unless the reply handle was
// passed on: in a message, which is noted (passed.go), to a Pipe, or to a goroutine (started.go, descent.go). One that a handler has kept,
// and returned, might be anywhere: such an ask proves nothing.
//
// The instant: if one of the waits had ended by the others' doing after the first look at them, the first one to do so
// would have needed the next one in the cycle to have ended before.
type suspicion []suspect

type suspect struct {
	edge
	at *edge
}

type proof uint8

const (
	disproven proof = iota
	unproven        // something may change yet
	proven
)

func suspicionOf(cycle []*edge) suspicion {
	s := make(suspicion, len(cycle))
	for i, e := range cycle {
		s[i] = suspect{*e, e}
	}
	return s
}

// prove says whether the cycle is a deadlock. Whether a handle went to a goroutine takes a look at all goroutines, for which
// they are stopped, so that is only done where the caller may.
func (s suspicion) prove(d *dispatcher, may bool) proof {
	var handlers []*runner
	for i, e := range s {
		if e.from.isEnding() || e.under.isEnding() {
			return disproven
		}
		if e.room != nil {
			continue
		}
		if !e.wish.waits(e.ask.round) {
			return disproven // it was answered, or passed on
		}
		next := s[(i+1)%len(s)]
		switch inHand := next.serves(e.ask); {
		case inHand && e.to.sys().hidden.Load():
			return disproven // a handle was sent that passOn could not mark: it may have been this one
		case inHand && e.to.hasPipes():
			return unproven
		case inHand:
			handlers = append(handlers, next.runner)
		case !e.to.body.queued(e.ask):
			return disproven
		}
	}
	if len(handlers) > 0 && (!may || startedAny(handlers) || haveDescendants(handlers)) {
		return unproven
	}
	if !s.lasts(d) {
		return disproven
	}
	return proven
}

// lasts reports whether all of the waits are under way still.
func (s suspicion) lasts(d *dispatcher) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range s {
		switch {
		case e.at.order != e.order:
			return false
		case e.room != nil && !e.room.Waits():
			return false
		case e.room == nil && !e.wish.waits(e.ask.round):
			return false
		}
	}
	return true
}

func (e *suspect) serves(h handle) bool {
	return slices.Contains(e.serving, h)
}

// isEnding reports whether something else than an end of its wait ends the handler of n, or soon will.
func (n *node) isEnding() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ordered >= stopNow || n.marks.has(lifeEnded) || n.look().patience != nil
}

func (n *node) hasPipes() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.look().pipes) > 0
}

func (s suspicion) err() error {
	err := &DeadlockError{}
	for _, e := range s {
		what := "an answer from"
		if e.room != nil {
			what = "room in"
		}
		err.Cycle = append(err.Cycle, e.from.path())
		err.Waits = append(err.Waits, what)
	}
	return err
}

// serving returns the handles in the message that the handler is at.
func (c *Context[M]) serving() (all []handle) {
	if !c.handling || !c.marks.has(carries) {
		return nil
	}
	eachHandle(c.sys(), c.current(), func(h handle, _ *wish) { all = append(all, h) })
	return all
}

// current returns the message that the handler is at.
func (c *Context[M]) current() M {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.held(); a.inFront {
		return a.front[0].m
	}
	return c.mail.Current()
}

// queued reports whether the message that carries h waits in the mailbox.
func (c *Context[M]) queued(h handle) bool {
	return c.marks.has(carries) && c.mail.Any(func(m M) (found bool) {
		eachHandle(c.sys(), m, func(other handle, _ *wish) { found = found || other == h })
		return found
	})
}

// passOnCurrent notes that a child may answer what the handler is at: what it is made of may have the handle.
func (c *Context[M]) passOnCurrent() {
	if c.handling && c.marks.has(carries) {
		passOn(c.sys(), c.current(), nil)
	}
}
