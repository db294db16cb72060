package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// jsonSystem logs errors as JSON, which calls their Error method without a guard.
func jsonSystem(t *testing.T, c supervisor.Config) *runtime.System {
	l := logrus.New()
	l.SetOutput(&bytes.Buffer{})
	l.SetFormatter(&logrus.JSONFormatter{})
	return newSystem(t, runtime.Config{Logger: l, Children: c})
}

// svPlaces are the places where user code may fail on a goroutine of the runtime's: each has it fail there.
var svPlaces = map[string]func(t *testing.T, s *runtime.System, fail func()){
	"Receive": func(t *testing.T, s *runtime.System, fail func()) {
		tell(t, spawn(t, s, svProps("a")), func(*runtime.Context[svJob]) error { fail(); return nil })
	},
	"New and Started": func(t *testing.T, s *runtime.System, fail func()) {
		starts := 0
		props := svProps("a", svStarted(func(*runtime.Context[svJob]) error {
			if starts == 3 {
				fail()
			}
			return nil
		}))
		fresh := props.New
		props.New = func() runtime.Actor[svJob] {
			if starts++; starts == 2 {
				fail()
			}
			return fresh()
		}
		tell(t, spawn(t, s, props), svFail)
	},
	"Restarting and Stopped": func(t *testing.T, s *runtime.System, fail func()) {
		fails := func(*runtime.Context[svJob]) { fail() }
		ref := spawn(t, s, svProps("a", svRestarting(fails), svStopped(fails)))
		tell(t, ref, svFail, svStop)
	},
	"Pipe": func(t *testing.T, s *runtime.System, fail func()) {
		svDo(t, spawn(t, s, svProps("a")), func(ctx *runtime.Context[svJob]) error {
			runtime.Pipe(ctx, func(context.Context) (int, error) { fail(); return 0, nil },
				func(int, error) svJob { fail(); return svStop })
			return nil
		})
	},
	"Watch": func(t *testing.T, s *runtime.System, fail func()) {
		a, b := spawn(t, s, svProps("a")), spawn(t, s, svProps("b"))
		svDo(t, a, func(ctx *runtime.Context[svJob]) error {
			runtime.Watch(ctx, b, func(error) svJob { fail(); return svStop })
			return nil
		})
		b.Stop()
	},
	"WatchHolder, of an actor that is gone": func(t *testing.T, s *runtime.System, fail func()) {
		a, b := spawn(t, s, svProps("a")), spawn(t, s, svProps("b"))
		var holder runtime.Holder
		svDo(t, b, func(ctx *runtime.Context[svJob]) error { holder, _ = runtime.HolderOf(ctx); return nil })
		svDo(t, a, func(ctx *runtime.Context[svJob]) error {
			runtime.WatchHolder(ctx, holder, func(error) svJob { fail(); return svStop })
			return nil
		})
		a.Stop()
		<-a.Done()
		tell(t, b, svFail)
		svDo(t, b, func(*runtime.Context[svJob]) error { return nil }) // its supervisor has come to it
	},
	"Level": func(t *testing.T, s *runtime.System, fail func()) {
		tell(t, spawn(t, s, runtime.Props[int]{
			Mailbox: mailbox.Config[int]{Order: mailbox.Priority, Levels: 1, Level: func(m int) int {
				if m == 1 {
					fail()
				}
				return 0
			}},
			New: always(func(ctx *runtime.Context[int], _ int) error { ctx.After(time.Second, 1); return nil }),
		}), 0)
	},
	"Less": func(t *testing.T, s *runtime.System, fail func()) {
		g, failing := newGate(t), false
		ref := spawn(t, s, runtime.Props[int]{
			Mailbox: mailbox.Config[int]{Order: mailbox.Priority, Less: func(a, b int) bool {
				if failing {
					failing = false
					fail()
				}
				return a < b
			}},
			New: always(func(*runtime.Context[int], int) error { g.wait(); return nil }),
		})
		tell(t, ref, 0)
		synctest.Wait()
		tell(t, ref, 3, 2, 1)
		failing = true
		g.open()
		synctest.Wait()
		checkIdentity(t, ref.Stats())
		if handled := ref.Stats().Handled; handled != 4 {
			t.Errorf("%d handled, want all 4: it was not they who failed", handled)
		}
	},
	"subscriber": func(t *testing.T, s *runtime.System, fail func()) {
		s.DeadLetters(func(runtime.DeadLetter) { fail() })
		tell(t, spawn(t, s, svProps("a")), svFail, svFail)
	},
}

func TestPromise10NoProcessPanicWhereverCodeFails(t *testing.T) {
	for name, place := range svPlaces {
		t.Run(name, func(t *testing.T) {
			eachWay(t, func(t *testing.T, fail func()) {
				system := jsonSystem(t, supervisor.Config{})
				place(t, system, fail)
				svPass(time.Minute)
				// All goes on.
				svDo(t, spawn(t, system, svProps("bystander")), func(*runtime.Context[svJob]) error { return nil })
			})
		})
	}
}

// A svNilErr is what a function returns that has an error type of its own, and forgets that nil is none then.
type svNilErr struct{ text string }

func (e *svNilErr) Error() string { return e.text }

func TestPromise10NoProcessPanicByAnErrorThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := jsonSystem(t, svNone)
		var none *svNilErr
		ref := spawn(t, system, svProps("a"))
		tell(t, ref, func(*runtime.Context[svJob]) error { return none })
		var panicked *runtime.PanicError
		if err := system.Wait(); !errors.As(err, &panicked) || len(panicked.Stack) == 0 {
			t.Errorf("Wait returns %v, want a PanicError with its stack", err)
		}
	})
}

// However deep the escalation is, it ends with the error of Wait.
func TestPromise10NoProcessPanicHoweverDeepTheEscalation(t *testing.T) {
	eachWay(t, func(t *testing.T, fail func()) {
		system := jsonSystem(t, svNone)
		ref := spawn(t, system, svProps("0", svChildren(svNone)))
		for i := range 50 {
			ref = svSpawn(t, ref, svProps(fmt.Sprint(i+1), svChildren(svNone)))
		}
		tell(t, ref, func(*runtime.Context[svJob]) error { fail(); return nil })
		err := system.Wait()
		var panicked *runtime.PanicError
		if !errors.As(err, &panicked) && !errors.Is(err, runtime.ErrGoexit) {
			t.Errorf("Wait returns %v, want how the actor failed", err)
		}
		if stats := system.Stats(); stats.Actors != 0 || stats.Failed != 51 {
			t.Errorf("%+v: want all gone, after a failure at each level", stats)
		}
	})
}

// An error that panics is no way around, on whatever level the failure is passed on.
func TestPromise10NoProcessPanicByAnEscalatedPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := jsonSystem(t, svAlways(supervisor.Escalate))
		top := spawn(t, system, svProps("top", svChildren(svAlways(supervisor.Escalate))))
		var none *svNilErr
		kid := svSpawn(t, top, svProps("kid"))
		tell(t, kid, func(*runtime.Context[svJob]) error { panic(none) })
		if err := system.Wait(); err == nil {
			t.Error("Wait returns nil")
		}
	})
}
