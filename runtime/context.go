package runtime

import (
	"context"
	"fmt"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/mailbox"
)

// A Context is what a behaviour gets with each message: its actor's own controls.
//
// It is a context.Context as well, which ends when the actor is told to stop, or when the time of a shutdown is up, but
// not while the actor drains. Inside a handler it is passed straight to Tell, Ask, an HTTP client or a database; that is
// also how the runtime knows who is sending. As a context.Context it may be passed to other goroutines; everything else
// is for the handler and hooks of its actor alone, unless it says otherwise.
type Context[M any] struct {
	// First of all, because it fills three cache lines of its own: see there.
	mail mailbox.Owned[M]

	// Context is the context.Context that x is.
	context.Context
	node
	behaviour Actor[M] // nil before it is begun, and after it was given up
	make      func() Actor[M]
}

// Self returns the actor's own ref. It may be called from any goroutine.
// That of a zero Context is the zero Ref.
func (x *Context[M]) Self() Ref[M] {
	if !x.isActors() {
		return Ref[M]{}
	}
	return Ref[M]{x}
}

// isActors reports whether x is what a handler gets, and not what somebody has made.
func (x *Context[M]) isActors() bool { return x != nil && x.kin != nil }

// demand panics where x is no actor's: otherwise that would be found out later, and elsewhere.
func (x *Context[M]) demand(call string) {
	if !x.isActors() {
		panic("runtime: " + call + " with a nil or zero Context: want one that a handler or hook got")
	}
}

// Log returns the system's logger with the field "actor" set to the actor's path. It may be called from any goroutine.
func (x *Context[M]) Log() logrus.FieldLogger {
	x.demand("Log")
	return x.log()
}

// Become makes a the actor's behaviour from the next message on, until the next Become or restart; a restart makes a
// fresh one with Props.New. The Started hook of a is not called.
func (x *Context[M]) Become(a Actor[M]) {
	x.demand("Become")
	if isNone(a) {
		panic("runtime: Become(nil): want an Actor")
	}
	x.behaviour = a
}

// Stash keeps the current message for later, instead of counting it as handled: it is handled again after Unstash, or
// by the new behaviour after a restart. The handler should return nil then; if it fails, the message failed and is not
// kept.
//
// It returns mailbox.ErrFull when as many messages are stashed as the mailbox has room for, and ErrNoMessage outside of
// Receive.
func (x *Context[M]) Stash() error {
	x.demand("Stash")
	if !x.handling {
		return ErrNoMessage
	}
	x.mu.Lock()
	stashed := len(x.held().stash)
	x.mu.Unlock()
	if limit := x.mail.Cap(); limit != mailbox.Unbounded && stashed >= limit {
		return fmt.Errorf("%w: %d messages are stashed at %s", mailbox.ErrFull, stashed, x.path())
	}
	x.stashing = true
	return nil
}

// Unstash puts all stashed messages back in front of the queue, in the order in which they were stashed.
func (x *Context[M]) Unstash() {
	x.demand("Unstash")
	x.unstash()
}

// Stop stops the actor after the current message, as Ref.Stop does. It may be called from any goroutine.
func (x *Context[M]) Stop() {
	x.demand("Stop")
	x.stop(stopNow, nil, true)
}

func (x *Context[M]) spawner() (*node, error) {
	if !x.isActors() {
		return nil, errNoParent
	}
	// The child may get the handle of the ask that the handler is at. On another goroutine, there is no telling what that is.
	if r := x.runner(); x.marks.has(carries) && r != nil && r.isHere() && r.n == &x.node {
		x.passOnCurrent()
	}
	return &x.node, nil
}
