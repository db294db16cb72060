package broadcast_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func TestBadValuesAreNamed(t *testing.T) {
	system := newSystem(t)
	topic := newTopic(t, system, broadcast.Config[int]{Name: "topic"})
	ref, err := runtime.SpawnFunc(system, "", func(*runtime.Context[int], int) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	nothing := func(*runtime.Context[int], int) error { return nil }
	create := func(c broadcast.Config[int]) func() error {
		return func() error { _, err := broadcast.New(system, c); return err }
	}
	function := func(o broadcast.Options[int]) func() error {
		return func() error { _, err := topic.SubscribeFunc(t.Context(), nothing, o); return err }
	}
	actor := func(o broadcast.Options[int]) func() error {
		return func() error { _, err := topic.SubscribeRef(t.Context(), ref, o); return err }
	}
	loop := func(o ...broadcast.Options[int]) func() error {
		return func() (err error) {
			defer func() { err, _ = recover().(error) }()
			topic.All(t.Context(), o...)
			return nil
		}
	}
	for _, c := range []struct {
		do   func() error
		want string // in the error
	}{
		{create(broadcast.Config[int]{Name: "a/b"}), `Name is "a/b"`},
		{create(broadcast.Config[int]{Capacity: -2}), "Capacity is -2"},
		{create(broadcast.Config[int]{Replay: -1}), "Replay is -1"},
		{function(broadcast.Options[int]{Name: "a/b"}), `Name is "a/b"`},
		{function(broadcast.Options[int]{Replay: -1}), "Replay is -1"},
		{function(broadcast.Options[int]{Retries: -1}), "Retries is -1"},
		{function(broadcast.Options[int]{Restart: 77}), "Restart is"},
		{function(broadcast.Options[int]{Mailbox: mailbox.Config[int]{Capacity: -7}}), "Capacity is -7"},
		{func() error { _, err := topic.SubscribeFunc(t.Context(), nil, broadcast.Options[int]{}); return err }, "nil"},
		{actor(broadcast.Options[int]{Mailbox: mailbox.Config[int]{Capacity: 7}}), "Mailbox is"},
		{actor(broadcast.Options[int]{Mailbox: mailbox.Config[int]{Overflow: mailbox.DropOldest}}), "Mailbox.Overflow is DropOldest"},
		{actor(broadcast.Options[int]{Retries: 1}), "Retries is 1"},
		{actor(broadcast.Options[int]{Restart: supervisor.Temporary}), "Restart is"},
		{actor(broadcast.Options[int]{Replay: -1}), "Replay is -1"},
		{loop(broadcast.Options[int]{}, broadcast.Options[int]{}), "is 2"},
		{loop(broadcast.Options[int]{Retries: 1}), "Retries is 1"},
		{loop(broadcast.Options[int]{Mailbox: mailbox.Config[int]{Capacity: -7}}), "Capacity is -7"},
	} {
		err := c.do()
		if !errors.Is(err, broadcast.ErrConfig) || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("the error is %v, want one that wraps ErrConfig and says %q", err, c.want)
		}
	}
	if _, err := broadcast.New(system, broadcast.Config[int]{Name: "topic"}); !errors.Is(err, runtime.ErrNameTaken) {
		t.Errorf("a second topic of that name: %v, want ErrNameTaken", err)
	}
	ref.Stop()
	<-ref.Done()
	if err := actor(broadcast.Options[int]{})(); !errors.Is(err, runtime.ErrStopped) {
		t.Errorf("to subscribe an actor that has stopped returns %v, want ErrStopped", err)
	}
	subs, err := topic.Subscriptions(t.Context())
	if err != nil || !slices.Equal(subs, nil) {
		t.Errorf("subscriptions are %v, %v, want none", subs, err)
	}
}
