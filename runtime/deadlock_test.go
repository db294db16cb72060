package runtime_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

const (
	atOnce   = 0
	byAndBy  = 1100 * time.Millisecond
	knotSize = 7
)

// A wait of one actor for another.
type knotWait struct {
	wait func(k *knot, ctx context.Context, to string) error
	full bool // the other's mailbox is
}

var (
	forRoom   = knotWait{(*knot).tell, true}
	forAnswer = knotWait{(*knot).ask, false}
)

// ringOf has each of n actors wait for the next, all at once. A mailbox is full where somebody waits for room in it.
func ringOf(n int, wait func(i int) knotWait) func(*testing.T) {
	return func(t *testing.T) {
		names := letters26(n)
		k := newKnot(t, names...)
		for i, name := range names {
			w, next := wait(i), names[(i+1)%n]
			k.handle(name, func(ctx knotContext, _ knotMessage) error { return w.wait(k, ctx, next) })
		}
		for i := range names {
			if wait(i).full {
				k.fill(names[(i+1)%n])
			}
		}
		k.run()
		k.checkDeadlock(atOnce, names...)
	}
}

// nested has actors ask each other, each while it handles the ask of the one before.
func nestedAsks(n int) func(*testing.T) {
	return func(t *testing.T) {
		names := letters26(n)
		k := newKnot(t, names...)
		var step func(i int) func(ctx knotContext) error
		step = func(i int) func(ctx knotContext) error {
			if i == n-1 {
				return func(ctx knotContext) error { return k.ask(ctx, names[0]) }
			}
			return func(ctx knotContext) error { return k.askTo(ctx, names[i+1], step(i+1)) }
		}
		k.handle(names[0], func(ctx knotContext, _ knotMessage) error { return step(0)(ctx) })
		k.run()
		k.checkDeadlock(byAndBy, names...)
	}
}

func always1(w knotWait) func(int) knotWait { return func(int) knotWait { return w } }

func alternating(i int) knotWait {
	if i%2 == 0 {
		return forRoom
	}
	return forAnswer
}

var _ = runtime.New
var _ = mailbox.ErrFull

func TestDeadlocksAreFound(t *testing.T) {
	for name, shape := range map[string]func(*testing.T){
		"a put into the own mailbox": ringOf(1, always1(forRoom)),
		"puts of two":                ringOf(2, always1(forRoom)),
		"puts of three":              ringOf(3, always1(forRoom)),
		"puts of a hundred":          ringOf(100, always1(forRoom)),
		"an ask of oneself":          ringOf(1, always1(forAnswer)),
		"asks of two that cross":     ringOf(2, always1(forAnswer)),
		"asks of seven at once":      ringOf(7, always1(forAnswer)),
		"puts and asks in turns":     ringOf(6, alternating),
		"an ask back":                nestedAsks(2),
		"an ask back over five":      nestedAsks(5),
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, shape) })
	}
}
