package runtimetest_test

import (
	"context"
	"testing"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
	"github.com/troupe-go/troupe/supervisor"
)

// The tests of the package's doc, as a user would write them.

func TestUsageRelay(t *testing.T) {
	system := runtimetest.NewSystem(t)
	probe := runtimetest.NewProbe[string](t, system, "probe")
	relay, err := runtime.SpawnFunc(system, "relay", func(ctx *runtime.Context[string], s string) error {
		return probe.Ref().Tell(ctx, s)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := relay.Tell(t.Context(), "hello"); err != nil {
		t.Fatal(err)
	}
	probe.Expect("hello")
}

func TestUsageAdder(t *testing.T) {
	runtimetest.Explore(t, 1000, func(w *runtimetest.World) {
		sum := 0
		adder, err := runtime.SpawnFunc(w.System(runtime.Config{}), "adder", func(_ *runtime.Context[int], n int) error {
			sum += n
			return nil
		})
		if err != nil {
			w.Fatalf("%v", err)
		}
		left := 2
		for n := range 2 {
			w.Go(func() {
				if err := adder.Tell(w.Context(), 1+n); err != nil {
					w.Errorf("%v", err)
				}
				if left--; left == 0 {
					adder.StopWhenEmpty()
					<-adder.Done()
					if sum != 3 {
						w.Errorf("the sum is %d, want 3", sum)
					}
				}
			})
		}
	})
}

func TestUsageFaults(t *testing.T) {
	system := runtimetest.NewSystem(t, runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited}})
	faults := runtimetest.Faults{Error: 0.02, Panic: 0.02, Goexit: 0.02}
	ref, err := runtime.Spawn(system, runtime.Props[int]{New: runtimetest.Inject(&faults, func() runtime.Actor[int] {
		return runtime.Func[int](func(*runtime.Context[int], int) error { return nil })
	})})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 1000 {
		if err := ref.Tell(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	if err := runtimetest.Quiet(context.Background(), system); err != nil {
		t.Fatal(err)
	}
	if s := ref.Stats(); s.Handled+s.DeadLettered != 1000 || s.Failed == 0 {
		t.Errorf("%+v: want 1,000 messages handled or dead, and failures", s)
	}
}
