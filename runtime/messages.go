package runtime

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/troupe-go/troupe/mailbox"
)

// This file is the typed part of an actor: how it handles messages, and what becomes of them.

// aside is what an actor holds beside its mailbox. All but deadOut is written by the turn's holder, under node.mu, so that
// counts and an abandonment can look.
type aside[M any] struct {
	inFront bool      // Receive runs with the message front[0]
	left    []M       // what an abandonment has taken from the mailbox
	front   []kept[M] // messages that go before the mailbox's: redelivered, or unstashed
	stash   []kept[M]
	deadOut uint64 // messages that were taken from the mailbox and became dead letters
}

// kept is a message that the actor holds beside its mailbox.
type kept[M any] struct {
	m     M
	tries int // failed attempts so far
}

// held returns what the actor holds beside its mailbox, to be read.
func (c *Context[M]) held() aside[M] {
	if a, _ := c.look().aside.(*aside[M]); a != nil {
		return *a
	}
	return aside[M]{}
}

// asideLocked returns it to be written.
func (c *Context[M]) asideLocked() *aside[M] {
	r := c.rareLocked()
	a, _ := r.aside.(*aside[M])
	if a == nil {
		a = &aside[M]{}
		r.aside = a
	}
	return a
}

// inlineShare is how many messages an actor handles on an asker's goroutine before it moves to another.
const inlineShare = 64

// work handles messages until the mailbox says something else, or a handler fails. A panic leaves it by its guard. An actor
// that is alone on its runner lets nobody wait when it loiters at an empty mailbox.
func (c *Context[M]) work(share int, alone bool) outcome {
	c.mail.Loiter(alone)
	for range share {
		if c.ahead && !c.mail.Interrupted() {
			if out := c.workFront(); out.err != nil || out.state != mailbox.Ready {
				return out
			}
			continue
		}
		m, state := c.mail.Next()
		if state != mailbox.Ready {
			return outcome{state: state}
		}
		c.handling = true
		if err := c.behaviour.Receive(c, m); err != nil {
			return outcome{err: err}
		}
		c.handling = false
		if c.stashing && !c.keep(kept[M]{m: m}) {
			return outcome{state: mailbox.Lost}
		}
	}
	return outcome{yield: true}
}

func (c *Context[M]) workFront() outcome {
	k, ok := c.takeFront()
	if !ok {
		return outcome{state: mailbox.Lost}
	}
	c.handling = true
	if err := c.behaviour.Receive(c, k.m); err != nil {
		return outcome{err: err}
	}
	c.handling = false
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.mail.Settle() {
		return outcome{state: mailbox.Lost}
	}
	c.dropFrontLocked()
	if c.stashing {
		c.stashing = false
		a := c.asideLocked()
		a.stash = append(a.stash, k)
	}
	return outcome{state: mailbox.Ready}
}

// takeFront begins the message in front, which stays there meanwhile. It reports false when the turn was lost.
func (c *Context[M]) takeFront() (k kept[M], ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.mail.Settle() {
		return k, false
	}
	a := c.asideLocked()
	a.inFront = true
	return a.front[0], true
}

// keep stashes a message that was taken. It reports false when the turn was lost.
func (c *Context[M]) keep(k kept[M]) bool {
	c.stashing = false
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.mail.Settle() {
		return false
	}
	a := c.asideLocked()
	a.stash = append(a.stash, k)
	return true
}

func (c *Context[M]) dropFrontLocked() {
	a := c.asideLocked()
	a.inFront = false
	a.front[0] = kept[M]{}
	a.front = a.front[1:]
	c.ahead = len(a.front) > 0
}

func (c *Context[M]) unstash() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unstashLocked()
}

// unstashLocked leaves a message that is being handled where the handler's end will look for it: at the very front.
func (c *Context[M]) unstashLocked() {
	if len(c.held().stash) == 0 {
		return
	}
	a := c.asideLocked()
	at := 0
	if a.inFront {
		at = 1
	}
	a.front = slices.Insert(a.front, at, a.stash...)
	a.stash, c.ahead = nil, true
}

// failMessage redelivers the message whose handler failed, or makes it a dead letter. There is none when it was the
// mailbox's Less that failed.
func (c *Context[M]) failMessage(err error) bool {
	c.mu.Lock()
	if !c.mail.Settle() {
		c.mu.Unlock()
		return false
	}
	c.working = false
	if !c.handling {
		c.mu.Unlock()
		return true
	}
	var k kept[M]
	a := c.asideLocked()
	inFront := a.inFront
	if inFront {
		k = a.front[0]
	} else {
		k.m = c.mail.Current()
	}
	c.handling, a.inFront, c.stashing = false, false, false
	k.tries++
	again := k.tries <= c.look().redeliver
	switch {
	case again && inFront:
		a.front[0] = k
	case again:
		a.front = slices.Insert(a.front, 0, k)
	case inFront:
		c.dropFrontLocked()
	}
	if again {
		c.ahead = true
		c.tallyLocked(Stats{Redelivered: 1})
	} else {
		a.deadOut++
	}
	c.mu.Unlock()
	if !again {
		c.sys().deadLetter(DeadLetter{Message: k.m, Target: c.path(), Reason: err})
	}
	return true
}

// A starter is a behaviour with a Started hook.
type starter[M any] interface{ Started(*Context[M]) error }

var errNoBehaviour = badConfig("Props.New", "a function that returned nil", "one that returns an Actor")

func (c *Context[M]) begin(first bool) (err error) {
	begun := false
	defer func() {
		if !begun {
			c.behaviour = nil // it must not be asked to give up what it never began
		}
	}()
	if c.behaviour == nil || !first { // otherwise beginEarly has made it
		c.behaviour = c.make()
	}
	if isNone(c.behaviour) {
		return errNoBehaviour
	}
	if h, ok := c.behaviour.(starter[M]); ok {
		err = h.Started(c)
	}
	begun = err == nil
	return err
}

// restarting gives the behaviour up. What it stashed goes back in front, for the next one.
func (c *Context[M]) restarting(cause error) {
	b := c.behaviour
	c.behaviour = nil
	c.unstash()
	if h, ok := b.(interface {
		Restarting(*Context[M], error)
	}); ok {
		h.Restarting(c, cause)
	}
}

// A hearer is a behaviour with a Stopped hook.
type hearer[M any] interface{ Stopped(*Context[M], error) }

func (c *Context[M]) hears() bool {
	_, ok := c.behaviour.(hearer[M])
	return ok
}

func (c *Context[M]) stopped(cause error) { c.behaviour.(hearer[M]).Stopped(c, cause) }

// abandonLocked takes the mailbox away from a handler. An actor that was woken and has not begun a message has none.
func (c *Context[M]) abandonLocked() (ok bool) {
	a := c.asideLocked()
	if a.inFront || c.mail.Stats().InHand > 0 {
		a.left, ok = c.mail.Abandon()
	}
	return ok
}

// deadLetterAll makes dead letters of all that the actor holds, which stops for the given cause or none.
func (c *Context[M]) deadLetterAll(cause error) {
	left := c.mail.Drain()
	if len(left) == 0 && c.look().aside == nil {
		return
	}
	c.mu.Lock()
	a := c.asideLocked()
	left = append(a.left, left...)
	held := append(a.front, a.stash...)
	a.left, a.front, a.stash = nil, nil, nil
	a.deadOut += uint64(len(held))
	c.tallyLocked(Stats{DeadLettered: uint64(len(left))})
	c.mu.Unlock()
	if len(held)+len(left) == 0 {
		return
	}
	path := c.path()
	reason := stoppedError(path)
	if cause != nil {
		reason = fmt.Errorf("%w: %w", reason, cause)
	}
	for _, k := range held {
		c.sys().deadLetter(DeadLetter{Message: k.m, Target: path, Reason: reason})
	}
	for _, m := range left {
		c.sys().deadLetter(DeadLetter{Message: m, Target: path, Reason: reason})
	}
}

// accept takes in a message that the runtime makes for this actor: it waits for no room and is never dropped. When the
// actor is gone, the message is a dead letter. The error is that of a Level that is out of range; the mailbox has then
// counted the message as rejected.
func (c *Context[M]) accept(m M) (mailbox.Held[M], error) {
	c.sys().dispatch.point()
	held, wake, err := c.mail.Hold(m)
	switch {
	case errors.Is(err, mailbox.ErrClosed):
		c.tally(Stats{Sent: 1, DeadLettered: 1})
		path := c.path()
		c.sys().deadLetter(DeadLetter{Message: m, Target: path, Reason: stoppedError(path), Sender: path})
		return held, nil
	case err != nil:
		return held, fmt.Errorf("runtime: %s refuses its own message: %w", c.path(), err)
	case wake:
		c.sys().dispatch.share(&c.node)
	}
	return held, nil
}

func (c *Context[M]) stay()           { c.mail.Stay() }
func (c *Context[M]) rest() bool      { return c.mail.Rest() }
func (c *Context[M]) suspend() bool   { return c.mail.Suspend() }
func (c *Context[M]) interrupt() bool { return c.mail.Interrupt() }
func (c *Context[M]) closeMailbox()   { c.mail.Close() }

// stats counts what the mailbox holds, and what is beside it. What was taken from the mailbox and is neither in hand, nor kept
// beside it, nor a dead letter, was handled.
func (c *Context[M]) stats() Stats {
	s := c.mail.Stats()
	held := c.held()
	kept := uint64(len(held.front) + len(held.stash))
	rejected := s.Rejected - s.Refused // a refusal is tallied by who was refused
	return Stats{
		Sent:         s.Put + rejected,
		Rejected:     rejected,
		Handled:      s.Taken - uint64(s.InHand) - kept - held.deadOut,
		Dropped:      s.Dropped,
		DeadLettered: held.deadOut,
		Queued:       uint64(s.Len+s.Held+s.InHand+len(held.left)) + kept,
	}
}

func (c *Context[M]) messageType() string { return reflect.TypeFor[M]().String() }
