package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// This file is what the tests of bad input (bad*_test.go) share. Each of them asks for three things: the whole text of
// what comes back, what it is for errors.Is, and that nothing else has happened.

const (
	invalid    = "runtime: invalid config: "
	nilPointer = "runtime error: invalid memory address or nil pointer dereference"
)

var sentinels = []error{
	runtime.ErrStopped, runtime.ErrNameTaken, runtime.ErrNotFound, runtime.ErrType, runtime.ErrConfig, runtime.ErrGoexit,
	runtime.ErrAbandoned, runtime.ErrNoMessage, mailbox.ErrConfig, mailbox.ErrFull, mailbox.ErrEmpty, mailbox.ErrClosed,
	supervisor.ErrConfig,
}

// wantText checks the whole text of an error, and what it is: each of is, and none of the other sentinels.
func wantText(t testing.TB, what string, got error, text string, is ...error) {
	t.Helper()
	if got == nil || got.Error() != text {
		t.Errorf("%s: error %v\nwant %s", what, got, text)
		return
	}
	wanted := func(err error) bool {
		for _, w := range is {
			if w == err {
				return true
			}
		}
		return false
	}
	for _, err := range is {
		if !errors.Is(got, err) {
			t.Errorf("%s: error %q is not %q", what, got, err)
		}
	}
	for _, err := range sentinels {
		if errors.Is(got, err) && !wanted(err) {
			t.Errorf("%s: error %q is %q as well", what, got, err)
		}
	}
}

// limited is a system that restarts three times, at once, and then ends.
var limited = runtime.Config{Children: supervisor.Config{MaxRestarts: 3}}

// recovered returns what f panics with, nil where it returns. An error is returned as its text.
func recovered(f func()) (v any) {
	defer func() {
		v = recover()
		if err, ok := v.(error); ok {
			v = err.Error()
		}
	}()
	f()
	return nil
}

// unharmed calls do in a system with one actor, in a bubble of virtual time that nothing may outlive. The counts of the
// system must be those of a system with that actor, changed by what do is known to leave; the actor must still work, and
// another be spawned. At the end the books must add up, as in every test.
func unharmed(t *testing.T, left runtime.Stats, do func(t *testing.T, s *runtime.System, ref runtime.Ref[act])) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		ref := spawn(t, s, runtime.Props[act]{Name: "a", New: performer})
		letters := collectDeadLetters(s)
		do(t, s, ref)
		synctest.Wait()
		left.Actors++
		checkStats(t, s.Stats(), left)
		if n := uint64(len(letters.list())); n != left.DeadLettered+left.Dropped {
			t.Errorf("%d dead letters were published: %v", n, letters.list())
		}
		worked := false
		tell(t, ref, func(*runtime.Context[act]) error { worked = true; return nil })
		synctest.Wait()
		if !worked {
			t.Error("the actor does not work any more")
		}
		other := spawn(t, s, runtime.Props[act]{Name: "afterwards", New: performer})
		if err := other.Tell(context.Background(), fine); err != nil {
			t.Error(err)
		}
	})
}
