package mailbox_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// Of several wrong fields the first is named, always the same one: Capacity, Order, Overflow, Levels, and then whatever
// does not go together.
func TestFirstOfSeveralWrongFieldsIsNamed(t *testing.T) {
	type config = mailbox.Config[int]
	const (
		capacity = "want 0 (default 1024), Unbounded (-1) or more than 0"
		order    = "want FIFO, LIFO or Priority"
		overflow = "want Block, Reject, DropNewest, DropOldest or DropLast"
		inRange  = "want 1 to 4096, or 0 with Less"
	)
	less := func(a, b int) bool { return a < b }
	level := func(int) int { return 0 }
	onDrop := func(int, error) { t.Error("OnDrop was called") }
	for _, tt := range []struct {
		name   string
		config config
		want   string // after "mailbox: invalid config: "
	}{
		{"each number", config{Capacity: -2, Order: 3, Overflow: 5, Levels: -1}, "Capacity is -2: " + capacity},
		{"each but Capacity", config{Order: 3, Overflow: 5, Levels: -1}, "Order is 3: " + order},
		{"Overflow and Levels", config{Overflow: 5, Levels: -1}, "Overflow is 5: " + overflow},
		{"the far ends", config{Capacity: math.MinInt, Order: 255, Overflow: 255, Levels: math.MinInt},
			fmt.Sprint("Capacity is ", math.MinInt, ": ", capacity)},
		{"Capacity beside functions without an order", config{Capacity: -3, Less: less, Level: level}, "Capacity is -3: " + capacity},
		{"Capacity beside Priority without anything", config{Capacity: -2, Order: mailbox.Priority}, "Capacity is -2: " + capacity},
		{"Capacity, and all else right", config{Capacity: -2, Order: mailbox.Priority, Less: less,
			Overflow: mailbox.DropOldest, OnDrop: onDrop}, "Capacity is -2: " + capacity},
		{"an unknown order with Less", config{Order: 3, Less: less}, "Order is 3: " + order},
		{"an unknown order with Levels", config{Order: 4, Levels: 3, Level: level}, "Order is 4: " + order},
		{"Overflow beside Priority without anything", config{Order: mailbox.Priority, Overflow: 6}, "Overflow is 6: " + overflow},
		{"Overflow, and all else right", config{Order: mailbox.Priority, Less: less, Overflow: 255, OnDrop: onDrop},
			"Overflow is 255: " + overflow},
		{"the fewest Levels there can be", config{Order: mailbox.Priority, Level: level, Levels: math.MinInt},
			fmt.Sprint("Levels is ", math.MinInt, ": ", inRange)},
		{"the most Levels there can be", config{Order: mailbox.Priority, Level: level, Levels: math.MaxInt},
			fmt.Sprint("Levels is ", math.MaxInt, ": ", inRange)},
		{"Levels out of range beside Less", config{Order: mailbox.Priority, Less: less, Levels: 4097}, "Levels is 4097: " + inRange},
		{"Levels out of range, without Level", config{Order: mailbox.Priority, Levels: -1}, "Levels is -1: " + inRange},
		{"Levels out of range for FIFO, with Less", config{Less: less, Levels: 4097}, "Levels is 4097: " + inRange},
		{"both for FIFO", config{Less: less, Levels: 3, Level: level}, "Less is set: want nil for Order FIFO, or Order Priority"},
		{"Less and Level for LIFO", config{Order: mailbox.LIFO, Less: less, Level: level},
			"Less is set: want nil for Order LIFO, or Order Priority"},
		{"Levels and Level for FIFO", config{Levels: 4096, Level: level}, "Levels is 4096: want 0 for Order FIFO, or Order Priority"},
		{"one of Levels for LIFO", config{Order: mailbox.LIFO, Levels: 1}, "Levels is 1: want 0 for Order LIFO, or Order Priority"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := mailbox.New(tt.config)
			o, ownedErr := mailbox.NewOwned(tt.config)
			if b != nil || o != nil {
				t.Error("a mailbox was made")
			}
			for _, err := range []error{err, ownedErr} {
				if !errors.Is(err, mailbox.ErrConfig) || err.Error() != "mailbox: invalid config: "+tt.want {
					t.Errorf("error %q, want %q", err, tt.want)
				}
			}
		})
	}
}

// What is never used may be as large as it likes: a mailbox has slots for what waits, and none to begin with.
func TestHugeCapacityCostsNothing(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		for _, capacity := range []int{mailbox.Unbounded, 1, math.MaxInt - 1, math.MaxInt} {
			for _, policy := range policies {
				c := k.config(policy, capacity)
				b, o := newMailbox(t, c), newOwned(t, c)
				if b.Cap() != capacity || o.Cap() != capacity || mailbox.Slots(b) != 0 || mailbox.OwnedSlots(o) != 0 {
					t.Fatalf("Cap %d and %d, want %d; %d and %d slots, want none",
						b.Cap(), o.Cap(), capacity, mailbox.Slots(b), mailbox.OwnedSlots(o))
				}
				put(t, b, letter{n: 1})
				if _, err := o.TryPut(letter{n: 1}); err != nil {
					t.Fatal(err)
				}
				if l, err := b.TryGet(); l.n != 1 || err != nil {
					t.Fatalf("TryGet returned %v, %v", l, err)
				}
				if l, s := o.Next(); l.n != 1 || s != mailbox.Ready {
					t.Fatalf("Next returned %v, %v", l, s)
				}
				if mailbox.Slots(b) > 64 || mailbox.OwnedSlots(o) > 64 {
					t.Fatalf("%d and %d slots for one message", mailbox.Slots(b), mailbox.OwnedSlots(o))
				}
			}
		}
	})
}

// OnDrop is optional under every policy, and never told of anything by those that drop nothing.
func TestOnDropIsNotCalledWhereNothingIsDropped(t *testing.T) {
	for _, policy := range []mailbox.Overflow{mailbox.Block, mailbox.Reject} {
		each(t, func(t *testing.T, k kind) {
			c := k.config(policy, 1)
			c.OnDrop = func(l letter, err error) { t.Errorf("%v was told of %v: %v", policy, l, err) }
			b, o := newMailbox(t, c), newOwned(t, c)
			for range 3 {
				_ = b.TryPut(letter{})
				_, _ = o.TryPut(letter{})
				_, _, _ = o.Hold(letter{})
			}
			b.Drain()
			o.Drain()
		})
	}
}

func TestNamesOfUnknownConstantsShowTheirNumber(t *testing.T) {
	for _, tt := range []struct {
		value any
		want  string
	}{
		{mailbox.Order(3), "Order(3)"},
		{mailbox.Order(255), "Order(255)"},
		{mailbox.Overflow(5), "Overflow(5)"},
		{mailbox.Overflow(255), "Overflow(255)"},
		{mailbox.State(5), "State(5)"},
		{mailbox.State(255), "State(255)"},
		{mailbox.Config[int]{Order: 7, Overflow: 9}, "{0 Order(7) <nil> 0 <nil> Overflow(9) <nil>}"},
	} {
		if got := fmt.Sprint(tt.value); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// Each sentinel is itself and no other, so that one errors.Is decides.
func TestSentinelsAreDistinctAndSayWhose(t *testing.T) {
	sentinels := map[string]error{
		"mailbox: invalid config": mailbox.ErrConfig, "mailbox: full": mailbox.ErrFull,
		"mailbox: empty": mailbox.ErrEmpty, "mailbox: closed": mailbox.ErrClosed,
	}
	for want, err := range sentinels {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
		for other, sentinel := range sentinels {
			if errors.Is(err, sentinel) != (want == other) {
				t.Errorf("%q is %q: %v", want, other, want != other)
			}
		}
	}
}
