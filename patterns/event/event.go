package event

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// ErrConfig is wrapped by the error of New that refuses a Config.
var ErrConfig = errors.New("event: invalid config")

// A Config says how an event is. The zero value works.
type Config struct {
	Name string // of the event's actor: as Props.Name
}

func (c Config) validate() error {
	if strings.Contains(c.Name, "/") {
		return fmt.Errorf("%w: Name is %q: want a name without '/'", ErrConfig, c.Name)
	}
	return nil
}

// An Event is a flag that can be waited for. All methods are safe for concurrent use.
type Event struct{ ref runtime.Ref[message] }

// New starts an event as an actor under p. It is not set. New does not block.
//
// It returns an error that wraps ErrConfig if c is wrong, and the errors of runtime.Spawn.
func New(p runtime.Parent, c Config) (*Event, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	return spawn(p, c.Name, &flag{})
}

// spawn starts the actor. The flag is made once, and each behaviour goes on with it.
func spawn(p runtime.Parent, name string, f *flag) (*Event, error) {
	ref, err := runtime.Spawn(p, runtime.Props[message]{
		Name: name,
		New:  func() runtime.Actor[message] { return f },
		// Nearly each message belongs to a caller that waits for its answer. Those that do not, because Set and Clear found
		// the flag busy, have let it run before they went on.
		Mailbox: mailbox.Config[message]{Capacity: mailbox.Unbounded},
		Inline:  true,
	})
	if err != nil {
		return nil, err
	}
	return &Event{ref}, nil
}

// Set sets the event, and lets everybody go who waits. It does nothing to one that is set. It never waits, and needs no
// context: it works for everybody for as long as the event does, also while the system drains.
//
// It returns an error that wraps runtime.ErrStopped when the event has stopped.
func (e *Event) Set() error { return e.change(sets) }

// Clear takes a Set back: who calls Wait from now on waits for the next one. It does nothing to an event that is not set,
// and nothing to those who were let go. It is like Set otherwise.
func (e *Event) Clear() error { return e.change(clears) }

func (e *Event) change(v verb) error {
	var m moment
	_, err := e.ask(&m, v)
	switch {
	case err == nil, bool(m): // done, or queued: without a bound, a moment only ends after that
		return nil
	default: // who asks is not known, so that a system that drains refuses it; what is told, it accepts
		return e.ref.TryTell(message{verb: v})
	}
}

// IsSet reports whether the event is set. It waits only for the event's answer, which nothing delays.
//
// It returns an error that wraps ctx.Err() when ctx ended first, and one that wraps runtime.ErrStopped when the event is
// stopped, or the system is stopping and ctx is not that of one of its actors.
func (e *Event) IsSet(ctx context.Context) (bool, error) { return e.ask(ctx, looks) }

// Wait returns nil when the event is set: at once if it is, and otherwise as soon as it is, however short that may be. It
// returns the errors of IsSet. Pass a handler's context inside a handler.
func (e *Event) Wait(ctx context.Context) error {
	_, err := e.ask(ctx, waits)
	if err != nil && ctx != nil && ctx.Err() != nil {
		_ = e.ref.TryTell(message{verb: withdraws}) // without it, the flag looks later for those who are gone
	}
	return err
}

func (e *Event) ask(ctx context.Context, v verb) (bool, error) {
	return runtime.Ask(ctx, e.ref, func(r runtime.Reply[bool]) message { return message{r, v} })
}

// Stop stops the event. It does not wait: see Done. Who waits gets an error that wraps runtime.ErrStopped, as does
// everybody afterwards.
func (e *Event) Stop() { e.ref.Stop() }

// Done returns a channel that is closed when the event has stopped.
func (e *Event) Done() <-chan struct{} { return e.ref.Done() }
