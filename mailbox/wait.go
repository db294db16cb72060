package mailbox

import (
	"context"
	"sync/atomic"
	"time"
)

// grace is how long a put may have waited to be passed by a newcomer that finds room.
//
// Were every message that is taken replaced at once by one that waits, many producers would march in a convoy, as they do
// at a channel: each puts one message, finds the mailbox full again, and waits again, for good. Here those that run use
// the room that appears while the others are on their way, as with a sync.Mutex. With 64 producers, 4 of 1,000 puts waited
// then instead of 10 to 65.
const grace = time.Millisecond

// lookAfter is to how many gets there is one that sees whether the put that was called has been passed by for longer.
const lookAfter = 64

var started = time.Now()

// now is a clock that takes half the time of time.Now.
func now() time.Duration { return time.Since(started) }

// A waiter is a put or a get that waits, or a message held aside, which waits without anybody blocking.
type waiter[M any] struct {
	prev, next *waiter[M]

	m     M
	level int
	since time.Duration // when the wait began; not set for a message held aside
	wake  chan wakeup   // has room for one, and a poke; nil for a message held aside

	// Of a Waiting alone.
	box   *box[M]
	pokes int         // taken
	over  atomic.Bool // done, for who looks without the lock

	// Guarded by the mailbox's lock.
	called bool // a put is told, or about to be, to try again; it keeps its place in line

	// Written under the mailbox's lock before wake gets its last token.
	done     bool
	err      error
	panicked any    // a callback's panic, to be passed on
	seq      uint64 // the number as which its message entered, or 0
}

// A wakeup says why a waiter wakes.
type wakeup uint8

const (
	served wakeup = iota // its wait has ended
	called               // there was room: it tries again, unless it was served in the meantime
	poked                // by its runtime: see Waiting
)

// claim takes the message out of w: a receipt may outlive it.
func (w *waiter[M]) claim() M {
	var none M
	m := w.m
	w.m = none
	return m
}

// spares are waiters that block and are kept for the next wait. Those who wait give them back without the mailbox's
// lock, and a waiter is taken with it: as only one goroutine takes at a time, a plain linked stack is enough (R. K.
// Treiber, Systems programming: coping with parallelism, 1986). They stay with their mailbox, because a channel must
// not leave the bubble of testing/synctest in which it was made.
type spares[M any] struct {
	top atomic.Pointer[waiter[M]]
	n   atomic.Int32
}

const maxSpares = 64

func (s *spares[M]) takeLocked() *waiter[M] {
	for w := s.top.Load(); w != nil; w = s.top.Load() {
		if s.top.CompareAndSwap(w, w.next) {
			s.n.Add(-1)
			w.next = nil
			return w
		}
	}
	return &waiter[M]{wake: make(chan wakeup, 2)}
}

// give takes w back. It is on no list then, and its token was taken, if there was one.
func (s *spares[M]) give(w *waiter[M]) {
	if s.n.Add(1) > maxSpares {
		s.n.Add(-1)
		return
	}
	*w = waiter[M]{wake: w.wake}
	for {
		w.next = s.top.Load()
		if s.top.CompareAndSwap(w.next, w) {
			return
		}
	}
}

// waiters is a list of them in arrival order, from which any can leave at once. The first one's prev is the last.
type waiters[M any] struct{ first *waiter[M] }

// settled reports whether nobody has to be seen to: none waits, or the first in line was called and will look after itself,
// if it gets to.
func (l *waiters[M]) settled() bool { return l.first == nil || l.first.called }

func (l *waiters[M]) push(w *waiter[M]) {
	if l.first == nil {
		l.first, w.prev = w, w
		return
	}
	last := l.first.prev
	last.next, w.prev, l.first.prev = w, last, w
}

func (l *waiters[M]) pop() *waiter[M] {
	w := l.first
	if w != nil {
		l.remove(w)
	}
	return w
}

func (l *waiters[M]) remove(w *waiter[M]) {
	switch {
	case w == l.first:
		l.first = w.next
		if w.next != nil {
			w.next.prev = w.prev
		}
	case w.next == nil:
		w.prev.next, l.first.prev = nil, w.prev
	default:
		w.prev.next, w.next.prev = w.next, w.prev
	}
	w.prev, w.next = nil, nil
}

// serveLocked ends the wait of w, which is off its list already.
func (b *box[M]) serveLocked(w *waiter[M], err error) {
	w.done, w.err = true, err
	w.over.Store(true)
	if w.wake == nil {
		return
	}
	r := b.rareLocked()
	if r.called == w { // in this very section: it has not been told, and another may be called before it is
		r.called, w.called = nil, false
	}
	if !w.called {
		w.next, r.served = r.served, w
	}
}

// serveGetLocked gives the next message to the get that has waited longest. Gets wait only while the queue is empty,
// so it holds one message now and popping it compares nothing.
func (b *box[M]) serveGetLocked() {
	if b.rare == nil {
		return
	}
	if w := b.rare.gets.pop(); w != nil {
		w.m = b.dequeueLocked()
		b.serveLocked(w, nil)
	}
}

// makeWayLocked is called after a get has made room, and after the first in line has left. Of the puts that wait it calls
// the first, which calls the next when it is in. But if that has waited for longer than grace, or if the next get would
// find nothing, the room is its at once.
//
// So as long as there is room in a Mailbox, the first in line has been called. If it has not come within grace, it is served
// all the same: it may be one of many that wait for a processor.
func (b *box[M]) makeWayLocked() {
	for w := b.puts.first; w != nil && !b.fullLocked(); w = b.puts.first {
		switch {
		case b.n == 0 || now()-w.since > grace:
		case w.called:
			return
		default:
			w.called, b.rare.called = true, w
			return
		}
		b.admitFirstLocked()
	}
}

// retry is what a put does that was called. It reports whether its wait is over.
func (b *box[M]) retry(w *waiter[M]) bool {
	b.lock()
	defer b.unlock()
	if w.done {
		return true
	}
	w.called = false
	if b.fullLocked() {
		return false // a newcomer was quicker
	}
	b.puts.remove(w)
	defer b.makeWayLocked()    // also if Less panics
	b.pushLocked(w.m, w.level) // no get waits: it would have been given this message
	return true
}

// admitLocked lets those who wait for room in, in arrival order, as far as there is room.
func (b *box[M]) admitLocked() {
	for b.puts.first != nil && !b.fullLocked() {
		b.admitFirstLocked()
	}
}

func (b *box[M]) admitFirstLocked() {
	w := b.puts.pop()
	if b.compares() {
		b.pushGuardedLocked(w)
	} else {
		b.pushLocked(w.m, w.level)
		b.enteredLocked(w)
	}
}

// pushGuardedLocked pushes what w waits with. A Less that panics on it is the failure of that put, not of whoever
// made room: the panic is carried over to it. A message held aside has nobody to carry it to, and goes to failed.
func (b *box[M]) pushGuardedLocked(w *waiter[M]) {
	defer func() {
		if w.seq != 0 {
			return
		}
		if w.panicked = recover(); w.panicked == nil {
			w.panicked = errGoexit // which goes on, and takes whoever made room with it
		}
		b.serveLocked(w, nil)
		if w.wake == nil {
			b.rareLocked().failed.push(w)
		}
		b.signal.Or(waited) // there may be room still, or OnDrop to be told
	}()
	b.pushLocked(w.m, w.level)
	b.enteredLocked(w)
}

func (b *box[M]) enteredLocked(w *waiter[M]) {
	if w.wake == nil {
		b.rareLocked().held--
	}
	w.claim()
	w.seq = b.seq
	b.serveLocked(w, nil)
}

// await waits until w is served, or ctx ends first. It returns what w carries then: the message of a get.
func (b *box[M]) await(ctx context.Context, w *waiter[M], list *waiters[M]) (m M, err error) {
	ended := ctx.Done()
	for over := false; !over; {
		var why wakeup
		if ended == nil {
			why = <-w.wake // a plain receive costs half of a select
		} else {
			select {
			case why = <-w.wake:
			case <-ended:
				if b.leave(w, list) {
					b.rare.spares.give(w)
					return m, ctx.Err()
				}
				why = <-w.wake // it was served in the same instant, and that stands
			}
		}
		over = why == served || b.retry(w)
	}
	m, err = w.m, w.err
	panicked := w.panicked
	b.rare.spares.give(w)
	if panicked != nil {
		panic(panicked)
	}
	return m, err
}

// leave takes w off its list, and reports false when it is not there any more, because it was served.
func (b *box[M]) leave(w *waiter[M], list *waiters[M]) bool {
	off, wasCalled := b.takeOff(w, list)
	if wasCalled {
		<-w.wake
	}
	return off
}

func (b *box[M]) takeOff(w *waiter[M], list *waiters[M]) (off, wasCalled bool) {
	b.lock()
	defer b.unlock() // also if Less ends the goroutine
	if w.done {
		return false, false
	}
	list.remove(w)
	if list == &b.puts {
		b.rare.rejected++
	}
	if w.called {
		b.makeWayLocked() // the call is for the next in line then
	}
	return true, w.called
}
