package runtime_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// piping makes an act that pipes work, and notes its result.
func piping(j *journal, work func(context.Context) (int, error)) act {
	return func(ctx *runtime.Context[act]) error {
		runtime.Pipe(ctx, work, func(n int, err error) act { return note(j, fmt.Sprintf("%d, %v", n, err)) })
		return nil
	}
}

func TestPipeSendsTheResultOfItsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, ref, piping(j, func(context.Context) (int, error) { return 42, nil }))
		synctest.Wait()
		tell(t, ref, piping(j, func(context.Context) (int, error) { return 7, errFails }))
		synctest.Wait()
		tell(t, ref, piping(j, func(context.Context) (int, error) { goruntime.Goexit(); return 1, nil }))
		synctest.Wait()
		j.check(t, "42, <nil>", "7, it fails", "0, runtime: handler called Goexit")
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 6, Handled: 6, Actors: 1})
	})
}

func TestPipeWhoseWorkPanics(t *testing.T) {
	cause := &causeError{"cause"}
	var none any
	for _, value := range []any{"no", cause, none} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			ref := spawn(t, system, runtime.Props[act]{New: performer})
			var got error
			tell(t, ref, func(ctx *runtime.Context[act]) error {
				runtime.Pipe(ctx, func(context.Context) (int, error) { panic(value) },
					func(_ int, err error) act { got = err; return fine })
				return nil
			})
			synctest.Wait()
			var panicked *runtime.PanicError
			if !errors.As(got, &panicked) || value != none && panicked.Value != value || len(panicked.Stack) == 0 {
				t.Errorf("got %v, want a PanicError with the value %v and a stack", got, value)
			}
			if value == any(cause) && !errors.Is(got, cause) {
				t.Errorf("got %v, want it to wrap the cause", got)
			}
			checkStats(t, ref.Stats(), runtime.Stats{Sent: 2, Handled: 2, Actors: 1}) // it failed the work, not the actor
		})
	}
}

func TestPipeWhoseFunctionPanicsIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			runtime.Pipe(ctx, func(context.Context) (int, error) { return 1, nil }, func(int, error) act { panic("then") })
			return nil
		}, fine)
		synctest.Wait()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 2, Handled: 2, Failed: 1, Restarts: 1, Actors: 1})
	})
}

// The handler does not wait for the work, nor do messages; and then may use the actor's state.
func TestPipeRunsBesideItsActor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		g := newGate(t)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		state := 0
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			for range 3 {
				runtime.Pipe(ctx, func(context.Context) (int, error) { g.wait(); return 1, nil }, func(n int, _ error) act {
					state += n
					return note(j, fmt.Sprint("state ", state))
				})
			}
			return nil
		}, note(j, "meanwhile"))
		synctest.Wait()
		j.check(t, "meanwhile")
		g.open()
		synctest.Wait()
		if state != 3 {
			t.Errorf("the state is %d, want 3", state)
		}
	})
}

func TestPipeResultIsHeldAsideWhileTheMailboxIsFull(t *testing.T) {
	for _, policy := range []mailbox.Overflow{
		mailbox.Block, mailbox.Reject, mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast,
	} {
		t.Run(policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system, j := newSystem(t), &journal{}
				g, works := newGate(t), newGate(t)
				ref := spawn(t, system, runtime.Props[act]{
					New: performer, Mailbox: mailbox.Config[act]{Capacity: 1, Overflow: policy},
				})
				tell(t, ref, piping(j, func(context.Context) (int, error) { works.wait(); return 42, nil }))
				synctest.Wait()
				tell(t, ref, func(*runtime.Context[act]) error { g.wait(); return nil })
				synctest.Wait()
				tell(t, ref, note(j, "first"))
				works.open()
				synctest.Wait()
				g.open()
				synctest.Wait()
				j.check(t, "first", "42, <nil>")
				checkStats(t, ref.Stats(), runtime.Stats{Sent: 4, Handled: 4, Actors: 1})
			})
		})
	}
}

func TestPipeOutlivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		g := newGate(t)
		instances := 0
		ref := spawn(t, system, runtime.Props[act]{New: func() runtime.Actor[act] { instances++; return performer() }})
		tell(t, ref, piping(j, func(ctx context.Context) (int, error) {
			g.wait()
			return instances, ctx.Err()
		}), fails)
		synctest.Wait()
		g.open()
		synctest.Wait()
		j.check(t, "2, <nil>")
	})
}

func TestPipeOfAStoppedActorEndsAndItsResultIsADeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		letters := collectDeadLetters(system)
		ref := spawn(t, system, runtime.Props[string]{New: always(func(ctx *runtime.Context[string], _ string) error {
			runtime.Pipe(ctx, func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 42, context.Cause(ctx)
			}, func(n int, err error) string { return fmt.Sprint(n, " ", err) })
			return nil
		})})
		tell(t, ref, "go")
		synctest.Wait()
		ref.Stop()
		<-ref.Done()
		synctest.Wait()
		letters.check(t, "42 runtime: stopped")
		for _, d := range letters.list() {
			if !errors.Is(d.Reason, runtime.ErrStopped) || d.Target != ref.Path() {
				t.Errorf("dead letter %+v: want ErrStopped at %s", d, ref.Path())
			}
		}
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 2, Handled: 1, DeadLettered: 1})
	})
}

// A drain waits for what is under way, and for what that leads to.
func TestPipeIsWaitedForByADrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		g := newGate(t)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, ref, piping(j, func(ctx context.Context) (int, error) { g.wait(); return 42, ctx.Err() }))
		synctest.Wait()
		ref.StopWhenEmpty()
		synctest.Wait()
		select {
		case <-ref.Done():
			t.Error("the drain did not wait")
		default:
		}
		g.open()
		<-ref.Done()
		j.check(t, "42, <nil>")
	})
}

// What the work sends, its actor sends: a draining system still takes it, and nothing from outside.
func TestPipesWorkSendsInItsActorsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		g := newGate(t)
		to := spawn(t, system, runtime.Props[act]{New: performer})
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, ref, piping(j, func(ctx context.Context) (int, error) {
			g.wait()
			inside := to.Tell(ctx, note(j, "sent"))
			outside := to.Tell(context.Background(), note(j, "sent from outside"))
			if !errors.Is(outside, runtime.ErrStopped) {
				t.Errorf("from outside: %v, want ErrStopped", outside)
			}
			return 1, inside
		}))
		synctest.Wait()
		down := make(chan error)
		go func() { down <- system.Shutdown(context.Background()) }()
		synctest.Wait()
		g.open()
		if err := <-down; err != nil {
			t.Error(err)
		}
		if got := len(j.take()); got != 2 {
			t.Errorf("%d notes, want 2: the result, and what was sent", got)
		}
	})
}
