package mailbox

// A ring is a double-ended queue in one growing circular buffer. The zero value is empty and holds no memory.
type ring[T any] struct {
	buf  []T // its length is 0 or a power of two
	head int // index of the front element; without a buffer, how large the next one shall be
	n    int
}

func (r *ring[T]) slot(i int) *T { return &r.buf[(r.head+i)&(len(r.buf)-1)] }

func (r *ring[T]) pushBack(v T) {
	if !r.push(&v) {
		r.grow()
		r.push(&v)
	}
}

func (r *ring[T]) grow() {
	if r.buf == nil {
		r.buf = takeSlots[T](max(r.head, firstSlots))
	} else {
		r.buf = growSlots(r.buf, r.head)
	}
	r.head = 0
}

// push is pushBack without growing, and small enough to be inlined. It reports whether there was a slot.
func (r *ring[T]) push(v *T) bool {
	if r.n == len(r.buf) {
		return false
	}
	*r.slot(r.n) = *v
	r.n++
	return true
}

func (r *ring[T]) pushFront(v T) {
	if r.n == len(r.buf) {
		r.grow()
	}
	r.head = (r.head - 1) & (len(r.buf) - 1)
	*r.slot(0) = v
	r.n++
}

// popFront removes the front element. The slot is cleared, so that a taken message is not kept alive. A ring that is
// empty then keeps a buffer of up to keep slots.
func (r *ring[T]) popFront(keep int) T {
	var v T
	r.shift(&v)
	if r.n == 0 {
		r.trim(keep, r.reached())
	}
	return v
}

// shift is popFront without trimming, and small enough to be inlined.
func (r *ring[T]) shift(into *T) {
	var none T
	s := r.slot(0)
	*into, *s = *s, none
	r.head = (r.head + 1) & (len(r.buf) - 1)
	r.n--
}

// shiftMany fills into from the front, as far as there are elements, and returns how many it took. It does not trim.
func (r *ring[T]) shiftMany(into []T) int {
	n := min(len(into), r.n)
	for rest := into[:n]; len(rest) > 0; {
		from := r.buf[r.head:min(r.head+len(rest), len(r.buf))]
		rest = rest[copy(rest, from):]
		clear(from)
		r.head = (r.head + len(from)) & (len(r.buf) - 1)
	}
	r.n -= n
	return n
}

func (r *ring[T]) popBack(keep int) T {
	var v T
	r.unshift(&v)
	if r.n == 0 {
		r.trim(keep, 0)
	}
	return v
}

// unshift is popBack without trimming, and small enough to be inlined.
func (r *ring[T]) unshift(into *T) {
	var none T
	r.n--
	s := r.slot(r.n)
	*into, *s = *s, none
}

// open makes k elements more at index at, and moves those behind it up.
func (r *ring[T]) open(at, k int) {
	var zero T
	behind := r.n - at
	for range k {
		r.pushBack(zero)
	}
	for i := at + behind - 1; i >= at; i-- {
		*r.slot(i + k) = *r.slot(i)
	}
}

// pop removes the next element in FIFO or LIFO order.
func (r *ring[T]) pop(order Order) T {
	if order == LIFO {
		return r.popBack(keepSlots)
	}
	return r.popFront(keepSlots)
}

// swap returns what is in the ring, front first, and goes on with spare, which is empty. It is for rings of which
// nothing was popped since they were empty, so that their front is at the start of the buffer.
func (r *ring[T]) swap(spare []T) []T {
	all := r.buf[:r.n]
	r.buf, r.n = spare[:cap(spare)], 0
	if r.buf == nil {
		r.head = sizeAfter(cap(all), len(all))
	}
	return all
}

// reached is how many slots were used, as far as that can be seen, of a ring from whose front the last element has just
// been taken.
func (r *ring[T]) reached() int { return (r.head-1)&(len(r.buf)-1) + 1 }

// trim gives a buffer of more than keep slots back, when the ring is empty. A small one is kept, because the next
// message is likely to come. It is told how many slots were used, 0 if that is not known.
func (r *ring[T]) trim(keep, used int) {
	if len(r.buf) > keep {
		r.head = sizeAfter(len(r.buf), used)
		giveSlots(r.buf)
		r.buf = nil
	} else if r.buf != nil {
		r.head = 0
	}
}

// sizeAfter is how large a buffer to begin with after one of n slots: smaller if a smaller one would have done, so that a
// mailbox forgets a flood after a few quiet turns, and one that is often full does not grow from nothing each time.
func sizeAfter(n, used int) int {
	switch {
	case n < 64 || n > lastPooled:
		return 0
	case used > n/4:
		return n
	default:
		return n / 4
	}
}
