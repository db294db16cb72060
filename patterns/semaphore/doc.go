// Package semaphore hands out a number of permits, first come, first served, and takes back what a crashed actor held.
//
//	pool, _ := semaphore.New(system, semaphore.Config{Name: "connections", Permits: 8})
//	lease, err := pool.Acquire(ctx, 1)
//	if err != nil {
//		return err
//	}
//	defer func() { _ = lease.Release() }()
//
// # Promises
//
//   - Never more permits are out than the pool has, but after a Resize to less, until enough of them came back.
//   - Requests are served in the order in which they began to wait, whatever their sizes: while a big one waits for enough
//     permits, no small one behind it is served, so none starves.
//   - Every permit comes back once: by Release, or when the actor that acquired it crashes, restarts or stops. Of a
//     Release and a crash at the same time one counts, and of several Releases of one lease.
//   - A request that was given up takes no permit: an Acquire returns either a lease or an error, and the pool knows
//     which.
//   - A restart of the pool's own actor loses neither permits nor requests.
//
// Not promised: that a plain goroutine's lease comes back without Release. The pool knows when an actor's behaviour, or
// the work of a [runtime.Pipe], ends; it cannot know that of a goroutine.
//
// # What happens when
//
//	          who waits for permits                     who holds a lease
//	overflow  Acquire waits, as long as its context     nothing: Release always finds room
//	          lasts; TryAcquire returns ErrNoPermits
//	crash     of the one who waits: its context ends,   the lease comes back, as soon as the supervisor decides to
//	          as at cancel                              restart or stop the actor; Release then returns ErrReleased
//	cancel    Acquire returns the context's error at    nothing: a lease outlives the context of its Acquire
//	          once, and those behind are served
//	stop      of the pool: Acquire returns ErrStopped   of the pool: Release returns ErrStopped
//	                                                    of the holder: as at a crash
//
// Start a pool before the actors that use it. A shutdown stops the youngest first, so the pool then outlives them, and
// serves them, and everybody else, to their last message. A handler that waits for a permit waits outside of the runtime's
// sight: other actors go on meanwhile, but a circle of such waits is no [runtime.DeadlockError].
//
// # Cost
//
// Permits are messages in a Go channel. One permit costs a plain goroutine four channel operations, to acquire and to
// release, and no allocation: one and a half times what a channel does that is used as a semaphore, with a select on ctx.
// Who waits for one permit waits for that channel. With 64 goroutines on 8 permits it takes twice as long as with the bare
// channel, and a quarter of golang.org/x/sync/semaphore's time.
//
// Several permits at once, or a try in vain, go by a ledger that is passed from hand to hand: about twice the time of one
// permit, whatever their number, and no allocation either. An actor's lease is noted there besides, and its first one tells
// the pool's actor, which otherwise sleeps. While somebody waits for several permits, or Resize for leases to come back,
// everybody goes by the ledger. A pool of a million permits takes no more memory than one of a hundred, as long as not that
// many leases are out.
//
// Where all that is wanted is a limit within one function, without crashes, weights or changes to consider, a buffered
// channel is cheaper.
//
// # Sources
//
// The behaviours are those of Python's threading.Semaphore and BoundedSemaphore, with weights as golang.org/x/sync/semaphore
// has them, and as there a big request is not overtaken.
package semaphore
