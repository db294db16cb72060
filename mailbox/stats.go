package mailbox

// Stats are the counts of one mailbox. At every instant Put = Taken + Dropped + Len + Held + what Drain or Abandon
// returned. A put that panicked, because Less or Level did, is in none of them.
type Stats struct {
	Put       uint64 // puts that returned nil, and messages held aside
	Taken     uint64 // messages that a consumer took; one that an owner had only claimed may wait again after an Interrupt
	Rejected  uint64 // puts that returned an error, Hold's included
	Refused   uint64 // those of Rejected that came after Close
	Dropped   uint64 // messages evicted by a Drop policy, or told to OnDrop for a panic of Less; each was Put before
	Len       int    // messages that wait
	HighWater int    // the largest Len so far
	Held      int    // messages held aside until there is room (Owned only)
	InHand    int    // 1 while the owner handles a message, which counts as Taken (Owned only)
}

// statsLocked computes what was taken from what has entered: a count that need not be kept costs nothing and cannot
// drift.
func (b *box[M]) statsLocked() Stats {
	s := Stats{Len: b.lenLocked(), HighWater: b.highWater}
	entered, gone := b.seq, uint64(s.Len)
	if r := b.rare; r != nil {
		s.Rejected, s.Refused, s.Dropped, s.Held = r.rejected, r.refused, r.dropped, r.held
		s.Put = uint64(r.held) + r.beside
		gone += r.dropped + r.drained - r.beside
	}
	s.Put += entered
	s.Taken = entered - gone
	return s
}
