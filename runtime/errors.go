package runtime

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrStopped is wrapped by what Tell, TryTell, Ask and Spawn return when the actor or system is stopped, or refuses
	// messages because it is stopping. It is the reason of messages that were queued when their actor stopped.
	ErrStopped = errors.New("runtime: stopped")
	// ErrNameTaken is wrapped by Spawn's error when a sibling has the name.
	ErrNameTaken = errors.New("runtime: name is taken")
	// ErrNotFound is wrapped by Lookup's error when no actor has the path.
	ErrNotFound = errors.New("runtime: no such actor")
	// ErrType is wrapped by Lookup's error when the actor at the path takes another type of message.
	ErrType = errors.New("runtime: wrong message type")
	// ErrConfig is wrapped by the errors of New and Spawn that refuse a Config or Props.
	ErrConfig = errors.New("runtime: invalid config")
	// ErrGoexit is the failure of an actor whose code ended its goroutine, with runtime.Goexit or testing's FailNow.
	ErrGoexit = errors.New("runtime: handler called Goexit")
	// ErrAbandoned is wrapped by Ref.Err and by dead letters when an actor's code did not return in time after a stop.
	ErrAbandoned = errors.New("runtime: abandoned")
	// ErrNoMessage is returned by Stash outside of Receive.
	ErrNoMessage = errors.New("runtime: there is no current message to stash")

	errTimeUp   = errors.New("runtime: the shutdown's time was up")
	errNoParent = badConfig("the Parent of Spawn", "nil or zero", "a *System from New or a handler's *Context")
	errNoTime   = errors.New("runtime: the context of Shutdown is nil: want context.Background() or another")
)

// A PanicError is the failure of an actor that panicked.
type PanicError struct {
	Value any
	Stack []byte // of the panicking goroutine
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value of the panic if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// badConfig names the field that is wrong, what was found and what is accepted.
func badConfig(field string, found any, want string) error {
	return fmt.Errorf("%w: %s is %v: want %s", ErrConfig, field, found, want)
}

func checkName(field, name string) error {
	if strings.Contains(name, "/") {
		return badConfig(field, fmt.Sprintf("%q", name), "a name without '/'")
	}
	return nil
}

func stoppedError(path string) error { return fmt.Errorf("%w: %s", ErrStopped, path) }
