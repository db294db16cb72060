package mailbox

import (
	"sync/atomic"
	"time"
)

// overtakable is how long a put may have waited to be overtaken by a newcomer that finds room.
//
// A mailbox that were strict about it would be slow with many producers: each message that the owner begins would let
// in one that waits, whose sender then finds the mailbox full again and waits again, and so on for good. A channel has
// that convoy too. Here the newcomers use the room that appears while the owner is on its way to those who wait. With
// 64 producers that makes a tenth of the waits, and half of the time.
const overtakable = time.Millisecond

var started = time.Now()

// now is a clock that takes half the time of time.Now.
func now() time.Duration { return time.Since(started) }

// A waiter is a put or a get that waits, or a message held aside, which waits without anybody blocking.
type waiter[M any] struct {
	prev, next *waiter[M]

	m     M
	level int
	since time.Duration
	wake  chan struct{} // has room for the one token that ends the wait; nil for a message held aside

	// Written under the mailbox's lock before wake gets its token.
	done     bool
	err      error
	panicked any    // a callback's panic, to be passed on
	seq      uint64 // the number as which its message entered, or 0
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
	return &waiter[M]{wake: make(chan struct{}, 1)}
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
