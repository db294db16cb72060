package runtime_test

import (
	"errors"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A chaosMessage has a number, which says what its handler does with it.
type chaosMessage struct {
	runtime.Reply[int]
	number int
}

// chaos is a tree of actors that tell, ask, spawn, stop and fail at random, and the book that is kept of their messages.
type chaos struct {
	t      *testing.T
	seed   uint64
	killed bool         // the shutdown's time will be up at once: some handlers wait for that, and patience is short
	busy   atomic.Int64 // code of the actors that runs

	mu     sync.Mutex
	refs   []runtime.Ref[chaosMessage]
	next   int
	ends   map[int]string
	twice  uint64
	handed map[int]bool   // messages made for the runtime, by Watch and Pipe, that have not ended yet
	unsure map[int]string // messages whose sender does not know whether they were sent: asks and timers
}

func (c *chaos) random(number int) *rand.Rand { return rand.New(rand.NewPCG(c.seed, uint64(number))) }

func (c *chaos) message(unsure string) chaosMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	if unsure != "" {
		c.unsure[c.next] = unsure
	}
	return chaosMessage{number: c.next}
}

// made is the message that comes of a Watch or a Pipe. If the actor was abandoned in it, the runtime may get it late.
func (c *chaos) made() chaosMessage {
	m := c.message("")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handed[m.number] = true
	return m
}

func (c *chaos) end(m chaosMessage, how string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if was := c.ends[m.number]; was != "" {
		c.twice++
		if was == "dead" {
			how = was // a handler that was abandoned may still come to its end
		}
	}
	c.ends[m.number] = how
	delete(c.handed, m.number)
}

func (c *chaos) bury(d runtime.DeadLetter) {
	how := "dead"
	if errors.Is(d.Reason, mailbox.ErrFull) {
		how = "dropped"
	}
	c.end(d.Message.(chaosMessage), how)
}

func (c *chaos) enter() (leave func()) {
	c.busy.Add(1)
	return func() { c.busy.Add(-1) }
}

// quiet waits until no code runs that was abandoned, and what came of it is published. Where a message does not end, all of the
// goroutines do: there are no more than the given number then.
func (c *chaos) quiet(s *runtime.System, goroutines int) {
	for over := false; !over || c.busy.Load() > 0; goruntime.Gosched() {
		stats := s.Stats()
		c.mu.Lock()
		ends := uint64(0)
		for _, how := range c.ends {
			if how == "dead" || how == "dropped" {
				ends++
			}
		}
		over = len(c.handed) == 0 || goruntime.NumGoroutine() <= goroutines
		c.mu.Unlock()
		over = over && ends >= stats.DeadLettered+stats.Dropped
	}
}

// check is for when all is over: each message ended once, and the system has counted it where it did.
func (c *chaos) check(s *runtime.System) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	count := map[string]uint64{}
	for number := 1; number <= c.next; number++ {
		how := c.ends[number]
		if how == "" {
			how = c.unsure[number]
		}
		count[how]++
	}
	stats := s.Stats()
	c.t.Logf("%+v", stats)
	if c.twice > stats.Abandoned || count[""] > 0 {
		c.t.Errorf("%d messages ended twice, and %d never", c.twice, count[""])
	}
	checkIdentity(c.t, stats)
	got := runtime.Stats{Rejected: stats.Rejected, Handled: stats.Handled, Dropped: stats.Dropped, DeadLettered: stats.DeadLettered}
	want := runtime.Stats{Rejected: count["rejected"] + count["ask"], Handled: count["handled"], Dropped: count["dropped"],
		DeadLettered: count["dead"]}
	if got != want || stats.Queued != 0 || stats.Actors != 0 || stats.Abandoned != 0 && !c.killed {
		c.t.Errorf("the counts are\n%+v, want\n%+v; all: %+v", got, want, stats)
	}
}
