package runtime_test

import (
	"errors"
	goruntime "runtime"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

func TestSpawnUnderNobody(t *testing.T) {
	const want = invalid + "the Parent of Spawn is nil or zero: want a *System from New or a handler's *Context"
	type system struct{ *runtime.System } // as a program may have one of its own
	type handler struct{ *runtime.Context[string] }
	for name, p := range map[string]runtime.Parent{
		"nil": nil, "nil *System": (*runtime.System)(nil), "zero System": &runtime.System{},
		"nil *Context": (*runtime.Context[int])(nil), "zero Context": &runtime.Context[int]{},
		"nil *Context of another type": (*runtime.Context[string])(nil),
		"nil *System inside":           system{}, "zero System inside": system{&runtime.System{}},
		"nil *Context inside": handler{}, "zero Context inside": handler{&runtime.Context[string]{}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, props := range []runtime.Props[act]{
				{New: performer}, {Name: "named", New: performer},
				{New: func() runtime.Actor[act] { t.Error("New was called"); return performer() }},
			} {
				ref, err := runtime.Spawn(p, props)
				wantText(t, "Spawn", err, want, runtime.ErrConfig)
				if ref != (runtime.Ref[act]{}) {
					t.Errorf("a ref was returned: %v", ref)
				}
			}
			_, err := runtime.SpawnFunc(p, "a", func(*runtime.Context[int], int) error { return nil })
			wantText(t, "SpawnFunc", err, want, runtime.ErrConfig)
		})
	}
}

func TestSpawnFuncWithoutAFunction(t *testing.T) {
	const want = invalid + "the function of SpawnFunc is nil: want a function"
	unharmed(t, runtime.Stats{}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
		for _, name := range []string{"", "b", "a/b", "a"} {
			_, err := runtime.SpawnFunc[int](s, name, nil)
			wantText(t, name, err, want, runtime.ErrConfig)
		}
		_, err := runtime.SpawnFunc[int](nil, "", nil)
		wantText(t, "under nobody", err, want, runtime.ErrConfig)
	})
}

// A behaviour that is not there is no behaviour: nil, and the nil function too, whose first message would be a nil
// dereference. A nil pointer with methods may well be one.
func TestSpawnWhoseNewMakesNothing(t *testing.T) {
	const want = invalid + "Props.New is a function that returned nil: want one that returns an Actor"
	for name, make := range map[string]func() runtime.Actor[act]{
		"nil":            func() runtime.Actor[act] { return nil },
		"a nil Func":     func() runtime.Actor[act] { return runtime.Func[act](nil) },
		"a nil variable": func() runtime.Actor[act] { var f runtime.Func[act]; return f },
	} {
		for _, child := range []string{"", "b"} {
			t.Run(name+" "+child, func(t *testing.T) {
				unharmed(t, runtime.Stats{Failed: 1}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
					_, err := runtime.Spawn(s, runtime.Props[act]{Name: child, New: make})
					wantText(t, "Spawn", err, want, runtime.ErrConfig)
				})
			})
		}
	}
	t.Run("a nil pointer that works", func(t *testing.T) {
		unharmed(t, runtime.Stats{Sent: 1, Handled: 1, Actors: 1}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
			tell(t, spawn(t, s, runtime.Props[act]{New: func() runtime.Actor[act] { return (*stateless)(nil) }}), fine)
		})
	})
}

type stateless struct{}

func (*stateless) Receive(ctx *runtime.Context[act], do act) error { return do(ctx) }

// What fails in New is the start's failure, with the path that the actor would have had.
func TestSpawnWhoseNewFails(t *testing.T) {
	for _, tt := range []struct {
		name, child string
		make        func() runtime.Actor[act]
		want        string
		is          []error
	}{
		{"panics", "b", func() runtime.Actor[act] { panic("new") }, "runtime: start troupe/b: panic: new", nil},
		{"panics, unnamed", "", func() runtime.Actor[act] { panic("new") }, "runtime: start troupe/2: panic: new", nil},
		{"panics with an error", "b", func() runtime.Actor[act] { panic(errFails) },
			"runtime: start troupe/b: panic: it fails", []error{errFails}},
		{"panics with nil", "b", func() runtime.Actor[act] { var none error; panic(none) },
			"runtime: start troupe/b: panic: panic called with nil argument", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			unharmed(t, runtime.Stats{Failed: 1}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
				_, err := runtime.Spawn(s, runtime.Props[act]{Name: tt.child, New: tt.make})
				var panicked *runtime.PanicError
				wantText(t, "Spawn", err, tt.want, tt.is...)
				if !errors.As(err, &panicked) || len(panicked.Stack) == 0 {
					t.Errorf("%v: want a PanicError with a stack", err)
				}
			})
		})
	}
	t.Run("ends the goroutine", func(t *testing.T) {
		unharmed(t, runtime.Stats{Failed: 1}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
			ended := make(chan bool, 1)
			go func() {
				defer close(ended)
				_, err := runtime.Spawn(s, runtime.Props[act]{New: func() runtime.Actor[act] { goruntime.Goexit(); return nil }})
				t.Errorf("Spawn returned %v", err)
			}()
			<-ended
		})
	})
}

// A New that worked once and then makes nothing fails each restart, until the supervisor has had enough.
func TestRestartWhoseNewMakesNothing(t *testing.T) {
	const want = "runtime: troupe/b failed, and there were too many restarts: " + invalid +
		"Props.New is a function that returned nil: want one that returns an Actor"
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t, limited)
		made := 0
		ref := spawn(t, s, runtime.Props[act]{Name: "b", New: func() runtime.Actor[act] {
			if made++; made > 1 {
				return runtime.Func[act](nil)
			}
			return performer()
		}})
		tell(t, ref, fails)
		wantText(t, "Wait", s.Wait(), want, runtime.ErrConfig)
		checkStats(t, s.Stats(), runtime.Stats{Sent: 1, DeadLettered: 1, Failed: 4})
		if made != 4 {
			t.Errorf("New was called %d times, want once and for 3 restarts", made)
		}
	})
}

func TestSpawnUnderWhoStopsOrHasStopped(t *testing.T) {
	child := func(p runtime.Parent) error {
		_, err := runtime.Spawn(p, runtime.Props[act]{Name: "c", New: func() runtime.Actor[act] {
			return performer()
		}})
		return err
	}
	const underSystem, underActor = `runtime: stopped: spawn "c" under troupe`, `runtime: stopped: spawn "c" under troupe/b`
	t.Run("a system that has stopped", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newSystem(t)
			svShutdown(t, s)
			wantText(t, "Spawn", child(s), underSystem, runtime.ErrStopped)
			checkStats(t, s.Stats(), runtime.Stats{})
		})
	})
	t.Run("a system that failed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newSystem(t, limited)
			b := spawn(t, s, runtime.Props[act]{Name: "b", New: performer})
			tell(t, b, fails, fails, fails, fails)
			wantText(t, "Wait", s.Wait(), "runtime: troupe/b failed, and there were too many restarts: it fails", errFails)
			wantText(t, "Spawn", child(s), underSystem, runtime.ErrStopped)
		})
	})
	t.Run("a system that drains", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newSystem(t)
			g := newGate(t)
			b := spawn(t, s, runtime.Props[act]{Name: "b", New: performer})
			tell(t, b, func(*runtime.Context[act]) error { g.wait(); return nil })
			go svShutdown(t, s)
			synctest.Wait()
			wantText(t, "Spawn", child(s), underSystem, runtime.ErrStopped)
			checkStats(t, s.Stats(), runtime.Stats{Sent: 1, Queued: 1, Actors: 1})
		})
	})
	t.Run("an actor that has stopped", func(t *testing.T) {
		unharmed(t, runtime.Stats{Sent: 1, Handled: 1}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
			b := spawn(t, s, runtime.Props[act]{Name: "b", New: performer})
			ctx := contextOf(t, b)
			b.Stop()
			<-b.Done()
			wantText(t, "Spawn", child(ctx), underActor, runtime.ErrStopped)
		})
	})
	t.Run("an actor that drains, which needs no refusal", func(t *testing.T) { // the child drains with its siblings
		unharmed(t, runtime.Stats{Sent: 2, Handled: 2}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
			g := newGate(t)
			b := spawn(t, s, runtime.Props[act]{Name: "b", New: performer})
			ctx := contextOf(t, b)
			tell(t, spawn(t, ctx, runtime.Props[act]{New: performer}), func(*runtime.Context[act]) error { g.wait(); return nil })
			b.StopWhenEmpty()
			synctest.Wait()
			if err := child(ctx); err != nil {
				t.Error(err)
			}
			g.open()
			<-b.Done()
			synctest.Wait()
		})
	})
	t.Run("an actor in its Stopped hook", func(t *testing.T) {
		unharmed(t, runtime.Stats{}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
			b := spawn(t, s, runtime.Props[act]{Name: "b", New: func() runtime.Actor[act] {
				return parting{func(ctx *runtime.Context[act]) {
					wantText(t, "Spawn", child(ctx), underActor, runtime.ErrStopped)
				}}
			}})
			b.Stop()
			<-b.Done()
		})
	})
	t.Run("bad props are named first", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newSystem(t)
			svShutdown(t, s)
			_, err := runtime.Spawn(s, runtime.Props[act]{Name: "c"})
			wantText(t, "without New", err, invalid+"Props.New is nil: want a function that returns an Actor", runtime.ErrConfig)
			_, err = runtime.Spawn(s, runtime.Props[act]{New: performer, Mailbox: mailbox.Config[act]{Capacity: -2}})
			wantText(t, "with a bad mailbox", err, invalid+"Props.Mailbox: mailbox: invalid config: "+
				"Capacity is -2: want 0 (default 1024), Unbounded (-1) or more than 0", runtime.ErrConfig, mailbox.ErrConfig)
		})
	})
}

// A parting behaviour does something in its Stopped hook.
type parting struct{ do func(*runtime.Context[act]) }

func (parting) Receive(ctx *runtime.Context[act], do act) error { return do(ctx) }
func (p parting) Stopped(ctx *runtime.Context[act], _ error)    { p.do(ctx) }
