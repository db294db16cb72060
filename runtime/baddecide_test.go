package runtime_test

import (
	"errors"
	"fmt"
	goruntime "runtime"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// An error whose methods fail must not take anybody along but the actor that returned it.
type errorOf func() string

func (e errorOf) Error() string { return e() }

// Whatever a Decide does but give one of the four directives: the failure escalates, and the error says that it was
// Decide, what it did, and over whose failure. The system ends with it; the actor's own end is its own failure.
func TestDecideThatGivesNoDirective(t *testing.T) {
	const failed = "runtime: Decide failed over the failure of troupe/b: "
	const want = ": want Restart, Resume, Stop or Escalate: it fails"
	for _, tt := range []struct {
		name   string
		decide func(error) supervisor.Directive
		want   string
		is     []error
	}{
		{"one too many", func(error) supervisor.Directive { return 4 },
			"runtime: Decide returned Directive(4) over the failure of troupe/b" + want, nil},
		{"the last there is", func(error) supervisor.Directive { return 255 },
			"runtime: Decide returned Directive(255) over the failure of troupe/b" + want, nil},
		{"a panic", func(error) supervisor.Directive { panic("decide") }, failed + "panic: decide: it fails", nil},
		{"a panic with nil", func(error) supervisor.Directive { var none error; panic(none) },
			failed + "panic: panic called with nil argument: it fails", nil},
		{"a panic with the cause", func(err error) supervisor.Directive { panic(err) }, failed + "panic: it fails: it fails", nil},
		{"a nil dereference", func(err error) supervisor.Directive { var d *supervisor.Directive; return *d },
			failed + "panic: " + nilPointer + ": it fails", nil},
		{"a goroutine's end", func(error) supervisor.Directive { goruntime.Goexit(); return supervisor.Restart },
			failed + "runtime: handler called Goexit: it fails", []error{runtime.ErrGoexit}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSystem(t, runtime.Config{Children: supervisor.Config{Decide: tt.decide}})
				ref := spawn(t, s, runtime.Props[act]{Name: "b", New: performer})
				sibling := spawn(t, s, runtime.Props[act]{Name: "c", New: performer})
				tell(t, ref, fails)
				wantText(t, "Wait", s.Wait(), tt.want, append(tt.is, errFails)...)
				wantText(t, "Err", ref.Err(), "it fails", errFails)
				if sibling.Err() != nil {
					t.Errorf("the sibling ended with %v, want a normal stop", sibling.Err())
				}
				checkStats(t, s.Stats(), runtime.Stats{Sent: 1, DeadLettered: 1, Failed: 1})
			})
		})
		t.Run(tt.name+", one level down", func(t *testing.T) { // the parent is restarted, without the child
			unharmed(t, runtime.Stats{Sent: 2, Handled: 1, DeadLettered: 1, Failed: 2, Restarts: 1, Actors: 1},
				func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
					top := spawn(t, s, runtime.Props[act]{New: performer, Children: supervisor.Config{Decide: tt.decide}})
					b := spawn(t, contextOf(t, top), runtime.Props[act]{Name: "b", New: performer})
					tell(t, b, fails)
					<-b.Done()
					wantText(t, "Err", b.Err(), "it fails", errFails)
				})
		})
	}
}

// What a handler returns as an error may be none that can be asked for its text.
func TestErrorsThatFailThemselves(t *testing.T) {
	var nilPanic *runtime.PanicError
	var nilFunc errorOf
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"a nil *PanicError", nilPanic, "panic: " + nilPointer},
		{"a nil function", nilFunc, "panic: " + nilPointer},
		{"one whose Error panics", errorOf(func() string { panic("no text") }), "panic: no text"},
		{"one without a text", errorOf(func() string { return "" }), ""},
		{"one joined of nothing else", errors.Join(errors.New("")), ""},
		{"one that wraps nil", fmt.Errorf("wraps %w", error(nil)), "wraps %!w(<nil>)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 3, Handled: 1, DeadLettered: 2, Failed: 2, Restarts: 2},
				func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
					letters := collectDeadLetters(s)
					tell(t, ref, func(*runtime.Context[act]) error { return tt.err },
						func(*runtime.Context[act]) error { panic(tt.err) }, fine)
					synctest.Wait()
					if all := letters.list(); len(all) != 2 || all[0].Reason == nil || all[0].Reason.Error() != tt.want {
						t.Errorf("dead letters %v, want one because of %q", all, tt.want)
					}
				})
		})
	}
}

func TestPanicErrorsOfOddValues(t *testing.T) {
	for _, tt := range []struct {
		value any
		want  string
		cause error
	}{
		{nil, "panic: <nil>", nil}, {"", "panic: ", nil}, {0, "panic: 0", nil}, {errFails, "panic: it fails", errFails},
		{error(nil), "panic: <nil>", nil}, {[]int(nil), "panic: []", nil}, {struct{}{}, "panic: {}", nil},
		{supervisor.Directive(9), "panic: Directive(9)", nil},
	} {
		err := &runtime.PanicError{Value: tt.value}
		if err.Error() != tt.want || err.Unwrap() != tt.cause {
			t.Errorf("%#v: %q wraps %v, want %q and %v", tt.value, err, err.Unwrap(), tt.want, tt.cause)
		}
	}
}
