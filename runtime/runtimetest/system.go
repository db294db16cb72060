package runtimetest

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/runtime"
)

// NewSystem starts a system for a test. It logs nowhere, unless the config says so. The end of the test shuts it down, waiting as
// long as that takes, and fails the test where the books do not add up, or where something is left. Handlers that the test
// holds up must be let go before: what is cleaned up first is what was made last.
func NewSystem(t testing.TB, configs ...runtime.Config) *runtime.System {
	t.Helper()
	var c runtime.Config
	if len(configs) > 0 {
		c = configs[0]
	}
	if c.Logger == nil {
		c.Logger = quietLogger()
	}
	s, err := runtime.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		CheckBooks(t, s.Stats())
		if stats := s.Stats(); stats.Queued != 0 || stats.Actors != 0 {
			t.Errorf("after the shutdown of a test's system: %+v: want nothing queued, and no actor", stats)
		}
	})
	return s
}

// CheckBooks fails the test unless each message has ended in exactly one of the ways in which messages end.
func CheckBooks(t testing.TB, s runtime.Stats) {
	t.Helper()
	if sum := s.Rejected + s.Handled + s.Dropped + s.DeadLettered + s.Queued; sum != s.Sent {
		t.Errorf("the counts do not add up: %d sent, but %d rejected, handled, dropped, dead-lettered or queued: %+v", s.Sent, sum, s)
	}
}

// CheckGoroutines fails the test if goroutines that the test has started are there at its end. Call it before anything else, so that it
// looks when all else was cleaned up. Tests that run in parallel must not use it, nor those in a bubble of testing/synctest,
// which looks by itself.
func CheckGoroutines(t testing.TB) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}
