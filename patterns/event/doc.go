// Package event tells any number of waiters at once that something has happened, until that is taken back.
//
//	ready, _ := event.New(system, event.Config{Name: "ready"})
//	go func() {
//		load()
//		_ = ready.Set()
//	}()
//	if err := ready.Wait(ctx); err != nil {
//		return err
//	}
//
// It is Python's threading.Event, as a message: a flag that can be set, cleared and waited for.
//
// # Promises
//
//   - Wait returns nil when the event is set, or is set while it waits. Everybody who waits at a Set gets past it, also
//     if the event is cleared at once: a Set and a Clear in a row let go who waited, and nobody after that.
//   - Set, Clear, IsSet and Wait take effect one at a time, in the order in which they reach the event; those of one
//     goroutine or handler in the order in which it called them.
//   - A Wait that was given up leaves nothing behind for long: no more such remain than others wait.
//   - A restart of the event's own actor changes neither the flag nor who waits.
//
// Not promised: that the event still is set when Wait has returned, since somebody may have cleared it; and that those who
// were let go go on in the order in which they came.
//
// # What happens when
//
//	overflow  any number may wait; Set and Clear always find room.
//	crash     of whoever has set the event: nothing, it stays set. Of one who waits: its context ends, as at cancel.
//	cancel    Wait returns the context's error at once; the event stays as it is.
//	stop      of the event: Wait returns an error that wraps runtime.ErrStopped at once, and so does every later call.
//	          of one who waits: as at cancel.
//
// Start an event before the actors that use it. A shutdown stops the youngest first, so the event then outlives them.
//
// # Cost
//
// An event is one actor, without a goroutine while nothing happens. All calls mostly are handled on the caller's goroutine,
// in one to two times what a lock and a channel would take. IsSet and Wait allocate nothing, Set and Clear one byte. For
// something that happens once, for good, and in one place, closing a channel is cheaper.
package event
