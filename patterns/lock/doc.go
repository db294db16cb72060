// Package lock has locks that are passed on as messages: Mutex, Reentrant and Condition. One can stop waiting for them,
// they are served first come, first served, and what a crashed actor held comes back.
//
//	mutex, _ := lock.NewMutex(system, lock.Config{Name: "ledger"})
//	hold, err := mutex.Lock(ctx)
//	if err != nil {
//		return err
//	}
//	defer func() { _ = hold.Unlock() }()
//
// # When to use one
//
// Mostly not: state that needs a lock is better kept in an actor, which handles one message at a time, never blocks who
// tells it something, and shows the runtime who waits for whom. A lock is for what has no owner: a section that spans
// several actors, a file or a device that others use too, code that was written for locks. For a few lines without waits
// and crashes, sync.Mutex costs a fraction of it.
//
// A handler that waits for a lock waits outside of the runtime's sight. Other actors go on meanwhile, but its own mailbox
// is not worked off, and a circle of such waits is no [runtime.DeadlockError]: a handler that has the lock must not ask an
// actor whose handler waits for it, and two locks are taken in one order by everybody. A deadline on ctx ends what went
// wrong after all. A Pipe can wait instead of the handler; the lock is that work's then, and comes back when it returns.
//
// # Promises
//
//   - One at a time has the lock. A Hold counts from when Lock returned it until it is unlocked, or until the actor
//     behaviour or Pipe work that took it has ended, whichever is first; exactly one of the two gives the lock back.
//   - A stranger cannot unlock: it has no Hold that counts. Who is given the Hold can, on any goroutine.
//   - First come, first served: the lock goes from hand to hand, in the order in which the waits began, and no newcomer
//     finds it free in between. That includes those who want it back after a Notify.
//   - A wait ends with its context, and then takes nothing: Lock returns either a Hold or an error.
//   - A Reentrant is taken again by its owner as often as it likes, and given back when each Hold was unlocked.
//   - A Wait gives the lock up and joins the queue in one step. Notify(n) wakes exactly the first n of those in the queue, or
//     all, and nothing else does. None is lost to a wait that is cancelled: it is out of the queue, or was woken and says
//     so. A waiter that crashes leaves the queue.
//   - A restart of the lock's own actor loses nothing.
//
// Not promised: that a plain goroutine's lock comes back without Unlock, as nobody can know that it has ended. That the
// code of a holder has ended when its lock comes back: one that was abandoned, or a goroutine that it has left behind, may
// still be at it, and learns from Unlock that its time was over. That those woken by one Notify get the lock in the order
// in which they waited: they want it at the same time. That somebody else is woken where one that was woken crashes: the
// Notify is spent, as if it had crashed a moment later.
//
// # What happens when
//
//	          who waits for the lock              who has it                       who waits for a Notify
//	overflow  any number wait, for as long as     nothing: Unlock and Notify       any number wait
//	          their contexts last                 never wait
//	crash     the lock that it may get comes      the next one gets it, as soon    it leaves the queue, and Wait
//	          back at once                        as the supervisor decides to     returns ErrUnlocked
//	                                              restart or stop the actor;
//	                                              Unlock returns ErrUnlocked
//	cancel    Lock returns the context's error,   nothing: a hold outlives the     Wait takes the lock back, and
//	          and those behind are served         context of its Lock              returns the context's error
//	stop      of the lock: ErrStopped             of the lock: Unlock works        of the lock: ErrStopped
//
// Start a lock before the actors that use it. A shutdown stops the youngest first, so the lock then outlives them.
//
// # Cost
//
// Without anybody in the way, a plain goroutine's Lock and Unlock are four operations on Go channels and no allocation: about
// 1.3 times a channel of capacity 1 used as a lock with a select on ctx, and 6 times sync.Mutex. An actor pays as much
// again, to say who it is; its first Lock tells the lock's actor, which otherwise sleeps. Under contention each Unlock wakes
// the next in line, which is what being fair costs: with 64 goroutines on an empty section some ten times sync.Mutex, where
// who runs anyway takes the lock again and again, and twice with a section that yields. What one gets for it is the end of
// a wait by its context, an order without starvation, and a lock that survives its holder. A Notify moves the rest of the
// queue up, some nanoseconds for a hundred who wait.
//
// # Sources
//
// The behaviours are those of Python's threading.Lock, RLock and Condition, with three differences: a lock is unlocked
// by its Hold, not by its thread; the end of a wait is a context's; and a Notify is not spent on a Wait that has timed out
// but not got the lock back yet, as it is there.
package lock
