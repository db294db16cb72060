package pipeline_test

import (
	"context"
	"io"

	"os"
	"testing"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/patterns/pipeline"
	"github.com/troupe-go/troupe/runtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stressed is n, or many times n under TROUPE_STRESS=1.
func stressed(n, times int) int {
	if os.Getenv("TROUPE_STRESS") == "1" {
		return n * times
	}
	return n
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

// start runs sinks together.
func start(t testing.TB, p runtime.Parent, sinks ...pipeline.Sink) *pipeline.Run {
	t.Helper()
	run, err := pipeline.Join(sinks...).Run(context.Background(), p, pipeline.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// finish waits for a run that must end well.
func finish(t testing.TB, run *pipeline.Run) pipeline.Stats {
	t.Helper()
	if err := run.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	return run.Stats()
}

func numbers(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func add(_ context.Context, n int) (int, error) { return n + 1, nil }
