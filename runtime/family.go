package runtime

import (
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
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
// on the lane blocks, and the only user code on it is supervisor.Config.Decide.
type family struct {
	cfg     supervisor.Config
	log     func() logrus.FieldLogger
	raise   func(error) // fails the supervisor itself
	endSelf func()      // stops it, for AutoShutdown

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
)

type event struct {
	kind  eventKind
	child *node
	err   error
	self  bool // childEnded: by its own doing
	op    *operation
	mode  stopMode // stopAll
	then  func()   // stopAll: when none is left
}

// add makes n a child, the last in start order.
func (f *family) add(n *node) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return ErrStopped
	}
	if n.name != "" {
		if f.named[n.name] != nil {
			return ErrNameTaken
		}
		if f.named == nil {
			f.named = make(map[string]*node)
		}
		f.named[n.name] = n
	}
	f.numbers++
	n.number = f.numbers
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

// unname makes the name of n free, which has ended.
func (f *family) unname(n *node) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n.name != "" {
		delete(f.named, n.name)
	}
}

// remove is for the lane alone: a child is one until the lane knows of its end, so that whoever finds no child left
// knows that none has anything left to do either.
func (f *family) remove(n *node) {
	f.mu.Lock()
	defer f.mu.Unlock()
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

func (f *family) setClosed(closed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = closed
}

// post hands e to the lane.
func (f *family) post(e event) {
	f.mu.Lock()
	f.events = append(f.events, e)
	if f.busy {
		f.mu.Unlock()
		return
	}
	f.busy = true
	for len(f.events) > 0 {
		e := f.events[0]
		f.events[0] = event{}
		f.events = f.events[1:]
		f.mu.Unlock()
		f.handle(e)
		f.mu.Lock()
	}
	f.busy, f.events = false, nil
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
			e.child.record.Started(time.Now())
		}
	case childEnded:
		f.childEnded(e)
	case delayOver:
		e.child.order(func(o *orders) { o.verdict = restart })
	case stopAll:
		f.begin(&operation{mode: e.mode, then: []func(){e.then}})
	}
}

// childFailed carries out what the supervisor's config decides. A child that failed to begin has no behaviour to be
// resumed with, and is stopped then; so is one, during a drain, whose failure should escalate: all are about to stop.
func (f *family) childFailed(e event) {
	child, cause := e.child, e.err
	if !child.awaitsVerdict() {
		return // it has been stopped meanwhile, and that is final
	}
	d, err := f.decide(child, cause)
	if d.Directive == supervisor.Resume && e.kind == childBegun || d.Directive >= supervisor.Escalate && f.draining() {
		d.Directive = supervisor.Stop
	}
	entry := f.log().WithFields(logrus.Fields{"actor": child.path(), "cause": cause, "restarts": child.stats().Restarts})
	switch d.Directive {
	case supervisor.Resume:
		entry.Warn("actor failed: resumed")
		child.order(func(o *orders) { o.verdict = resume })
	case supervisor.Stop:
		entry.Error("actor failed: stopped")
		child.endTenure(cause)
		child.stop(stopNow, cause, true)
	case supervisor.Restart:
		entry.WithField("delay", d.Delay).Warn("actor failed: restarting")
		child.endTenure(cause)
		f.restart(child, d.Delay)
	default:
		entry.Error("actor failed: escalated to its supervisor")
		f.escalate(err)
	}
}

// decide asks the config. The error says why a failure escalates. Decide is the user's, and has a goroutine of its own
// because it might end it, and with it the lane. A Decide that fails escalates.
func (f *family) decide(child *node, cause error) (d supervisor.Decision, escalated error) {
	failed := func() {
		d = f.cfg.Failed(&f.history, &child.record, child.restart, cause, time.Now(), rand.Float64)
	}
	if f.cfg.Decide == nil {
		failed()
	} else if err := apart(failed); err != nil {
		return supervisor.Decision{Directive: supervisor.Escalate},
			fmt.Errorf("runtime: Decide failed over the failure of %s: %w: %w", child.path(), err, cause)
	}
	if d.Exceeded {
		return d, fmt.Errorf("runtime: %s failed, and there were too many restarts: %w", child.path(), cause)
	}
	return d, fmt.Errorf("runtime: %s failed: %w", child.path(), cause)
}

// apart runs f on a goroutine of its own and waits for it.
func apart(f func()) error {
	ended := make(chan error)
	go func() {
		err := ErrGoexit // unless f returns
		defer func() {
			if v := recover(); v != nil {
				err = &PanicError{Value: v, Stack: debug.Stack()}
			}
			ended <- err
		}()
		f()
		err = nil
	}()
	return <-ended
}

// restart begins the restart of child, and of those that its strategy takes along. While all drain it takes nobody
// along, because those who have stopped already could not come along.
func (f *family) restart(child *node, delay time.Duration) {
	switch {
	case f.cfg.Strategy != supervisor.OneForOne && !f.draining():
		all := f.list()
		from, to := f.cfg.Strategy.Affected(slices.Index(all, child), len(all))
		f.begin(&operation{members: all[from:to], delay: delay})
	case delay == 0:
		child.order(func(o *orders) { o.verdict = restart })
	default:
		time.AfterFunc(delay, func() { f.post(event{kind: delayOver, child: child}) })
	}
}

// draining reports whether all children are being stopped, each after what is queued.
func (f *family) draining() bool { return f.op != nil && f.op.mode == stopSoft }

// escalate stops all children and fails the supervisor itself.
func (f *family) escalate(err error) {
	f.raise(err)
	f.begin(&operation{mode: stopNow, open: true})
}

func (f *family) childEnded(e event) {
	if !e.self || !e.child.significant {
		return
	}
	left := 0
	for _, n := range f.list() {
		if n.significant {
			left++
		}
	}
	if f.cfg.AutoShutdown.Ends(true, left) {
		f.log().WithField("actor", e.child.path()).Info("a significant child ended: its supervisor stops")
		f.endSelf()
	}
}
