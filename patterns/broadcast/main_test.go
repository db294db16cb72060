package broadcast_test

import (
	"context"
	"io"
	"testing"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

func newTopic(t testing.TB, p runtime.Parent, c broadcast.Config[int]) *broadcast.Topic[int] {
	t.Helper()
	topic, err := broadcast.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	return topic
}

func publish(t testing.TB, topic *broadcast.Topic[int], events ...int) {
	t.Helper()
	for _, v := range events {
		if err := topic.Publish(context.Background(), v); err != nil {
			t.Fatal(err)
		}
	}
}
