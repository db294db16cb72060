package mailbox

// Slots returns how many messages b could store without allocating, in all its buffers together.
func Slots[M any](b *Mailbox[M]) int { return b.slots() }

// OwnedSlots is Slots, and counts the batch in hand too.
func OwnedSlots[M any](o *Owned[M]) int { return o.slots() + cap(o.hand) }

func (b *box[M]) slots() int {
	switch q := b.queue.(type) {
	case *numbered[M]:
		return len(q.buf)
	case *heap[M]:
		return len(q.es)
	case *levels[M]:
		n := 0
		for i := range q.rings {
			n += len(q.rings[i].buf)
		}
		return n
	default:
		return len(b.ring.buf)
	}
}

// Claim is the first half of Next within a batch: the owner has claimed a message, and looks at the signals after that.
func Claim[M any](o *Owned[M]) { o.rest.Store(uint32(len(o.hand) - o.next - 1)) }

// GiveUp is the second half, if there was a signal.
func GiveUp[M any](o *Owned[M]) (M, State) { return o.nextSlow() }

// InHand returns how many messages of its batch the owner has not begun.
func InHand[M any](o *Owned[M]) int { return len(o.hand) - o.next }
