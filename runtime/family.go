package runtime

import (
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/supervisor"
)

// A family is the children of one actor, or of the system, and their supervision.
//
// What happens to the children comes in as events and is handled one at a time on the family's lane: whoever posts an
// event while nobody is on the lane works it off, and what is posted meanwhile as well. The lane is not the parent's
// turn, on purpose: a child that fails is restarted even while its parent's handler waits for that very child. Nothing
// on the lane blocks but supervisor.Config.Decide, which is the only user code that it waits for.
type family struct {
	sys *System
	of  *node // nil: the family of the root itself, which is alone

	cfg supervisor.Config

	mu          sync.Mutex
	first, last *node // in start order
	size        int
	named       map[string]*node
	numbers     uint64 // children ever added
	closed      bool   // no child can be added
	events      []event
	busy        bool // somebody is on the lane

	// Used on the lane alone.
	history supervisor.History
	op      *operation
}

type eventKind uint8

const (
	childFailed eventKind = iota
	childBegun            // began anew, or failed to: err
	childHalted
	childEnded
	delayOver      // of the restart of one child
	groupDelayOver // of a group restart: op
	stopAll
	restartOne // because somebody wants it to be
)

type event struct {
	kind  eventKind
	child *node
	err   error
	self  bool // childEnded: by its own doing
	op    *operation
	after uint64   // delayOver: which failure of the child it follows
	mode  stopMode // stopAll
	then  func()   // stopAll: when none is left
}

func (f *family) log() logrus.FieldLogger {
	if f.of.body == nil {
		return f.sys.log
	}
	return f.of.log()
}

// raise fails the supervisor itself; for the root, the system.
func (f *family) raise(err error) {
	if f.of.body == nil {
		f.sys.fail(err)
		return
	}
	f.of.order(func() { f.of.rareLocked().raise = err })
}

// endSelf stops the supervisor itself, for AutoShutdown.
func (f *family) endSelf() {
	if f.of.body == nil {
		f.sys.end(stopNow)
		return
	}
	f.of.stop(stopNow, nil, true)
}

// add makes n a child, the last in start order.
func (f *family) add(n *node) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return ErrStopped
	}
	if name := n.name(); name != "" {
		if f.named[name] != nil {
			return ErrNameTaken
		}
		if f.named == nil {
			f.named = make(map[string]*node)
		}
		f.named[name] = n
	}
	n.number = f.nextNumberLocked()
	n.prev = f.last
	if f.last == nil {
		f.first = n
	} else {
		f.last.next = n
	}
	f.last = n
	f.size++
	return nil
}

// nextNumber is the number of a child that never comes to be one.
func (f *family) nextNumber() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.nextNumberLocked()
}

func (f *family) nextNumberLocked() uint64 {
	f.numbers++
	return f.numbers
}

// unname makes the name of n free, which has ended.
func (f *family) unname(n *node) {
	if n.name() == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.named, n.name())
}

// remove is for the lane alone: a child is one until the lane knows of its end, so that whoever finds no child left
// knows that none has anything left to do either.
func (f *family) remove(n *node) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.removeLocked(n)
}

func (f *family) removeLocked(n *node) {
	if n.prev == nil {
		f.first = n.next
	} else {
		n.prev.next = n.next
	}
	if n.next == nil {
		f.last = n.prev
	} else {
		n.next.prev = n.prev
	}
	n.prev, n.next = nil, nil
	f.size--
}

// list returns the children in start order. A nil family has none.
func (f *family) list() []*node {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*node, 0, f.size)
	for n := f.first; n != nil; n = n.next {
		all = append(all, n)
	}
	return all
}

func (f *family) lookup(name string) *node {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.named[name]
}

func (f *family) youngest() *node {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// shut keeps new children out.
func (f *family) shut() { f.setClosed(true) }

// shutEmpty is shut for a family with no children and nothing to do. It reports false, and does nothing, otherwise.
func (f *family) shutEmpty() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.first != nil || f.busy || f.op != nil { // op is the lane's, on which nobody is then
		return false
	}
	f.closed = true
	return true
}

func (f *family) isShut() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

func (f *family) setClosed(closed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = closed
}

// keepEvents is how many events a family keeps room for that has none.
const keepEvents = 4

// post hands e to the lane.
func (f *family) post(e event) {
	f.sys.dispatch.point()
	f.mu.Lock()
	if !f.busy && e.kind == childEnded && f.op == nil && !e.child.look().significant {
		f.removeLocked(e.child) // that is all, and nobody else is on the lane meanwhile
		f.mu.Unlock()
		return
	}
	f.events = append(f.events, e)
	if f.busy {
		f.mu.Unlock()
		return
	}
	f.busy = true
	for i := 0; i < len(f.events); i++ {
		e := f.events[i]
		f.events[i] = event{}
		if i == len(f.events)-1 { // all handled: begin anew in the same place
			f.events, i = f.events[:0], -1
		}
		f.mu.Unlock()
		f.handle(e)
		f.mu.Lock()
	}
	f.busy = false
	if cap(f.events) > keepEvents {
		f.events = nil
	}
	f.mu.Unlock()
}

func (f *family) handle(e event) {
	if e.kind == childEnded {
		f.remove(e.child)
	}
	if f.op != nil && f.op.takes(f, e) {
		return
	}
	switch e.kind {
	case childFailed:
		f.childFailed(e)
	case childBegun:
		if e.err != nil {
			f.childFailed(e)
		} else {
			e.child.record().Started(time.Now())
		}
	case childEnded:
		f.childEnded(e)
	case delayOver:
		if e.after == e.child.look().failures { // it has not been restarted otherwise and failed again
			e.child.order(func() { e.child.rareLocked().verdict = restart })
		}
	case restartOne:
		e.child.orderAnew()
	case stopAll:
		f.begin(&operation{mode: e.mode, then: []func(){e.then}})
	}
}
