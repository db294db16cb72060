package pipeline

import "context"

// Items travel in chunks, which go back empty to where they came from: that is the credit on which the sender may send
// again. So nothing is allocated for an item, and a boundary never holds more than its Buffer. A chunk has one owner at a
// time, whoever has it; a message hands it on.
type chunk[T any] struct {
	items []T
	next  *chunk[T]  // in a list
	from  *outlet[T] // whose it is; of its fields others use only giveBack
}

// A port is where an outlet sends its chunks.
type port[T any] interface {
	// buffer is how many items may be under way to the receiver from one sender.
	buffer() int
	// deliver hands c over. It never waits, since what is under way is bounded by credit. Where the receiver is gone,
	// the items are lost: then the run is cancelled, or has failed.
	deliver(ctx context.Context, c *chunk[T])
	// end says that nothing follows.
	end(ctx context.Context)
}

const (
	longestChunk = 256 // items: a hop costs some 100 ns, which is nothing among so many
	leastBuffer  = 8   // for chunks of more than one item
)

// An outlet is the sending end of a boundary. It belongs to the sending stage, whose turn or goroutine alone uses it.
type outlet[T any] struct {
	to       port[T]
	giveBack func(context.Context, *chunk[T]) // brings a list of chunks back; called by the receiver
	most     int                              // items in a chunk, at most

	credit int       // items that may be put: Buffer, less those in buf and in chunks that are not back
	limit  int       // items in the chunk that is filled now, 1..most
	buf    *chunk[T] // nil: none
	free   *chunk[T] // empty ones
	sent   uint64    // items put
}

func newOutlet[T any](to port[T], giveBack func(context.Context, *chunk[T])) *outlet[T] {
	buffer := to.buffer()
	return &outlet[T]{to: to, giveBack: giveBack, most: longest(buffer), credit: buffer, limit: 1}
}

// longest returns how many items a chunk may have. A quarter, so that a boundary is not full because of a chunk that
// is begun.
func longest(buffer int) int {
	if buffer < leastBuffer {
		return 1
	}
	return min(buffer/4, longestChunk)
}

func (o *outlet[T]) room() bool { return o.credit > 0 }

func (o *outlet[T]) count() uint64 { return o.sent }

func (o *outlet[T]) setLimit(n int) { o.limit = min(n, o.most) }

// grab returns room for results, empty, with a capacity of 1 at least. There must be credit.
func (o *outlet[T]) grab() []T {
	if o.buf == nil {
		o.buf = o.take()
	}
	used := len(o.buf.items)
	free := max(min(o.credit, o.limit-used, cap(o.buf.items)-used), 1)
	return o.buf.items[used : used : used+free]
}

// put sends n results that were written to what grab returned.
func (o *outlet[T]) put(ctx context.Context, n int) {
	o.buf.items = o.buf.items[:len(o.buf.items)+n]
	o.credit -= n
	o.sent += uint64(n)
	if len(o.buf.items) >= o.limit || len(o.buf.items) == cap(o.buf.items) {
		o.flush(ctx)
	}
}

// give sends as many of items as there is credit for, and returns how many. They are all there, so chunks may be long.
func (o *outlet[T]) give(ctx context.Context, items []T) int {
	limit := o.limit
	o.limit = max(limit, min(len(items), o.most))
	given := 0
	for given < len(items) && o.credit > 0 {
		n := copy(o.grab()[:cap(o.grab())], items[given:])
		o.put(ctx, n)
		given += n
	}
	if o.limit = limit; o.buf != nil && len(o.buf.items) >= limit {
		o.flush(ctx)
	}
	return given
}

// flush sends what is in hand.
func (o *outlet[T]) flush(ctx context.Context) {
	if o.buf == nil || len(o.buf.items) == 0 {
		return
	}
	c := o.buf
	o.buf = nil
	o.to.deliver(ctx, c)
}

func (o *outlet[T]) end(ctx context.Context) {
	o.flush(ctx)
	o.to.end(ctx)
}

// take returns an empty chunk. The last one that came back is taken first: where limit has grown, that is one that has
// grown too, and the small ones stay below.
func (o *outlet[T]) take() *chunk[T] {
	c := o.free
	if c == nil {
		c = &chunk[T]{from: o}
	} else {
		o.free, c.next = c.next, nil
	}
	if cap(c.items) < o.limit {
		c.items = make([]T, 0, o.limit)
	}
	return c
}

// takeBack takes a list of chunks that came back. The receiver has cleared the items, and left their number.
func (o *outlet[T]) takeBack(list *chunk[T]) {
	for c := list; c != nil; {
		next := c.next
		o.credit += len(c.items)
		c.items = c.items[:0]
		c.next, o.free = o.free, c
		c = next
	}
}

// An inlet is the receiving end of one boundary, or of several. It belongs to the receiving stage.
type inlet[T any] struct {
	head, tail *chunk[T]
	at         int       // items of head that are begun
	last       [1]T      // the last item of a chunk that went back
	lone       bool      // front has returned last
	done       *chunk[T] // chunks to give back, all to the same outlet
	begun      int       // items in them
	enough     int       // items to give back at once
	open       int       // boundaries that have not ended
	taken      uint64
}

func (i *inlet[T]) add(c *chunk[T]) {
	if i.tail == nil {
		i.head = c
	} else {
		i.tail.next = c
	}
	i.tail = c
}

func (i *inlet[T]) empty() bool { return i.head == nil }

// front returns items to begin, all of which, if it is one, or some of which must be begun then; see begin. The last
// item of a chunk comes by itself, after the chunk went back: by the time it is begun, the sender has the credit for
// another one, and not before.
func (i *inlet[T]) front(ctx context.Context) []T {
	c := i.head
	if i.lone = i.at == len(c.items)-1; !i.lone {
		return c.items[i.at : len(c.items)-1]
	}
	i.last[0] = c.items[i.at]
	clear(c.items[i.at:])
	if i.head = c.next; i.head == nil {
		i.tail = nil
	}
	i.at = 0
	c.next = nil
	if i.done != nil && i.done.from != c.from {
		i.release(ctx)
	}
	c.next, i.done = i.done, c
	if i.begun += len(c.items); i.begun >= i.enough {
		i.release(ctx)
	}
	return i.last[:]
}

// begin says that n of the items that front returned were begun. References to them are dropped.
func (i *inlet[T]) begin(items []T, n int) {
	i.taken += uint64(n)
	clear(items[:n])
	if !i.lone {
		i.at += n
	}
}

// release gives back the chunks whose items are all begun.
func (i *inlet[T]) release(ctx context.Context) {
	if list := i.done; list != nil {
		i.done, i.begun = nil, 0
		list.from.giveBack(ctx, list)
	}
}
