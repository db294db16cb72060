package workerpool

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"strings"

	"github.com/troupe-go/troupe/mailbox"
)

// ErrConfig is wrapped by the errors of New and Resize that refuse a value.
var ErrConfig = errors.New("workerpool: invalid config")

// A Config says how a pool is. Only Work is required.
type Config[Req, Res any] struct {
	// Name is that of the pool's actor, as Props.Name. The actor of its queue is Name followed by "-queue".
	Name string

	// Workers is how many jobs are worked on at once. 0 means as many as GOMAXPROCS.
	Workers int

	// Queue is how many jobs may wait for a worker. 0 means mailbox.DefaultCapacity (1,024). mailbox.Unbounded has no
	// bound: for Work that submits to its own pool, which a bounded queue could make wait for itself.
	Queue int

	// Work does a job. It is called by several workers at once, and may block. Its context counts as that of an actor's
	// handler, and ends when the pool is stopped, but not while it drains. It has nothing to do with the context that the
	// job was submitted with: what a job needs of that belongs into Req.
	Work func(ctx context.Context, req Req) (Res, error)

	// Retries is how many times a job whose Work panicked is tried again before it fails, on the same worker and before
	// anything else there. An error that Work returned is final.
	Retries int
}

// validate sets the defaults, and returns the first thing that is wrong.
func (c *Config[Req, Res]) validate() error {
	if c.Workers == 0 {
		c.Workers = goruntime.GOMAXPROCS(0)
	}
	switch {
	case strings.Contains(c.Name, "/"):
		return badConfig("Name", fmt.Sprintf("%q", c.Name), "a name without '/'")
	case c.Workers < 0:
		return badConfig("Workers", c.Workers, "0 (GOMAXPROCS) or more")
	case c.Queue < mailbox.Unbounded:
		return badConfig("Queue", c.Queue, "0 (default 1024), mailbox.Unbounded (-1) or more than 0")
	case c.Work == nil:
		return badConfig("Work", "nil", "a function")
	case c.Retries < 0:
		return badConfig("Retries", c.Retries, "0 (never) or more")
	}
	return nil
}

func badConfig(field string, found any, want string) error {
	return fmt.Errorf("%w: %s is %v: want %s", ErrConfig, field, found, want)
}
