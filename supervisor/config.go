package supervisor

import (
	"errors"
	"fmt"
	"time"
)

// The values of Config.MaxRestarts that are not counts, and what a zero field means.
const (
	DefaultMaxRestarts = 3               // MaxRestarts 0
	NoRestarts         = -1              // MaxRestarts: the first restart is one too many
	Unlimited          = -2              // MaxRestarts: no restart is one too many, and none is counted
	DefaultWithin      = 5 * time.Second // Within 0
)

// ErrConfig is what every error of [Config.Validate] is, for errors.Is.
var ErrConfig = errors.New("supervisor: invalid Config")

// A Config says how a supervisor treats its children. The zero value is useful: one child is restarted at a time, at
// once, up to 3 times within 5 s, after any failure.
type Config struct {
	// Strategy says which siblings a restart takes along.
	Strategy Strategy

	// MaxRestarts is how many restarts, of all children together, are allowed Within a time. One more escalates.
	// 0 is DefaultMaxRestarts; NoRestarts allows none, Unlimited any number.
	MaxRestarts int

	// Within is how long a restart counts against MaxRestarts, and how long a child must run for its earlier failures
	// to be forgotten by Backoff. 0 is DefaultWithin.
	Within time.Duration

	// Backoff delays restarts. The zero value restarts at once.
	Backoff Backoff

	// Decide gives the directive for a failure; nil always restarts. It must not block: the supervisor waits for it.
	// A value that is none of the four directives is taken for Escalate.
	Decide func(error) Directive

	// AutoShutdown says whether the supervisor ends with its significant children.
	AutoShutdown AutoShutdown
}

// IsZero reports whether c is the zero Config.
func (c Config) IsZero() bool {
	return c.Strategy == 0 && c.MaxRestarts == 0 && c.Within == 0 && c.Backoff == Backoff{} && c.Decide == nil && c.AutoShutdown == 0
}

// Validate returns nil for a Config that the other methods can work with. Else it names every bad field, one a line,
// with what was found and what is accepted; each is an [ErrConfig].
func (c Config) Validate() error {
	return errors.Join(
		c.Strategy.validate(),
		c.validateMaxRestarts(),
		c.validateWithin(),
		c.Backoff.validate(),
		c.AutoShutdown.validate(),
	)
}

func (c Config) validateMaxRestarts() error {
	if c.MaxRestarts < Unlimited {
		return invalid("MaxRestarts is %d: want 0 (default %d), NoRestarts (%d), Unlimited (%d) or more than 0",
			c.MaxRestarts, DefaultMaxRestarts, NoRestarts, Unlimited)
	}
	return nil
}

func (c Config) validateWithin() error {
	if c.Within < 0 {
		return invalid("Within is %v: want 0 (default %v) or more", c.Within, DefaultWithin)
	}
	return nil
}

// within is Within with its default.
func (c Config) within() time.Duration {
	if c.Within == 0 {
		return DefaultWithin
	}
	return c.Within
}

// A configError is an ErrConfig that says which field, rather than repeat that the Config is invalid.
type configError struct{ text string }

func (e *configError) Error() string { return e.text }
func (e *configError) Unwrap() error { return ErrConfig }

func invalid(format string, args ...any) error {
	return &configError{"supervisor: Config." + fmt.Sprintf(format, args...)}
}

// enum is the String of a value of an enumeration: its name, or, for one that has none, the type and the number.
func enum[E ~uint8](e E, kind string, names ...string) string {
	if int(e) < len(names) {
		return names[e]
	}
	return fmt.Sprintf("%s(%d)", kind, uint8(e))
}
