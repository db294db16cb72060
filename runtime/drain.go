package runtime

// beginDrain lets in no more ticks. Only what its own tree sends is let in since the stop was ordered.
func (n *node) beginDrain(uint64) (step, bool) {
	n.body.cancelTimers()
	n.body.stay()
	return again(0)
}

// emptied is reached when a draining actor has handled all that is queued.
func (n *node) emptied(turn uint64) step {
	n.mu.Lock()
	if len(n.pipes) > 0 || len(n.orders.arrivals) > 0 || n.drain == drainKids && !n.orders.kidsGone {
		n.mu.Unlock()
		if n.body.rest() {
			return stepOver
		}
		return n.decide(turn)
	}
	kids := n.kids
	left := kids != nil && kids.youngest() != nil
	switch {
	case left:
		n.drain = drainKids
	case n.drain < drainLast:
		n.drain = drainLast
	default:
		n.orders.stop = max(n.orders.stop, stopNow)
	}
	now := n.drain
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
