package runtime

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/supervisor"
)

// A cell is an actor: the node, and what depends on the type of its messages.
type cell[M any] struct {
	node
	mail      *mailbox.Owned[M]
	props     Props[M]
	ctx       Context[M]
	behaviour Actor[M] // nil before it is begun, and after it was given up

	// Of the turn's holder alone.
	handling bool // Receive runs
	stashing bool // and has asked to keep its message
	ahead    bool // front is not empty, as far as this holder knows: an abandonment may have emptied it

	// Written by the turn's holder under node.mu, so that counts and an abandonment can look.
	inFront bool      // Receive runs with the message front[0]
	left    []M       // what an abandonment has taken from the mailbox
	front   []kept[M] // messages that go before the mailbox's: redelivered, or unstashed
	stash   []kept[M]
	deadOut uint64 // messages that were taken from the mailbox and became dead letters
	timers  map[*Timer]struct{}
}

// kept is a message that the actor holds beside its mailbox.
type kept[M any] struct {
	m     M
	tries int // failed attempts so far
}

// inlineShare is how many messages an actor handles on an asker's goroutine before it moves to another.
const inlineShare = 64

// work handles messages until the mailbox says something else, or a handler fails. A panic leaves it by its guard.
func (c *cell[M]) work(share int) outcome {
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
		if err := c.behaviour.Receive(&c.ctx, m); err != nil {
			return outcome{err: err}
		}
		c.handling = false
		if c.stashing && !c.keep(kept[M]{m: m}) {
			return outcome{state: mailbox.Lost}
		}
	}
	return outcome{yield: true}
}

func (c *cell[M]) workFront() outcome {
	k, ok := c.takeFront()
	if !ok {
		return outcome{state: mailbox.Lost}
	}
	c.handling = true
	if err := c.behaviour.Receive(&c.ctx, k.m); err != nil {
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
		c.stash = append(c.stash, k)
	}
	return outcome{state: mailbox.Ready}
}

// takeFront begins the message in front, which stays there meanwhile. It reports false when the turn was lost.
func (c *cell[M]) takeFront() (k kept[M], ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.mail.Settle() {
		return k, false
	}
	c.inFront = true
	return c.front[0], true
}

// keep stashes a message that was taken. It reports false when the turn was lost.
func (c *cell[M]) keep(k kept[M]) bool {
	c.stashing = false
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.mail.Settle() {
		return false
	}
	c.stash = append(c.stash, k)
	return true
}

func (c *cell[M]) dropFrontLocked() {
	c.inFront = false
	c.front[0] = kept[M]{}
	c.front = c.front[1:]
	c.ahead = len(c.front) > 0
}

func (c *cell[M]) unstash() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unstashLocked()
}

// unstashLocked leaves a message that is being handled where the handler's end will look for it: at the very front.
func (c *cell[M]) unstashLocked() {
	if len(c.stash) == 0 {
		return
	}
	at := 0
	if c.inFront {
		at = 1
	}
	front := make([]kept[M], 0, len(c.front)+len(c.stash))
	front = append(front, c.front[:at]...)
	front = append(front, c.stash...)
	c.front = append(front, c.front[at:]...)
	c.stash, c.ahead = nil, true
}

// failMessage redelivers the message whose handler failed, or makes it a dead letter. There is none when it was the
// mailbox's Less that failed.
func (c *cell[M]) failMessage(err error) bool {
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
	inFront := c.inFront
	if inFront {
		k = c.front[0]
	} else {
		k.m = c.mail.Current()
	}
	c.handling, c.inFront, c.stashing = false, false, false
	k.tries++
	again := k.tries <= c.props.Redeliver
	switch {
	case again && inFront:
		c.front[0] = k
	case again:
		c.front = append([]kept[M]{k}, c.front...)
	case inFront:
		c.dropFrontLocked()
	}
	if again {
		c.ahead = true
		c.tallyLocked(Stats{Redelivered: 1})
	} else {
		c.deadOut++
	}
	c.mu.Unlock()
	if !again {
		c.sys.deadLetter(k.m, c.path(), err)
	}
	return true
}

func (c *cell[M]) begin() (err error) {
	begun := false
	defer func() {
		if !begun {
			c.behaviour = nil // it must not be asked to give up what it never began
		}
	}()
	b := c.props.New()
	if b == nil {
		return badConfig("Props.New", "a function that returned nil", "one that returns an Actor")
	}
	c.behaviour = b
	if h, ok := b.(interface{ Started(*Context[M]) error }); ok {
		err = h.Started(&c.ctx)
	}
	begun = err == nil
	return err
}

// restarting gives the behaviour up. What it stashed goes back in front, for the next one.
func (c *cell[M]) restarting(cause error) {
	b := c.behaviour
	c.behaviour = nil
	c.unstash()
	if h, ok := b.(interface {
		Restarting(*Context[M], error)
	}); ok {
		h.Restarting(&c.ctx, cause)
	}
}

func (c *cell[M]) stopped(cause error) {
	if h, ok := c.behaviour.(interface {
		Stopped(*Context[M], error)
	}); ok {
		h.Stopped(&c.ctx, cause)
	}
}

// abandonLocked takes the mailbox away from a handler. An actor that was woken and has not begun a message has none.
func (c *cell[M]) abandonLocked() (ok bool) {
	if c.inFront || c.mail.Stats().InHand > 0 {
		c.left, ok = c.mail.Abandon()
	}
	return ok
}

// deadLetterAll makes dead letters of all that the actor holds.
func (c *cell[M]) deadLetterAll(reason error) {
	drained := c.mail.Drain()
	c.mu.Lock()
	left := append(c.left, drained...)
	held := append(c.front, c.stash...)
	c.left, c.front, c.stash = nil, nil, nil
	c.deadOut += uint64(len(held))
	c.tallyLocked(Stats{DeadLettered: uint64(len(left))})
	c.mu.Unlock()
	for _, k := range held {
		c.sys.deadLetter(k.m, c.path(), reason)
	}
	for _, m := range left {
		c.sys.deadLetter(m, c.path(), reason)
	}
}

// accept takes in a message that the runtime makes for this actor: it waits for no room and is never dropped. When the
// actor is gone, the message is a dead letter. The error is that of a Level that is out of range; the mailbox has then
// counted the message as rejected.
func (c *cell[M]) accept(m M) (mailbox.Held[M], error) {
	held, wake, err := c.mail.Hold(m)
	switch {
	case errors.Is(err, mailbox.ErrClosed):
		c.tally(Stats{Sent: 1, DeadLettered: 1})
		c.sys.deadLetter(m, c.path(), stoppedError(c.path()))
		return held, nil
	case err != nil:
		return held, fmt.Errorf("runtime: %s refuses its own message: %w", c.path(), err)
	case wake:
		c.sys.dispatch.share(&c.node)
	}
	return held, nil
}

func (c *cell[M]) stay()           { c.mail.Stay() }
func (c *cell[M]) rest() bool      { return c.mail.Rest() }
func (c *cell[M]) suspend() bool   { return c.mail.Suspend() }
func (c *cell[M]) interrupt() bool { return c.mail.Interrupt() }
func (c *cell[M]) closeMailbox()   { c.mail.Close() }

// stats counts what the mailbox and the cell hold. What was taken from the mailbox and is neither in hand, nor kept
// beside it, nor a dead letter, was handled.
func (c *cell[M]) stats() Stats {
	s := c.mail.Stats()
	kept := uint64(len(c.front) + len(c.stash))
	rejected := s.Rejected - s.Refused // a refusal is tallied by who was refused
	return Stats{
		Sent:         s.Put + rejected,
		Rejected:     rejected,
		Handled:      s.Taken - uint64(s.InHand) - kept - c.deadOut,
		Dropped:      s.Dropped,
		DeadLettered: c.deadOut,
		Queued:       uint64(s.Len+s.Held+s.InHand+len(c.left)) + kept,
	}
}

func (c *cell[M]) messageType() string { return reflect.TypeFor[M]().String() }

func (c *cell[M]) supervision() supervisor.Config { return c.props.Children }
