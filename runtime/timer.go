package runtime

import (
	"fmt"
	"sync"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// A Timer sends its actor a message, once or again and again. It belongs to the behaviour that started it: a restart or
// stop ends it, and so does the beginning of a drain.
type Timer struct {
	mu      sync.Mutex
	timer   *time.Timer
	stopped bool
	forget  func(*Timer)
}

// Stop ends the timer. It reports whether a message was still to come from it; one that is on its way already still
// arrives. It may be called from any goroutine.
func (t *Timer) Stop() bool {
	if !t.end() {
		return false
	}
	t.forget(t)
	return true
}

func (t *Timer) end() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return false
	}
	t.stopped = true
	t.timer.Stop()
	return true
}

// After sends m to the actor itself once d has passed. m enters the mailbox as all messages do, but is never dropped:
// while the mailbox is full, it is held aside. An actor that drains or stops starts no timer: After returns one that
// has ended.
func (x *Context[M]) After(d time.Duration, m M) *Timer {
	return x.c.startTimer(d, func(t *Timer) {
		if t.end() {
			x.c.forgetTimer(t)
			x.c.accept(m)
		}
	})
}

// Every sends m to the actor itself each time d has passed. It is like After otherwise; a tick that finds the one before
// it still waiting is skipped. It panics unless d is more than 0, as time.NewTicker does.
func (x *Context[M]) Every(d time.Duration, m M) *Timer {
	if d <= 0 {
		panic(fmt.Sprintf("runtime: Every(%v): want an interval of more than 0", d))
	}
	c := x.c
	due := time.Now().Add(d)
	tick := c.ticks(m)
	return c.startTimer(d, func(t *Timer) {
		t.mu.Lock()
		if !t.stopped {
			due = due.Add(d)
			t.timer.Reset(time.Until(due))
		}
		stopped := t.stopped
		t.mu.Unlock()
		if !stopped {
			tick()
		}
	})
}

// ticks returns a function that sends m unless the last m that it sent still waits.
func (c *cell[M]) ticks(m M) func() {
	var last mailbox.Held[M]
	sent := false
	return func() {
		if !sent || !c.mail.Waits(last) {
			last, sent = c.accept(m)
		}
	}
}

func (c *cell[M]) startTimer(d time.Duration, fire func(*Timer)) *Timer {
	t := &Timer{forget: c.forgetTimer}
	t.mu.Lock()
	defer t.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gate.Load() {
		t.stopped = true
		return t
	}
	if c.timers == nil {
		c.timers = make(map[*Timer]struct{})
	}
	c.timers[t] = struct{}{}
	t.timer = time.AfterFunc(d, func() { fire(t) })
	return t
}

func (c *cell[M]) forgetTimer(t *Timer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.timers, t)
}

func (c *cell[M]) cancelTimers() {
	c.mu.Lock()
	timers := c.timers
	c.timers = nil
	c.mu.Unlock()
	for t := range timers {
		t.end()
	}
}
