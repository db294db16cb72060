package mailbox_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

func TestBadConfigIsRefused(t *testing.T) {
	type config = mailbox.Config[int]
	less := func(a, b int) bool { return a < b }
	level := func(int) int { return 0 }
	for _, tt := range []struct {
		config config
		want   string // after "mailbox: invalid config: "
	}{
		{config{Capacity: -2}, "Capacity is -2: want 0 (default 1024), Unbounded (-1) or more than 0"},
		{config{Capacity: math.MinInt}, "Capacity is -9223372036854775808: want 0 (default 1024), Unbounded (-1) or more than 0"},
		{config{Order: 3}, "Order is 3: want FIFO, LIFO or Priority"},
		{config{Order: 255}, "Order is 255: want FIFO, LIFO or Priority"},
		{config{Overflow: 5}, "Overflow is 5: want Block, Reject, DropNewest, DropOldest or DropLast"},
		{config{Overflow: 255}, "Overflow is 255: want Block, Reject, DropNewest, DropOldest or DropLast"},
		{config{Levels: -1}, "Levels is -1: want 1 to 4096, or 0 with Less"},
		{config{Order: mailbox.Priority, Level: level, Levels: -1}, "Levels is -1: want 1 to 4096, or 0 with Less"},
		{config{Order: mailbox.Priority, Level: level, Levels: 4097}, "Levels is 4097: want 1 to 4096, or 0 with Less"},
		{config{Less: less}, "Less is set: want nil for Order FIFO, or Order Priority"},
		{config{Levels: 3}, "Levels is 3: want 0 for Order FIFO, or Order Priority"},
		{config{Level: level}, "Level is set: want nil for Order FIFO, or Order Priority"},
		{config{Order: mailbox.LIFO, Less: less}, "Less is set: want nil for Order LIFO, or Order Priority"},
		{config{Order: mailbox.LIFO, Levels: 3, Level: level}, "Levels is 3: want 0 for Order LIFO, or Order Priority"},
		{config{Order: mailbox.LIFO, Level: level}, "Level is set: want nil for Order LIFO, or Order Priority"},
		{config{Order: mailbox.Priority}, "Less is nil: want Less, or Levels with Level, for Order Priority"},
		{config{Order: mailbox.Priority, Less: less, Levels: 3, Level: level}, "Less is set beside Levels or Level: want one of the two"},
		{config{Order: mailbox.Priority, Less: less, Levels: 3}, "Less is set beside Levels or Level: want one of the two"},
		{config{Order: mailbox.Priority, Less: less, Level: level}, "Less is set beside Levels or Level: want one of the two"},
		{config{Order: mailbox.Priority, Level: level}, "Levels is 0: want 1 to 4096 beside Level"},
		{config{Order: mailbox.Priority, Levels: 3}, "Level is nil: want a function beside Levels"},
	} {
		b, err := mailbox.New(tt.config)
		o, ownedErr := mailbox.NewOwned(tt.config)
		if b != nil || o != nil {
			t.Errorf("%s: a mailbox was made", tt.want)
		}
		for _, err := range []error{err, ownedErr} {
			if !errors.Is(err, mailbox.ErrConfig) || err.Error() != "mailbox: invalid config: "+tt.want {
				t.Errorf("error %q, want %q", err, tt.want)
			}
		}
	}
}

func TestGoodConfigIsAccepted(t *testing.T) {
	type config = mailbox.Config[int]
	level := func(int) int { return 0 }
	for _, tt := range []struct {
		config   config
		capacity int
	}{
		{config{}, mailbox.DefaultCapacity},
		{config{Capacity: 1}, 1},
		{config{Capacity: math.MaxInt}, math.MaxInt},
		{config{Capacity: mailbox.Unbounded, Order: mailbox.LIFO}, mailbox.Unbounded},
		{config{Order: mailbox.Priority, Levels: 1, Level: level}, mailbox.DefaultCapacity},
		{config{Order: mailbox.Priority, Levels: mailbox.MaxLevels, Level: level}, mailbox.DefaultCapacity},
		{config{OnDrop: func(int, error) {}}, mailbox.DefaultCapacity}, // told only if a policy drops
	} {
		b, o := newMailbox(t, tt.config), newOwned(t, tt.config)
		if b.Cap() != tt.capacity || o.Cap() != tt.capacity {
			t.Errorf("%+v: capacity %d and %d, want %d", tt.config, b.Cap(), o.Cap(), tt.capacity)
		}
		put(t, b, 1)
		if n, err := b.TryGet(); n != 1 || err != nil {
			t.Errorf("%+v: got %v, %v", tt.config, n, err)
		}
	}
}

func TestNilContextIsRefused(t *testing.T) {
	const want = "mailbox: the context is nil: want context.Background() or another"
	var none context.Context
	b, o := newMailbox(t, mailbox.Config[int]{}), newOwned(t, mailbox.Config[int]{})
	put(t, b, 1)
	_, getErr := b.Get(none)
	_, ownedErr := o.Put(none, 1)
	for what, err := range map[string]error{
		"Put": b.Put(none, 1), "Get": getErr, "Join": b.Join(none), "Owned.Put": ownedErr,
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %q", what, err, want)
		}
	}
	if b.Stats() != (mailbox.Stats{Put: 1, Rejected: 1, Len: 1, HighWater: 1}) {
		t.Errorf("%+v, want 1 put and 1 rejected", b.Stats())
	}
	if o.Stats() != (mailbox.Stats{Rejected: 1}) {
		t.Errorf("%+v, want 1 rejected", o.Stats())
	}
}

func TestNamesOfConstants(t *testing.T) {
	for want, got := range map[string]interface{ String() string }{
		"FIFO": mailbox.FIFO, "LIFO": mailbox.LIFO, "Priority": mailbox.Priority, "Order(3)": mailbox.Order(3),
		"Block": mailbox.Block, "Reject": mailbox.Reject, "DropNewest": mailbox.DropNewest,
		"DropOldest": mailbox.DropOldest, "DropLast": mailbox.DropLast, "Overflow(5)": mailbox.Overflow(5),
		"Ready": mailbox.Ready, "Idle": mailbox.Idle, "Empty": mailbox.Empty, "Interrupted": mailbox.Interrupted,
		"Lost": mailbox.Lost, "State(5)": mailbox.State(5),
	} {
		if got.String() != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
}
