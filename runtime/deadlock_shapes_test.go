package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

const (
	atOnce  = 0
	byAndBy = 1100 * time.Millisecond // a handle that the handler has must not be with a goroutine, which takes a look at all
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
func ringOf(n int, wait func(i int) knotWait) func(*testing.T) { return ringOfBoxes(small, n, wait) }

func ringOfBoxes(box mailbox.Config[knotMessage], n int, wait func(i int) knotWait) func(*testing.T) {
	return func(t *testing.T) {
		names := namesOf(n)
		k := newKnotOf(t, box, names...)
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

// nestedAsks has actors ask each other, each while it handles the ask of the one before.
func nestedAsks(n int) func(*testing.T) {
	return func(t *testing.T) {
		names := namesOf(n)
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

func allOf(w knotWait) func(int) knotWait { return func(int) knotWait { return w } }

func alternating(i int) knotWait {
	if i%2 == 0 {
		return forRoom
	}
	return forAnswer
}

type valueKey struct{}

// mixed has the waits that the bits of mask say.
func mixed(mask int) func(int) knotWait {
	return func(i int) knotWait { return []knotWait{forRoom, forAnswer}[mask>>i&1] }
}

var (
	lifo   = mailbox.Config[knotMessage]{Capacity: 1, Order: mailbox.LIFO}
	byLess = mailbox.Config[knotMessage]{Capacity: 1, Order: mailbox.Priority, Less: func(_, _ knotMessage) bool { return false }}
	levels = mailbox.Config[knotMessage]{Capacity: 1, Order: mailbox.Priority, Levels: 2, Level: func(knotMessage) int { return 1 }}
)

func TestDeadlocksAreFound(t *testing.T) {
	for name, shape := range map[string]func(*testing.T){
		"a put into the own mailbox":             ringOf(1, allOf(forRoom)),
		"puts of two":                            ringOf(2, allOf(forRoom)),
		"puts of three":                          ringOf(3, allOf(forRoom)),
		"puts of a hundred":                      ringOf(100, allOf(forRoom)),
		"puts into LIFO mailboxes":               ringOfBoxes(lifo, 3, allOf(forRoom)),
		"puts into mailboxes with Less":          ringOfBoxes(byLess, 3, allOf(forRoom)),
		"puts into mailboxes with Levels":        ringOfBoxes(levels, 3, allOf(forRoom)),
		"an ask of oneself":                      ringOf(1, allOf(forAnswer)),
		"asks of two that cross":                 ringOf(2, allOf(forAnswer)),
		"asks of seven at once":                  ringOf(7, allOf(forAnswer)),
		"asks of a hundred":                      ringOf(100, allOf(forAnswer)),
		"asks in LIFO mailboxes":                 ringOfBoxes(lifo, 3, allOf(forAnswer)),
		"asks in mailboxes with Less":            ringOfBoxes(byLess, 3, allOf(forAnswer)),
		"asks in mailboxes with Levels":          ringOfBoxes(levels, 3, allOf(forAnswer)),
		"puts and asks in turns":                 ringOf(6, alternating),
		"an ask back":                            nestedAsks(2),
		"an ask back over three":                 nestedAsks(3),
		"an ask back over five":                  nestedAsks(5),
		"a put back to the asker":                putBack,
		"a Started hook asks its parent":         startedAsksParent,
		"a Started hook after a restart":         restartAsksParent,
		"a Restarting hook":                      restartingAsksParent,
		"a parent asks its child, that it":       childAsksBack,
		"a context that has a value more":        derivedContext(func(ctx context.Context) context.Context { return context.WithValue(ctx, valueKey{}, 1) }),
		"a context that is cancelled by nobody":  derivedContext(context.WithoutCancel),
		"an Inline actor asks who asks it":       inlineAsksBack,
		"a message that was redelivered":         redelivered,
		"a handler that has become another":      becomesAndAsks,
		"a helper waits under the same context":  helperWaitsToo,
		"one who waits for the cycle goes on":    hangsOn,
		"two cycles at the same time":            twoCycles,
		"a cycle that is closed again and again": closedAgain,
		"a handle embedded":                      carried(func(r runtime.Reply[int]) embeds { return embeds{r} }, func(m embeds) runtime.Reply[int] { return m.Reply }),
		"a handle in a field":                    carried(func(r runtime.Reply[int]) exports { return exports{0, r} }, func(m exports) runtime.Reply[int] { return m.To }),
		"a handle in a hidden field":             carried(func(r runtime.Reply[int]) hides { return hides{"", r} }, func(m hides) runtime.Reply[int] { return m.to }),
		"a handle behind a pointer":              carried(func(r runtime.Reply[int]) *exports { return &exports{0, r} }, func(m *exports) runtime.Reply[int] { return m.To }),
		"a handle in any":                        carried(func(r runtime.Reply[int]) any { return exports{0, r} }, func(m any) runtime.Reply[int] { return m.(exports).To }),
		"a handle in an interface":               carried(func(r runtime.Reply[int]) sends { return embeds{r} }, func(m sends) runtime.Reply[int] { return m.(embeds).Reply }),
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, shape) })
	}
}

// Rings of up to four actors in which each may wait for room or for an answer.
func TestMixedDeadlocksAreFound(t *testing.T) {
	for n := 1; n <= 4; n++ {
		for mask := range 1 << n {
			t.Run(fmt.Sprintf("%d of %0*b", n, n, mask), func(t *testing.T) { synctest.Test(t, ringOf(n, mixed(mask))) })
		}
	}
}

// The wait that closes the cycle is the one that fails. The others go on.
func TestLastWaitOfDeadlockFails(t *testing.T) {
	for n := 1; n <= 6; n++ {
		synctest.Test(t, func(t *testing.T) {
			names := namesOf(n)
			k := newKnot(t, names...)
			turns := make([]chan struct{}, n)
			for i, name := range names {
				turns[i] = make(chan struct{})
				k.handle(name, func(ctx knotContext, _ knotMessage) error {
					<-turns[i]
					return k.ask(ctx, names[(i+1)%n])
				})
			}
			k.run()
			order := rand.Perm(n)
			for _, i := range order {
				close(turns[i])
				synctest.Wait()
			}
			for i, name := range names {
				var d *runtime.DeadlockError
				if err := k.waits[name]; errors.As(err, &d) != (i == order[n-1]) {
					t.Errorf("of waits in the order %v, that of %d ended with %v", order, i, err)
				}
			}
		})
	}
}
