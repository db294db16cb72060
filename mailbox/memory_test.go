package mailbox_test

import (
	"context"
	goruntime "runtime"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A parcel is a message of which one can see when it is garbage.
type parcel struct {
	level int
	_     [100]byte
}

// A tracker knows how many of the parcels that it made are alive.
type tracker struct{ alive atomic.Int64 }

func (k *tracker) parcel(level int) *parcel {
	p := &parcel{level: level}
	k.alive.Add(1)
	goruntime.AddCleanup(p, func(k *tracker) { k.alive.Add(-1) }, k)
	return p
}

// wait returns once no more than n are alive. A parcel that is kept makes it wait for ever.
func (k *tracker) wait(n int64) {
	for k.alive.Load() > n {
		goruntime.GC()
		goruntime.Gosched() // to the goroutine that runs cleanups
	}
}

// parcels is the config of k for parcels.
func (k kind) parcels(policy mailbox.Overflow, capacity int) mailbox.Config[*parcel] {
	c := mailbox.Config[*parcel]{Order: k.order, Overflow: policy, Capacity: capacity}
	switch k.name {
	case "Less":
		c.Less = func(a, b *parcel) bool { return a.level < b.level }
	case "Levels":
		c.Levels, c.Level = levels, func(p *parcel) int { return p.level }
	}
	return c
}

func TestTakenMessageIsNotKeptAlive(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		var alive tracker
		b := newMailbox(t, k.parcels(mailbox.Block, 64))
		for i := range 20 {
			put(t, b, alive.parcel(i%levels))
		}
		for range 15 {
			if _, err := b.TryGet(); err != nil {
				t.Fatal(err)
			}
		}
		alive.wait(5)
		b.Drain()
		alive.wait(0)
		goruntime.KeepAlive(b)
	})
}

func TestEvictedMessageIsNotKeptAlive(t *testing.T) {
	for _, policy := range []mailbox.Overflow{mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast} {
		each(t, func(t *testing.T, k kind) {
			var alive tracker
			b := newMailbox(t, k.parcels(policy, 5))
			for i := range 20 {
				put(t, b, alive.parcel(i%levels))
			}
			alive.wait(5)
			goruntime.KeepAlive(b)
		})
	}
}

func TestMessageOfFailedPutIsNotKeptAlive(t *testing.T) {
	var alive tracker
	b := newMailbox(t, mailbox.Config[*parcel]{Capacity: 1})
	put(t, b, alive.parcel(0))
	errs := make(chan error, 10)
	ctx, cancel := context.WithCancel(t.Context())
	for range 10 {
		go func() { errs <- b.Put(ctx, alive.parcel(0)) }()
	}
	cancel()
	for range 10 {
		wantErr(t, "Put", <-errs, context.Canceled)
	}
	_ = b.TryPut(alive.parcel(0))
	alive.wait(1)
	goruntime.KeepAlive(b)
}

// The owner keeps the message in hand alive, and no other that it has begun.
func TestBegunMessageOfOwnedIsNotKeptAlive(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		var alive tracker
		o := newOwned(t, k.parcels(mailbox.Block, 64))
		for i := range 20 {
			if _, err := o.TryPut(alive.parcel(i % levels)); err != nil {
				t.Fatal(err)
			}
		}
		for range 15 {
			if _, s := o.Next(); s != mailbox.Ready {
				t.Fatalf("Next says %v", s)
			}
		}
		alive.wait(5 + 1)
		for range 5 {
			o.Next()
		}
		alive.wait(1)
		if _, s := o.Next(); s != mailbox.Idle {
			t.Fatalf("Next says %v, want Idle", s)
		}
		alive.wait(0)
		goruntime.KeepAlive(o)
	})
}

// A timer keeps the receipt of its last tick, for as long as it likes.
func TestReceiptDoesNotKeepMessageAlive(t *testing.T) {
	var alive tracker
	o := newOwned(t, mailbox.Config[*parcel]{Capacity: 1})
	var receipts []mailbox.Held[*parcel]
	for range 5 {
		h, _, err := o.Hold(alive.parcel(0))
		if err != nil {
			t.Fatal(err)
		}
		receipts = append(receipts, h)
	}
	for s := mailbox.Ready; s != mailbox.Idle; {
		_, s = o.Next()
	}
	alive.wait(0)
	for _, h := range receipts {
		if o.Waits(h) {
			t.Fatal("a message that was handled waits")
		}
	}
}

// What Abandon returned is the caller's, but for the message that the owner is stuck with: it may look at that still.
func TestAbandonedMessageIsNotKeptAlive(t *testing.T) {
	var alive tracker
	o := newOwned(t, mailbox.Config[*parcel]{})
	for range 20 {
		if _, err := o.TryPut(alive.parcel(0)); err != nil {
			t.Fatal(err)
		}
	}
	o.Next()
	o.Interrupt()
	if left, ok := o.Abandon(); !ok || len(left) != 20 {
		t.Fatalf("Abandon returned %d messages", len(left))
	}
	alive.wait(1)
	if p := o.Current(); p == nil {
		t.Fatal("the message in hand is gone")
	}
}

func TestReceiptOfFailedMessageDoesNotKeepItAlive(t *testing.T) {
	var alive tracker
	o := newOwned(t, mailbox.Config[*parcel]{Capacity: 2, Order: mailbox.Priority, Less: func(a, b *parcel) bool {
		if a.level == 13 || b.level == 13 {
			panic("Less")
		}
		return a.level < b.level
	}})
	var last mailbox.Held[*parcel]
	for _, level := range []int{0, 1, 13} {
		h, _, err := o.Hold(alive.parcel(level))
		if err != nil {
			t.Fatal(err)
		}
		last = h
	}
	for s := mailbox.Ready; s != mailbox.Idle; {
		_, s = o.Next()
	}
	alive.wait(0)
	if o.Waits(last) {
		t.Fatal("a message that was dropped waits")
	}
}

func TestOwnerAtRestKeepsNoMessageAlive(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		var alive tracker
		o := newOwned(t, k.parcels(mailbox.Block, 64))
		if _, err := o.TryPut(alive.parcel(0)); err != nil {
			t.Fatal(err)
		}
		o.Next()
		if !o.Rest() {
			t.Fatal("the owner does not rest")
		}
		alive.wait(0)
		goruntime.KeepAlive(o)
	})
}

func TestLargeBufferIsGivenBackWhenEmpty(t *testing.T) {
	const many, few = 5000, 64 * levels
	each(t, func(t *testing.T, k kind) {
		c := k.config(mailbox.Block, mailbox.Unbounded)
		b, o := newMailbox(t, c), newOwned(t, c)
		for round := range 2 {
			for n := range many {
				put(t, b, letter{n: n, level: n % levels})
				if _, err := o.TryPut(letter{n: n, level: n % levels}); err != nil {
					t.Fatal(err)
				}
			}
			if n := mailbox.Slots(b); n < many {
				t.Fatalf("%d slots hold %d messages", n, many)
			}
			// An owner with one large batch in hand and another one growing behind it has two large buffers.
			o.Next()
			for n := range many {
				if _, err := o.TryPut(letter{n: n, level: n % levels}); err != nil {
					t.Fatal(err)
				}
			}
			for range many {
				if _, err := b.TryGet(); err != nil {
					t.Fatal(err)
				}
			}
			for range 2*many - 1 {
				if _, s := o.Next(); s != mailbox.Ready {
					t.Fatalf("Next says %v", s)
				}
			}
			if _, s := o.Next(); s != mailbox.Idle {
				t.Fatalf("Next says %v, want Idle", s)
			}
			if n, owned := mailbox.Slots(b), mailbox.OwnedSlots(o); n > few || owned > few {
				t.Fatalf("round %d: %d and %d slots are kept, want %d at most", round, n, owned, few)
			}
			o.Interrupt() // which makes us the owner again
			o.Next()
		}
	})
}

func TestNewMailboxHoldsNoSlots(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		if n := mailbox.Slots(newMailbox(t, k.config(mailbox.Block, 0))); n != 0 {
			t.Fatalf("%d slots, want none", n)
		}
	})
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	const backlog = 40 // so that buffers wrap around
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		b, o := newMailbox(t, k.config(policy, 64)), newOwned(t, k.config(policy, 64))
		ctx := t.Context()
		for n := range 64 {
			put(t, b, letter{n: n, level: n % levels})
			if _, err := o.TryPut(letter{n: n, level: n % levels}); err != nil {
				t.Fatal(err)
			}
		}
		for range 64 - backlog {
			_, _ = b.TryGet()
			o.Next()
		}
		n := 0
		none := func(what string, f func()) {
			if allocs := testing.AllocsPerRun(200, f); allocs != 0 {
				t.Errorf("%s: %v allocations a time", what, allocs)
			}
		}
		none("TryPut and TryGet", func() {
			n++
			_ = b.TryPut(letter{n: n, level: n % levels})
			_, _ = b.TryGet()
		})
		none("Put and Get", func() {
			n++
			_ = b.Put(ctx, letter{n: n, level: n % levels})
			_, _ = b.Get(ctx)
		})
		none("TryPut and Next", func() {
			n++
			_, _ = o.TryPut(letter{n: n, level: n % levels})
			o.Next()
		})
		for range 64 {
			_ = b.TryPut(letter{})
		}
		none("TryPut without room", func() { _ = b.TryPut(letter{}) })
		for range 100 {
			_, _ = b.TryGet()
		}
		none("TryGet of nothing", func() { _, _ = b.TryGet() })
		none("Len and Stats", func() {
			_ = b.Len()
			_ = o.Stats()
		})
	})
}

// An actor that gets one message at a time is woken for each, and goes to sleep after it.
func TestWakingAndSleepingAllocatesNothing(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		o := newOwned(t, k.config(mailbox.Block, 0))
		if _, s := o.Next(); s != mailbox.Idle {
			t.Fatalf("Next says %v, want Idle", s)
		}
		n := 0
		if allocs := testing.AllocsPerRun(200, func() {
			n++
			if wake, err := o.TryPut(letter{n: n, level: n % levels}); !wake || err != nil {
				t.Errorf("TryPut returned %v, %v", wake, err)
			}
			o.Next()
			if _, s := o.Next(); s != mailbox.Idle {
				t.Errorf("Next says %v, want Idle", s)
			}
		}); allocs != 0 {
			t.Errorf("%v allocations a message", allocs)
		}
	})
}
