package runtime

import "sync"

// Stats are the counts of an actor, or of a system over all actors that ever lived in it.
//
// At every quiescent moment Sent = Rejected + Handled + Dropped + DeadLettered + Queued, exactly.
type Stats struct {
	Sent         uint64 // messages told, asked, and made by timers, Watch and Pipe
	Rejected     uint64 // refused with an error to their sender
	Handled      uint64 // the handler returned nil
	Dropped      uint64 // evicted by the mailbox's overflow policy
	DeadLettered uint64 // failed for good, or left when the actor stopped
	Queued       uint64 // waiting, held aside, stashed, taken into a batch, or being handled

	Failed      uint64 // failures: errors, panics and Goexits, of handlers and hooks
	Redelivered uint64 // failed messages that were given another try
	Restarts    uint64 // new behaviours after a failure
	LateReplies uint64 // answers to an ask that had ended
	Abandoned   uint64 // handlers and hooks that did not return in time after a stop
	Actors      uint64 // alive now
}

func (s *Stats) add(t Stats) {
	s.Sent += t.Sent
	s.Rejected += t.Rejected
	s.Handled += t.Handled
	s.Dropped += t.Dropped
	s.DeadLettered += t.DeadLettered
	s.Queued += t.Queued
	s.Failed += t.Failed
	s.Redelivered += t.Redelivered
	s.Restarts += t.Restarts
	s.LateReplies += t.LateReplies
	s.Abandoned += t.Abandoned
	s.Actors += t.Actors
}

// A ledger sums the counts of the actors that are gone.
type ledger struct {
	mu     sync.Mutex
	total  Stats
	actors uint64 // that have handed their counts over
}

func (l *ledger) add(t Stats) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total.add(t)
}

// merge adds the counts of an actor that is gone.
func (l *ledger) merge(t Stats) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total.add(t)
	l.actors++
}

func (l *ledger) sum() (t Stats, actors uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total, l.actors
}

// tally adds t to the counts of n. An actor that is gone has handed its counts over to the system's ledger; what
// comes late is added to both.
func (n *node) tally(t Stats) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tallyLocked(t)
}

func (n *node) tallyLocked(t Stats) {
	n.rareLocked().counts.add(t)
	if n.merged {
		n.sys().gone.add(t)
	}
}

// mergeLocked hands the counts over, once.
func (n *node) mergeLocked() {
	t := n.countsLocked()
	n.merged = true
	n.sys().gone.merge(t)
}

// stats returns the counts of n, whether it lives or not.
func (n *node) stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.statsLocked()
}

func (n *node) statsLocked() Stats {
	t := n.countsLocked()
	if !n.merged {
		t.Actors = 1
	}
	return t
}

func (n *node) countsLocked() Stats {
	t := n.body.stats()
	if r := n.rare.Load(); r != nil {
		t.add(r.counts)
	}
	return t
}

// sumTree adds up the counts of all living actors below n.
func (n *node) sumTree(t *Stats) {
	for _, child := range n.family().list() {
		child.mu.Lock()
		if !child.merged {
			t.add(child.statsLocked())
		}
		child.mu.Unlock()
		child.sumTree(t)
	}
}
