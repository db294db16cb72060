package workerpool

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"strings"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/supervisor"
)

// ErrConfig is wrapped by the errors of New and Resize that refuse a value.
var ErrConfig = errors.New("workerpool: invalid config")

// A Dispatch says which worker does a job.
type Dispatch uint8

const (
	Shared      Dispatch = iota // the first that is free: one queue for all. The quickest, and the zero value
	RoundRobin                  // one after the other. Each worker has a queue of its own, and jobs stay with it
	LeastLoaded                 // the one with the fewest jobs at the time of the Submit, waiting or being done
	ByKey                       // jobs with the same Key are done one after the other, in order, by the same worker
)

var dispatchNames = [...]string{"Shared", "RoundRobin", "LeastLoaded", "ByKey"}

// String returns the name of the way of dispatch.
func (d Dispatch) String() string {
	if int(d) < len(dispatchNames) {
		return dispatchNames[d]
	}
	return fmt.Sprintf("Dispatch(%d)", d)
}

// A Config says how a pool is. Only Work is required.
type Config[Req, Res any] struct {
	// Name is that of the pool's actor, as Props.Name.
	Name string

	// Workers is how many jobs are worked on at once. 0 means as many as GOMAXPROCS.
	Workers int

	// Queue is how many jobs may wait: for a worker under Shared, for each worker under RoundRobin and LeastLoaded, and
	// in each of the lanes into which the keys are divided under ByKey. 0 means mailbox.DefaultCapacity (1,024).
	// mailbox.Unbounded has no bound: for Work that submits to its own pool, which a bounded queue could make wait for
	// itself.
	Queue int

	// Overflow is what becomes of a job for which there is no room. Under the Drop policies the job that is evicted was
	// accepted, and ends with mailbox.ErrFull.
	Overflow mailbox.Overflow

	// Less, or Levels and Level, put urgent jobs first, as in mailbox.Config; without them the first in is the first out.
	// ByKey allows neither.
	Less   func(a, b Req) bool
	Levels int
	Level  func(Req) int

	// Work does a job. It is called by several workers at once, and may block. Its context counts as that of an actor's
	// handler, and ends when the pool is stopped, but not while it drains. It has nothing to do with the context that the
	// job was submitted with: what a job needs of that belongs into Req.
	Work func(ctx context.Context, req Req) (Res, error)

	// Timeout is when the context of Work ends, counted from its call. Work that does not heed that keeps its worker, and
	// its job goes on. 0 means never.
	Timeout time.Duration

	// Retries is how many times a job whose Work panicked is tried again before it fails, on the same worker and before
	// anything else there. An error that Work returned is final, unless RetryIf reports true for it.
	Retries int
	RetryIf func(error) bool

	// Backoff is how long a worker waits before it tries a job again. It does nothing else meanwhile. The zero value does
	// not wait.
	Backoff supervisor.Backoff

	// Dispatch says which worker does a job, and Key which jobs belong together under ByKey. A key must be comparable
	// with ==, or else Submit panics. Jobs with different keys may come to wait for each other, as their worker does
	// one thing at a time.
	Dispatch Dispatch
	Key      func(Req) any

	// Scale has the number of workers follow the load. It needs Shared.
	Scale Scale

	// OnError is told of each job that nobody waits for, handed in with Go or TryGo, and that failed, was dropped, or
	// was left when the pool stopped; and of each result that SubmitTo could not deliver. It is called on the worker, or by
	// whoever dropped the job or stopped the pool, so it must be quick, and it is called concurrently. Of a job whose Work was
	// abandoned it is told when that returns after all, or crashes. nil: the pool logs such failures, fewer the more there are.
	OnError func(req Req, err error)
}

// A Scale says how the number of workers follows the load, from Config.Workers up to Max. The zero value leaves it as it is.
type Scale struct {
	Max   int           // the most workers; 0: as many as Config.Workers
	After time.Duration // one more worker begins each time that jobs wait after so long; 0: 10 ms
	Idle  time.Duration // a worker that had nothing to do for so long ends; 0: 10 s
}

const (
	defaultAfter = 10 * time.Millisecond
	defaultIdle  = 10 * time.Second
)

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
	case c.Overflow > mailbox.DropLast:
		return badConfig("Overflow", c.Overflow, "Block, Reject, DropNewest, DropOldest or DropLast")
	case c.Work == nil:
		return badConfig("Work", "nil", "a function")
	case c.Timeout < 0:
		return badConfig("Timeout", c.Timeout, "0 (none) or more")
	case c.Retries < 0:
		return badConfig("Retries", c.Retries, "0 (never) or more")
	case c.RetryIf != nil && c.Retries == 0:
		return badConfig("RetryIf", "a function, and Retries is 0", "Retries of 1 or more with it")
	case c.Dispatch > ByKey:
		return badConfig("Dispatch", c.Dispatch, "Shared, RoundRobin, LeastLoaded or ByKey")
	case (c.Key != nil) != (c.Dispatch == ByKey):
		return badConfig("Key", isSet(c.Key != nil)+", and Dispatch is "+c.Dispatch.String(), "a function with ByKey, and none without")
	case c.Dispatch == ByKey && c.urgent():
		return badConfig("Dispatch", c.Dispatch, "another one where Less or Levels is set: both are about order")
	}
	if err := (supervisor.Config{Backoff: c.Backoff}).Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return c.validateScale()
}

func (c *Config[Req, Res]) validateScale() error {
	s := &c.Scale
	switch {
	case *s == Scale{}:
		s.Max = c.Workers
		return nil
	case c.Dispatch != Shared:
		return badConfig("Scale", "set, and Dispatch is "+c.Dispatch.String(), "Dispatch Shared with it")
	case s.Max < c.Workers:
		return badConfig("Scale.Max", s.Max, fmt.Sprintf("Workers (%d) or more", c.Workers))
	case s.After < 0:
		return badConfig("Scale.After", s.After, "0 (default 10 ms) or more")
	case s.Idle < 0:
		return badConfig("Scale.Idle", s.Idle, "0 (default 10 s) or more")
	}
	if s.After == 0 {
		s.After = defaultAfter
	}
	if s.Idle == 0 {
		s.Idle = defaultIdle
	}
	return nil
}

// quick reports whether a job that nobody waits for is one call of Work, and nothing else.
func (c *Config[Req, Res]) quick() bool {
	return c.Retries == 0 && c.Timeout == 0 && c.Dispatch != ByKey
}

// scales reports whether the number of workers follows the load.
func (c *Config[Req, Res]) scales() bool { return c.Scale.Max > c.Workers }

// urgent reports whether some jobs go before others.
func (c *Config[Req, Res]) urgent() bool { return c.Less != nil || c.Levels != 0 || c.Level != nil }

// queue is the config of a queue for jobs.
func (c *Config[Req, Res]) queue(dropped func(job[Req, Res], error)) mailbox.Config[job[Req, Res]] {
	q := mailbox.Config[job[Req, Res]]{Capacity: c.Queue, Overflow: c.Overflow, OnDrop: dropped}
	if c.urgent() {
		q.Order, q.Levels = mailbox.Priority, c.Levels
	}
	if c.Less != nil {
		q.Less = func(a, b job[Req, Res]) bool { return c.Less(a.req, b.req) }
	}
	if c.Level != nil {
		q.Level = func(j job[Req, Res]) int { return c.Level(j.req) }
	}
	return q
}

func badConfig(field string, found any, want string) error {
	return fmt.Errorf("%w: %s is %v: want %s", ErrConfig, field, found, want)
}

func isSet(set bool) string {
	if set {
		return "a function"
	}
	return "nil"
}
