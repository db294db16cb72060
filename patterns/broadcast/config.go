package broadcast

import (
	"errors"
	"fmt"
	"strings"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/supervisor"
)

// ErrConfig is wrapped by the errors of New, SubscribeRef and SubscribeFunc that refuse a value, and is what All panics
// with.
var ErrConfig = errors.New("broadcast: invalid config")

// A Config says how a topic is. The zero value works.
type Config[T any] struct {
	// Name is that of the topic's actor, as Props.Name. The parent of its functions is Name followed by "-subscribers".
	Name string

	// Capacity is how many events may wait in the topic before publishers wait. 0 means mailbox.DefaultCapacity (1,024),
	// mailbox.Unbounded no bound.
	Capacity int

	// Replay is how many of the last events the topic keeps for newcomers. 0 means none.
	Replay int
}

func (c *Config[T]) validate() error {
	switch {
	case strings.Contains(c.Name, "/"):
		return badConfig("Name", fmt.Sprintf("%q", c.Name), "a name without '/'")
	case c.Capacity < mailbox.Unbounded:
		return badConfig("Capacity", c.Capacity, "0 (default 1024), mailbox.Unbounded (-1) or more than 0")
	case c.Replay < 0:
		return badConfig("Replay", c.Replay, "0 (none) or more")
	}
	return nil
}

// Options say how a subscription is. The zero value works.
type Options[T any] struct {
	// Name is what Subscription.Name returns. It is also the name of the actor that runs a function, and must then be
	// unique among the topic's functions.
	Name string

	// Mailbox is where events wait for this subscriber, and says what becomes of those that find no room: Block holds the
	// topic up, and so everybody else; all other policies cost this subscriber alone. Its OnDrop is called on the topic's
	// turn, and must be quick.
	//
	// An actor has its mailbox already. Of SubscribeRef only Overflow is looked at: Block (the zero value) leaves it to
	// the policy of the actor's own mailbox, and Reject never waits for it. The rest must be zero.
	Mailbox mailbox.Config[T]

	// Filter says which events the subscriber wants; nil means all. It is called on the topic's turn, one event at a
	// time, and so must be quick and must not wait.
	Filter func(T) bool

	// Replay is how many of the last events, before filtering, the newcomer gets first: as many as the topic has kept
	// of them.
	Replay int

	// Retries is how many times an event on which a function failed is tried again before it becomes a dead letter.
	Retries int

	// Restart says when a function goes on after a failure: always (supervisor.Permanent, the zero value, and
	// supervisor.Transient), or never (supervisor.Temporary): then its first failure ends the subscription.
	Restart supervisor.RestartType
}

// validate returns the first thing that is wrong with what any kind of subscription has.
func (o *Options[T]) validate() error {
	switch {
	case strings.Contains(o.Name, "/"):
		return badConfig("Name", fmt.Sprintf("%q", o.Name), "a name without '/'")
	case o.Replay < 0:
		return badConfig("Replay", o.Replay, "0 (none) or more")
	case o.Retries < 0:
		return badConfig("Retries", o.Retries, "0 (never) or more")
	case o.Restart > supervisor.Temporary:
		return badConfig("Restart", o.Restart, "supervisor.Permanent, Transient or Temporary")
	}
	if _, err := mailbox.New(o.Mailbox); err != nil {
		return fmt.Errorf("%w: Mailbox: %w", ErrConfig, err)
	}
	return nil
}

// validateRef is about what an actor brings along.
func (o *Options[T]) validateRef() error {
	m := &o.Mailbox
	switch {
	case m.Overflow != mailbox.Block && m.Overflow != mailbox.Reject:
		return badConfig("Mailbox.Overflow", m.Overflow, "for an actor, Block (its own mailbox decides) or Reject; "+
			"to evict, set Props.Mailbox of the actor")
	case m.Capacity != 0 || m.Order != mailbox.FIFO || m.Less != nil || m.Levels != 0 || m.Level != nil || m.OnDrop != nil:
		return badConfig("Mailbox", "not zero", "nothing but Overflow for an actor, which has a mailbox: see its Props")
	}
	return o.validateCode("an actor")
}

// validateCode is about what only functions have.
func (o *Options[T]) validateCode(who string) error {
	switch {
	case o.Retries != 0:
		return badConfig("Retries", o.Retries, "0 for "+who+": only functions are tried again")
	case o.Restart != supervisor.Permanent:
		return badConfig("Restart", o.Restart, "the zero value for "+who+": only functions are restarted by the topic")
	}
	return nil
}

func badConfig(field string, found any, want string) error {
	return fmt.Errorf("%w: %s is %v: want %s", ErrConfig, field, found, want)
}
