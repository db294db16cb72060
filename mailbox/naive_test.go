package mailbox_test

import (
	"slices"

	"github.com/troupe-go/troupe/mailbox"
)

// naive is what a mailbox must be indistinguishable from: a slice in arrival order, searched from end to end.
type naive struct {
	order    mailbox.Order
	policy   mailbox.Overflow
	capacity int
	levels   int // 0: there is no Level, and any level will do

	waiting []letter // in arrival order
	held    []letter // aside, in arrival order
	dropped []letter // what OnDrop was told
	closed  bool
	done    uint64
	drawn   uint64
	stats   mailbox.Stats // but for Len and Held
}

func newNaive(c mailbox.Config[letter]) *naive {
	return &naive{order: c.Order, policy: c.Overflow, capacity: c.Capacity, levels: c.Levels}
}

func (n *naive) snapshot() mailbox.Stats {
	s := n.stats
	s.Len, s.Held = len(n.waiting), len(n.held)
	return s
}

func (n *naive) full() bool { return n.capacity != mailbox.Unbounded && len(n.waiting) >= n.capacity }

// next is the index of the letter that is delivered next, and last of the one that would be delivered last.
func (n *naive) next() int {
	switch best := 0; n.order {
	case mailbox.FIFO:
		return 0
	case mailbox.LIFO:
		return len(n.waiting) - 1
	default:
		for i, l := range n.waiting {
			if l.level < n.waiting[best].level {
				best = i
			}
		}
		return best
	}
}

func (n *naive) last() int {
	switch worst := 0; n.order {
	case mailbox.FIFO:
		return len(n.waiting) - 1
	case mailbox.LIFO:
		return 0
	default:
		for i, l := range n.waiting {
			if l.level >= n.waiting[worst].level {
				worst = i
			}
		}
		return worst
	}
}

func (n *naive) enter(l letter) {
	n.waiting = append(n.waiting, l)
	n.stats.HighWater = max(n.stats.HighWater, len(n.waiting))
}

func (n *naive) reject(err error) error {
	n.stats.Rejected++
	if n.closed {
		n.stats.Refused++
		return mailbox.ErrClosed
	}
	return err
}

// urgent reports whether Level has an answer for l. The tests make one that has none by a negative level.
func (n *naive) urgent(l letter) bool { return n.levels == 0 || l.level >= 0 }

// put is a put that does not wait.
func (n *naive) put(l letter) error {
	if n.closed {
		return n.reject(nil)
	}
	if !n.urgent(l) {
		return n.reject(mailbox.ErrConfig)
	}
	if n.full() && n.policy <= mailbox.Reject {
		return n.reject(mailbox.ErrFull)
	}
	n.stats.Put++
	if !n.full() {
		n.enter(l)
		return nil
	}
	n.stats.Dropped++
	evicted := l
	switch n.policy {
	case mailbox.DropOldest:
		evicted = n.waiting[0]
		n.waiting = append(n.waiting[1:], l)
	case mailbox.DropLast:
		// As if it had room for one more, of which the last is too many. In LIFO the newcomer is delivered first.
		n.waiting = append(n.waiting, l)
		i := n.last()
		evicted = n.waiting[i]
		n.waiting = slices.Delete(n.waiting, i, i+1)
	}
	n.dropped = append(n.dropped, evicted)
	return nil
}

func (n *naive) hold(l letter) {
	n.stats.Put++
	n.held = append(n.held, l)
	n.admit()
}

func (n *naive) admit() {
	for len(n.held) > 0 && !n.full() {
		n.enter(n.held[0])
		n.held = n.held[1:]
	}
}

func (n *naive) pop() (letter, bool) {
	if len(n.waiting) == 0 {
		return letter{}, false
	}
	i := n.next()
	l := n.waiting[i]
	n.waiting = slices.Delete(n.waiting, i, i+1)
	n.admit()
	return l, true
}

func (n *naive) take() (letter, error) {
	l, ok := n.pop()
	switch {
	case ok:
		n.stats.Taken++
		return l, nil
	case n.closed:
		return l, mailbox.ErrClosed
	}
	return l, mailbox.ErrEmpty
}

func (n *naive) drain() (left []letter) {
	n.closed = true
	for l, ok := n.pop(); ok; l, ok = n.pop() {
		left = append(left, l)
	}
	n.drawn += uint64(len(left))
	return left
}

func (n *naive) unfinished() uint64 { return n.stats.Put - n.stats.Dropped - n.drawn - n.done }
