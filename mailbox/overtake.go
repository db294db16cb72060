package mailbox

import "slices"

// The owner of a LIFO mailbox or one with Levels takes a few messages at a time, which spares it a lock for each. That
// nothing more urgent stays behind them is seen to by the puts: one that overtakes what the owner has in hand raises a
// signal, and the owner returns the rest of its batch to the queue before it chooses again. So the choice is still
// made as late as can be, at each message.
//
// How many it takes starts at one, doubles with each batch that nothing overtook, and starts at one again after one
// that was overtaken.

// maxTaken bounds a batch, and so the cost of returning it.
const maxTaken = 64

// takeSomeLocked takes up to k messages as a batch. Those of a mailbox with Levels are of one level.
func (o *Owned[M]) takeSomeLocked(k int) {
	if k = min(k, o.n); cap(o.hand) < k {
		giveSlots(o.hand[:cap(o.hand)])
		if k <= keepSlots {
			o.hand = takeSlots[M](keepSlots)
		} else {
			o.hand = takeSlots[M](maxTaken)
		}
	}
	o.hand = o.hand[:k]
	if q, ok := o.queue.(*levels[M]); ok {
		taken, level := q.popSome(o.hand)
		o.hand, o.floor = o.hand[:taken], uint32(level)
	} else {
		for i := range o.hand {
			o.ring.unshift(&o.hand[i])
		}
		if o.ring.n == 0 {
			o.ring.trim(keepSlots, 0)
		}
		o.floor = uint32(o.n - len(o.hand))
	}
	o.n -= len(o.hand)
}

// overtakeLocked is called after a message of this level has entered.
func (b *box[M]) overtakeLocked(level int) {
	if b.ahead > 0 && (b.order == LIFO || b.order == Priority && level < int(b.floor)) {
		if b.lookLocked(); b.ahead > 0 {
			b.signal.Or(overtaken)
		}
	}
}

// unbegunLocked takes message i and those after it out of the batch in hand, and returns them if they come before what is
// in the queue. Else it returns them to the queue, which may hold more than its capacity then: the caller must empty it.
// It leaves hand as long as it is.
func (o *Owned[M]) unbegunLocked(i int) []M {
	if o.order != FIFO && !o.compares() {
		o.returnLocked(i)
		return nil
	}
	left := slices.Clone(o.hand[i:])
	clear(o.hand[i:])
	return left
}

// returnLocked puts the batch in hand, from message i on, back to where it was in the queue: in front of its level, or
// right under what has entered since. It leaves hand as long as it is.
func (o *Owned[M]) returnLocked(i int) {
	back := o.hand[i:]
	o.setAheadLocked(0)
	if len(back) == 0 {
		return
	}
	o.n += len(back)
	switch q := o.queue.(type) {
	case *levels[M]:
		for i := len(back) - 1; i >= 0; i-- {
			q.pushFront(back[i], int(o.floor))
		}
	case *numbered[M]: // since Hold was called
		q.open(int(o.floor), len(back))
		for i, m := range back {
			*q.slot(int(o.floor) + len(back) - 1 - i) = entry[M]{m: m}
		}
	default:
		o.ring.open(int(o.floor), len(back))
		for i, m := range back {
			*o.ring.slot(int(o.floor) + len(back) - 1 - i) = m
		}
	}
	clear(back)
}
