package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

func makesFine(error) act { return fine }

func pipeFine(ctx *runtime.Context[act], work func(context.Context) (int, error)) {
	runtime.Pipe(ctx, work, func(int, error) act { return fine })
}

// A Context that no handler got is found out by the call that it is used in. It was, for one, by the end of the actor
// that it was to watch: on a goroutine that was nobody's, and ended the process.
func TestContextOfNobodyIsFoundOutAtOnce(t *testing.T) {
	const want = " with a nil or zero Context: want one that a handler or hook got"
	for _, whose := range []struct {
		name string
		ctx  *runtime.Context[act]
	}{{"nil", nil}, {"zero", &runtime.Context[act]{}}} {
		for call, do := range map[string]func(x *runtime.Context[act], ref runtime.Ref[act]){
			"After":       func(x *runtime.Context[act], _ runtime.Ref[act]) { x.After(time.Second, fine) },
			"Every":       func(x *runtime.Context[act], _ runtime.Ref[act]) { x.Every(time.Second, fine) },
			"Become":      func(x *runtime.Context[act], _ runtime.Ref[act]) { x.Become(performer()) },
			"Stash":       func(x *runtime.Context[act], _ runtime.Ref[act]) { _ = x.Stash() },
			"Unstash":     func(x *runtime.Context[act], _ runtime.Ref[act]) { x.Unstash() },
			"Stop":        func(x *runtime.Context[act], _ runtime.Ref[act]) { x.Stop() },
			"Log":         func(x *runtime.Context[act], _ runtime.Ref[act]) { x.Log() },
			"Watch":       func(x *runtime.Context[act], ref runtime.Ref[act]) { runtime.Watch(x, ref, makesFine) },
			"WatchHolder": func(x *runtime.Context[act], _ runtime.Ref[act]) { runtime.WatchHolder(x, runtime.Holder{}, makesFine) },
			"Pipe": func(x *runtime.Context[act], _ runtime.Ref[act]) {
				pipeFine(x, func(context.Context) (int, error) { t.Error("work runs"); return 0, nil })
			},
		} {
			t.Run(whose.name+" "+call, func(t *testing.T) {
				unharmed(t, runtime.Stats{}, func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
					if v := recovered(func() { do(whose.ctx, ref) }); v != "runtime: "+call+want {
						t.Errorf("panicked with %v\nwant runtime: %s%s", v, call, want)
					}
					other := spawn(t, s, runtime.Props[act]{New: performer})
					if v := recovered(func() { do(whose.ctx, other) }); v == nil {
						t.Error("it did not panic again")
					}
					other.Stop()
					<-other.Done()
				})
			})
		}
		t.Run(whose.name+" Self", func(t *testing.T) {
			if ref := whose.ctx.Self(); ref != (runtime.Ref[act]{}) {
				t.Errorf("Self is %v, want the zero Ref", ref)
			}
		})
		t.Run(whose.name+" ends a handler like any panic", func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 1, DeadLettered: 1, Failed: 1, Restarts: 1},
				func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
					tell(t, ref, func(*runtime.Context[act]) error { whose.ctx.Unstash(); return nil })
				})
		})
	}
}

// As a context.Context it has no context in it, which is Go's to say; nothing is sent, and nobody is left locked.
func TestContextOfNobodyIsNoContextToSendWith(t *testing.T) {
	for name, ctx := range map[string]context.Context{
		"nil": (*runtime.Context[act])(nil), "zero": &runtime.Context[act]{},
		"nil of another type": (*runtime.Context[int])(nil), "zero of another type": &runtime.Context[int]{},
	} {
		t.Run(name, func(t *testing.T) {
			unharmed(t, runtime.Stats{}, func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
				for what, call := range map[string]func(){
					"Tell": func() { _ = ref.Tell(ctx, fine) }, "HolderOf": func() { runtime.HolderOf(ctx) },
					"Err": func() { _ = ctx.Err() }, "Done": func() { ctx.Done() },
				} {
					if v := recovered(call); v != nilPointer {
						t.Errorf("%s: panicked with %v, want Go's own words", what, v)
					}
				}
			})
		})
	}
}

// A Context is for the actor's own handlers. Used after them, it does what can be done without harm.
func TestContextAfterTheEndDoesNothing(t *testing.T) {
	for name, do := range map[string]func(t *testing.T, x *runtime.Context[act], other runtime.Ref[act]){
		"Stash": func(t *testing.T, x *runtime.Context[act], _ runtime.Ref[act]) {
			wantText(t, "Stash", x.Stash(), "runtime: there is no current message to stash", runtime.ErrNoMessage)
		},
		"Unstash": func(_ *testing.T, x *runtime.Context[act], _ runtime.Ref[act]) { x.Unstash() },
		"Become":  func(_ *testing.T, x *runtime.Context[act], _ runtime.Ref[act]) { x.Become(performer()) },
		"Stop":    func(_ *testing.T, x *runtime.Context[act], _ runtime.Ref[act]) { x.Stop() },
		"After": func(t *testing.T, x *runtime.Context[act], _ runtime.Ref[act]) {
			if x.After(0, fine).Stop() {
				t.Error("Stop says that a message was still to come")
			}
		},
		"Every": func(t *testing.T, x *runtime.Context[act], _ runtime.Ref[act]) {
			if x.Every(1, fine).Stop() {
				t.Error("Stop says that a message was still to come")
			}
		},
		"Watch": func(t *testing.T, x *runtime.Context[act], other runtime.Ref[act]) {
			never := func(error) act { t.Error("a message was made"); return fine }
			runtime.Watch(x, other, never)
			runtime.Watch(x, x.Self(), never)
			runtime.Watch(x, runtime.Ref[int]{}, never)
			runtime.WatchHolder(x, runtime.Holder{}, never)
		},
		"Pipe": func(t *testing.T, x *runtime.Context[act], _ runtime.Ref[act]) {
			pipeFine(x, func(context.Context) (int, error) { t.Error("work runs for an actor that is gone"); return 0, nil })
		},
		"HolderOf": func(t *testing.T, x *runtime.Context[act], _ runtime.Ref[act]) {
			if h, ok := runtime.HolderOf(x); !ok || h == (runtime.Holder{}) {
				t.Errorf("%v, %v: want the behaviour that has ended", h, ok)
			}
		},
		"Log and Self": func(t *testing.T, x *runtime.Context[act], _ runtime.Ref[act]) {
			x.Log().Info("still here")
			if path := x.Self().Path(); path != "troupe/b" {
				t.Errorf("path %q", path)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 1, Handled: 1}, func(t *testing.T, s *runtime.System, other runtime.Ref[act]) {
				b := spawn(t, s, runtime.Props[act]{Name: "b", New: performer})
				x := contextOf(t, b)
				b.Stop()
				<-b.Done()
				do(t, x, other)
				elapse(time.Hour)
				if b.Err() != nil {
					t.Errorf("it ended with %v", b.Err())
				}
			})
		})
		t.Run(name+" after the system", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSystem(t)
				b := spawn(t, s, runtime.Props[act]{Name: "b", New: performer})
				x := contextOf(t, b)
				svShutdown(t, s)
				do(t, x, b)
				elapse(time.Hour)
				checkStats(t, s.Stats(), runtime.Stats{Sent: 1, Handled: 1})
			})
		})
	}
}

// Between two messages there is nothing to stash, in hooks neither, nor in what Watch and Pipe run.
func TestStashOutsideOfReceive(t *testing.T) {
	const want = "runtime: there is no current message to stash"
	nothing := func(t *testing.T, what string, x *runtime.Context[act]) {
		wantText(t, what, x.Stash(), want, runtime.ErrNoMessage)
		x.Unstash()
	}
	t.Run("between messages", func(t *testing.T) {
		unharmed(t, runtime.Stats{Sent: 1, Handled: 1}, func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
			x := contextOf(t, ref)
			synctest.Wait()
			nothing(t, "between messages", x)
		})
	})
	t.Run("in Started and Stopped", func(t *testing.T) {
		unharmed(t, runtime.Stats{}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
			b := spawn(t, s, runtime.Props[act]{New: func() runtime.Actor[act] {
				return starter{performer().(runtime.Func[act]), func(x *runtime.Context[act]) error { nothing(t, "Started", x); return nil }}
			}})
			c := spawn(t, s, runtime.Props[act]{New: func() runtime.Actor[act] {
				return parting{func(x *runtime.Context[act]) { nothing(t, "Stopped", x) }}
			}})
			b.Stop()
			c.Stop()
			<-b.Done()
			<-c.Done()
		})
	})
	t.Run("in what Watch and Pipe run", func(t *testing.T) {
		unharmed(t, runtime.Stats{Sent: 3, Handled: 3}, func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
			tell(t, ref, func(x *runtime.Context[act]) error {
				runtime.Watch(x, runtime.Ref[int]{}, func(error) act { nothing(t, "Watch", x); return fine })
				runtime.Pipe(x, func(context.Context) (int, error) { return 0, nil },
					func(int, error) act { nothing(t, "Pipe", x); return fine })
				return nil
			})
		})
	})
}

// As many messages are stashed as the mailbox has room for. The next one is told how many that are, and where; a handler
// that returns that error fails with it, and what is stashed stays so.
func TestStashBeyondTheBound(t *testing.T) {
	for _, capacity := range []int{1, 2, 5} {
		t.Run(fmt.Sprint(capacity), func(t *testing.T) {
			unharmed(t, runtime.Stats{
				Sent: uint64(capacity) + 2, Handled: uint64(capacity) + 1, DeadLettered: 1, Failed: 1, Restarts: 1, Actors: 1,
			}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
				letters := collectDeadLetters(s)
				b := spawn(t, s, runtime.Props[act]{Name: "b", New: performer, Mailbox: mailbox.Config[act]{Capacity: capacity}})
				open := false
				for range capacity {
					tell(t, b, func(x *runtime.Context[act]) error {
						if !open {
							return x.Stash()
						}
						return nil
					})
					synctest.Wait()
				}
				tell(t, b, func(x *runtime.Context[act]) error {
					want := fmt.Sprintf("mailbox: full: %d messages are stashed at troupe/b", capacity)
					err := x.Stash()
					wantText(t, "Stash", err, want, mailbox.ErrFull)
					wantText(t, "Stash again", x.Stash(), want, mailbox.ErrFull)
					open = true
					return err
				})
				synctest.Wait()
				if all := letters.list(); len(all) != 1 || !errors.Is(all[0].Reason, mailbox.ErrFull) {
					t.Errorf("dead letters %v, want one", all)
				}
				tell(t, b, unstash)
				synctest.Wait()
				checkStats(t, b.Stats(), runtime.Stats{Sent: uint64(capacity) + 2, Handled: uint64(capacity) + 1,
					DeadLettered: 1, Failed: 1, Restarts: 1, Actors: 1})
			})
		})
	}
}
