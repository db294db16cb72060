package runtimetest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
)

// seedsEach is how many seeds of each system a plain test run goes through. TROUPE_SEEDS=1-1000000 makes it a million.
const seedsEach = 1000

// A parcel is a message that must end once: handled, refused, or a dead letter.
type parcel struct {
	runtime.Reply[int]
	from, number int
	fails        int // how often its handler fails
}

// A book has how each parcel ended. In a World nobody writes it at the same time.
type book struct {
	w     *runtimetest.World
	sent  int
	ends  map[int][]string
	tries map[int]int
	maybe map[int]bool // may never have been sent
}

func newBook(w *runtimetest.World, systems ...*runtime.System) *book {
	b := &book{w: w, ends: map[int][]string{}, tries: map[int]int{}, maybe: map[int]bool{}}
	for _, s := range systems {
		s.DeadLetters(func(d runtime.DeadLetter) {
			if p, ok := d.Message.(parcel); ok {
				b.end(p, "dead")
			}
		})
	}
	return b
}

func (b *book) parcel(from int) parcel {
	b.sent++
	return parcel{from: from, number: b.sent}
}

func (b *book) end(p parcel, how string) { b.ends[p.number] = append(b.ends[p.number], how) }

// tell sends p, and notes it if that is refused.
func (b *book) tell(ctx context.Context, to runtime.Ref[parcel], p parcel) {
	if err := to.Tell(ctx, p); err != nil {
		b.end(p, "refused")
		if !errors.Is(err, runtime.ErrStopped) && !isDeadlock(err) {
			b.w.Errorf("tell: %v", err)
		}
	}
}

// ask asks with p. From the error alone one cannot tell whether it was refused.
func (b *book) ask(ctx context.Context, to runtime.Ref[parcel], p parcel) {
	_, err := runtime.Ask(ctx, to, func(r runtime.Reply[int]) parcel { p.Reply = r; return p })
	switch {
	case err != nil && errors.Is(err, runtime.ErrStopped):
		b.mayNotBe(p)
	case err == nil != slices.Equal(b.ends[p.number], []string{"handled"}):
		b.w.Errorf("ask %d returned %v, but the parcel ended as %v", p.number, err, b.ends[p.number])
	}
}

func (b *book) mayNotBe(p parcel) { b.maybe[p.number] = true }

func isDeadlock(err error) bool {
	var d *runtime.DeadlockError
	return errors.As(err, &d)
}

// handle is what a handler does with p: it fails as often as p says, and notes its end.
func (b *book) handle(p parcel) error {
	if b.tries[p.number]++; b.tries[p.number] <= p.fails {
		return fmt.Errorf("parcel %d: try %d", p.number, b.tries[p.number])
	}
	b.end(p, "handled")
	p.Send(p.number)
	return nil
}

// check is for when the systems have stopped.
func (b *book) check() {
	for n := 1; n <= b.sent; n++ {
		if len(b.ends[n]) != 1 && !(b.maybe[n] && len(b.ends[n]) == 0) {
			b.w.Errorf("parcel %d of %d ended %d times: %v", n, b.sent, len(b.ends[n]), b.ends[n])
		}
	}
}

// shutdown stops the system, so that the book can be looked at.
func (b *book) shutdown(s *runtime.System) {
	if err := s.Shutdown(b.w.Context()); err != nil {
		b.w.Errorf("shutdown: %v", err)
	}
	b.check()
}

// spawn starts an actor with room for a few parcels, or fails the world.
func (b *book) spawn(p runtime.Parent, props runtime.Props[parcel], f func(*runtime.Context[parcel], parcel) error) runtime.Ref[parcel] {
	if props.Mailbox.Capacity == 0 {
		props.Mailbox = mailbox.Config[parcel]{Capacity: 2}
	}
	if props.New == nil {
		props.New = func() runtime.Actor[parcel] { return runtime.Func[parcel](f) }
	}
	ref, err := runtime.Spawn(p, props)
	if err != nil && !errors.Is(err, runtime.ErrStopped) {
		b.w.Errorf("spawn %s: %v", props.Name, err)
	}
	return ref
}

// all waits until the given number of goroutines has said that it is done.
type all struct {
	w    *runtimetest.World
	left int
}

// run runs f beside the others, and then, when the last has returned.
func (a *all) run(then func(), fs ...func()) {
	a.left = len(fs)
	for _, f := range fs {
		a.w.Go(func() {
			f()
			if a.left--; a.left == 0 {
				then()
			}
		})
	}
}
