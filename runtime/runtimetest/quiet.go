package runtimetest

import (
	"context"
	"fmt"
	goruntime "runtime"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// Quiet waits until the system is at rest: no message is queued or being handled. A test that has sent something waits so for
// all that comes of it, instead of sleeping.
//
// It is exact: it returns nil only if there was an instant, after the call, at which nothing was queued in any actor. It
// looks at the system's counts, which only grow, until two looks in a row see the same and nothing queued; whatever
// had been sent in between would have been counted. It does not wait for what has not been sent yet: timers, the work of
// a Pipe, restarts that wait for their delay while nothing is queued, and goroutines of the test's own. A stashed message
// is queued, and so is one that waits for an actor's restart.
//
// It returns an error that wraps ctx.Err() and has the counts when ctx ends first. It may be called from anywhere but a handler,
// whose message is being handled.
func Quiet(ctx context.Context, s *runtime.System) error {
	var last runtime.Stats
	for try := 0; ; try++ {
		now := s.Stats()
		if try > 0 && now == last && now.Queued == 0 {
			return nil
		}
		last = now
		if err := pause(ctx, try); err != nil {
			return fmt.Errorf("runtimetest: the system is not quiet: %w: %+v", err, now)
		}
	}
}

// pause lets others run: first at once, and after a while from time to time.
func pause(ctx context.Context, try int) error {
	if try < 64 {
		goruntime.Gosched()
		return ctx.Err()
	}
	timer := time.NewTimer(min(time.Duration(try)*10*time.Microsecond, 10*time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
