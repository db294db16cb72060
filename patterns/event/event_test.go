package event_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/event"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func TestBadConfigsNameFieldFoundAndAccepted(t *testing.T) {
	system := newSystem(t)
	const text = `event: invalid config: Name is "a/b": want a name without '/'`
	if _, err := event.New(system, event.Config{Name: "a/b"}); !errors.Is(err, event.ErrConfig) || err.Error() != text {
		t.Errorf("New returns %v, want ErrConfig, in the words %q", err, text)
	}
	if _, err := event.New(nil, event.Config{}); !errors.Is(err, runtime.ErrConfig) {
		t.Errorf("New without a parent returns %v, want runtime.ErrConfig", err)
	}
	for _, want := range []error{nil, runtime.ErrNameTaken} {
		if _, err := event.New(system, event.Config{Name: "ready"}); !errors.Is(err, want) {
			t.Errorf("New returns %v, want %v", err, want)
		}
	}
}

func TestCancelledWaitEndsAtOnceAndLeavesTheOthersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEvent(t, newSystem(t))
		ctx, cancel := context.WithCancel(t.Context())
		gone, stay := waitAside(ctx, e, 7), waitAside(t.Context(), e, 2)
		synctest.Wait()
		cancel()
		for range 7 {
			if err := <-gone; !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled Wait returns %v, want context.Canceled", err)
			}
		}
		if err := e.Wait(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Wait with an ended context returns %v, want context.Canceled", err)
		}
		synctest.Wait()
		if len(stay) > 0 {
			t.Fatal("a Wait that nobody gave up has ended")
		}
		set(t, e)
		for range 2 {
			if err := <-stay; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestNoContextIsAnError(t *testing.T) {
	e := newEvent(t, newSystem(t))
	var none context.Context
	if err := e.Wait(none); err == nil {
		t.Error("Wait without a context returns nil, want an error")
	}
	if _, err := e.IsSet(none); err == nil {
		t.Error("IsSet without a context returns nil, want an error")
	}
}

func wantStopped(t *testing.T, e *event.Event) {
	t.Helper()
	_, isSet := e.IsSet(context.Background())
	for call, err := range map[string]error{
		"Wait": e.Wait(context.Background()), "Set": e.Set(), "Clear": e.Clear(), "IsSet": isSet,
	} {
		if !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("%s returns %v after Stop, want ErrStopped", call, err)
		}
	}
}

func TestStopEndsAllWaitsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEvent(t, newSystem(t))
		got := waitAside(t.Context(), e, 3)
		synctest.Wait()
		e.Stop()
		<-e.Done()
		for range 3 {
			if err := <-got; !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("a Wait returns %v, want ErrStopped", err)
			}
		}
		wantStopped(t, e)
	})
}

// act is a message that its receiver carries out.
type act func(*runtime.Context[act]) error

func perform(ctx *runtime.Context[act], do act) error { return do(ctx) }

func TestEventWorksWhileTheSystemDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		e := newEvent(t, system)
		user, err := runtime.SpawnFunc(system, "user", perform)
		if err != nil {
			t.Fatal(err)
		}
		waited := make(chan error, 2)
		for range 2 {
			if err := user.Tell(t.Context(), func(ctx *runtime.Context[act]) error {
				waited <- errors.Join(e.Wait(ctx), e.Clear())
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		outside := waitAside(t.Context(), e, 1)
		over := make(chan error, 1)
		synctest.Wait()
		go func() { over <- system.Shutdown(context.Background()) }()
		synctest.Wait()
		if err := e.Wait(t.Context()); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("a Wait from outside returns %v during a shutdown, want ErrStopped", err)
		}
		set(t, e)
		if err := errors.Join(<-waited, <-outside); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		set(t, e)
		if err := errors.Join(<-waited, <-over); err != nil {
			t.Error(err)
		}
		wantStopped(t, e)
	})
}

// The event's actor is restarted when a sibling fails under AllForOne.
func TestRestartChangesNeitherTheFlagNorWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		parent, err := runtime.Spawn(system, runtime.Props[act]{
			New:      func() runtime.Actor[act] { return runtime.Func[act](perform) },
			Children: supervisor.Config{Strategy: supervisor.AllForOne},
		})
		if err != nil {
			t.Fatal(err)
		}
		var waitedFor, isSet *event.Event
		var sibling runtime.Ref[act]
		if err := parent.Tell(t.Context(), func(ctx *runtime.Context[act]) (err error) {
			waitedFor, isSet = newEvent(t, ctx), newEvent(t, ctx)
			sibling, err = runtime.SpawnFunc(ctx, "sibling", perform)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		set(t, isSet)
		got := waitAside(t.Context(), waitedFor, 3)
		synctest.Wait()
		if err := sibling.Tell(t.Context(), func(*runtime.Context[act]) error { return errors.New("on purpose") }); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := system.Stats().Restarts; n != 3 {
			t.Fatalf("%d actors were restarted, want the sibling and the two events", n)
		}
		wantSet(t, isSet, true)
		wantSet(t, waitedFor, false)
		if len(got) > 0 {
			t.Fatal("a Wait ended with the restart")
		}
		set(t, waitedFor)
		for range 3 {
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
	})
}
