package runtime_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
)

func TestBecomeLastsUntilTheNextAndARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		behaviour := func(name string) runtime.Func[string] { return nil }
		behaviour = func(name string) runtime.Func[string] {
			return func(ctx *runtime.Context[string], m string) error {
				j.add("%s: %s", name, m)
				switch m {
				case "fail":
					return errFails
				case "tell":
					return nil
				}
				ctx.Become(behaviour(m))
				return nil
			}
		}
		ref := spawn(t, system, runtime.Props[string]{New: func() runtime.Actor[string] { return behaviour("first") }})
		tell(t, ref, "tell", "second", "tell", "third", "tell", "fail", "tell")
		synctest.Wait()
		j.check(t, "first: tell", "first: second", "second: tell", "second: third", "third: tell", "third: fail",
			"first: tell")
	})
}

// started becomes another behaviour as soon as it begins.
type started struct{ other runtime.Func[string] }

func (s started) Started(ctx *runtime.Context[string]) error     { ctx.Become(s.other); return nil }
func (s started) Receive(*runtime.Context[string], string) error { panic("it has become another") }

func TestBecomeInStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		ref := spawn(t, system, runtime.Props[string]{New: func() runtime.Actor[string] {
			return started{func(_ *runtime.Context[string], m string) error { j.add("%s", m); return nil }}
		}})
		tell(t, ref, "a")
		synctest.Wait()
		j.check(t, "a")
	})
}

func TestBecomeNilIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		letters := collectDeadLetters(system)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, ref, func(ctx *runtime.Context[act]) error { ctx.Become(nil); return nil }, fine)
		synctest.Wait()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 2, Handled: 1, DeadLettered: 1, Failed: 1, Restarts: 1, Actors: 1})
		var panicked *runtime.PanicError
		if all := letters.list(); len(all) != 1 || !errors.As(all[0].Reason, &panicked) {
			t.Fatalf("dead letters: %v, want one with a PanicError", all)
		}
		if want := "runtime: Become(nil): want an Actor"; panicked.Value != want {
			t.Errorf("panic: %v\nwant   %v", panicked.Value, want)
		}
	})
}

func TestBecomeAndStashDeferWhatCannotBeHandledYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		open := runtime.Func[string](func(_ *runtime.Context[string], m string) error {
			j.add("%s", m)
			return nil
		})
		ref := spawnFunc(t, system, func(ctx *runtime.Context[string], m string) error {
			if m != "open" {
				return ctx.Stash()
			}
			ctx.Become(open)
			ctx.Unstash()
			return nil
		})
		tell(t, ref, "a", "b", "open", "c")
		synctest.Wait()
		j.check(t, "a", "b", "c")
	})
}
