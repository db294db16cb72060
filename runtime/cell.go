package runtime

import (
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
	inFront  bool // with the message front[0]
	stashing bool // and has asked to keep it
	budget   int  // messages until it yields; unlimited below 0
	lost     bool // this holder took the turn over, and the mailbox with it

	// Written by the turn's holder under node.mu, so that counts and an abandonment can look.
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

const unlimited = -1

// inlineBudget is how many messages an actor handles on an asker's goroutine before it moves to one of its own.
const inlineBudget = 64

// work handles messages until the mailbox says something else, or a handler fails. A panic leaves it by its guard.
func (c *cell[M]) work() outcome {
	for c.budget != 0 {
		if len(c.front) > 0 && !c.mail.Interrupted() {
			if out := c.workFront(); out.err != nil || out.state != mailbox.Ready {
				return out
			}
			continue
		}
		m, state := c.mail.Next()
		if state != mailbox.Ready {
			return outcome{state: state}
		}
		if c.budget > 0 {
			c.budget--
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
	c.budget = unlimited
	return outcome{yield: true}
}

func (c *cell[M]) workFront() outcome {
	k := c.front[0]
	c.handling, c.inFront = true, true
	if err := c.behaviour.Receive(&c.ctx, k.m); err != nil {
		return outcome{err: err}
	}
	c.handling, c.inFront = false, false
	if !c.mail.Settle() {
		return outcome{state: mailbox.Lost}
	}
	c.dropFront()
	if c.stashing && !c.keep(k) {
		return outcome{state: mailbox.Lost}
	}
	return outcome{state: mailbox.Ready}
}

// keep stashes a message that was taken. It reports false when the turn was lost.
func (c *cell[M]) keep(k kept[M]) bool {
	c.stashing = false
	if !c.mail.Settle() {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stash = append(c.stash, k)
	return true
}

func (c *cell[M]) dropFront() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.front[0] = kept[M]{}
	c.front = c.front[1:]
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
	c.stash = nil
}

// failMessage redelivers the message whose handler failed, or makes it a dead letter.
func (c *cell[M]) failMessage(err error) bool {
	if !c.mail.Settle() {
		return false
	}
	var k kept[M]
	inFront := c.inFront
	c.mu.Lock()
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
		c.front[0] = kept[M]{}
		c.front = c.front[1:]
	}
	if again {
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

// deadLetterAll makes dead letters of all that the actor holds, unless an abandonment has done so.
func (c *cell[M]) deadLetterAll(reason error) {
	if !c.lost {
		c.discard(c.mail.Drain(), reason)
	}
}

func (c *cell[M]) abandon(reason error) bool {
	left, ok := c.mail.Abandon()
	if ok {
		c.lost = true
		c.discard(left, reason)
	}
	return ok
}

func (c *cell[M]) discard(left []M, reason error) {
	c.mu.Lock()
	held := append(c.front, c.stash...)
	c.front, c.stash = nil, nil
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

// accept takes in a message that the runtime makes for this actor: it waits for no room and is never dropped. It
// reports false when the actor is gone; then the message is a dead letter.
func (c *cell[M]) accept(m M) (mailbox.Held[M], bool) {
	held, wake, err := c.mail.Hold(m)
	if err != nil {
		c.tally(Stats{Sent: 1, DeadLettered: 1})
		c.sys.deadLetter(m, c.path(), stoppedError(c.path()))
		return held, false
	}
	if wake {
		c.sys.ready(&c.node)
	}
	return held, true
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
		Queued:       uint64(s.Len+s.Held+s.InHand) + kept,
	}
}

func (c *cell[M]) messageType() string { return reflect.TypeFor[M]().String() }

func (c *cell[M]) supervision() supervisor.Config { return c.props.Children }
