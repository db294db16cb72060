package runtime_test

import (
	"errors"
	goruntime "runtime"
	"testing"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// mostIdle is how many bytes an actor without a name takes that has nothing to do, beside its behaviour.
const mostIdle = 320

func idler() runtime.Actor[int] { return runtime.Func[int](idle) }

func idle(*runtime.Context[int], int) error { return nil }

// A million actors is an ordinary program.
func TestIdleActorIsSmall(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates")
	}
	system := newSystem(t)
	props := runtime.Props[int]{New: idler}
	spawn(t, system, props)
	const many = 10_000
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	for range many {
		spawn(t, system, props)
	}
	goruntime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc + many/2) / many; each > mostIdle {
		t.Errorf("an actor takes %d bytes, want at most %d", each, mostIdle)
	}
	if each := float64(after.Mallocs-before.Mallocs) / many; each > 1.1 {
		t.Errorf("%.1f allocations to spawn an actor, want 1", each)
	}
}

func TestHopAllocatesNothing(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates")
	}
	system := newSystem(t)
	const hops = 100
	done := make(chan struct{})
	var refs [2]runtime.Ref[int]
	for i := range refs {
		refs[i] = spawn(t, system, runtime.Props[int]{New: always(func(ctx *runtime.Context[int], left int) error {
			if left == 0 {
				done <- struct{}{}
				return nil
			}
			return refs[1-i].Tell(ctx, left-1)
		})})
	}
	allocs := testing.AllocsPerRun(100, func() {
		tell(t, refs[0], hops)
		<-done
	})
	if allocs >= 1 {
		t.Errorf("%v allocations for %d hops, want none", allocs, hops)
	}
}

func TestAskAllocatesNothingInTheSteadyState(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates")
	}
	for name, inline := range map[string]bool{"on a runner": false, "inline": true} {
		t.Run(name, func(t *testing.T) {
			ref := spawn(t, newSystem(t), runtime.Props[runtime.Reply[int]]{Inline: inline,
				New: always(func(_ *runtime.Context[runtime.Reply[int]], r runtime.Reply[int]) error { r.Send(1); return nil })})
			ctx := t.Context()
			ask := func() {
				n, err := runtime.Ask(ctx, ref, func(r runtime.Reply[int]) runtime.Reply[int] { return r })
				if n != 1 || err != nil {
					t.Fatal(n, err)
				}
			}
			if allocs := testing.AllocsPerRun(1000, ask); allocs >= 1 {
				t.Errorf("%v allocations an ask, want none", allocs)
			}
		})
	}
}

// In real time it is the watchdog that begins to wait for the code of an actor that was told to stop.
func TestHandlerThatDoesNotReturnFromItsOwnStopIsAbandoned(t *testing.T) {
	system := newSystem(t)
	g := newGate(t)
	ref := spawn(t, system, runtime.Props[int]{StopTimeout: time.Millisecond, New: always(func(ctx *runtime.Context[int], _ int) error {
		ctx.Stop()
		g.wait()
		return nil
	})})
	tell(t, ref, 1)
	<-ref.Done()
	if err := ref.Err(); !errors.Is(err, runtime.ErrAbandoned) {
		t.Errorf("it stopped with %v, want ErrAbandoned", err)
	}
	g.open()
}

// Actors without children, hooks or messages are ended by whoever stops them, one after the other: all of them end, and
// what was sent to them is accounted for.
func TestManyIdleActorsStopWithTheirSystem(t *testing.T) {
	system := newSystem(t)
	const many = 10_000
	refs := make([]runtime.Ref[int], many)
	for i := range refs {
		refs[i] = spawn(t, system, runtime.Props[int]{New: idler, Mailbox: mailbox.Config[int]{Capacity: 1}})
		tell(t, refs[i], i)
	}
	if err := system.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, ref := range refs {
		select {
		case <-ref.Done():
		default:
			t.Fatalf("%s has not stopped", ref)
		}
	}
	if s := system.Stats(); s.Actors != 0 || s.Handled != many || s.Sent != many {
		t.Errorf("%+v: want %d handled, and nobody left", s, many)
	}
}
