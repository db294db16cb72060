package mailbox_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"

	"github.com/troupe-go/troupe/mailbox"
)

// A lifetime is that of the context of a call.
type lifetime string

const (
	lasting  lifetime = "lasting"   // it never ends
	ending   lifetime = "ending"    // somebody ends it, at any time
	hasEnded lifetime = "has ended" // it has ended before the call
)

// An event is one call of a history and, once it has returned, what it returned and when. The times are those of a
// clock that only counts calls and returns.
type event struct {
	client    int
	op        string
	ctx       lifetime
	letter    letter // what a put puts, or a get got
	call, ret int64

	err   error
	state mailbox.State
	woke  bool // the put was told to wake an owner
	n     int
	left  []letter
	stats mailbox.Stats
}

func show(l letter) string { return fmt.Sprintf("%d.%d/%d", l.from, l.n, l.level) }

func showAll(ls []letter) string {
	var s []string
	for _, l := range ls {
		s = append(s, show(l))
	}
	return "[" + strings.Join(s, " ") + "]"
}

// String is the call as one would write it down, with its outcome.
func (e *event) String() string {
	name := e.op
	switch e.op {
	case "Put", "Get":
		name += " (its context " + string(e.ctx) + ")"
	}
	var result string
	switch e.op {
	case "Len":
		result = fmt.Sprint(e.n)
	case "Stats":
		result = fmt.Sprintf("put %d, taken %d, dropped %d, len %d, held %d",
			e.stats.Put, e.stats.Taken, e.stats.Dropped, e.stats.Len, e.stats.Held)
	case "Drain":
		result = showAll(e.left)
	case "TryPut", "Put", "Hold":
		name += " " + show(e.letter)
		result = fmt.Sprint(e.err)
	case "TryGet", "Get":
		if result = fmt.Sprint(e.err); e.err == nil {
			result = show(e.letter)
		}
	case "Next":
		if result = e.state.String(); e.state == mailbox.Ready {
			result = show(e.letter)
		}
	case "Close":
		result = "done"
	}
	if e.woke {
		result += ", wake"
	}
	return name + ": " + result
}

// A spec is what a mailbox is at one point of a history, if the calls so far are put in one order: the naive mailbox of
// the model tests. Unlike there, what was held aside may wait for the next call before it enters, see outcomes.
type spec struct {
	*naive
	drained bool // an owner has drained it: it holds nothing aside any more
}

func (s *spec) clone() *spec {
	n := *s.naive
	n.waiting, n.held, n.dropped = slices.Clone(n.waiting), slices.Clone(n.held), nil
	return &spec{&n, s.drained}
}

// equal leaves the counts out: the same calls give the same counts, and porcupine asks only about the same calls.
func (s *spec) equal(o *spec) bool {
	return s.closed == o.closed && s.drained == o.drained &&
		slices.Equal(s.waiting, o.waiting) && slices.Equal(s.held, o.held)
}

// outcomes returns what the mailbox can be after e, which is nothing if e cannot have happened here.
//
// A put that a newcomer and a message held aside compete for room with may come before that message, or after it: the
// promise is only that none starves. But one sender's messages keep their order, unless a policy evicts what waits.
// Every other call finds held aside only what has no room.
func (s *spec) outcomes(e *event, told map[letter]int64) (after []*spec) {
	asides := 0
	if e.op == "TryPut" || e.op == "Put" {
		asides = len(s.held)
	}
	for left := 0; left <= asides; left++ { // how many stay aside
		n := s.clone()
		stay := n.held[len(n.held)-left:]
		n.held = n.held[:len(n.held)-left]
		n.admit()
		if left > 0 && len(n.held) > 0 {
			continue // there was not even room for those before them
		}
		n.held = append(n.held, stay...)
		own := func(l letter) bool { return l.from == e.letter.from }
		if left > 0 && !n.full() && n.policy <= mailbox.DropNewest && slices.ContainsFunc(n.held, own) {
			continue
		}
		if n.apply(e, told) {
			after = append(after, n)
		}
	}
	return after
}

// apply makes the call of e, and reports whether it can have returned what it did.
//
// A call that waits takes place when it need not wait any more, so here it finds room, or a message. A call that
// returned its context's error did not take place at all.
func (s *spec) apply(e *event, told map[letter]int64) bool {
	if e.err == context.Canceled {
		return e.ctx == ending || e.ctx == hasEnded
	}
	if e.ctx == hasEnded && e.err != mailbox.ErrClosed {
		return false
	}
	switch e.op {
	case "TryPut", "Put":
		if e.op == "Put" && s.policy == mailbox.Block && !s.closed && s.full() {
			return false
		}
		if err := s.put(e.letter); err != e.err {
			return false
		}
		for _, l := range s.dropped { // OnDrop was told of it during this call
			if at, ok := told[l]; !ok || at < e.call || at > e.ret {
				return false
			}
		}
		return !e.woke
	case "Hold":
		if s.drained {
			return e.err == mailbox.ErrClosed
		}
		s.hold(e.letter)
		return e.err == nil && !e.woke
	case "TryGet", "Get":
		l, err := s.take()
		return err == e.err && (err != nil || l == e.letter) && (e.op == "TryGet" || err != mailbox.ErrEmpty)
	case "Next":
		// Whom the room of this message is for is decided when it is used.
		held := s.held
		s.held = nil
		l, err := s.take()
		s.held = held
		if err != nil {
			return e.state == mailbox.Empty
		}
		return e.state == mailbox.Ready && l == e.letter
	case "Len":
		return e.n == len(s.waiting)
	case "Stats":
		want := s.snapshot()
		return e.stats.Put == want.Put && e.stats.Taken == want.Taken && e.stats.Dropped == want.Dropped &&
			e.stats.Len == want.Len && e.stats.Held == want.Held
	case "Close":
		s.closed = true
		return true
	case "Drain":
		s.drained = true
		return slices.Equal(s.drain(), e.left)
	}
	panic(e.op)
}

// modelOf is the specification in porcupine's terms.
func modelOf(c mailbox.Config[letter], told map[letter]int64) porcupine.Model {
	m := porcupine.NondeterministicModel{
		Init: func() []any { return []any{&spec{naive: newNaive(c)}} },
		Step: func(state, input, _ any) (after []any) {
			for _, s := range state.(*spec).outcomes(input.(*event), told) {
				after = append(after, s)
			}
			return after
		},
		Equal: func(a, b any) bool { return a.(*spec).equal(b.(*spec)) },
	}
	return m.ToModel()
}

// explain prints a history in the order of its calls, and how far it can be put in one order.
func explain(model porcupine.Model, ops []porcupine.Operation) string {
	var s strings.Builder
	s.WriteString("call  return  client  (letters are sender.number/level)\n")
	line := func(o porcupine.Operation) {
		fmt.Fprintf(&s, "%4d  %6d  %6d  %v\n", o.Call, o.Return, o.ClientId, o.Input)
	}
	slices.SortFunc(ops, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	for _, o := range ops {
		line(o)
	}
	_, info := porcupine.CheckOperationsVerbose(model, ops, 0)
	var longest []porcupine.Operation
	for _, order := range info.PartialLinearizationsOperations()[0] {
		if len(order) > len(longest) {
			longest = order
		}
	}
	fmt.Fprintf(&s, "At most these %d of the %d calls can have happened one after the other:\n", len(longest), len(ops))
	for _, o := range longest {
		line(o)
	}
	return s.String()
}
