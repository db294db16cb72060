package mailbox

// A waiter is a put or a get that waits, or a message held aside, which waits without anybody blocking.
type waiter[M any] struct {
	prev, next *waiter[M]

	m      M
	level  int
	served chan struct{} // closed when the wait is over; nil for a message held aside

	// Written under the mailbox's lock before served is closed.
	done     bool
	err      error
	panicked any    // a callback's panic, to be passed on
	seq      uint64 // the number as which its message entered, or 0
}

// serve ends the wait. The waiter is off its list already.
func (w *waiter[M]) serve(err error) {
	w.done, w.err = true, err
	if w.served != nil {
		close(w.served)
	}
}

// waiters is a list of them in arrival order, from which any can leave at once.
type waiters[M any] struct{ first, last *waiter[M] }

func (l *waiters[M]) push(w *waiter[M]) {
	w.prev = l.last
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
}

func (l *waiters[M]) pop() *waiter[M] {
	w := l.first
	if w != nil {
		l.remove(w)
	}
	return w
}

func (l *waiters[M]) remove(w *waiter[M]) {
	if w.prev == nil {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next = nil, nil
}
