package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

const (
	atOnce  = 0
	byAndBy = 1100 * time.Millisecond
)

// A knotWait is a wait of one actor for another.
type knotWait struct {
	wait func(k *knot, ctx context.Context, to string) error
	full bool // the other's mailbox is
}

var (
	forRoom   = knotWait{(*knot).tell, true}
	forAnswer = knotWait{(*knot).ask, false}
)

func each(w knotWait) func(int) knotWait { return func(int) knotWait { return w } }

func inTurns(i int) knotWait {
	if i%2 == 0 {
		return forRoom
	}
	return forAnswer
}

// only is a wait for an answer in place i, and waits for room elsewhere.
func only(at int) func(int) knotWait {
	return func(i int) knotWait {
		if i == at {
			return forAnswer
		}
		return forRoom
	}
}

// derived is a wait with a context that comes from the handler's.
func derived(w knotWait) knotWait {
	type key struct{}
	return knotWait{func(k *knot, ctx context.Context, to string) error {
		return w.wait(k, context.WithValue(ctx, key{}, to), to)
	}, w.full}
}

// circle has each of n actors wait for the next, all at once. A mailbox is full where somebody waits for room in it.
func circle(n int, wait func(i int) knotWait) func(*testing.T) {
	return circleOf(mailbox.Config[knotMessage]{Capacity: 1}, n, wait)
}

func circleOf(box mailbox.Config[knotMessage], n int, wait func(i int) knotWait) func(*testing.T) {
	return func(t *testing.T) {
		names := nameAll(n)
		k := newKnot(t)
		for _, name := range names {
			k.actor(k.system, name, box)
		}
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

// nested has n actors ask each other, each while it handles the ask of the one before, and the last wait for the first.
func nested(n int, last knotWait) func(*testing.T) {
	return func(t *testing.T) {
		names := nameAll(n)
		k := newKnot(t, names...)
		var step func(i int) func(ctx knotContext) error
		step = func(i int) func(ctx knotContext) error {
			if i == n-1 {
				return func(ctx knotContext) error { return last.wait(k, ctx, names[0]) }
			}
			return func(ctx knotContext) error { return k.askTo(ctx, names[i+1], step(i+1)) }
		}
		k.handle(names[0], func(ctx knotContext, _ knotMessage) error { return step(0)(ctx) })
		if last.full {
			k.fill(names[0])
		}
		k.run()
		k.checkDeadlock(byAndBy, names...)
	}
}

// bystander has actors wait for one that is in a circle of two. They are not of it, and go on when it is resolved.
func bystander(t *testing.T) {
	k := newKnot(t, "a", "b", "x", "y")
	for from, to := range map[string]string{"x": "a", "y": "x", "a": "b"} {
		k.handle(from, func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, to) })
	}
	k.handle("b", func(ctx knotContext, _ knotMessage) error {
		<-time.After(time.Second) // so that it closes the circle when the others wait already
		return k.tell(ctx, "a")
	})
	k.fill("a", "b", "x")
	k.run()
	k.checkDeadlock(byAndBy, "a", "b")
	for _, name := range []string{"x", "y"} {
		if _, over := k.waits[name]; !over {
			t.Errorf("%s has not gone on", name)
		}
	}
	if k.waits["b"] == nil {
		t.Errorf("b has closed the circle last, and was not told")
	}
}

// twoCircles are independent of each other.
func twoCircles(t *testing.T) {
	k := newKnot(t, "a", "b", "x", "y")
	for from, to := range map[string]string{"a": "b", "b": "a", "x": "y", "y": "x"} {
		k.handle(from, func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, to) })
	}
	k.fill("a", "b", "x", "y")
	k.run()
	if all := k.deadlocks(); len(all) != 2 || len(all[0].Cycle) != 2 || len(all[1].Cycle) != 2 {
		t.Errorf("want two deadlocks of two: %v", all)
	}
}

// again closes a circle, and the same one again when it was told.
func again(t *testing.T) {
	k := newKnot(t, "a", "b")
	told := 0
	for from, to := range map[string]string{"a": "b", "b": "a"} {
		k.handle(from, func(ctx knotContext, _ knotMessage) (err error) {
			for range 3 {
				if err = k.tell(ctx, to); err == nil {
					return nil
				}
				told++
			}
			return err
		})
	}
	k.fill("a", "b")
	k.run()
	if len(k.deadlocks()) != 1 || told != 3 {
		t.Errorf("told %d times, want 3: %v", told, k.waits)
	}
}

// child has a Started hook ask the actor whose handler spawns it.
func child(ask func(k *knot, ctx context.Context) error) func(*testing.T) {
	return func(t *testing.T) {
		k := newKnot(t, "a")
		k.handle("a", func(ctx knotContext, _ knotMessage) error {
			_, err := runtime.Spawn(ctx, runtime.Props[knotMessage]{Name: "child", New: func() runtime.Actor[knotMessage] {
				return &knotStarter{func(ctx knotContext) error { return ask(k, ctx) }}
			}})
			return err
		})
		k.fill("a")
		k.run()
		k.checkDeadlock(atOnce, "a")
	}
}

type knotStarter struct{ started func(knotContext) error }

func (s *knotStarter) Started(ctx knotContext) error                { return s.started(ctx) }
func (s *knotStarter) Receive(ctx knotContext, m knotMessage) error { return m.do(ctx, m) }

// family has a parent ask its child, which asks back.
func askedByChild(t *testing.T) {
	k := newKnot(t, "parent")
	k.handle("parent", func(ctx knotContext, _ knotMessage) error {
		k.actor(ctx, "child", mailbox.Config[knotMessage]{})
		return k.askTo(ctx, "child", func(ctx knotContext) error { return k.ask(ctx, "parent") })
	})
	k.run()
	k.checkDeadlock(byAndBy, "parent", "child")
}

// redelivered has the circle closed by a message that is tried again.
func redelivered(t *testing.T) {
	k := newKnot(t, "b")
	tries := 0
	a := spawn(t, k.system, runtime.Props[knotMessage]{Name: "a", Redeliver: 1, Mailbox: mailbox.Config[knotMessage]{Capacity: 1},
		New: always(func(ctx knotContext, m knotMessage) error { return m.do(ctx, m) })})
	k.refs["a"] = a
	tell(t, a, knotMessage{do: func(ctx knotContext, _ knotMessage) error {
		if tries++; tries == 1 {
			<-k.start
			return fmt.Errorf("once more")
		}
		k.note("a", k.tell(ctx, "b"))
		return nil
	}})
	synctest.Wait()
	k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.askTo(ctx, "a", nil) })
	k.fill("b")
	k.run()
	k.checkDeadlock(atOnce, "a", "b")
}

// became has the circle closed by a behaviour that was not there at first.
func became(t *testing.T) {
	k := newKnot(t, "a", "b")
	tell(t, k.refs["a"], knotMessage{do: func(ctx knotContext, _ knotMessage) error {
		ctx.Become(runtime.Func[knotMessage](func(ctx knotContext, m knotMessage) error { return m.do(ctx, m) }))
		return nil
	}})
	synctest.Wait()
	k.handle("a", func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, "b") })
	k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, "a") })
	k.fill("a", "b")
	k.run()
	k.checkDeadlock(atOnce, "a", "b")
}

// throughInline has an actor in the circle that has promised not to wait, and does.
func throughInline(t *testing.T) {
	k := newKnot(t, "a")
	k.refs["b"] = spawn(t, k.system, runtime.Props[knotMessage]{Name: "b", Inline: true,
		New: always(func(ctx knotContext, m knotMessage) error { return m.do(ctx, m) })})
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		var inner error
		err := k.askTo(ctx, "b", func(ctx knotContext) error { inner = k.ask(ctx, "a"); return nil })
		return errors.Join(err, inner)
	})
	k.run()
	k.checkDeadlock(atOnce, "a") // the handler of b runs on a's goroutine
}

var shapes = map[string]func(*testing.T){
	"a put into the own mailbox":           circle(1, each(forRoom)),
	"puts of two":                          circle(2, each(forRoom)),
	"puts of three":                        circle(3, each(forRoom)),
	"puts of a hundred":                    circle(100, each(forRoom)),
	"puts with contexts of their own":      circle(3, each(derived(forRoom))),
	"puts into LIFO mailboxes":             circleOf(mailbox.Config[knotMessage]{Capacity: 1, Order: mailbox.LIFO}, 3, each(forRoom)),
	"puts into mailboxes with levels":      circleOf(mailbox.Config[knotMessage]{Capacity: 1, Order: mailbox.Priority, Levels: 2, Level: func(knotMessage) int { return 1 }}, 3, each(forRoom)),
	"puts into mailboxes with Less":        circleOf(mailbox.Config[knotMessage]{Capacity: 1, Order: mailbox.Priority, Less: func(a, b knotMessage) bool { return false }}, 3, each(forRoom)),
	"an ask of oneself":                    circle(1, each(forAnswer)),
	"asks of two that cross":               circle(2, each(forAnswer)),
	"asks of seven at once":                circle(7, each(forAnswer)),
	"asks with contexts of their own":      circle(3, each(derived(forAnswer))),
	"asks through a mailbox without bound": circleOf(mailbox.Config[knotMessage]{Capacity: mailbox.Unbounded}, 3, each(forAnswer)),
	"asks through LIFO mailboxes":          circleOf(mailbox.Config[knotMessage]{Order: mailbox.LIFO}, 3, each(forAnswer)),
	"asks through mailboxes with levels":   circleOf(mailbox.Config[knotMessage]{Order: mailbox.Priority, Levels: 2, Level: func(knotMessage) int { return 1 }}, 3, each(forAnswer)),
	"puts and asks in turns":               circle(6, inTurns),
	"an ask among puts":                    circle(4, only(2)),
	"an ask first, then puts":              circle(4, only(0)),
	"an ask back":                          nested(2, forAnswer),
	"an ask back over three":               nested(3, forAnswer),
	"an ask back over five":                nested(5, forAnswer),
	"a put back into a full mailbox":       nested(2, forRoom),
	"a put back over four":                 nested(4, forRoom),
	"others that wait for the circle":      bystander,
	"two circles":                          twoCircles,
	"the same circle again and again":      again,
	"a new child that asks its parent":     child(func(k *knot, ctx context.Context) error { return k.ask(ctx, "a") }),
	"a new child that tells its parent":    child(func(k *knot, ctx context.Context) error { return k.tell(ctx, "a") }),
	"a child that asks back":               askedByChild,
	"a message that is tried again":        redelivered,
	"another behaviour":                    became,
	"an inline actor that waits":           throughInline,
}

// A cycle of actors that wait for each other is found: at once where that can be known at once, and else after a second. The
// one that has closed it is told, and all others go on.
func TestDeadlocksAreFound(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) { synctest.Test(t, shape) })
	}
}
