package broadcast_test

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
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

// stressed is n, or many times n under TROUPE_STRESS=1.
func stressed(n int) int {
	if os.Getenv("TROUPE_STRESS") == "1" {
		return 50 * n
	}
	return n
}

// A sink is what one subscriber got. Its function is called by one actor, and the test reads it when that is at rest.
type sink struct{ got []int }

func (s *sink) add(_ *runtime.Context[int], v int) error {
	s.got = append(s.got, v)
	return nil
}

// onFunc subscribes f.
func onFunc(
	t testing.TB, topic *broadcast.Topic[int], f func(*runtime.Context[int], int) error, o broadcast.Options[int],
) *broadcast.Subscription {
	t.Helper()
	sub, err := topic.SubscribeFunc(context.Background(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// onActor subscribes a new actor that runs f.
func onActor(
	t testing.TB, p runtime.Parent, topic *broadcast.Topic[int], props runtime.Props[int],
	f func(*runtime.Context[int], int) error, o broadcast.Options[int],
) (runtime.Ref[int], *broadcast.Subscription) {
	t.Helper()
	props.New = func() runtime.Actor[int] { return runtime.Func[int](f) }
	ref, err := runtime.Spawn(p, props)
	if err != nil {
		t.Fatal(err)
	}
	sub, err := topic.SubscribeRef(context.Background(), ref, o)
	if err != nil {
		t.Fatal(err)
	}
	return ref, sub
}

func drain(t testing.TB, topic *broadcast.Topic[int]) {
	t.Helper()
	if err := topic.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func statsOf(t testing.TB, sub *broadcast.Subscription) broadcast.SubscriptionStats {
	t.Helper()
	stats, err := sub.Stats(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return stats
}

// upTo is 0, 1, ..., n-1.
func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func wantEvents(t testing.TB, who string, got, want []int) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s got other events than it should (-want +got):\n%s", who, diff)
	}
}

// ended reports whether done is closed. It needs a synctest bubble at rest.
func ended(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
