package runtime

import (
	"slices"
	"time"

	"github.com/troupe-go/troupe/supervisor"
)

// An operation is something that a family does child by child, waiting for each: it stops all children, or it restarts
// several. It lives on the family's lane; there is one at most.
type operation struct {
	// Stopping all, the youngest first.
	mode stopMode // noStop: this is a restart
	then []func() // when none is left
	open bool     // let children in again then

	// Restarting members: they are halted, the youngest first, and begin anew, the oldest first.
	members []*node
	delay   time.Duration
	phase   phase
	at      int     // which member is waited for
	later   []event // what does not belong to the restart, until it is over
}

type phase uint8

const (
	halts phase = iota
	waits
	begins
)

// begin makes op the family's operation. One that runs already is replaced; a stop that runs already is made stronger.
func (f *family) begin(op *operation) {
	old := f.op
	f.op = op
	if op.mode >= stopNow {
		f.shut()
	}
	if old != nil && old.mode != noStop {
		op.then = append(old.then, op.then...)
		op.open = op.open && old.open
		op.mode = max(op.mode, old.mode)
	}
	if op.mode == noStop {
		op.at = len(op.members) - 1
		f.haltNext()
	} else {
		f.stopNext()
	}
	if old != nil {
		f.handleAll(old.later) // some of it may be up to op now
	}
}

func (f *family) handleAll(later []event) {
	for _, e := range later {
		f.handle(e)
	}
}

// stopNext stops the youngest child that is left. It is called again when that has ended.
func (f *family) stopNext() {
	op := f.op
	if child := f.youngest(); child != nil {
		if child.beginStop(op.mode, nil, false) && !child.endSilently() {
			f.sys.dispatch.ready(child, nil)
		}
		return
	}
	f.op = nil
	if op.open {
		f.history = supervisor.History{}
		f.setClosed(false)
	}
	for _, then := range op.then {
		if then != nil {
			then()
		}
	}
}

// takes reports whether op deals with e.
func (op *operation) takes(f *family, e event) bool {
	if op.mode != noStop {
		return op.stopTakes(f, e)
	}
	switch e.kind {
	case stopAll:
		if e.mode >= stopNow {
			return false // it replaces the restart
		}
		op.later = append(op.later, e) // only who has begun again can handle what is queued
		return true
	case groupDelayOver:
		if e.op == op && op.phase == waits {
			f.beginAll()
		}
		return true
	case childHalted:
		f.memberHalted(e.child)
		return true
	case childEnded:
		f.memberEnded(e)
		return true
	case childBegun:
		if op.phase == waits {
			return false // no member begins yet, and a delay holds up nobody else
		}
		f.memberBegun(e)
		return true
	case restartOne:
		return op.takesRestart(f, e.child)
	}
	// Another child failed meanwhile. If it is to be halted anyway, that is all it needs.
	i := slices.Index(op.members, e.child)
	switch {
	case i < 0 && op.phase == waits:
		return false // a delay holds up nobody else; if this leads to a restart, that covers the members too
	case i < 0, op.phase == begins && i < op.at:
		op.later = append(op.later, e)
	}
	return true
}

// takesRestart deals with the wish to restart n, unless n has no part in this restart, or none any more. A member that is
// still to begin does so anyway, and now if it only waits for the delay: the others that wait begin with it.
func (op *operation) takesRestart(f *family, n *node) bool {
	i := slices.Index(op.members, n)
	if i < 0 || op.phase == begins && i <= op.at {
		return false
	}
	if op.phase == waits {
		f.beginAll()
	}
	return true
}

// stopTakes goes on when a child has ended. While all stop, failures lead to nothing more than that; while all drain,
// children that fail are still restarted, so that they handle what is queued.
func (op *operation) stopTakes(f *family, e event) bool {
	switch e.kind {
	case childEnded:
		f.stopNext()
		return true
	case childFailed, childBegun:
		return op.mode >= stopNow
	case restartOne:
		return true // what stops or drains is not restarted
	}
	return false
}

// haltNext halts the youngest member that is left to halt. A temporary one is stopped instead, for good.
func (f *family) haltNext() {
	op := f.op
	if op.at >= 0 {
		member := op.members[op.at]
		if member.look().restart == supervisor.Temporary {
			member.stop(stopNow, nil, false)
		} else {
			member.orderHalt()
		}
		return
	}
	op.phase = waits
	if op.delay == 0 {
		f.beginAll()
		return
	}
	f.sys.dispatch.afterFunc(op.delay, func() { f.post(event{kind: groupDelayOver, op: op}) })
}

func (f *family) memberHalted(n *node) {
	op := f.op
	if op.phase == halts && op.at >= 0 && op.members[op.at] == n {
		op.at--
		f.haltNext()
	}
}

// memberEnded takes a child that has ended out of the restart.
func (f *family) memberEnded(e event) {
	op := f.op
	i := slices.Index(op.members, e.child)
	if i < 0 {
		f.childEnded(e)
		return
	}
	awaited := i == op.at && op.phase != waits
	op.members = slices.Delete(op.members, i, i+1)
	switch op.phase {
	case halts:
		if i <= op.at {
			op.at--
		}
		if awaited {
			f.haltNext()
		}
	case begins:
		if i < op.at {
			op.at--
		}
		if awaited {
			f.beginNext()
		}
	}
	f.childEnded(e)
}

// beginAll has the members begin anew, one after the other.
func (f *family) beginAll() {
	f.op.phase, f.op.at = begins, 0
	f.beginNext()
}

func (f *family) beginNext() {
	op := f.op
	if op.at < len(op.members) {
		next := op.members[op.at]
		next.order(func() { next.rareLocked().start = true })
		return
	}
	f.op = nil
	f.handleAll(op.later)
}

// memberBegun goes on with the next member. One that fails to begin is a failure like any other: it leads to a new
// decision, whose restart covers the members that are left, because they are younger.
func (f *family) memberBegun(e event) {
	op := f.op
	switch {
	case op.phase != begins || op.at >= len(op.members) || op.members[op.at] != e.child:
		op.later = append(op.later, e)
	case e.err != nil:
		f.childFailed(e)
	default:
		e.child.record().Started(time.Now())
		op.at++
		f.beginNext()
	}
}
