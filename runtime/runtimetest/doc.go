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
// Explore finds what depends on who comes first. It does not find what depends on how processors see each other's memory:
// that is what the race detector is for. It sees other goroutines than actors' only where they call the runtime.
package runtimetest
