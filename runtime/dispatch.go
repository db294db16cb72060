package runtime

import (
	"math"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"
)

// This file alone decides where an actor that has become ready runs. An idle actor has no goroutine; one that is ready
// is run by a runner (runner.go), a goroutine that runs ready actors one after another. There are no more runners at work
// than processors. Those that wait, or that one handler has held for long, do not count: watchdog.go finds the latter.
//
// Told from inside a handler, the receiver joins the list of the runner that runs the handler, and goes next if the
// teller has nothing else to do: a hop is then a function call. Told from outside, it joins the shared list.

// A dispatcher runs the ready actors of one system.
type dispatcher struct {
	crew    *crew
	limit   int  // runners that may be at work
	looks   int  // those of a runner, see search
	virtual bool // see virtualTime, or there is a scheduler: each ready actor gets a goroutine at once

	scheduler Scheduler // nil: Go's

	armed  atomic.Bool // the watchdog is there, or comes
	napper napper      // the watchdog's

	_ [64]byte // what stands above is read at each wake-up, and what stands below is written

	mu     sync.Mutex
	shared queue       // ready actors that are on no runner's list
	short  atomic.Bool // one more has something to do: fewer runners are at work than may be, or one looks for work
	called atomic.Bool // there is something on a list, for who looks for work

	runners []*runner // on duty, each with a goroutine: first those at work
	free    []*runner
	stops   []*node // told to stop, and maybe in the user's code
	spare   []*node // room for more of them
	atWork  int     // runners that are not held and do not wait
	looking int     // of these, how many look for work
	waits   uint64  // of handlers, inside the runtime, that have ever begun
}

func (d *dispatcher) init(c *crew) {
	d.crew = c
	d.limit, d.looks = goruntime.GOMAXPROCS(0), looks
	if d.virtual = d.scheduler != nil || virtualTime(); d.virtual {
		d.limit, d.looks = math.MaxInt, 0 // nothing comes up for long while somebody looks
	}
	d.short.Store(true)
}

// close is called when the last goroutine has ended.
func (d *dispatcher) close() {
	if d.armed.CompareAndSwap(false, true) { // and nobody arms it any more
		d.napper.close()
	}
}

// virtualTime reports whether this is a bubble of testing/synctest. There, no time passes unless all goroutines wait, so a
// watchdog would come too late: synctest.Wait would return while actors are ready behind handlers that wait. The package
// does not say whether one is in a bubble, but that its clock starts at the beginning of 2000.
func virtualTime() bool {
	now := time.Now()
	goruntime.Gosched()
	return now.Year() == 2000 && time.Now().Equal(now)
}

// ready has n run, whose mailbox or control lane has just woken it. from is the runner on which that happened, nil
// outside of handlers; it may be another system's, whose business n is not.
func (d *dispatcher) ready(n *node, from *runner) {
	if from == nil || from.d != d || n.marks.slow() {
		d.share(n)
		return
	}
	switch next := from.next.Load(); {
	case next == nil && from.next.CompareAndSwap(nil, n):
	case next == nobody || !from.add(n):
		d.share(n)
		return
	case d.short.Load() && !d.called.Load():
		d.call()
	}
	d.guard(from)
}

// call has one more runner come and take half of a list.
func (d *dispatcher) call() {
	d.mu.Lock()
	if d.looking > 0 {
		d.called.Store(true)
		d.mu.Unlock()
		return
	}
	if d.atWork >= d.limit {
		d.mu.Unlock()
		return
	}
	r := d.hireLocked(nil)
	d.mu.Unlock()
	d.start(r.start)
}

// share has n run by whatever runner is free, by a new one if there may be one more.
func (d *dispatcher) share(n *node) {
	d.point()
	d.mu.Lock()
	var r *runner
	taken := false
	switch {
	case n.marks.slow():
		r = d.hireLocked(n)
		r.held, r.timed = true, true
		r.handOnLocked()
		d.pauseLocked(r)
		d.needLocked()
	case d.shared.n >= d.looking && d.atWork < d.limit:
		r = d.hireLocked(n)
	default:
		d.shared.push(n)
		taken = d.shared.n <= d.looking || d.virtual
	}
	d.mu.Unlock()
	if r != nil {
		d.start(r.start)
	} else if !taken {
		d.guard(nil)
	}
}

func (d *dispatcher) takeShared() *node {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shared.pop()
}

// hireLocked makes a runner, which begins with n. The caller starts it.
func (d *dispatcher) hireLocked(n *node) *runner {
	var r *runner
	if last := len(d.free) - 1; last >= 0 {
		r, d.free[last] = d.free[last], nil
		d.free = d.free[:last]
	} else {
		r = newRunner(d)
	}
	d.crew.join()
	r.first, r.timed, r.looks = n, false, d.looks
	r.hires++
	r.held, r.waits = false, 0
	r.begun.Store(false)
	r.watched.Store(true)
	r.open()
	r.place = len(d.runners)
	d.runners = append(d.runners, r)
	d.resumeLocked(r)
	d.needLocked()
	return r
}

// takeOver has a new runner go on with the turn of n, whose goroutine is going away, from step s on.
func (d *dispatcher) takeOver(n *node, turn uint8, s step) {
	d.mu.Lock()
	r := d.hireLocked(nil)
	d.mu.Unlock()
	n.on.Store(r)
	r.n, r.turn, r.todo = n, turn, s
	d.start(r.start)
}

// dismissLocked takes a runner off duty, whose list is closed.
func (d *dispatcher) dismissLocked(r *runner) {
	if !r.idleLocked() {
		d.pauseLocked(r)
	}
	last := len(d.runners) - 1
	d.swapLocked(r, last)
	d.runners[last] = nil
	d.runners = d.runners[:last]
	r.place = -1
	d.needLocked()
}

// retireLocked ends a runner, whose list is closed.
func (d *dispatcher) retireLocked(r *runner) {
	d.dismissLocked(r)
	if len(d.free) < 4*d.limit {
		d.free = append(d.free, r)
	}
}

// forsake is for a runner that is stuck in a turn which was taken away from it. It ends if it ever comes back.
func (d *dispatcher) forsake(r *runner) {
	d.mu.Lock()
	r.handOnLocked()
	d.dismissLocked(r)
	d.mu.Unlock()
	d.crew.leave() // in its name
	d.relieve()
}

// pauseLocked and resumeLocked move a runner between those at work and those that are held or wait.
func (d *dispatcher) pauseLocked(r *runner) {
	d.atWork--
	d.swapLocked(r, d.atWork)
}

func (d *dispatcher) resumeLocked(r *runner) {
	d.swapLocked(r, d.atWork)
	d.atWork++
}

func (d *dispatcher) swapLocked(r *runner, to int) {
	other := d.runners[to]
	d.runners[r.place], d.runners[to] = other, r
	other.place, r.place = r.place, to
}

// idleLocked reports whether the runner is held or waits. Then it has handed on what it had, and takes nothing.
func (r *runner) idleLocked() bool { return r.held || r.waits > 0 }

// needLocked keeps short up to date.
func (d *dispatcher) needLocked() {
	if need := d.looking > 0 || d.atWork < d.limit; need != d.short.Load() {
		d.short.Store(need)
	}
}

// relieve hires runners for what is on the shared list, as many as may be at work.
func (d *dispatcher) relieve() {
	for {
		d.mu.Lock()
		if !d.needsMoreLocked() {
			d.mu.Unlock()
			return
		}
		r := d.hireLocked(d.shared.pop())
		d.mu.Unlock()
		d.start(r.start)
	}
}

// needsMoreLocked reports whether there is a runner to hire for what is on the shared list.
func (d *dispatcher) needsMoreLocked() bool { return d.shared.n > d.looking && d.atWork < d.limit }
