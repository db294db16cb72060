package runtime

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// A handler waits for one other actor at a time, for room in its mailbox or for its answer. So the waits form a graph with one
// edge a node, and a cycle in it is found by following pointers. That happens when a wait begins, and mostly ends at the
// first step, because whom one waits for mostly does not wait itself.
//
// A cycle is a suspicion at first. An edge was noted under the actor whose context was used, by whatever goroutine. So each
// wait in the cycle is poked: it looks, on its own goroutine, whether that is its actor's handler (whose.go), whether it
// waits for as long as it takes, and which asks the handler is to answer. Then the last one to have begun has closed the
// cycle, and is the one to fail, if the cycle is proven (prove.go).

// A DeadlockError is the error of a Tell or Ask that would have waited for ever, because the actors that it waits for wait
// for it: it has closed a cycle. Its message was not taken; one that was asked may be handled still, and its answer is
// late.
type DeadlockError struct {
	// Cycle has the paths of the actors that wait for each other. The first has the error; each waits for the next one,
	// and the last one waits for the first.
	Cycle []string
	// Waits says what each of them waits for: "room in" the mailbox of the next, or "an answer from" it.
	Waits []string
}

func (e *DeadlockError) Error() string {
	var b strings.Builder
	b.WriteString("deadlock: ")
	for i, path := range e.Cycle {
		if i > 0 {
			b.WriteString(", which waits for ")
		} else {
			b.WriteString(path + " would wait for ")
		}
		if i < len(e.Waits) { // one that a test has made may lack them
			b.WriteString(e.Waits[i] + " ")
		}
		b.WriteString(e.Cycle[(i+1)%len(e.Cycle)])
	}
	return b.String()
}

// An edge is a wait of a handler inside the runtime. It is kept by the runner whose handler that is, because that
// outlives the wait. All but what is marked otherwise is guarded by the dispatcher's mu.
type edge struct {
	from, to *node
	under    *node // whose context it waits with: from, or an actor that begins on the goroutine of from
	runner   *runner
	token    uint64 // of the runner's Park
	ticket   uint64 // of the scheduler's
	order    uint64 // of all waits of the system, the how manieth this is; 0: there is no wait
	wish     *wish  // what it waits for: an answer,
	ask      handle // to this,
	room     place  // or room

	pokes int  // in all
	poked bool // and it has not looked since
	known bool // it has looked
	sound bool // and it is what it seems: its actor cannot go on before it ends
	// The asks that are to be answered by the handler that waits.
	serving []handle
	again   time.Duration // until it looks again
	timer   *time.Timer

	parker mailbox.Parker // of a wait that is no handler's; then nothing else is set but ticket
}

// A place is a put in line: a *mailbox.Waiting.
type place interface {
	Poke()
	Waits() bool
}

// beginWait notes that the handler, or whoever else has ctx, waits for an answer from n, or for room. Meanwhile others run
// what its runner has, as they do while it is held already. It returns nil where the one who waits is no handler.
func (n *node) beginWait(ctx context.Context, w *wish, in uint64, room place, held parking) *edge {
	r, from, under := waiterOf(ctx)
	if r != held.runner {
		held.free()
		held = parking{}
	}
	if r == nil {
		return n.sys().dispatch.parkOutside(ctx)
	}
	d := r.d
	d.mu.Lock()
	if r.place < 0 {
		d.mu.Unlock()
		return nil // the context is used after its handler has returned
	}
	e := r.edgeLocked()
	d.waits++
	// All else is zero in an edge that is free, and an ask is quick.
	e.from, e.to, e.under, e.runner, e.order, e.room = from, n, under, r, d.waits, room
	if e.wish = w; w != nil {
		e.ask = w.handle(in)
	}
	if e.token = held.token; e.token == 0 || e.token != r.hires {
		e.token = r.parkLocked()
	}
	if d.scheduler != nil {
		e.ticket = d.scheduler.Park()
	}
	suspect, more := e.closesLocked(), d.needsMoreLocked()
	d.mu.Unlock()
	if more {
		d.relieve()
	}
	if suspect {
		d.mu.Lock()
		e.pokeLocked() // so that it looks when it waits
		d.mu.Unlock()
	}
	return e
}

// parkOutside is beginWait for one that is no handler, and has a context that wants to know of its waits.
func (d *dispatcher) parkOutside(ctx context.Context) *edge {
	if d.scheduler == nil {
		return nil
	}
	if p, _ := ctx.Value(mailbox.ParkerKey{}).(mailbox.Parker); p != nil {
		return &edge{parker: p, ticket: p.Park()}
	}
	return nil
}

// waiterOf returns the runner of the handler that ctx comes from, and its actor. A Started hook runs on the goroutine of
// whoever spawns: where that is a handler, it is that handler which waits.
func waiterOf(ctx context.Context) (r *runner, from, under *node) {
	r = runnerOf(ctx)
	if under = sender(ctx); under == nil {
		return nil, nil, nil
	}
	from = under
	if r == nil || r == elsewhere { // it is nil before the actor has run on any
		if r = from.sys().dispatch.here(); r != nil {
			from = r.n
		}
	}
	return r, from, under
}

// edgeLocked returns an edge that is free. There are several waits under one context only if the handler has given it to
// other goroutines.
func (r *runner) edgeLocked() *edge {
	if r.edge.order == 0 {
		return &r.edge
	}
	e := &edge{}
	r.edges = append(r.edges, e)
	return e
}

// end is called when the wait is over. It returns how often it was poked.
func (e *edge) end() (pokes int) {
	if e.timer != nil {
		e.timer.Stop()
	}
	r := e.runner
	if r == nil {
		e.parker.Unpark(e.ticket)
		return 0
	}
	d, ticket := r.d, e.ticket
	if d.scheduler != nil {
		defer d.scheduler.Unpark(ticket)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	pokes = e.pokes
	for i, other := range r.edges {
		if other == e {
			last := len(r.edges) - 1
			r.edges[i], r.edges[last] = r.edges[last], nil
			r.edges = r.edges[:last]
			break
		}
	}
	r.unparkLocked(e.token)
	if pokes > 0 || e.known {
		*e = edge{}
	} else {
		e.from, e.to, e.under, e.runner, e.order, e.room, e.wish = nil, nil, nil, nil, 0, nil, nil
	}
	return pokes
}

// pokeLocked has the wait look at what it is.
func (e *edge) pokeLocked() {
	if e.poked {
		return
	}
	e.poked = true
	e.pokes++
	if e.room != nil {
		e.room.Poke()
	} else {
		e.wish.token <- struct{}{}
	}
}

// edgeLocked returns the wait of n's handler, or one that may be that; nil where there is none in this system. Where any of
// several may be the one, they are poked, and it returns nil: who looks last finds what there is to find.
func (d *dispatcher) edgeLocked(n *node) *edge {
	r := n.runner()
	if r == nil || r.d != d || r.place < 0 || r.waits == 0 {
		return nil
	}
	var found *edge
	several := false
	for e := range r.edgesLocked(n) {
		if e.known {
			return e
		}
		several = several || found != nil
		found = e
	}
	if !several {
		return found
	}
	for e := range r.edgesLocked(n) {
		e.pokeLocked()
	}
	return nil
}

// edgesLocked is for each wait that may be n's handler's.
func (r *runner) edgesLocked(n *node) iter.Seq[*edge] {
	return func(yield func(*edge) bool) {
		if e := &r.edge; e.mayBeOf(n) && !yield(e) {
			return
		}
		for _, e := range r.edges {
			if e.mayBeOf(n) && !yield(e) {
				return
			}
		}
	}
}

func (e *edge) mayBeOf(n *node) bool { return e.order > 0 && e.from == n && (e.sound || !e.known) }

// closesLocked reports whether e may be part of a cycle.
func (e *edge) closesLocked() bool {
	d := e.runner.d
	for n, left := e.to, len(d.runners); n != e.from; left-- { // more steps than that would lead around another cycle
		next := d.edgeLocked(n)
		if next == nil || left == 0 {
			return false
		}
		n = next.to
	}
	return true
}

// look is called where e waits, after it was poked. It returns a *DeadlockError if e has closed a cycle.
func (e *edge) look(ctx context.Context) error {
	r, d := e.runner, e.runner.d
	sound := r.isHere() && r.n == e.from && endless(ctx)
	var serving []handle
	if sound && e.from.body != nil {
		serving = e.from.body.serving()
	}
	d.mu.Lock()
	e.poked, e.known, e.sound, e.serving = false, true, sound, serving
	if !sound {
		for other := range r.edgesLocked(e.from) {
			other.pokeLocked() // e may have hidden what that is
		}
	}
	cycle := e.cycleLocked()
	closer := e
	for _, other := range cycle {
		if other.order > closer.order {
			closer = other
		}
		if !other.known {
			other.pokeLocked()
		}
	}
	mine := len(cycle) > 0 && closer == e
	for _, other := range cycle {
		mine = mine && other.known
	}
	if closer != e {
		closer.pokeLocked() // e may be the last that it wants to know of
	}
	s := suspicionOf(cycle)
	d.mu.Unlock()
	if !mine {
		return nil
	}
	switch s.prove(d, e.again > 0) {
	case proven:
		return s.err()
	case unproven:
		e.lookAgain()
	}
	return nil
}

// endless reports whether nothing but the end of its actor ends a wait with ctx.
func endless(ctx context.Context) bool {
	done := ctx.Done()
	return done == nil || done == (*life)(sender(ctx)).Done()
}

// cycleLocked returns the cycle that begins with e, or nil.
func (e *edge) cycleLocked() []*edge {
	if !e.sound || !e.closesLocked() {
		return nil
	}
	cycle := []*edge{e}
	for n := e.to; n != e.from; {
		next := e.runner.d.edgeLocked(n)
		cycle = append(cycle, next)
		n = next.to
	}
	return cycle
}

const (
	firstLook = time.Second
	lastLook  = time.Minute
)

// lookAgain has e look after a while: what keeps it from being proven may have passed then.
func (e *edge) lookAgain() {
	d, order := e.runner.d, e.order
	d.mu.Lock() // others copy the edge
	defer d.mu.Unlock()
	e.again = min(max(firstLook, 2*e.again), lastLook)
	e.timer = d.afterFunc(e.again, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if e.order == order {
			e.pokeLocked()
		}
	})
}
