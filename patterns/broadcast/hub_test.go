package broadcast

import (
	"context"
	"io"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/runtime"
)

// stall keeps the hub busy until it is closed.
type stall chan struct{}

func (m stall) apply(*runtime.Context[errand[int]], *hub[int]) { <-m }

// The hub hears of the end of the topic's actor, by a Drain, and of a Stop, in this order, when it comes to both.
func TestStopCountsThoughTheTopicIsExhaustedAlready(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := logrus.New()
		logger.SetOutput(io.Discard)
		system, err := runtime.New(runtime.Config{Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = system.Shutdown(context.Background()) }()
		topic, err := New(system, Config[int]{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = topic.SubscribeFunc(t.Context(), func(ctx *runtime.Context[int], _ int) error {
			<-ctx.Done()
			return nil
		}, Options[int]{})
		if err != nil {
			t.Fatal(err)
		}
		if err := topic.Publish(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		hold := make(stall)
		if err := topic.hub.TryTell(hold); err != nil {
			t.Fatal(err)
		}
		topic.relay.StopWhenEmpty()
		<-topic.relay.Done()
		synctest.Wait()
		topic.Stop()
		close(hold)
		synctest.Wait()
		select {
		case <-topic.Done():
		default:
			t.Error("the topic waits for its function")
			topic.Stop()
		}
	})
}
