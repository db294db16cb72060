package lock

import (
	"slices"

	"github.com/troupe-go/troupe/runtime"
)

// A ledger says who has the lock. It belongs to whoever has received it from the baton, for a few instructions in which
// nothing waits and no code but ours runs. It outlives restarts of the keeper.
//
// The token goes back into its channel before the ledger does. So whoever is told that a hold does not count can rely on
// it that the lock was given back, not only that it will be.
type ledger struct {
	hold    uint64         // the hold that counts: the one that is out, or whose number is in the token
	last    uint64         // the greatest number that a token has had
	holder  runtime.Holder // whose it is; zero: a plain goroutine's, or nobody's
	entries []uint64       // of a Reentrant: those that have not been left
	entered uint64         // how many there were ever

	// watched is those holders of whose end the keeper will hear, and what of each waits for a Notify. A holder is watched
	// once, when it is first met, and forgotten when it ends: a watch cannot be taken back.
	watched   map[runtime.Holder][]*waiter
	reclaimed uint64
}

// watch notes a holder, and reports whether it was known.
func (l *ledger) watch(h runtime.Holder) bool {
	_, known := l.watched[h]
	if !known {
		l.watched[h] = nil
	}
	return known
}

// counts reports whether h is the hold that is out.
func (l *ledger) counts(h Hold) bool {
	return h.m != nil && h.n == l.hold && (h.entry == 0 || slices.Contains(l.entries, h.entry))
}

// leave ends h, and reports whether it counted. With the last one the lock is given back.
func (l *ledger) leave(h Hold) bool {
	if !l.counts(h) {
		return false
	}
	if h.entry != 0 {
		i := slices.Index(l.entries, h.entry)
		if l.entries = slices.Delete(l.entries, i, i+1); len(l.entries) > 0 {
			return true
		}
	}
	l.giveBack(h.m)
	return true
}

// giveBack passes the lock on, under a number that nobody has had.
func (l *ledger) giveBack(m *Mutex) {
	l.last++
	l.hold, l.holder, l.entries = l.last, runtime.Holder{}, l.entries[:0]
	m.token <- l.hold // has room: there is one token, and its holder gives it back
}

// resume lets a hold count again that was given up for a Wait, now that the token has come back. It reports false, and
// passes the lock on, when the holder has ended meanwhile.
func (l *ledger) resume(h Hold, holder runtime.Holder) bool {
	if _, lives := l.watched[holder]; !lives && holder != (runtime.Holder{}) {
		l.giveBack(h.m)
		return false
	}
	l.hold, l.holder = h.n, holder
	return true
}
