package runtime_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// A duration that is past is no time to wait; an interval must be one.
func TestTimersWithOddDurations(t *testing.T) {
	for _, d := range []time.Duration{0, -1, -time.Hour, math.MinInt64} {
		t.Run(fmt.Sprint("After ", d), func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 2, Handled: 2}, func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
				begun := time.Now()
				tell(t, ref, func(x *runtime.Context[act]) error { x.After(d, fine); return nil })
				synctest.Wait()
				if took := time.Since(begun); took != 0 {
					t.Errorf("it took %v", took)
				}
			})
		})
		t.Run(fmt.Sprint("Every ", d), func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 1, DeadLettered: 1, Failed: 1, Restarts: 1},
				func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
					letters := collectDeadLetters(s)
					tell(t, ref, func(x *runtime.Context[act]) error { x.Every(d, fine); return nil })
					elapse(time.Hour)
					if all := letters.list(); len(all) == 1 {
						wantText(t, "reason", all[0].Reason, fmt.Sprintf("panic: runtime: Every(%v): want an interval of more than 0", d))
					}
				})
		})
	}
	for name, start := range map[string]func(x *runtime.Context[act]) *runtime.Timer{
		"After": func(x *runtime.Context[act]) *runtime.Timer { return x.After(math.MaxInt64, fine) },
		"Every": func(x *runtime.Context[act]) *runtime.Timer { return x.Every(math.MaxInt64, fine) },
	} {
		t.Run(name+" the longest time", func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 1, Handled: 1}, func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
				tell(t, ref, func(x *runtime.Context[act]) error {
					timer := start(x)
					if !timer.Stop() || timer.Stop() {
						t.Error("the first Stop must end it, and no other")
					}
					return nil
				})
				elapse(time.Hour)
			})
		})
	}
}

func TestStopOfATimerThatNobodyStarted(t *testing.T) {
	const want = "runtime: Stop of a nil or zero Timer: want one that After or Every returned"
	var zero runtime.Timer
	for name, timer := range map[string]*runtime.Timer{"nil": nil, "zero": &zero} {
		for range 2 {
			if v := recovered(func() { timer.Stop() }); v != want {
				t.Errorf("%s: panicked with %v\nwant %s", name, v, want)
			}
		}
	}
}

// Each is refused before anything has changed: the old behaviour goes on where the panic is recovered.
func TestBecomeNobody(t *testing.T) {
	var none runtime.Func[act]
	for name, a := range map[string]runtime.Actor[act]{"nil": nil, "a nil Func": none} {
		t.Run(name, func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 1, DeadLettered: 1, Failed: 1, Restarts: 1},
				func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
					letters := collectDeadLetters(s)
					tell(t, ref, func(x *runtime.Context[act]) error { x.Become(a); return nil })
					synctest.Wait()
					if all := letters.list(); len(all) == 1 {
						wantText(t, "reason", all[0].Reason, "panic: runtime: Become(nil): want an Actor")
					}
				})
		})
		t.Run(name+", recovered", func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 1, Handled: 1}, func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
				tell(t, ref, func(x *runtime.Context[act]) error {
					if v := recovered(func() { x.Become(a) }); v != "runtime: Become(nil): want an Actor" {
						t.Errorf("panicked with %v", v)
					}
					return nil
				})
			})
		})
	}
}

// Functions that make messages are asked for before anything is begun, whatever else is wrong.
func TestWatchAndPipeWithNilFunctions(t *testing.T) {
	work := func(context.Context) (int, error) { t.Error("work runs"); return 0, nil }
	const watch, holder, pipe = "runtime: Watch with a nil function: want one that makes a message",
		"runtime: WatchHolder with a nil function: want one that makes a message",
		"runtime: Pipe with a nil function: want work to do, and one that makes a message"
	for _, tt := range []struct {
		name string
		do   func(x *runtime.Context[act])
		want string
	}{
		{"Watch of an actor", func(x *runtime.Context[act]) { runtime.Watch(x, x.Self(), nil) }, watch},
		{"Watch of the zero Ref", func(x *runtime.Context[act]) { runtime.Watch(x, runtime.Ref[int]{}, nil) }, watch},
		{"WatchHolder of nobody", func(x *runtime.Context[act]) { runtime.WatchHolder(x, runtime.Holder{}, nil) }, holder},
		{"WatchHolder of itself", func(x *runtime.Context[act]) {
			h, _ := runtime.HolderOf(x)
			runtime.WatchHolder(x, h, nil)
		}, holder},
		{"Pipe without work", func(x *runtime.Context[act]) { pipeFine(x, nil) }, pipe},
		{"Pipe without a message", func(x *runtime.Context[act]) { runtime.Pipe(x, work, nil) }, pipe},
		{"Pipe without either", func(x *runtime.Context[act]) { runtime.Pipe[act, int](x, nil, nil) }, pipe},
	} {
		t.Run(tt.name, func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 1, DeadLettered: 1, Failed: 1, Restarts: 1},
				func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
					letters := collectDeadLetters(s)
					tell(t, ref, func(x *runtime.Context[act]) error { tt.do(x); return nil })
					synctest.Wait()
					if all := letters.list(); len(all) == 1 {
						wantText(t, "reason", all[0].Reason, "panic: "+tt.want)
					}
				})
		})
	}
}

// An error that a test has made may have one list only.
func TestDeadlockErrorOfUnevenLists(t *testing.T) {
	for _, tt := range []struct {
		err  runtime.DeadlockError
		want string
	}{
		{runtime.DeadlockError{}, "deadlock: "},
		{runtime.DeadlockError{Waits: []string{"room in"}}, "deadlock: "},
		{runtime.DeadlockError{Cycle: []string{"a"}}, "deadlock: a would wait for a"},
		{runtime.DeadlockError{Cycle: []string{"a", "b"}, Waits: []string{"room in"}},
			"deadlock: a would wait for room in b, which waits for a"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
