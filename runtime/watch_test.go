package runtime_test

import (
	"errors"
	goruntime "runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// watching makes an act that watches other, and notes its end.
func watching[N any](j *journal, name string, other runtime.Ref[N]) act {
	return func(ctx *runtime.Context[act]) error {
		runtime.Watch(ctx, other, func(err error) act { return note(j, name+" ended: "+text(err)) })
		return nil
	}
}

func text(err error) string {
	if err == nil {
		return "nil"
	}
	return err.Error()
}

func stopSelf(ctx *runtime.Context[act]) error { ctx.Stop(); return nil }

func TestWatchTellsOfAnEndAndItsCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t, stopping), &journal{}
		watcher := spawn(t, system, runtime.Props[act]{New: performer})
		normal := spawn(t, system, runtime.Props[act]{New: performer})
		failing := spawn(t, system, runtime.Props[act]{New: performer})
		drained := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, watcher, watching(j, "normal", normal), watching(j, "failing", failing), watching(j, "drained", drained))
		synctest.Wait()
		j.check(t)
		normal.Stop()
		synctest.Wait()
		j.check(t, "normal ended: nil")
		tell(t, failing, fails)
		synctest.Wait()
		j.check(t, "failing ended: it fails")
		tell(t, drained, fine)
		drained.StopWhenEmpty()
		synctest.Wait()
		j.check(t, "drained ended: nil")

		tell(t, watcher, watching(j, "normal", normal), watching(j, "failing", failing))
		tell(t, watcher, watching(j, "zero", runtime.Ref[int]{}))
		synctest.Wait()
		j.check(t, "normal ended: nil", "failing ended: it fails", "zero ended: nil")
	})
}

func TestWatchTellsNothingOfARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		watcher := spawn(t, system, runtime.Props[act]{New: performer})
		other := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, watcher, watching(j, "other", other))
		synctest.Wait()
		tell(t, other, fails, fails)
		synctest.Wait()
		j.check(t)
		other.Stop()
		synctest.Wait()
		j.check(t, "other ended: nil")
	})
}

func TestWatchOutlivesTheWatchersRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		watcher := spawn(t, system, runtime.Props[act]{New: performer})
		other := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, watcher, watching(j, "other", other), fails)
		synctest.Wait()
		other.Stop()
		synctest.Wait()
		j.check(t, "other ended: nil")
	})
}

// The end comes while the watcher waits for its restart, and is told to the new behaviour, before the queue goes on.
func TestWatchIsKeptForTheNewBehaviour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, runtime.Config{Children: supervisor.Config{Backoff: supervisor.Backoff{Min: time.Minute}}})
		j := &journal{}
		watcher := spawn(t, system, runtime.Props[act]{New: func() runtime.Actor[act] { j.add("new"); return performer() }})
		other := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, watcher, watching(j, "other", other), fails)
		synctest.Wait()
		other.Stop()
		<-other.Done()
		elapse(time.Second)
		j.check(t, "new")
		elapse(time.Minute)
		j.check(t, "new", "other ended: nil")
	})
}

// Each call makes one more message; an actor may watch itself too, but is then not there to be told.
func TestWatchAgainAndOneself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		watcher := spawn(t, system, runtime.Props[act]{New: performer})
		other := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, watcher, watching(j, "other", other), watching(j, "other", other), watching(j, "self", watcher))
		synctest.Wait()
		other.Stop()
		synctest.Wait()
		j.check(t, "other ended: nil", "other ended: nil")
		watcher.Stop()
		<-watcher.Done()
		synctest.Wait()
		j.check(t)
	})
}

func TestWatchWhoseFunctionPanicsIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		watcher := spawn(t, system, runtime.Props[act]{New: performer})
		other := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, watcher, func(ctx *runtime.Context[act]) error {
			runtime.Watch(ctx, other, func(error) act { panic("then") })
			return nil
		}, watching(j, "other", other))
		synctest.Wait()
		other.Stop()
		synctest.Wait()
		j.check(t, "other ended: nil")
		checkStats(t, watcher.Stats(), runtime.Stats{Sent: 3, Handled: 3, Failed: 1, Restarts: 1, Actors: 1})
	})
}

// A watcher that has gone, or goes, is told nothing, and harms neither the watched nor the shutdown.
func TestWatcherIsGoneBeforeTheWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		watcher := spawn(t, system, runtime.Props[act]{New: performer})
		other := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, watcher, watching(j, "other", other), stopSelf)
		<-watcher.Done()
		other.Stop()
		<-other.Done()
		synctest.Wait()
		j.check(t)
		checkStats(t, watcher.Stats(), runtime.Stats{Sent: 2, Handled: 2})
	})
}

// The message is made on the watcher's turn, before the next message, although its handler is busy and its mailbox full.
func TestPromise6ControlLaneCarriesWatchesPastAFullMailbox(t *testing.T) {
	for _, policy := range []mailbox.Overflow{
		mailbox.Block, mailbox.Reject, mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast,
	} {
		t.Run(policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system, j := newSystem(t), &journal{}
				g := newGate(t)
				watcher := spawn(t, system, runtime.Props[act]{
					New: performer, Mailbox: mailbox.Config[act]{Capacity: 2, Overflow: policy},
				})
				other := spawn(t, system, runtime.Props[act]{New: performer})
				tell(t, watcher, func(ctx *runtime.Context[act]) error {
					runtime.Watch(ctx, other, func(error) act {
						j.add("made")
						return note(j, "told")
					})
					g.wait()
					return nil
				})
				synctest.Wait()
				tell(t, watcher, note(j, "1"), note(j, "2"))
				other.Stop()
				<-other.Done() // although its watcher is busy
				elapse(time.Second)
				j.check(t)
				g.open()
				synctest.Wait()
				j.check(t, "made", "1", "2", "told")
				checkStats(t, watcher.Stats(), runtime.Stats{Sent: 4, Handled: 4, Actors: 1})
			})
		})
	}
}

func TestWatchWithANilFunctionIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		letters := collectDeadLetters(system)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			runtime.Watch[act](ctx, ref, nil)
			return nil
		}, func(ctx *runtime.Context[act]) error {
			runtime.WatchHolder[act](ctx, runtime.Holder{}, nil)
			return nil
		}, func(ctx *runtime.Context[act]) error {
			runtime.Pipe[act, int](ctx, nil, nil)
			return nil
		})
		synctest.Wait()
		all := letters.list()
		if len(all) != 3 {
			t.Fatalf("%d dead letters, want 3", len(all))
		}
		for i, want := range []string{
			"panic: runtime: Watch with a nil function: want one that makes a message",
			"panic: runtime: WatchHolder with a nil function: want one that makes a message",
			"panic: runtime: Pipe with a nil function: want work to do, and one that makes a message",
		} {
			var panicked *runtime.PanicError
			if err := all[i].Reason; !errors.As(err, &panicked) || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		}
	})
}

// What somebody gone wanted to know must not be kept for as long as others live.
func TestWatcherThatIsGoneIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		h := holderOf(t, ref)
		for name, watch := range map[string]func(*runtime.Context[act], func(error) act){
			"Watch":       func(ctx *runtime.Context[act], then func(error) act) { runtime.Watch(ctx, ref, then) },
			"WatchHolder": func(ctx *runtime.Context[act], then func(error) act) { runtime.WatchHolder(ctx, h, then) },
		} {
			kept := watchAndStop(t, system, watch)
			synctest.Wait()
			goruntime.GC()
			if kept.Value() != nil {
				t.Errorf("%s: what a watcher that has gone gave to it is kept", name)
			}
		}
	})
}

func watchAndStop(
	t *testing.T, system *runtime.System, watch func(*runtime.Context[act], func(error) act),
) weak.Pointer[[1 << 20]byte] {
	t.Helper()
	watcher := spawn(t, system, runtime.Props[act]{New: performer})
	large := new([1 << 20]byte)
	tell(t, watcher, func(ctx *runtime.Context[act]) error {
		watch(ctx, func(error) act { large[0]++; return fine })
		ctx.Stop()
		return nil
	})
	<-watcher.Done()
	return weak.Make(large)
}
