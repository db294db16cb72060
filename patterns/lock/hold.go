package lock

// A Hold is the lock in somebody's hands. It is a comparable value, and whoever has it may unlock it. That is how a
// stranger is kept out: who has not locked has no Hold. The zero Hold is of no lock.
type Hold struct {
	m     *Mutex
	n     uint64 // of the times that the lock was taken
	entry uint64 // which of a Reentrant's entries; 0: it is a Mutex's
}

// Unlock gives the lock back: to the one who has waited for it longest, if anybody waits. It does not block, and is safe
// for concurrent use. Of several Unlocks of a Hold, and of its holder's end, exactly one counts.
//
// It returns ErrUnlocked when the lock was given back before, by another Unlock or because the holder ended, and while the
// hold waits in a Condition. After Stop it works as before.
func (h Hold) Unlock() error {
	if h.m == nil {
		return ErrUnlocked
	}
	l := <-h.m.baton
	ok := l.leave(h)
	h.m.baton <- l
	if !ok {
		return ErrUnlocked
	}
	return nil
}
