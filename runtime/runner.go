package runtime

import (
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// A runner is a goroutine that runs ready actors one after another. Those that its handlers tell are on its list, and one
// of them, the next, in a slot of its own, which is quicker. Others may take what is there, so neither is ever a trap.
//
// A context may be used by other goroutines than the handler's, and long after, so whatever a runner can be asked through
// one may be asked at any time: by its handler, by somebody else, after it has ended, and while it runs something else.
type runner struct {
	d       *dispatcher
	start   func() // r.loop under the digits of number, made once
	number  number
	descent atomic.Uint32 // of the goroutine
	few     int           // messages, until an actor is asked whether it is alone

	next    atomic.Pointer[node] // nobody while the runner takes nothing
	watched atomic.Bool          // have the runner look up between two actors
	begun   atomic.Bool          // its goroutine runs

	mu     sync.Mutex
	list   rota
	closed bool // the list takes nothing: what is told goes to the shared list; written under d.mu too

	// Guarded by d.mu.
	place   int     // in d.runners; -1 off duty
	hires   uint64  // tells waits of before from those of now
	held    bool    // by one handler, for long
	looking bool    // for work
	waits   int     // waits inside the runtime that its handlers are in
	edge    edge    // the first of these; see deadlock.go
	edges   []*edge // the others

	// The goroutine's own.
	first   *node // to begin with
	timed   bool  // it may take its time, and began then
	began   time.Time
	row     int // actors run in a row from the slot
	rounds  uint32
	looks   int   // for work in vain, that are left to it of this hire
	n       *node // whose turn it is
	turn    uint8
	working bool  // in the fast part of that turn
	failed  error // what a panic there was
	todo    step  // what a Goexit there left to do
	lost    bool  // the turn was taken away, and the runner with it
}

// elsewhere is noted for an actor that has run on a runner before and now does not. It is like one that is off duty.
var elsewhere = func() *runner {
	r := &runner{d: &dispatcher{}, closed: true, place: -1}
	r.next.Store(nobody)
	return r
}()

// nobody stands in the slot of a runner that takes nothing.
var nobody = &node{}

const (
	workShare = 256 // messages in a row for one actor, while others are ready
	fewShare  = 16  // of these, before an actor that is alone is recognised as such
	maxRow    = 64  // actors in a row from the slot, while others are ready
	lookRound = 61  // how often the shared list goes first, as in Go's scheduler
)

func newRunner(d *dispatcher) *runner {
	r := &runner{d: d, number: nextNumber(), few: fewShare, closed: true, place: -1}
	if d.scheduler != nil {
		r.few = 1
	}
	r.next.Store(nobody)
	r.start = func() {
		r.label()
		spell(r, digits)
	}
	return r
}

// loop is the goroutine of the runner. Where an actor's code ends it, another takes its place.
func (r *runner) loop() {
	over := false // in which case r may be another goroutine's by now
	r.begun.Store(true)
	defer func() {
		if over {
			return
		}
		if r.working {
			r.working = false
			r.todo = r.n.after(r.turn, stepWork, outcome{err: ErrGoexit})
			r.lost = r.todo == stepLost
		}
		if !r.lost {
			r.d.start(r.start)
		}
	}()
	for !over {
		over = r.drive()
	}
}

// drive runs actors until there are none, or until one panics. It reports whether the goroutine is done.
func (r *runner) drive() (over bool) {
	defer func() {
		if over || !r.working {
			return
		}
		if v := recover(); v != nil {
			r.working = false
			r.failed = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	if err := r.failed; err != nil {
		r.failed = nil
		r.todo = r.n.after(r.turn, stepWork, outcome{err: err})
	}
	if s := r.todo; s != stepOver {
		r.todo = stepOver
		if !r.finish(s) {
			return true
		}
	}
	for {
		n := r.first
		if n != nil {
			r.first, r.began = nil, time.Now()
		} else if n = r.take(); n == nil {
			return true
		}
		if !r.activate(n) {
			return true
		}
	}
}

// activate is one turn of n. It reports whether the runner goes on.
func (r *runner) activate(n *node) bool {
	if n.on.Load() != r {
		n.on.Store(r)
	}
	r.n, r.turn = n, n.turn // nobody else writes it now: the turn of a ready actor cannot be taken away
	var s step
	if n.working {
		s = r.work(n)
	} else {
		s = n.awake(r.turn)
	}
	if s != stepOver || r.watched.Load() {
		return r.finish(s)
	}
	return true
}

func (r *runner) work(n *node) step {
	r.working = true
	out := n.body.work(r.few, false) // most have fewer messages, so that to look whether it is alone would be wasted
	if out.yield && r.few > 1 {
		alone := r.alone()
		out = n.body.work(workShare-fewShare, alone)
		for out.yield && alone {
			if alone = r.alone(); alone {
				out = n.body.work(workShare, true)
			}
		}
	}
	if out.err != nil {
		_ = out.err.Error() // as in perform
	}
	r.working = false
	if out.state == mailbox.Idle && out.err == nil {
		return stepOver // the turn may be another's by now
	}
	return n.after(r.turn, stepWork, out)
}

// finish performs what is left of the turn, from step s on. It reports whether the runner goes on.
func (r *runner) finish(s step) bool {
	if s == stepLost {
		r.lost = true
	} else if s != stepOver {
		r.lost = r.n.run(r.turn, s, r.share(), r)
	}
	return !r.lost && (!r.watched.Load() || r.lookUp())
}

// share is how many messages an actor may handle in a row.
func (r *runner) share() int {
	if r.few > 1 {
		return workShare
	}
	return r.few
}

// alone reports whether nobody waits to be run here.
func (r *runner) alone() bool {
	n := r.next.Load()
	return (n == nil || n == nobody) && !r.others()
}

// others reports whether anybody but who is in the slot waits to be run here.
func (r *runner) others() bool { return r.list.any() || r.d.shared.any() }

// take returns the actor to run next, or nil when the runner has ended.
func (r *runner) take() *node {
	r.rounds++
	if r.rounds%lookRound == 0 && r.d.shared.any() {
		if n := r.d.takeShared(); n != nil {
			return n
		}
	}
	if n := r.takeNext(); n != nil {
		if r.row++; r.row < maxRow {
			return n
		}
		r.row = 0
		if !r.others() {
			return n
		}
		r.queue(n)
	}
	r.row = 0
	if r.list.any() {
		r.mu.Lock()
		n := r.list.pop()
		r.mu.Unlock()
		if n != nil {
			return n
		}
	}
	return r.search()
}

func (r *runner) takeNext() *node {
	if n := r.next.Load(); n != nil && n != nobody && r.next.CompareAndSwap(n, nil) {
		return n
	}
	return nil
}

// queue has n, which has had its share, run after all others.
func (r *runner) queue(n *node) {
	if r == nil || !r.giveWay(n) {
		n.sys().dispatch.share(n)
		return
	}
	r.d.guard(r) // nobody may have seen to that: what n gives way to may be on the shared list, with runners looking for it
}

// giveWay is add for one that is to wait for the others, young or not.
func (r *runner) giveWay(n *node) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.list.old.push(n)
	return true
}

// add puts n on the list. It reports false when that is closed.
func (r *runner) add(n *node) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.list.push(n)
	return true
}

// open lets the runner take what its handlers tell.
func (r *runner) open() {
	if r.d.virtual {
		return
	}
	r.mu.Lock()
	r.closed = false
	r.mu.Unlock()
	r.next.CompareAndSwap(nobody, nil)
}

// closeLocked lets the runner take nothing any more. Of what it has, it returns the first, and the shared list gets the
// rest.
func (r *runner) closeLocked() (first *node) {
	if r.next.Load() == nobody && r.closed { // who has d.mu alone puts nobody in or takes it out, and writes closed
		return nil
	}
	if n := r.next.Swap(nobody); n != nobody {
		first = n
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if first == nil {
		first = r.list.shift()
	}
	for r.list.any() {
		r.d.shared.push(r.list.shift())
	}
	return first
}

// handOnLocked has others run what the runner has.
func (r *runner) handOnLocked() {
	if n := r.closeLocked(); n != nil {
		r.d.shared.push(n)
	}
}

// lookUp is called between two actors, when somebody wants it to be. It reports whether the runner goes on.
func (r *runner) lookUp() bool {
	r.watched.Store(false)
	timed := r.timed
	if timed {
		r.timed = false
		r.n.marks.took(time.Since(r.began))
	}
	d := r.d
	d.mu.Lock()
	if r.held && !timed {
		r.n.marks.tookLong()
	}
	if r.idleLocked() {
		r.held, r.waits = false, 0 // who waits still is not the handler, which has returned
		r.hires++
		d.resumeLocked(r)
	}
	over := d.atWork > d.limit
	if over {
		r.handOnLocked()
		d.retireLocked(r)
	} else {
		r.open()
	}
	d.needLocked()
	d.mu.Unlock()
	if over {
		d.crew.leave()
		d.relieve()
	}
	return !over
}
