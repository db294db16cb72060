package runtime

// beginDrain lets in no more ticks. Only what its own tree sends is let in since the stop was ordered.
func (n *node) beginDrain(uint8) (step, bool) {
	n.body.cancelTimers()
	n.body.stay()
	return 0, false
}

// emptied is reached when a draining actor has handled all that is queued.
func (n *node) emptied(turn uint8) step {
	n.sys().dispatch.point()
	n.mu.Lock()
	r := n.rareLocked()
	if len(r.pipes) > 0 || len(r.arrivals) > 0 || r.drain == drainKids && n.kids == kidsOpen {
		n.mu.Unlock()
		if n.body.rest() {
			return stepOver
		}
		return n.decide(turn)
	}
	kids := r.kids.Load()
	left := kids != nil && kids.youngest() != nil
	switch {
	case left:
		r.drain = drainKids
	case r.drain < drainLast:
		r.drain = drainLast
	default:
		n.ordered = max(n.ordered, stopNow)
	}
	now := r.drain
	n.mu.Unlock()
	switch {
	case left:
		n.endKids(stopSoft)
	case now == drainLast:
		if kids != nil {
			kids.shut()
		}
		n.body.closeMailbox()
	}
	return n.decide(turn)
}
