package workerpool

import (
	"context"
	"io"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/runtime"
)

// When the queue has given up handing a job over, the job still is the queue's, and nobody else may do it.
func TestHubLeavesAJobWhoseHandOverWasGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := logrus.New()
		logger.SetOutput(io.Discard)
		system, err := runtime.New(runtime.Config{Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = system.Shutdown(context.Background()) }()
		pool, err := New(system, Config[int, int]{Work: func(_ context.Context, n int) (int, error) {
			t.Errorf("job %d was done", n)
			return n, nil
		}})
		if err != nil {
			t.Fatal(err)
		}

		// An ask whose context ends, to have a Reply that nobody waits for.
		silent, err := runtime.SpawnFunc(system, "silent", func(*runtime.Context[runtime.Reply[bool]], runtime.Reply[bool]) error {
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var givenUp runtime.Reply[bool]
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			synctest.Wait()
			cancel()
		}()
		if _, err := runtime.Ask(ctx, silent, func(r runtime.Reply[bool]) runtime.Reply[bool] {
			givenUp = r
			return r
		}); err == nil {
			t.Fatal("the ask was answered")
		}

		if err := pool.hub.TryTell(place[int, int]{givenUp, newJob[int, int](1)}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if s, err := pool.Stats(t.Context()); err != nil || s.Busy != 0 || s.Done != 0 || s.Queued != 0 {
			t.Errorf("stats are %+v, %v, want no trace of the job", s, err)
		}
	})
}
