// Package barrier has a number of parties wait for each other, again and again.
//
//	b, _ := barrier.New(system, barrier.Config{Name: "rounds", Parties: 4})
//	for { // in each of the four
//		work()
//		if _, err := b.Wait(ctx); err != nil {
//			return err
//		}
//	}
//
// It is Python's threading.Barrier, or Java's CyclicBarrier, kept by an actor.
//
// # Promises
//
//   - Nobody gets past Wait before Parties have called it. Then all of them do, each with another index: 0 for the one that
//     came first, and Parties-1 for the one that came last.
//   - All or none: a round lets all of its parties go, or fails for all of them. One that gives up in the moment in which its
//     round is let go is told that it was.
//   - The Action is run once in each round, by the party that came last, after it has come and before anybody is let go. The
//     next one does not begin before it has ended, or the actor of its party has.
//   - A party that gives up, whose actor crashes or stops, or whose Action fails breaks the barrier: Wait returns ErrBroken to
//     all others at once, and to whoever calls it until Reset.
//   - A restart of the barrier's own actor loses nobody.
//
// Not promised: that the crash of a plain goroutine, or of an actor that does not wait at that time, is noticed. Such
// a party just does not come, and the others wait as long as their contexts and Timeout say. And that an Action has ended
// which does not return while its party's actor is stopped: that is abandoned, as its handler is, and may overlap the next one.
//
// # What happens when
//
//	overflow  who comes while the Action of a full round runs belongs to the next one.
//	crash     of a party that waits: the barrier breaks. Of the Action: likewise; its panic is an error for all.
//	cancel    of a party that waits: the barrier breaks; the party gets its context's error, and ErrBroken too.
//	stop      of the barrier: Wait returns an error that wraps runtime.ErrStopped at once, and so does every later call.
//	          of a party that waits: as at cancel.
//
// Start a barrier before its parties. A shutdown stops the youngest first, so the barrier then outlives them.
//
// # Cost
//
// A barrier is one actor, without a goroutine while nothing happens. Wait is an ask: one to two and a half times what a lock
// and a channel for each round take, the more the more parties, because each is waked by itself. It allocates one small
// object, by which a party that gives up is known; with a Timeout, also a timer.
package barrier
