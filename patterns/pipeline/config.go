package pipeline

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/supervisor"
)

var (
	// ErrConfig is wrapped by what Run returns when a stage, a flow or the Config is wrong.
	ErrConfig = errors.New("pipeline: invalid config")
	// ErrUsed is wrapped, beside ErrConfig, by what Run returns when a flow was used twice, or a sink is run again.
	ErrUsed = errors.New("pipeline: used before")
	// ErrCancelled is wrapped by what Wait returns when the run was cancelled; so is the reason, where there is one.
	ErrCancelled = errors.New("pipeline: cancelled")
)

// A Config says how a run is. The zero value works.
type Config struct {
	// Name is that of the run's actor, as Props.Name; its stages are its children.
	Name string

	// StopTimeout is how long a function of the user may take to return after the run was cancelled. One that takes
	// longer is abandoned by the runtime, and its goroutine stays. 0 means runtime.DefaultStopTimeout (5 s).
	StopTimeout time.Duration
}

// A Policy is what becomes of an item for which a stage's function has failed for good, by an error, a panic or a
// Goexit.
type Policy uint8

// The policies.
const (
	Stop Policy = iota // the whole run stops, with the error
	Skip               // the item becomes a dead letter of the system, with the error as its reason, and the run goes on
)

// A Stage says how a stage is. The zero value works.
type Stage struct {
	// Name is in the stage's errors, in its Stats, and the last element of its actor's path. "" means its kind and its
	// number in the run, as in "map-2".
	Name string

	// Parallel is how many items Map, Filter, FlatMap and ForEach work on at once. 0 means 1. All other stages are
	// sequential, and refuse more than 1.
	Parallel int

	// Unordered lets the results of a Parallel stage leave as they come. Otherwise they leave in the order of the items
	// that they were made of.
	Unordered bool

	// Buffer is the most items that may be under way to this stage: made by the one before, and not taken up by this one.
	// A sequential stage takes up an item as it begins it; a parallel one takes up to Buffer, but at least twice Parallel,
	// which it deals out to its workers and puts in order again. For a source Buffer bounds nothing but an Intake's
	// mailbox. 0 means mailbox.DefaultCapacity (1,024), and 1,048,576 is the most: a source makes room for that beforehand.
	//
	// Where both functions are quick, items travel in chunks of up to a quarter of Buffer. Less than 8 rules that out.
	Buffer int

	// OnError is what becomes of an item for which the function has failed once more than Retries.
	OnError Policy

	// Retries is how many times the function is called again for an item for which it has failed. The items behind it wait
	// meanwhile, as long as that is what order demands.
	Retries int

	// Backoff is how long to wait before each of them, from the first one on. The zero value does not wait.
	Backoff supervisor.Backoff
}

const mostBuffer = 1 << 20

// one returns the only Stage of an optional argument.
func one(stages []Stage) (s Stage, err error) {
	if len(stages) > 1 {
		return s, fmt.Errorf("%w: %d Stages were given to one stage: want one or none", ErrConfig, len(stages))
	}
	for _, given := range stages {
		s = given
	}
	return s, s.validate()
}

// validate sets the defaults, and returns the first thing that is wrong.
func (s *Stage) validate() error {
	if s.Buffer == 0 {
		s.Buffer = mailbox.DefaultCapacity
	}
	if s.Parallel == 0 {
		s.Parallel = 1
	}
	backoff := supervisor.Config{Backoff: s.Backoff}
	switch err := backoff.Validate(); {
	case strings.Contains(s.Name, "/"):
		return badConfig("Stage.Name", fmt.Sprintf("%q", s.Name), "a name without '/'")
	case s.Parallel < 0:
		return badConfig("Stage.Parallel", s.Parallel, "0 (1) or more")
	case s.Buffer < 0 || s.Buffer > mostBuffer:
		return badConfig("Stage.Buffer", s.Buffer, fmt.Sprintf("0 (default %d) to %d", mailbox.DefaultCapacity, mostBuffer))
	case s.OnError > Skip:
		return badConfig("Stage.OnError", uint8(s.OnError), "Stop or Skip")
	case s.Retries < 0:
		return badConfig("Stage.Retries", s.Retries, "0 (never) or more")
	case err != nil:
		return fmt.Errorf("%w: Stage.Backoff: %w", ErrConfig, err)
	}
	return nil
}

func badConfig(field string, found any, want string) error {
	return fmt.Errorf("%w: %s is %v: want %s", ErrConfig, field, found, want)
}

// A StageError is the error of a run that one of its stages has stopped, and the reason of the dead letters that Skip
// makes.
type StageError struct {
	Stage string // its name
	Err   error  // what its function returned, a *runtime.PanicError, or runtime.ErrGoexit
}

func (e *StageError) Error() string { return fmt.Sprintf("pipeline: stage %q: %v", e.Stage, e.Err) }

// Unwrap returns Err.
func (e *StageError) Unwrap() error { return e.Err }
