package runtime_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// New returned an error that nobody looked at, or nobody called New: the first call says so, and nothing waits for ever.
func TestSystemThatIsNoneIsFoundOutAtOnce(t *testing.T) {
	const want = " of a nil or zero System: want one from New"
	for _, whose := range []struct {
		name string
		s    *runtime.System
	}{{"nil", nil}, {"zero", &runtime.System{}}} {
		for call, do := range map[string]func(){
			"Shutdown":    func() { _ = whose.s.Shutdown(context.Background()) },
			"Wait":        func() { _ = whose.s.Wait() },
			"Stats":       func() { whose.s.Stats() },
			"DeadLetters": func() { whose.s.DeadLetters(func(runtime.DeadLetter) { t.Error("a dead letter") }) },
		} {
			t.Run(whose.name+" "+call, func(t *testing.T) {
				for range 2 {
					if v := recovered(do); v != "runtime: "+call+want {
						t.Errorf("panicked with %v\nwant runtime: %s%s", v, call, want)
					}
				}
			})
		}
		t.Run(whose.name+" Lookup", func(t *testing.T) {
			for _, path := range []string{"", "troupe", "troupe/a"} {
				_, err := runtime.Lookup[int](whose.s, path)
				wantText(t, path, err, invalid+"the System of Lookup is nil or zero: want one from New", runtime.ErrConfig)
			}
		})
	}
}

// Without a context there is no telling how long a shutdown may take, so it does not begin.
func TestShutdownWithoutAContext(t *testing.T) {
	const want = "runtime: the context of Shutdown is nil: want context.Background() or another"
	var none context.Context
	unharmed(t, runtime.Stats{}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
		wantText(t, "Shutdown", s.Shutdown(none), want)
		wantText(t, "Shutdown again", s.Shutdown(none), want)
	})
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		svShutdown(t, s)
		wantText(t, "Shutdown of what has stopped", s.Shutdown(none), want)
		if err := s.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// A shutdown whose time is up before it begins is one that takes no time, and says what it left.
func TestShutdownWithAnEndedContext(t *testing.T) {
	past, stop := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer stop()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		is   error
		text string
	}{
		{"cancelled", ended(), context.Canceled, "context canceled"},
		{"past its deadline", past, context.DeadlineExceeded, "context deadline exceeded"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSystem(t)
				g := newGate(t)
				ref := spawn(t, s, runtime.Props[act]{Name: "a", New: performer})
				tell(t, ref, func(x *runtime.Context[act]) error { g.wait(); return nil })
				synctest.Wait()
				tell(t, ref, fine, fine)
				wantText(t, "Shutdown", s.Shutdown(tt.ctx), "runtime: shutdown of troupe: "+tt.text+
					": 3 messages became dead letters, and 1 handlers were abandoned", tt.is)
				checkStats(t, s.Stats(), runtime.Stats{Sent: 3, DeadLettered: 3, Abandoned: 1})
				if err := s.Shutdown(tt.ctx); err != nil {
					t.Errorf("of what has stopped: %v", err)
				}
			})
		})
	}
}

func TestDeadLettersToNobody(t *testing.T) {
	unharmed(t, runtime.Stats{}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
		const want = "runtime: DeadLetters(nil): want a function"
		if v := recovered(func() { s.DeadLetters(nil) }); v != want {
			t.Errorf("panicked with %v, want %s", v, want)
		}
	})
}
