package pipeline

import (
	"context"
	goruntime "runtime"
	"time"
)

const (
	// loiter is how often a source lets others run before it sleeps until there is room: mostly that comes by then.
	loiter = 8
	// lookEach is how many items a source sends before it looks whether it is to end, or somebody waits for what it has.
	lookEach = 16
	// hold is how long items may wait for company while the source's own code is at the next one.
	hold = 100 * time.Microsecond
	// paceEach is how many items of a source make a pass.
	paceEach = 64
)

// A tap is what a source puts its items into. It belongs to the goroutine on which the source runs: user code may block
// there as it likes.
type tap[T any] struct {
	gauge
	ctx   context.Context // of the goroutine
	done  <-chan struct{} // closed when the run is cancelled
	drain <-chan struct{} // closed when the source is to end
	out   *outlet[T]
	back  chan *chunk[T] // lists of chunks that came back
	away  int            // chunks that are not back

	space []T // items that out has not been told of, where it has room for them
	until int // their number at which to look around

	pace  pace
	since time.Time // when the pass began
	count int       // items in it
	sure  bool      // whoever blocks flushes first, so that chunks may be long from the beginning

	// Whoever has received baton owns the tap, where the source's code may block without a flush: that is the source's
	// goroutine while it sends an item, and minder when it is time that those in hand go on.
	baton  chan struct{}
	minder *time.Timer
	minded bool   // it runs
	from   uint64 // items that were sent, or in hand, when it began to
	over   bool   // the source is to end
}

func newTap[T any](g gauge, to port[T], drain <-chan struct{}) *tap[T] {
	t := &tap[T]{gauge: g, drain: drain, back: make(chan *chunk[T], to.buffer())} // no more chunks than items
	t.out = newOutlet(sender[T]{to, &t.away}, func(_ context.Context, list *chunk[T]) { t.back <- list })
	t.pace = newPace(t.out.most)
	t.baton = make(chan struct{}, 1)
	t.baton <- struct{}{}
	return t
}

// A sender counts the chunks that are under way.
type sender[T any] struct {
	port[T]
	away *int
}

func (s sender[T]) deliver(ctx context.Context, c *chunk[T]) {
	*s.away++
	s.port.deliver(ctx, c)
}

// trust says that whoever fills t flushes before it blocks.
func (t *tap[T]) trust() {
	t.sure = true
	t.out.setLimit(t.out.most)
}

// room waits until there is credit for an item, and reports whether to go on. It comes before the item is fetched: a
// source is asked for no more than can be taken.
func (t *tap[T]) room() bool { return len(t.space) < t.until || t.look() }

// put sends an item, for which there is room.
func (t *tap[T]) put(v T) { t.space = append(t.space, v) }

// send sends an item for a source whose code may block then, and reports whether to go on. There must be room.
func (t *tap[T]) send(v T) (more bool) {
	<-t.baton
	t.put(v)
	if more = !t.over && t.room(); t.holds() && !t.minded {
		t.minded, t.from = true, t.fetched()
		if t.minder == nil {
			t.minder = time.AfterFunc(hold, t.mind)
		} else {
			t.minder.Reset(hold)
		}
	}
	t.baton <- struct{}{}
	return more
}

// mind sends on what is in hand. Where that took too long, the next ones do not wait.
func (t *tap[T]) mind() {
	<-t.baton
	if t.minded = false; t.holds() {
		if !t.sure && hold > patience(int(t.fetched()-t.from)) {
			t.pace.slow()
			t.out.setLimit(1)
		}
		t.flush()
	}
	t.baton <- struct{}{}
}

func (t *tap[T]) fetched() uint64 { return t.out.sent + uint64(len(t.space)) }

// stop ends the source at its next item. It waits for no user code.
func (t *tap[T]) stop() {
	<-t.baton
	t.over = true
	t.baton <- struct{}{}
}

// holds reports whether there is something in hand.
func (t *tap[T]) holds() bool {
	return len(t.space) > 0 || t.out.buf != nil && len(t.out.buf.items) > 0
}

// look does what is not to be done for each item.
func (t *tap[T]) look() bool {
	t.commit()
	t.collect()
	if t.away == 0 {
		t.out.flush(t.ctx) // the next stage has nothing to do
	}
	t.keepPace()
	if t.ended() || !t.out.room() && !t.await() {
		return false
	}
	t.open()
	return true
}

// open has out give room for some more items.
func (t *tap[T]) open() {
	t.space = t.out.grab()
	t.until = min(cap(t.space), lookEach)
}

// commit hands the items over to out.
func (t *tap[T]) commit() {
	if n := len(t.space); n > 0 {
		t.count += n
		t.out.put(t.ctx, n)
	}
	t.space, t.until = nil, 0
}

// collect takes what came back.
func (t *tap[T]) collect() {
	for {
		select {
		case list := <-t.back:
			t.takeBack(list)
		default:
			return
		}
	}
}

func (t *tap[T]) takeBack(list *chunk[T]) {
	for c := list; c != nil; c = c.next {
		t.away--
	}
	t.out.takeBack(list)
}

func (t *tap[T]) keepPace() {
	if t.sure || t.count < paceEach {
		return
	}
	now := time.Now()
	if t.pace.pass(t.count, now.Sub(t.since)) {
		t.out.setLimit(t.pace.limit)
	}
	t.since, t.count = now, 0
}

// ended reports whether the source is to end. One select over both channels would lock them.
func (t *tap[T]) ended() bool {
	select {
	case <-t.done:
		return true
	default:
	}
	select {
	case <-t.drain:
		return true
	default:
		return false
	}
}

// await waits for credit, and reports whether it came.
func (t *tap[T]) await() bool {
	t.out.flush(t.ctx)
	for i := 0; i < loiter && !t.out.room(); i++ {
		goruntime.Gosched()
		t.collect()
	}
	if !t.out.room() {
		t.report()
	}
	for !t.out.room() {
		select {
		case list := <-t.back:
			t.takeBack(list)
		case <-t.done:
			return false
		case <-t.drain:
			return false
		}
	}
	t.since, t.count = time.Now(), 0 // what it has waited is not its own time
	return true
}

// flush leaves nothing in hand. What room has promised stays so.
func (t *tap[T]) flush() {
	promised := len(t.space) < cap(t.space)
	t.commit()
	t.out.flush(t.ctx)
	t.report()
	if promised {
		t.open()
	}
}

// report shows the figures. A source that is quick does so when it waits for credit, which it does sooner or later.
func (t *tap[T]) report() {
	t.stats.Out = t.out.count()
	t.publish()
}
