// Package runtimetest helps to test actors, without sleeping.
//
//   - [NewSystem] is a system that checks its own books at the end of the test.
//   - [Probe] is an actor whose messages the test gets.
//   - [Quiet] waits until all that was sent, and all that came of it, is handled.
//   - [Faults] have actors fail at chosen rates: with errors, panics and Goexits, late, or never to return.
//   - [CheckGoroutines] finds goroutines that were left behind.
//   - [Explore] runs a small system in some thousands of the orders in which things may happen, in virtual time; each has a number by
//     which it is repeated.
//
// A test of an actor that passes on what it gets:
//
//	system := runtimetest.NewSystem(t)
//	probe := runtimetest.NewProbe[string](t, system, "probe")
//	relay, err := runtime.SpawnFunc(system, "relay", func(ctx *runtime.Context[string], s string) error {
//		return probe.Ref().Tell(ctx, s)
//	})
//	...
//	probe.Expect("hello")
//
// And one of what must come out the same whoever comes first:
//
//	runtimetest.Explore(t, 1000, func(w *runtimetest.World) {
//		system := w.System(runtime.Config{})
//		...
//		w.Go(func() { _ = adder.Tell(w.Context(), 1) })
//		w.Go(func() { _ = adder.Tell(w.Context(), 2) })
//		...
//		if sum != 3 {
//			w.Errorf("the sum is %d, want 3", sum)
//		}
//	})
//
// Explore finds what depends on who comes first. It does not find what depends on how processors see each other's memory:
// that is what the race detector is for. It sees other goroutines than actors' only where they call the runtime.
package runtimetest
