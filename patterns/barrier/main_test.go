package barrier_test

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/patterns/barrier"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scaled returns few, or many under TROUPE_STRESS=1.
func scaled(few, many int) int {
	if os.Getenv("TROUPE_STRESS") == "1" {
		return many
	}
	return few
}

// newSystem starts a system that logs nothing, restarts at once, and is shut down when the test ends.
func newSystem(t testing.TB) *runtime.System {
	t.Helper()
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	system, err := runtime.New(runtime.Config{Logger: logger, Children: supervisor.Config{MaxRestarts: supervisor.Unlimited}})
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

func newBarrier(t testing.TB, p runtime.Parent, c barrier.Config) *barrier.Barrier {
	t.Helper()
	b, err := barrier.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	return b
}

// A result is what a Wait on another goroutine returned.
type result struct {
	index int
	err   error
}

func waitAside(ctx context.Context, b *barrier.Barrier) <-chan result {
	got := make(chan result, 1)
	go func() {
		index, err := b.Wait(ctx)
		got <- result{index, err}
	}()
	return got
}

func wantBroken(t testing.TB, b *barrier.Barrier, want bool) {
	t.Helper()
	if got, err := b.Broken(context.Background()); got != want || err != nil {
		t.Errorf("Broken returns %v, %v, want %v", got, err, want)
	}
}

func wantWaiting(t testing.TB, b *barrier.Barrier, want int) {
	t.Helper()
	if got, err := b.Waiting(context.Background()); got != want || err != nil {
		t.Errorf("Waiting returns %d, %v, want %d", got, err, want)
	}
}
