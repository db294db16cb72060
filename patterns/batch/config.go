package batch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// ErrConfig is wrapped by the error of New that refuses a Config.
var ErrConfig = errors.New("batch: invalid config")

// A Config says how a batcher is. Only Call is required.
type Config[Req, Res any] struct {
	Name string // of the batcher's actor: as Props.Name

	// Size is the most requests in one call. 0 means as many as Queue.
	Size int

	// Delay is how long a request may wait for others, counted from the first one of a batch. 0 means that it waits for none:
	// a call is begun as soon as Parallel allows, with what has piled up by then.
	Delay time.Duration

	// Queue is how many requests may wait for a call, as TryDo sees it. 0 means mailbox.DefaultCapacity (1,024), or Size if
	// that is more. mailbox.Unbounded has no bound.
	Queue int

	// Parallel is how many calls may be under way at once. 0 means 1.
	Parallel int

	// Call answers a batch: with as many results as there are requests, in their order, or with an error for all of them, or
	// with both and an Errors that says which results count. Where Parallel is more than 1 it is called concurrently. It may
	// block, and keep reqs. Its context counts as that of an actor's handler, and ends when the batcher is stopped, but not
	// while it drains. It has nothing to do with the contexts of the requests.
	Call func(ctx context.Context, reqs []Req) ([]Res, error)
}

// validate sets the defaults, and returns the first thing that is wrong.
func (c *Config[Req, Res]) validate() error {
	switch {
	case strings.Contains(c.Name, "/"):
		return badConfig("Name", fmt.Sprintf("%q", c.Name), "a name without '/'")
	case c.Size < 0:
		return badConfig("Size", c.Size, "0 (as many as Queue) or more")
	case c.Delay < 0:
		return badConfig("Delay", c.Delay, "0 (none) or more")
	case c.Queue < mailbox.Unbounded:
		return badConfig("Queue", c.Queue, "0 (default 1024), mailbox.Unbounded (-1) or more than 0")
	case c.Queue > 0 && c.Size > c.Queue:
		return badConfig("Size", c.Size, fmt.Sprintf("no more than Queue, which is %d", c.Queue))
	case c.Parallel < 0:
		return badConfig("Parallel", c.Parallel, "0 (one call at a time) or more")
	case c.Call == nil:
		return badConfig("Call", "nil", "a function")
	}
	switch c.Queue {
	case 0:
		c.Queue = max(mailbox.DefaultCapacity, c.Size)
	case mailbox.Unbounded:
		c.Queue = math.MaxInt
	}
	if c.Size == 0 {
		c.Size = c.Queue
	}
	c.Parallel = max(c.Parallel, 1)
	return nil
}

func badConfig(field string, found any, want string) error {
	return fmt.Errorf("%w: %s is %v: want %s", ErrConfig, field, found, want)
}
