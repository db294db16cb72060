package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// Actors with small mailboxes tell and ask each other whatever comes to their minds, and wait with no deadline: the only way
// out of a deadlock is to be told of it. An oracle knows who waits for whom.
type hammer struct {
	t      testing.TB
	late   bool // who is asked may answer after it has waited for others
	refs   []runtime.Ref[blow]
	at     map[string]int // by path
	waits  []atomic.Int32 // 0, or for whom, from 1
	told   atomic.Int32   // of deadlocks
	passed atomic.Int32   // waits that ended well
	open   sync.WaitGroup // blows that are to be handled
}

// A blow has its receiver strike others, some levels deep.
type blow struct {
	runtime.Reply[int]
	deep int
}

func newHammer(t testing.TB, s *runtime.System, actors int, late bool) *hammer {
	h := &hammer{t: t, late: late, at: map[string]int{}, waits: make([]atomic.Int32, actors)}
	h.refs = make([]runtime.Ref[blow], actors)
	for i := range actors {
		h.refs[i] = spawn(t, s, runtime.Props[blow]{Name: fmt.Sprint(i), Mailbox: h.box(),
			New: always(func(ctx *runtime.Context[blow], b blow) error { h.receive(ctx, i, b); return nil })})
		h.at[h.refs[i].Path()] = i
	}
	return h
}

// box is a small mailbox of any order.
func (h *hammer) box() mailbox.Config[blow] {
	c := mailbox.Config[blow]{Capacity: 1 + rand.IntN(3)}
	switch rand.IntN(4) {
	case 1:
		c.Order = mailbox.LIFO
	case 2:
		c.Order, c.Less = mailbox.Priority, func(a, b blow) bool { return a.deep < b.deep }
	case 3:
		c.Order, c.Levels, c.Level = mailbox.Priority, 3, func(b blow) int { return b.deep % 3 }
	}
	return c
}

func (h *hammer) receive(ctx *runtime.Context[blow], self int, b blow) {
	early := !h.late || rand.IntN(2) == 0
	if early {
		b.Send(1)
	}
	if b.deep > 0 {
		for range 1 + rand.IntN(2) {
			h.strike(ctx, self, rand.IntN(len(h.refs)), blow{deep: b.deep - 1})
		}
	}
	if !early {
		b.Send(1)
	}
	h.open.Done()
}

func (h *hammer) strike(ctx context.Context, self, other int, b blow) {
	var err error
	h.waits[self].Store(int32(other + 1))
	h.open.Add(1)
	if rand.IntN(2) == 0 {
		err = h.refs[other].Tell(ctx, b)
	} else {
		_, err = runtime.Ask(ctx, h.refs[other], func(r runtime.Reply[int]) blow { b.Reply = r; return b })
	}
	var d *runtime.DeadlockError
	switch {
	case err == nil:
		h.passed.Add(1)
	case errors.As(err, &d):
		h.told.Add(1)
		h.checkReal(d, self)
		if d.Waits[0] == "room in" {
			h.open.Done() // it was not taken; one that was asked is handled still
		}
	default:
		h.t.Errorf("%d strikes %d: %v", self, other, err)
	}
	h.waits[self].Store(0)
}

// checkReal is called by the handler of self, which was told of d. As long as it does not go on, nobody else in d can.
func (h *hammer) checkReal(d *runtime.DeadlockError, self int) {
	for i, path := range d.Cycle {
		who, next := h.at[path], h.at[d.Cycle[(i+1)%len(d.Cycle)]]
		if i == 0 && who != self {
			h.t.Errorf("%d was told of %v", self, d)
		}
		if got := int(h.waits[who].Load()) - 1; got != next {
			h.t.Errorf("%v: %d waits for %d", d, who, got)
		}
	}
}

// strikeAll has some outsiders begin.
func (h *hammer) strikeAll(outsiders, blows int) {
	var wg sync.WaitGroup
	for range outsiders {
		wg.Go(func() {
			for range blows {
				h.open.Add(1)
				if err := h.refs[rand.IntN(len(h.refs))].Tell(context.Background(), blow{deep: 3}); err != nil {
					h.t.Errorf("an outsider: %v", err)
				}
			}
		})
	}
	wg.Wait()
	h.open.Wait()
}

// Waits that prove at once that they are in a cycle, with Go's scheduling, and without any help of time.
func TestHammeredActorsAreToldOfRealDeadlocksOnly(t *testing.T) {
	told, passed := int32(0), int32(0)
	for range 40 * scale {
		h := newHammer(t, newSystem(t), 2+rand.IntN(8), false)
		h.strikeAll(4, 50)
		told, passed = told+h.told.Load(), passed+h.passed.Load()
	}
	if t.Logf("%d waits ended well, %d were deadlocks", passed, told); told == 0 {
		t.Error("there was no deadlock")
	}
}

// Some are asked by others that hold back their own answers, which takes time to be proven. It is virtual.
func TestHammeredActorsWhoAnswerLateAreToldOfRealDeadlocksOnly(t *testing.T) {
	told, passed := int32(0), int32(0)
	for range 40 * scale {
		synctest.Test(t, func(t *testing.T) {
			h := newHammer(t, newSystem(t), 2+rand.IntN(8), true)
			h.strikeAll(4, 10)
			told, passed = told+h.told.Load(), passed+h.passed.Load()
		})
	}
	if t.Logf("%d waits ended well, %d were deadlocks", passed, told); told == 0 {
		t.Error("there was no deadlock")
	}
}
