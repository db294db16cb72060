package mailbox

// A ring is a double-ended queue in one growing circular buffer. The zero value is empty and holds no memory.
type ring[T any] struct {
	buf  []T // its length is 0 or a power of two
	head int // index of the front element
	n    int
}

const (
	firstSlots = 8  // what a ring allocates on first use
	keepSlots  = 64 // the largest buffer that an empty ring keeps
)

func (r *ring[T]) slot(i int) *T { return &r.buf[(r.head+i)&(len(r.buf)-1)] }

func (r *ring[T]) pushBack(v T) {
	if r.n == len(r.buf) {
		r.grow()
	}
	*r.slot(r.n) = v
	r.n++
}

// popFront removes the front element. The slot is cleared, so that a taken message is not kept alive.
func (r *ring[T]) popFront() T {
	var zero T
	s := r.slot(0)
	v := *s
	*s = zero
	r.head = (r.head + 1) & (len(r.buf) - 1)
	r.n--
	r.trim()
	return v
}

func (r *ring[T]) popBack() T {
	var zero T
	s := r.slot(r.n - 1)
	v := *s
	*s = zero
	r.n--
	r.trim()
	return v
}

func (r *ring[T]) grow() {
	bigger := make([]T, max(firstSlots, 2*len(r.buf)))
	k := copy(bigger, r.buf[r.head:])
	copy(bigger[k:], r.buf[:r.head])
	r.buf, r.head = bigger, 0
}

// trim gives a large buffer back once it is empty; small ones are kept, because the next message is likely to come.
func (r *ring[T]) trim() {
	if r.n == 0 {
		r.head = 0
		if len(r.buf) > keepSlots {
			r.buf = nil
		}
	}
}
