package runtimetest_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
	"github.com/troupe-go/troupe/supervisor"
)

// counting passes a number on, less one, until there is nothing left of it.
func counting(next func() runtime.Ref[int], last runtime.Ref[int]) func(*runtime.Context[int], int) error {
	return func(ctx *runtime.Context[int], n int) error {
		if n == 0 {
			return last.Tell(ctx, 0)
		}
		return next().Tell(ctx, n-1)
	}
}

func TestQuietWaitsForAllThatComesOfAMessage(t *testing.T) {
	runtimetest.CheckGoroutines(t)
	s := runtimetest.NewSystem(t)
	for range 200 {
		handled := 0
		last, err := runtime.SpawnFunc(s, "", func(*runtime.Context[int], int) error { handled++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		var a, b runtime.Ref[int]
		a, _ = runtime.SpawnFunc(s, "", counting(func() runtime.Ref[int] { return b }, last))
		b, _ = runtime.SpawnFunc(s, "", counting(func() runtime.Ref[int] { return a }, last))
		if err := a.Tell(t.Context(), 50); err != nil {
			t.Fatal(err)
		}
		if err := runtimetest.Quiet(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if got := last.Stats().Handled; got != 1 {
			t.Fatalf("the system is said to be quiet before the last message was handled: %+v", s.Stats())
		}
	}
}

func TestQuietEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := runtimetest.NewSystem(t)
		busy, err := runtime.SpawnFunc(s, "", func(ctx *runtime.Context[int], _ int) error { <-time.After(time.Hour); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if err := busy.TryTell(1); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err = runtimetest.Quiet(ctx, s)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "Queued:1") {
			t.Errorf("Quiet: %v", err)
		}
		if err := runtimetest.Quiet(t.Context(), s); err != nil {
			t.Error(err)
		}
	})
}

func TestProbeGetsWhatAnActorSends(t *testing.T) {
	s := runtimetest.NewSystem(t)
	probe := runtimetest.NewProbe[string](t, s, "probe")
	echo, err := runtime.SpawnFunc(s, "echo", func(ctx *runtime.Context[string], m string) error {
		return probe.Ref().Tell(ctx, m+m)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{"a", "b", "c"} {
		if err := echo.Tell(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	probe.Expect("aa", "bb")
	if got := probe.Next(); got != "cc" {
		t.Errorf("Next: %q", got)
	}
	if err := runtimetest.Quiet(t.Context(), s); err != nil {
		t.Error(err)
	}
	probe.Nothing()
	echo.Stop()
	if err := runtimetest.AwaitEnd(echo); err != nil {
		t.Error(err)
	}
}

// A tester is a testing.TB that notes its failures.
type tester struct {
	testing.TB
	failures []string
}

func (t *tester) Helper()                        {}
func (t *tester) Errorf(format string, _ ...any) { t.failures = append(t.failures, format) }
func (t *tester) Fatalf(format string, _ ...any) { t.failures = append(t.failures, format); panic(t) }

func TestProbeFailsTheTestWhereItShould(t *testing.T) {
	s := runtimetest.NewSystem(t)
	fake := &tester{TB: t}
	probe := runtimetest.NewProbe[int](fake, s, "")
	fails := func(what string, f func()) {
		t.Helper()
		fake.failures = nil
		func() {
			defer func() { _ = recover() }()
			f()
		}()
		if len(fake.failures) != 1 {
			t.Errorf("%s: %v, want one failure", what, fake.failures)
		}
	}
	if err := probe.Ref().Tell(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	fails("another message than expected", func() { probe.Expect(2) })
	if err := probe.Ref().Tell(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	fails("a message where none should be", probe.Nothing)
	probe.Ref().Stop()
	fails("no message to come", func() { probe.Next(); probe.Next() })
	fails("books that do not add up", func() { runtimetest.CheckBooks(fake, runtime.Stats{Sent: 1}) })
}

type hooks struct{ log *[]string }

func (a hooks) Started(*runtime.Context[int]) error      { *a.log = append(*a.log, "started"); return nil }
func (a hooks) Restarting(*runtime.Context[int], error)  { *a.log = append(*a.log, "restarting") }
func (a hooks) Stopped(*runtime.Context[int], error)     { *a.log = append(*a.log, "stopped") }
func (a hooks) Receive(*runtime.Context[int], int) error { return nil }

// Each kind of fault comes about as often as its rate says, is counted, and is a failure as any other.
func TestFaultsAreInjectedAtTheirRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := runtimetest.NewSystem(t, runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited,
			Decide: func(err error) supervisor.Directive {
				if !errors.Is(err, runtimetest.ErrInjected) && !errors.Is(err, runtime.ErrGoexit) {
					t.Errorf("a failure that was not injected: %v", err)
				}
				return supervisor.Restart
			}}})
		f := &runtimetest.Faults{Seed: 1, Error: 0.1, Panic: 0.1, Goexit: 0.1, Delay: 0.1, DelayFor: time.Second, Start: 0.2}
		ref, err := runtime.Spawn(s, runtime.Props[int]{New: runtimetest.Inject(f, func() runtime.Actor[int] {
			return runtime.Func[int](func(*runtime.Context[int], int) error { return nil })
		})})
		if err != nil {
			t.Fatal(err)
		}
		const n = 5000
		for range n {
			if err := ref.Tell(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
		}
		if err := runtimetest.Quiet(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		c, stats := f.Counts(), ref.Stats()
		for name, got := range map[string]uint64{"Error": c.Error, "Panic": c.Panic, "Goexit": c.Goexit, "Delay": c.Delay} {
			if got < n/13 || got > n/8 {
				t.Errorf("%s: %d of %d, want a tenth", name, got, n)
			}
		}
		failed := c.Error + c.Panic + c.Goexit
		if stats.Failed != failed+c.Start || stats.DeadLettered != failed || c.Start == 0 {
			t.Errorf("counts %+v, stats %+v", c, stats)
		}
	})
}

func TestFaultsKeepTheHooksAndHangUntilTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := runtimetest.NewSystem(t)
		var log []string
		f := &runtimetest.Faults{Hang: 1, HangFor: time.Second}
		ref, err := runtime.Spawn(s, runtime.Props[int]{New: runtimetest.Inject(f, func() runtime.Actor[int] { return hooks{&log} })})
		if err != nil {
			t.Fatal(err)
		}
		if err := ref.Tell(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		began := time.Now()
		ref.Stop()
		if err := runtimetest.AwaitEnd(ref); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("it hung for %v after the stop", took)
		}
		if got := strings.Join(log, " "); got != "started stopped" {
			t.Errorf("hooks: %s", got)
		}
	})
}

func TestFaultsRefuseBadRates(t *testing.T) {
	for want, f := range map[string]*runtimetest.Faults{
		"runtimetest: Faults.Error is -1: want a rate from 0 to 1":             {Error: -1},
		"runtimetest: Faults.Panic is 1.5: want a rate from 0 to 1":            {Panic: 1.5},
		"runtimetest: Faults.Start is NaN: want a rate from 0 to 1":            {Start: math.NaN()},
		"runtimetest: the rates of Faults make 1.5: want 1 at most":            {Error: 0.75, Hang: 0.75},
		"runtimetest: Faults.DelayFor is -1ns, and HangFor 0s: want 0 or more": {DelayFor: -1},
	} {
		func() {
			defer func() {
				if err, _ := recover().(error); err == nil || err.Error() != want {
					t.Errorf("Inject: %v\nwant    %s", err, want)
				}
			}()
			runtimetest.Inject(f, func() runtime.Actor[int] { return nil })
		}()
	}
}
