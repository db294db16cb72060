package batch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/batch"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func wantStopped(t *testing.T, b *batch.Batcher[int, int]) {
	t.Helper()
	_, do := b.Do(context.Background(), 1)
	_, try := b.TryDo(context.Background(), 1)
	_, stats := b.Stats(context.Background())
	for call, err := range map[string]error{"Do": do, "TryDo": try, "Stats": stats, "Flush": b.Flush()} {
		if !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("%s returns %v after Stop, want ErrStopped", call, err)
		}
	}
	if err := b.Drain(context.Background()); err != nil {
		t.Errorf("Drain returns %v after Stop, want nil", err)
	}
	b.Stop()
}

func TestDrainCallsWhatWaitsWithoutDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		l := newLine()
		b := newBatcher(t, system, batch.Config[int, int]{Size: 10, Delay: time.Hour, Queue: 15, Call: l.call})
		got := ask(t.Context(), b, 1, 25) // two full batches, one that waits for others
		drained := make(chan error, 1)
		go func() { drained <- b.Drain(t.Context()) }()
		l.wantCall(t, 1, 10)
		wantErr(t, ask(t.Context(), b, 0, 0), runtime.ErrStopped)
		if _, err := b.TryDo(t.Context(), 0); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("TryDo returns %v during Drain, want ErrStopped", err)
		}
		if len(drained) > 0 {
			t.Error("Drain returned before the calls had ended")
		}
		l.let()
		l.wantCall(t, 11, 20)
		l.let()
		l.wantCall(t, 21, 25)
		l.let()
		begin := time.Now()
		if err := <-drained; err != nil || time.Since(begin) > 0 {
			t.Errorf("Drain returns %v after %v, want nil at once", err, time.Since(begin))
		}
		wantDoubled(t, got, 1)
		wantStopped(t, b)
		if n := system.Stats().Actors; n != 0 {
			t.Errorf("%d actors are left, want none", n)
		}
	})
}

func TestDrainOfAnIdleBatcherStopsItAtOnce(t *testing.T) {
	b := newBatcher(t, newSystem(t), batch.Config[int, int]{Call: double})
	if err := b.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	wantStopped(t, b)
}

func TestDrainStopsWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Name: "users", Size: 2, Call: l.call})
		got := ask(t.Context(), b, 1, 5)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := b.Drain(ctx)
		if text := "batch: drain troupe/users: context deadline exceeded"; !errors.Is(err, ctx.Err()) || err.Error() != text {
			t.Errorf("Drain returns %v, want %s", err, text)
		}
		wantErr(t, got, runtime.ErrStopped)
		<-b.Done()
	})
}

// A call that does not heed its context holds up nobody who waits, only the end.
func TestStopFailsAtOnceWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan bool)
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 2, Call: func(context.Context, []int) ([]int, error) {
			<-stuck
			return nil, errOnPurpose
		}})
		inCall, waiting := ask(t.Context(), b, 1, 1), ask(t.Context(), b, 2, 5)
		begin := time.Now()
		b.Stop()
		wantErr(t, waiting, runtime.ErrStopped)
		if d := time.Since(begin); d > 0 {
			t.Errorf("what waits failed after %v, want at once", d)
		}
		wantErr(t, inCall, runtime.ErrStopped)
		<-b.Done()
		if d := time.Since(begin); d != runtime.DefaultStopTimeout {
			t.Errorf("the stuck call was abandoned after %v, want %v", d, runtime.DefaultStopTimeout)
		}
		wantStopped(t, b)
		stuck <- true
	})
}

func TestStopEndsTheContextOfCallWhichAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Call: func(ctx context.Context, reqs []int) ([]int, error) {
			<-ctx.Done()
			if reqs[0] == 0 {
				return reqs, nil
			}
			return nil, errOnPurpose
		}})
		got := ask(t.Context(), b, 0, 0)
		b.Stop()
		wantDoubled(t, got, 0)

		b = newBatcher(t, newSystem(t), batch.Config[int, int]{Call: func(ctx context.Context, _ []int) ([]int, error) {
			<-ctx.Done()
			return nil, errOnPurpose
		}})
		r := doAside(t.Context(), b, 1)
		synctest.Wait()
		b.Stop()
		if err := (<-r).err; !errors.Is(err, runtime.ErrStopped) || !errors.Is(err, errOnPurpose) {
			t.Errorf("Do returns %v, want ErrStopped and what Call returned", err)
		}
	})
}

func TestShutdownCallsWhatWaits(t *testing.T) {
	for name, delay := range map[string]time.Duration{"no delay": 0, "delay": time.Minute} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				b := newBatcher(t, system, batch.Config[int, int]{Size: 10, Delay: delay, Parallel: 2, Call: double})
				asker, err := runtime.SpawnFunc(system, "asker", func(ctx *runtime.Context[int], n int) error {
					got, err := b.Do(ctx, n)
					if err != nil || got != 2*n {
						t.Errorf("Do(%d) returns %d, %v", n, got, err)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				var got []<-chan result
				for n := range 95 {
					got = append(got, doAside(t.Context(), b, n))
				}
				for n := range 3 {
					if err := asker.Tell(t.Context(), n); err != nil {
						t.Fatal(err)
					}
				}
				synctest.Wait()
				if err := system.Shutdown(context.Background()); err != nil {
					t.Error(err)
				}
				wantDoubled(t, got, 0)
				wantStopped(t, b)
				if s := system.Stats(); s.DeadLettered != 0 || s.Queued != 0 || s.Abandoned != 0 {
					t.Errorf("stats are %+v, want all to be handled", s)
				}
			})
		})
	}
}

func TestShutdownWhoseTimeIsUpFailsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		l := newLine()
		b := newBatcher(t, system, batch.Config[int, int]{Size: 2, Call: l.call})
		got := ask(t.Context(), b, 1, 20)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := system.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown returns %v, want DeadlineExceeded", err)
		}
		wantErr(t, got, runtime.ErrStopped)
	})
}

// act is a message that its receiver carries out.
type act func(*runtime.Context[act]) error

func perform(ctx *runtime.Context[act], do act) error { return do(ctx) }

// The batcher's actor is restarted when a sibling fails under AllForOne.
func TestRestartLosesNeitherRequestsNorCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		parent, err := runtime.Spawn(system, runtime.Props[act]{
			New:      func() runtime.Actor[act] { return runtime.Func[act](perform) },
			Children: supervisor.Config{Strategy: supervisor.AllForOne},
		})
		if err != nil {
			t.Fatal(err)
		}
		l := newLine()
		var b *batch.Batcher[int, int]
		var sibling runtime.Ref[act]
		if err := parent.Tell(t.Context(), func(ctx *runtime.Context[act]) (err error) {
			b = newBatcher(t, ctx, batch.Config[int, int]{Size: 5, Delay: time.Minute, Call: l.call})
			sibling, err = runtime.SpawnFunc(ctx, "sibling", perform)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		got := ask(t.Context(), b, 1, 7) // a call, and two that wait for others
		if err := sibling.Tell(t.Context(), func(*runtime.Context[act]) error { return errOnPurpose }); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := system.Stats().Restarts; n != 2 {
			t.Fatalf("%d actors were restarted, want the sibling and the batcher", n)
		}
		l.wantCall(t, 1, 5)
		l.let()
		<-time.After(time.Minute)
		l.wantCall(t, 6, 7)
		l.let()
		wantDoubled(t, got, 1)
	})
}
