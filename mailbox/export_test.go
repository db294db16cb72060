package mailbox

// Slots returns how many messages b could store without allocating, in all its buffers together.
func Slots[M any](b *Mailbox[M]) int { return b.slots() }

// OwnedSlots is Slots, and counts the batch in hand too.
func OwnedSlots[M any](o *Owned[M]) int { return o.slots() + len(o.hand.buf) }

func (b *box[M]) slots() (n int) {
	switch q := b.queue.(type) {
	case *fifo[M]:
		n = len(q.buf)
	case *lifo[M]:
		n = len(q.buf)
	case *heap[M]:
		n = cap(q.es)
	case *levels[M]:
		for i := range q.rings {
			n += len(q.rings[i].buf)
		}
	}
	return n
}

// Claim is the first half of Next within a batch: the owner has claimed a message, and looks at the signals after that.
func Claim[M any](o *Owned[M]) { o.begun.Store(int64(o.next + 1)) }

// GiveUp is the second half, if there was a signal.
func GiveUp[M any](o *Owned[M]) (M, State) { return o.nextSlow() }
