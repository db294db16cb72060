package event_test

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/patterns/event"
	"github.com/troupe-go/troupe/runtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scaled returns few, or many under TROUPE_STRESS=1.
func scaled(few, many int) int {
	if os.Getenv("TROUPE_STRESS") == "1" {
		return many
	}
	return few
}

// newSystem starts a system that logs nothing, and is shut down when the test ends.
func newSystem(t testing.TB) *runtime.System {
	t.Helper()
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	system, err := runtime.New(runtime.Config{Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := system.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return system
}

func newEvent(t testing.TB, p runtime.Parent) *event.Event {
	t.Helper()
	e, err := event.New(p, event.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func set(t testing.TB, e *event.Event) {
	t.Helper()
	if err := e.Set(); err != nil {
		t.Fatal(err)
	}
}

func unset(t testing.TB, e *event.Event) {
	t.Helper()
	if err := e.Clear(); err != nil {
		t.Fatal(err)
	}
}

func wantSet(t testing.TB, e *event.Event, want bool) {
	t.Helper()
	got, err := e.IsSet(context.Background())
	if err != nil || got != want {
		t.Fatalf("IsSet returns %v, %v, want %v", got, err, want)
	}
}

// waitAside starts n Waits on goroutines of their own.
func waitAside(ctx context.Context, e *event.Event, n int) <-chan error {
	got := make(chan error, n)
	for range n {
		go func() { got <- e.Wait(ctx) }()
	}
	return got
}
