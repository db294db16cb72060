package runtime

import (
	"math/rand/v2"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// A Scheduler decides what goes on next in a system, instead of Go's scheduler: it lets one goroutine run at a time, until
// that ends, waits, or reaches a point where another could have gone first. That is for tests, which can so repeat an
// interleaving: see package runtimetest, which has one. All methods must be safe for concurrent use, and only Unpark may
// wait.
//
// An actor then handles one message each time that it is its turn.
type Scheduler interface {
	// Go has f run on a goroutine of its own, when its turn comes.
	Go(f func())

	// Park is called before a wait, and Unpark with what Park has returned after it, which waits until the turn of the
	// calling goroutine comes. At a point where another could go first, both are called at once.
	mailbox.Parker

	// Float64 is a random number in [0, 1).
	Float64() float64
}

// start runs f on a goroutine of its own.
func (d *dispatcher) start(f func()) {
	if d.scheduler != nil {
		d.scheduler.Go(f)
		return
	}
	go f()
}

// point is where another goroutine may go first, and it might matter. No lock is held here.
func (d *dispatcher) point() {
	if s := d.scheduler; s != nil {
		s.Unpark(s.Park())
	}
}

// afterFunc is time.AfterFunc. The timer may be used again.
func (d *dispatcher) afterFunc(after time.Duration, f func()) *time.Timer {
	s := d.scheduler
	if s == nil {
		return time.AfterFunc(after, f)
	}
	token := s.Park()
	return time.AfterFunc(after, func() {
		s.Unpark(token)
		f()
	})
}

func (d *dispatcher) float64() float64 {
	if d.scheduler != nil {
		return d.scheduler.Float64()
	}
	return rand.Float64()
}
