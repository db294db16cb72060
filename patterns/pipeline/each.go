package pipeline

import (
	"math/rand/v2"

	"github.com/troupe-go/troupe/runtime"
)

var random = rand.Float64

// Each is the operator of all sequential stages: it calls a function for one item after the other.
type each[A, B any] struct {
	crank crank[A, B]
	// last, which may be nil, makes the results that remain when everything was begun.
	last func() []B
	// gate, which may be nil, reports whether the next item may be begun.
	gate func(*runtime.Context[message[A, B]], *stage[A, B]) bool
	// tick, which may be nil, is called when a timer of gate or of the function has fired.
	tick func(*runtime.Context[message[A, B]], *stage[A, B])
	// kept, which may be nil, returns how many items the function keeps, and has not sent on in a result.
	kept func() int
	// close, which may be nil, is called when the stage has stopped.
	close func()

	retry    retry
	retrying [1]A // the item that has failed and is tried again
}

// slowest is how many slow items, after quick ones, may pass before their results are sent.
const slowest = 4

type retry uint8

const (
	noRetry    retry = iota
	retryWaits       // for its backoff
	retryDue
)

func newEach[A, B any](n *node, l loop[A, B]) *each[A, B] {
	return &each[A, B]{crank: crank[A, B]{loop: l, stage: &n.Stage, name: n.name}}
}

func (e *each[A, B]) ready(ctx *runtime.Context[message[A, B]], s *stage[A, B]) bool {
	return s.out.room() && (e.gate == nil || e.gate(ctx, s))
}

func (e *each[A, B]) work(ctx *runtime.Context[message[A, B]], s *stage[A, B], items []A) {
	dst := s.out.grab()
	defer func() {
		k := &e.crank
		if k.err != nil {
			e.retrying[0] = items[k.begun-1]
		}
		s.in.begin(items, k.begun)
		e.collect(ctx, s, dst)
	}()
	if e.gate != nil {
		items = items[:1]
	} else if e.crank.holds = s.pace.limit > 1; e.crank.holds {
		e.crank.mask = slowest - 1
	} else {
		e.crank.mask = 0
	}
	e.crank.turn(s.life, items, dst, cap(dst))
	e.crank.exits = false
}

// pump tries the item again that has failed, if there is one.
func (e *each[A, B]) pump(ctx *runtime.Context[message[A, B]], s *stage[A, B]) bool {
	for e.retry == retryDue && s.out.room() && s.life.Err() == nil {
		e.tryAgain(ctx, s)
	}
	return e.retry == noRetry && !s.over
}

func (e *each[A, B]) tryAgain(ctx *runtime.Context[message[A, B]], s *stage[A, B]) {
	e.retry = noRetry
	dst := s.out.grab()
	defer e.collect(ctx, s, dst)
	e.crank.turn(s.life, e.retrying[:], dst, cap(dst))
	e.crank.exits = false
}

// collect sends the results of a turn, which were written to dst as far as there was room, and deals with its failure. It
// does not call the function again: after a Goexit the goroutine ends.
func (e *each[A, B]) collect(ctx *runtime.Context[message[A, B]], s *stage[A, B], dst []B) {
	k := &e.crank
	n := min(len(k.out), cap(dst))
	if len(k.out) > cap(dst) {
		// Only the last item can have made more than there was room for; append has moved all to an array of its own.
		copy(dst[:n], k.out)
		s.pending = append(s.pending, k.out[n:]...)
	}
	k.out = nil
	s.out.put(ctx, n)
	if k.slow {
		s.pace.slow()
		s.out.setLimit(1)
		s.out.flush(ctx)
	}
	if k.err == nil {
		k.tries = 0
		return
	}
	if s.life.Err() != nil {
		e.retry = retryWaits // it is lost
		return
	}
	if k.exits {
		send(ctx, ctx.Self(), message[A, B]{note: goOn})
	}
	s.stats.Failed++
	switch what, delay := e.crank.judge(); what {
	case again:
		s.stats.Retried++
		e.retry = retryWaits
		if delay > 0 {
			ctx.After(delay, message[A, B]{note: timeIsUp})
		} else {
			e.retry = retryDue
		}
	case skipIt:
		s.skip(ctx, e.retrying[0], e.crank.stageError())
	case stopRun:
		s.stop(e.crank.stageError())
	}
	if e.retry == noRetry {
		clear(e.retrying[:])
	}
}

func (e *each[A, B]) finish(_ *runtime.Context[message[A, B]], s *stage[A, B]) bool {
	if e.last != nil {
		s.pending = append(s.pending, e.last()...)
		e.last = nil
	}
	return true
}

func (e *each[A, B]) notice(ctx *runtime.Context[message[A, B]], s *stage[A, B], _ message[A, B]) {
	if e.retry == retryWaits {
		e.retry = retryDue
	}
	if e.tick != nil {
		e.tick(ctx, s)
	}
}

func (e *each[A, B]) quit() {}

// stopped counts the item that has failed and was not given up, and what the function keeps.
func (e *each[A, B]) stopped() (lost int) {
	if e.close != nil {
		e.close()
	}
	if e.retry != noRetry {
		lost++
	}
	if e.kept != nil && e.last != nil {
		lost += e.kept()
	}
	return lost
}
