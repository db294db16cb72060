package runtime

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
)

// A Reply is the handle with which the receiver of an ask answers. It is made by Ask and travels in the message, whose
// type should embed it: then the asker is told at once when the message becomes a dead letter or its handler fails. It
// may be kept, and passed on to other actors in other messages; whoever answers first counts. The zero Reply is that of
// a message that was told, not asked: answering it does nothing.
type Reply[R any] struct {
	p     *pending[R]
	round uint64 // of p, which serves one ask after another
	asked *node
}

// Send answers with v. It never blocks and may be called from any goroutine. The first answer counts; later ones, and
// those after the ask has ended, are counted as late and ignored.
func (r Reply[R]) Send(v R) { r.answer(v, nil, true) }

// Fail answers with an error, which Ask returns. Otherwise it is like Send.
func (r Reply[R]) Fail(err error) {
	if err == nil {
		err = fmt.Errorf("runtime: Reply.Fail was called with a nil error")
	}
	var none R
	r.answer(none, err, true)
}

// TrySend is Send, and reports whether the answer counts: the asker gets it then, even if its context has ended
// meanwhile. One that does not count is not counted as late.
func (r Reply[R]) TrySend(v R) bool { return r.answer(v, nil, false) }

// Pending reports whether an asker still waits for the answer.
func (r Reply[R]) Pending() bool { return r.p != nil && r.p.word.Load()&^(parked|passed) == r.round }

// ask returns what r answers. The first is nil where there is nothing to answer.
func (r Reply[R]) ask() (*wish, uint64) {
	if r.p == nil {
		return nil, 0
	}
	return &r.p.wish, r.round
}

// failAsk is Fail by the runtime, which does not know whether there was an answer already. If this is it, failAsk returns
// the asker's context: that may be read between claim and finish only, as the asker makes the pending another's then.
func (r Reply[R]) failAsk(err error) (asker context.Context) {
	if r.p == nil || !r.p.claim(r.round) {
		return nil
	}
	asker, _ = r.p.note.(context.Context)
	r.p.note = err
	r.p.finish()
	return asker
}

func (r Reply[R]) answer(v R, err error, late bool) bool {
	if r.p == nil {
		return false
	}
	if !r.p.claim(r.round) {
		if late {
			r.asked.tally(Stats{LateReplies: 1})
		}
		return false
	}
	r.p.value, r.p.note = v, err
	r.p.finish()
	return true
}

// A pending is an ask under way. It serves one ask after another; an answer to one that is over finds another round.
type pending[R any] struct {
	wish
	value R
}

// A wish is the untyped part of a pending. Its word is the number of the round, and these bits. Whoever sets claimed may
// answer, and sets hasAnswer then; if the asker has parked by that time, it is sent a token.
//
// Asker and asked mostly are on two processors, and a pending with a small value fits into one line of their caches.
type wish struct {
	word  atomic.Uint64
	token chan struct{} // has room for one, and for a poke of the runtime's
	// The asker's context at first: it says who asks, and to find that out costs more than to keep it. Then the answer's
	// error, or nil.
	note any

	prev, next *wish // in the asked actor's list of those that wait; guarded by its mu
}

const (
	parked    = 1 << iota // the asker waits for the token, or is about to
	claimed               // somebody answers, or the asker has given up
	hasAnswer             // value and note stand
	passed                // the handle went along with another message than the one that asks
	round                 // the first round
)

// claim reports whether the caller is the one who answers.
func (w *wish) claim(in uint64) bool {
	for old := w.word.Load(); old&^(parked|passed) == in; old = w.word.Load() {
		if w.word.CompareAndSwap(old, old|claimed) {
			return true
		}
	}
	return false
}

// waits reports whether nobody answers yet, and only the actor that was asked can.
func (w *wish) waits(in uint64) bool { return w.word.Load()&^parked == in }

// passOn notes that somebody else may answer.
func (w *wish) passOn(in uint64) {
	for old := w.word.Load(); old&^(parked|claimed|hasAnswer) == in; old = w.word.Load() {
		if w.word.CompareAndSwap(old, old|passed) {
			return
		}
	}
}

// finish is called after claim, once the answer stands.
func (w *wish) finish() {
	if w.word.Or(hasAnswer)&parked != 0 {
		w.token <- struct{}{}
	}
}

// answered reports whether the answer stands.
func (w *wish) answered() bool { return w.word.Load()&hasAnswer != 0 }

// park reports whether the asker must wait for the token.
func (w *wish) park() bool { return w.word.Or(parked)&hasAnswer == 0 }

// A pendingPool has the pendings for answers of one type that are not in use. A system has its own, because a channel may
// not be used both inside and outside a bubble of testing/synctest.
type pendingPool struct {
	of   reflect.Type
	pool sync.Pool
}

func poolOf[R any](s *System) *pendingPool {
	key := reflect.TypeFor[R]()
	if p := s.lastAsk.Load(); p != nil && p.of == key {
		return p
	}
	found, ok := s.pendings.Load(key)
	if !ok {
		found, _ = s.pendings.LoadOrStore(key, &pendingPool{of: key, pool: sync.Pool{New: func() any {
			p := &pending[R]{}
			p.token = make(chan struct{}, 2)
			p.word.Store(round)
			return p
		}}})
	}
	p := found.(*pendingPool)
	s.lastAsk.Store(p)
	return p
}

// recycle is called by the asker once nobody else will touch p but to find that its round is over.
func (p *pending[R]) recycle(to *pendingPool) {
	var none R
	p.value, p.note = none, nil
	p.word.Store(p.word.Load()&^(round-1) + round)
	to.pool.Put(p)
}

// An unanswerable is a message that wants to know that it will not be handled. A message that embeds a Reply is one.
type unanswerable interface {
	failAsk(error) (asker context.Context)
}

// A failer is a message of the user's own that wants to know.
type failer interface{ Fail(error) }

// failAsk tells the sender of a message that became a dead letter. A message may also have a method Fail(error) of its
// own, which gets a goroutine of its own, because it might end it, and with it an actor's turn. failAsk returns the actor
// that sent m, where m knows it.
func (s *System) failAsk(m any, reason error) (from *node) {
	switch m := m.(type) {
	case unanswerable:
		defer func() { _ = recover() }() // m is a nil pointer to what embeds a Reply, or the asker's context is broken
		from = sender(m.failAsk(reason))
	case failer:
		if err := s.apart(func() { m.Fail(reason) }); err != nil {
			s.log.WithField("cause", err).Errorf("the Fail method of a dead letter failed: %T", m)
		}
	}
	return from
}
