package barrier_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/barrier"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func wantStopped(t *testing.T, b *barrier.Barrier) {
	t.Helper()
	_, wait := b.Wait(context.Background())
	_, waiting := b.Waiting(context.Background())
	_, broken := b.Broken(context.Background())
	for call, err := range map[string]error{
		"Wait": wait, "Abort": b.Abort(), "Reset": b.Reset(), "Waiting": waiting, "Broken": broken,
	} {
		if !errors.Is(err, runtime.ErrStopped) || errors.Is(err, barrier.ErrBroken) {
			t.Errorf("%s returns %v after Stop, want ErrStopped", call, err)
		}
	}
}

func TestStopEndsAllWaitsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBarrier(t, newSystem(t), barrier.Config{Parties: 3})
		first, second := waitAside(t.Context(), b), waitAside(t.Context(), b)
		synctest.Wait()
		b.Stop()
		<-b.Done()
		wantErr(t, first, runtime.ErrStopped)
		wantErr(t, second, runtime.ErrStopped)
		wantStopped(t, b)
	})
}

func TestStopEndsARoundWhoseActionRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, newSystem(t))
		first := waitAside(t.Context(), s.Barrier)
		synctest.Wait()
		last := waitAside(t.Context(), s.Barrier)
		s.wantActions(t, 1)
		s.Stop()
		wantErr(t, first, runtime.ErrStopped)
		<-s.Done()
		s.end <- nil
		wantErr(t, last, runtime.ErrStopped)
	})
}

// All or none, also where one of those who pass stops the barrier at once, because that was the last round.
func TestStopByOneThatHasPassedTakesNothingFromTheOthers(t *testing.T) {
	system := newSystem(t)
	for range scaled(500, 50_000) {
		b := newBarrier(t, system, barrier.Config{Parties: 2, Action: func() error { return nil }})
		errs := make(chan error, 2)
		for range 2 {
			go func() {
				i, err := b.Wait(t.Context())
				if i == 0 && err == nil {
					b.Stop()
				}
				errs <- err
			}()
		}
		if one, other := <-errs, <-errs; one != nil || other != nil {
			t.Fatalf("the parties of one round get %v and %v", one, other)
		}
		<-b.Done()
	}
}

// Two actors drain, and meet in each of the messages that they still handle.
func TestBarrierWorksWhileTheSystemDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		b := newBarrier(t, system, barrier.Config{Parties: 2})
		outside := waitAside(t.Context(), b)
		synctest.Wait()
		inside := make(chan error, 1)
		tell(t, newActor(t, system, "party"), func(ctx *runtime.Context[act]) error {
			_, first := b.Wait(ctx)
			_, second := b.Wait(ctx)
			inside <- errors.Join(first, second)
			return nil
		})
		wantErr(t, outside, nil)
		over := make(chan error, 1)
		go func() { over <- system.Shutdown(context.Background()) }()
		synctest.Wait()
		wantErr(t, waitAside(t.Context(), b), runtime.ErrStopped)
		if err := b.Abort(); err != nil { // works for everybody
			t.Error(err)
		}
		if err := <-inside; !errors.Is(err, barrier.ErrBroken) {
			t.Errorf("the party that drains gets %v, want ErrBroken", err)
		}
		if err := <-over; err != nil {
			t.Error(err)
		}
		wantStopped(t, b)
	})
}

// The barrier's actor is restarted when a sibling fails under AllForOne.
func TestRestartLosesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		parent, err := runtime.Spawn(system, runtime.Props[act]{
			New:      func() runtime.Actor[act] { return runtime.Func[act](perform) },
			Children: supervisor.Config{Strategy: supervisor.AllForOne},
		})
		if err != nil {
			t.Fatal(err)
		}
		var b *barrier.Barrier
		var sibling runtime.Ref[act]
		tell(t, parent, func(ctx *runtime.Context[act]) error {
			b = newBarrier(t, ctx, barrier.Config{Parties: 3})
			sibling = newActor(t, ctx, "sibling")
			return nil
		})
		synctest.Wait()
		first, second := waitAside(t.Context(), b), waitAside(t.Context(), b)
		synctest.Wait()
		tell(t, sibling, func(*runtime.Context[act]) error { return errors.New("on purpose") })
		synctest.Wait()
		if n := system.Stats().Restarts; n != 2 {
			t.Fatalf("%d actors were restarted, want the sibling and the barrier", n)
		}
		wantWaiting(t, b, 2)
		wait(t, b)
		wantErr(t, first, nil)
		wantErr(t, second, nil)
	})
}
