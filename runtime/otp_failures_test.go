package runtime_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

var errOnPurpose = errors.New("on purpose")

// What ways there are to fail, each with what is known of it then.
var waysToFail = map[string]struct {
	fail func() error
	is   func(error) bool
}{
	"an error":                 {func() error { return errOnPurpose }, func(err error) bool { return errors.Is(err, errOnPurpose) }},
	"a panic with a text":      {func() error { panic("text") }, func(err error) bool { return panicOf(err) == "text" }},
	"a panic with an error":    {func() error { panic(errOnPurpose) }, func(err error) bool { return errors.Is(err, errOnPurpose) && panicOf(err) != nil }},
	"a panic with a number":    {func() error { panic(42) }, func(err error) bool { return panicOf(err) == 42 }},
	"a panic with nil":         {func() error { panic(nil) }, func(err error) bool { var nilPanic *goruntime.PanicNilError; return errors.As(err, &nilPanic) }},
	"a panic of Go's":          {func() error { var none []int; return fmt.Errorf("%d", none[len(none)]) }, func(err error) bool { _, ok := panicOf(err).(goruntime.Error); return ok }},
	"a Goexit":                 {func() error { goruntime.Goexit(); return nil }, func(err error) bool { return errors.Is(err, runtime.ErrGoexit) }},
	"a panic under a recover":  {func() error { defer func() { _ = recover(); panic("again") }(); panic("first") }, func(err error) bool { return panicOf(err) == "again" }},
	"a Goexit after a recover": {func() error { defer func() { _ = recover(); goruntime.Goexit() }(); panic("first") }, func(err error) bool { return errors.Is(err, runtime.ErrGoexit) }},
}

func panicOf(err error) any {
	var p *runtime.PanicError
	if errors.As(err, &p) {
		return p.Value
	}
	return nil
}

// failingAt fails where it is told to, once.
type failingAt struct {
	where string
	fail  func() error
	left  *int
}

func (a *failingAt) at(where string) error {
	if where == a.where && *a.left > 0 {
		*a.left--
		return a.fail()
	}
	return nil
}

func (a *failingAt) Started(*runtime.Context[string]) error     { return a.at("Started again") }
func (a *failingAt) Restarting(*runtime.Context[string], error) { a.must("Restarting") }
func (a *failingAt) Stopped(*runtime.Context[string], error)    { a.must("Stopped") }

func (a *failingAt) Receive(ctx *runtime.Context[string], m string) error {
	switch m {
	case "fail":
		return errOnPurpose
	case "watch":
		runtime.Watch(ctx, runtime.Ref[int]{}, func(error) string { a.must("Watch"); return "" })
	case "pipe":
		runtime.Pipe(ctx, func(context.Context) (int, error) { return 0, nil }, func(int, error) string { a.must("Pipe"); return "" })
	case "work":
		return a.at("Receive")
	}
	return nil
}

// must is at where no error can be returned.
func (a *failingAt) must(where string) {
	if err := a.at(where); err != nil {
		panic(err)
	}
}

// Whatever way an actor fails, and wherever, its supervisor hears of it, it is restarted, and goes on with its queue; and where a hook
// fails whose failure changes nothing, that is counted.
func TestOTPFailuresOfEveryKindEverywhere(t *testing.T) {
	for name, way := range waysToFail {
		for _, where := range []string{"Receive", "New", "Started again", "Restarting", "Stopped", "Watch", "Pipe"} {
			t.Run(name+" of "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { failsAt(t, where, way.fail, way.is) })
			})
		}
	}
}

func failsAt(t *testing.T, where string, fail func() error, is func(error) bool) {
	var causes []error
	system := newSystem(t, runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited,
		Decide: func(err error) supervisor.Directive { causes = append(causes, err); return supervisor.Restart }}})
	left, made := 1, 0
	a := spawn(t, system, runtime.Props[string]{Name: "a", New: func() runtime.Actor[string] {
		a := &failingAt{where, fail, &left}
		if made++; made > 1 {
			a.must("New")
		}
		if made == 1 && where == "Started again" {
			return &failingAt{"", fail, &left} // the first start is to succeed
		}
		return a
	}})
	first := map[string]string{"Receive": "work", "Watch": "watch", "Pipe": "pipe"}[where]
	if first == "" {
		first = "fail"
	}
	tell(t, a, first, "next")
	synctest.Wait()
	hook := where == "Restarting" || where == "Stopped"
	if !hook && !is(causes[len(causes)-1]) {
		t.Errorf("the supervisor was told %v", causes)
	}
	a.Stop()
	<-a.Done()
	s := a.Stats()
	wantFailed := uint64(1)
	if first == "fail" {
		wantFailed = 2 // the one that leads to a restart, too
	}
	if s.Restarts != 1 || s.Failed != wantFailed || s.Queued != 0 || left != 0 {
		t.Errorf("stats %+v, %d failures left: want one restart and %d failures", s, left, wantFailed)
	}
}
