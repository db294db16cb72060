package event

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/runtime"
)

// However many waits are given up, what is left of them is no more than what waits, and a crowd's memory is given back.
func TestGivenUpWaitsLeaveNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := logrus.New()
		logger.SetOutput(io.Discard)
		system, err := runtime.New(runtime.Config{Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = system.Shutdown(context.Background()) }()
		f := &flag{}
		e, err := spawn(system, "", f)
		if err != nil {
			t.Fatal(err)
		}
		const waits = 3 * spare
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error, waits)
		for range waits {
			go func() { got <- e.Wait(ctx) }()
		}
		ten := make(chan error, 10)
		for range 10 {
			go func() { ten <- e.Wait(t.Context()) }()
		}
		synctest.Wait()
		if len(f.waiting) != waits+10 {
			t.Fatalf("%d wait, want %d", len(f.waiting), waits+10)
		}
		cancel()
		for range waits {
			if err := <-got; !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := len(f.waiting); n < 10 || n > 20 {
			t.Errorf("%d waits are kept where 10 wait, want 20 at most", n)
		}
		if err := e.Set(); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			if err := <-ten; err != nil {
				t.Error(err)
			}
		}
		if len(f.waiting) != 0 || cap(f.waiting) > spare {
			t.Errorf("%d waits are kept after a Set, with room for %d, want none, and %d at most", len(f.waiting), cap(f.waiting), spare)
		}
	})
}
