package mailbox

import (
	"errors"
	"fmt"
)

// Capacities with a meaning of their own.
const (
	DefaultCapacity = 1024 // what a Capacity of 0 means
	Unbounded       = -1   // no bound: memory is the limit, and no put ever waits or fails for want of room
)

// MaxLevels is the most levels that a Priority mailbox can have.
const MaxLevels = 4096

var (
	// ErrConfig is wrapped by every error of New and NewOwned, and by that of a put whose Level is out of range.
	ErrConfig = errors.New("mailbox: invalid config")
	// ErrFull is returned by TryPut under Block and Reject, and by Put under Reject, when there is no room. It is also
	// the reason that OnDrop is given for an eviction.
	ErrFull = errors.New("mailbox: full")
	// ErrEmpty is returned by TryGet when no message waits.
	ErrEmpty = errors.New("mailbox: empty")
	// ErrClosed is returned by puts after Close, by Hold after Drain and Abandon, and by gets once a closed mailbox is
	// empty.
	ErrClosed = errors.New("mailbox: closed")

	errGoexit     = errors.New("mailbox: Less called runtime.Goexit")
	errNoSlots    = errors.New("mailbox: the slice to fill is empty: want room for one message or more")
	errNilContext = errors.New("mailbox: the context is nil: want context.Background() or another")
)

// An Order is the order in which messages leave.
type Order uint8

// The orders.
const (
	FIFO     Order = iota // first in, first out, as Python's queue.Queue
	LIFO                  // last in, first out, as Python's queue.LifoQueue
	Priority              // by Less or by Level, and in arrival order among equals
)

func (o Order) String() string { return name(uint8(o), "Order", "FIFO", "LIFO", "Priority") }

// An Overflow is what becomes of a put that finds no room.
type Overflow uint8

// The overflow policies.
const (
	Block      Overflow = iota // Put waits for room, and TryPut fails with ErrFull
	Reject                     // both fail with ErrFull
	DropNewest                 // the incoming message is evicted
	DropOldest                 // the message that has waited longest is evicted
	DropLast                   // the message that would be delivered last is evicted; it may be the incoming one
)

func (o Overflow) String() string {
	return name(uint8(o), "Overflow", "Block", "Reject", "DropNewest", "DropOldest", "DropLast")
}

func name(v uint8, kind string, names ...string) string {
	if int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("%s(%d)", kind, v)
}

// A Config says how a mailbox behaves. The zero value is a FIFO mailbox of 1,024 messages whose puts wait for room.
type Config[M any] struct {
	// Capacity is the most messages that may wait. 0 means DefaultCapacity, Unbounded no bound. A large one costs nothing
	// by itself: slots are allocated for what waits.
	Capacity int
	Order    Order

	// Less, for Priority, reports whether a leaves before b. It must be a strict weak ordering. It is called with the
	// mailbox's lock held, and so must be quick and must not use the mailbox: O(log n) times a put or get, and O(n)
	// times a put that makes DropLast evict. Under DropOldest a put that evicts calls it O(log n) times, amortised, but
	// looks at all n messages for the oldest. Where a mailbox is large and often full, Levels evicts at less cost.
	Less func(a, b M) bool

	// Levels and Level, for Priority, are the O(1) alternative to Less: Level maps a message to 0 (most urgent) up to
	// Levels-1. It is called without the lock. A put whose level is out of range fails with ErrConfig, and evicts nothing.
	// A put that makes DropOldest evict takes O(Levels).
	Levels int
	Level  func(M) int

	Overflow Overflow

	// OnDrop is told of each message that a Drop policy evicts, and why (ErrFull). It is called without the lock, on
	// the goroutine of the put that caused the eviction, before that put returns; it may use the mailbox. The owner of
	// an Owned mailbox tells it also of a message held aside on which Less panicked, with that panic as the reason.
	OnDrop func(M, error)
}

// validate returns the first thing that is wrong with c, naming the field, what was found and what is accepted.
func (c *Config[M]) validate() error {
	bad := func(field string, found any, want string) error {
		return fmt.Errorf("%w: %s is %v: want %s", ErrConfig, field, found, want)
	}
	switch {
	case c.Capacity < Unbounded:
		return bad("Capacity", c.Capacity, "0 (default 1024), Unbounded (-1) or more than 0")
	case c.Order > Priority:
		return bad("Order", uint8(c.Order), "FIFO, LIFO or Priority")
	case c.Overflow > DropLast:
		return bad("Overflow", uint8(c.Overflow), "Block, Reject, DropNewest, DropOldest or DropLast")
	case c.Levels < 0 || c.Levels > MaxLevels:
		return bad("Levels", c.Levels, fmt.Sprintf("1 to %d, or 0 with Less", MaxLevels))
	}
	if c.Order != Priority {
		switch {
		case c.Less != nil:
			return bad("Less", "set", fmt.Sprintf("nil for Order %v, or Order Priority", c.Order))
		case c.Levels != 0:
			return bad("Levels", c.Levels, fmt.Sprintf("0 for Order %v, or Order Priority", c.Order))
		case c.Level != nil:
			return bad("Level", "set", fmt.Sprintf("nil for Order %v, or Order Priority", c.Order))
		}
		return nil
	}
	switch {
	case c.Less != nil && (c.Levels != 0 || c.Level != nil):
		return bad("Less", "set beside Levels or Level", "one of the two")
	case c.Less == nil && c.Levels == 0 && c.Level == nil:
		return bad("Less", "nil", "Less, or Levels with Level, for Order Priority")
	case c.Less == nil && c.Levels == 0:
		return bad("Levels", 0, fmt.Sprintf("1 to %d beside Level", MaxLevels))
	case c.Less == nil && c.Level == nil:
		return bad("Level", "nil", "a function beside Levels")
	}
	return nil
}
