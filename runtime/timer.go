package runtime

import (
	"fmt"
	"runtime/debug"
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
	if t == nil || t.forget == nil {
		panic("runtime: Stop of a nil or zero Timer: want one that After or Every returned")
	}
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

func (t *Timer) over() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stopped
}

func (t *Timer) again(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.stopped {
		t.timer.Reset(d)
	}
}

// After sends m to the actor itself once d has passed. m enters the mailbox as all messages do, but needs no room:
// while the mailbox is full, it is held aside. An actor that drains or stops starts no timer: After returns one that
// has ended.
func (x *Context[M]) After(d time.Duration, m M) *Timer {
	x.demand("After")
	return x.startTimer(d, func(t *Timer) {
		if t.end() {
			x.forgetTimer(t)
			x.send(m)
		}
	})
}

// Every sends m to the actor itself each time d has passed. It is like After otherwise; a tick that finds the one before
// it still waiting is skipped, and so are those that the machine was too busy for. It panics unless d is more than 0, as
// time.NewTicker does.
func (x *Context[M]) Every(d time.Duration, m M) *Timer {
	x.demand("Every")
	if d <= 0 {
		panic(fmt.Sprintf("runtime: Every(%v): want an interval of more than 0", d))
	}
	due := time.Now().Add(d)
	var last mailbox.Held[M]
	return x.startTimer(d, func(t *Timer) {
		if t.over() {
			return
		}
		if !x.mail.Waits(last) {
			last = x.send(m)
		}
		// The next tick is set only now, because two must not be under way at once. Those that are past are skipped.
		due = due.Add(d * (1 + time.Since(due)/d))
		t.again(time.Until(due))
	})
}

// send has the actor accept m, which a timer made. Where its mailbox cannot, because a Level or Less fails, that is the
// actor's failure: the timer's goroutine has nobody else to tell.
func (c *Context[M]) send(m M) (held mailbox.Held[M]) {
	err := ErrGoexit // unless accept returns
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		if err != nil {
			c.enqueue(func() error { return err })
		}
	}()
	held, err = c.accept(m)
	return held
}

func (c *Context[M]) startTimer(d time.Duration, fire func(*Timer)) *Timer {
	t := &Timer{forget: c.forgetTimer}
	t.mu.Lock()
	defer t.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.marks.has(gated) {
		t.stopped = true
		return t
	}
	r, s := c.rareLocked(), c.sys()
	if r.timers == nil {
		r.timers = make(map[*Timer]struct{})
	}
	r.timers[t] = struct{}{}
	t.timer = s.dispatch.afterFunc(d, func() {
		// Before it looks whether the timer is over: either it sees that, or a shutdown waits for what it sends.
		s.crew.join()
		defer s.crew.leave()
		fire(t)
	})
	return t
}

func (n *node) forgetTimer(t *Timer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.look().timers, t)
}

func (n *node) cancelTimers() {
	if n.rare.Load() == nil {
		return // there never was one, and only the holder of the turn, who is here, starts any
	}
	n.mu.Lock()
	timers := n.look().timers
	n.rareLocked().timers = nil
	n.mu.Unlock()
	for t := range timers {
		t.end()
	}
}
