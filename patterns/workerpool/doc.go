// Package workerpool runs jobs on a number of workers behind one bounded queue, and survives the jobs that panic.
//
//	pool, _ := workerpool.New(system, workerpool.Config[string, int]{
//		Name: "sizes",
//		Work: func(ctx context.Context, url string) (int, error) { return fetchSize(ctx, url) },
//	})
//	size, err := pool.Do(ctx, "https://example.org/")
//
// A job's result comes by a Future (Submit), as a message to an actor (SubmitTo), in the order of the jobs (Map), or not at
// all (Go).
//
// # Promises
//
//   - Every job that was accepted ends once: with what Work returned, with its failure, with mailbox.ErrFull where the
//     overflow policy evicted it, or with an error that wraps runtime.ErrStopped. Its Future, its message or Config.OnError
//     then says so. No Future waits for ever, unless Work does.
//   - Without Retries, no job is begun twice. With Retries, only one whose Work panicked, or for whose error RetryIf is true. A
//     panic of RetryIf, or of the function that makes a message of a result, fails the job.
//   - Jobs are begun in the order in which they were accepted, or the most urgent first: with one worker, one after the
//     other. Under ByKey those of one key are done one after the other, in that order, whatever Resize does.
//   - No more than Queue jobs wait in a queue. Under Shared none waits while a worker is free.
//   - A panic fails its job alone. The worker is restarted by its supervisor, at once and however often, and what Work
//     held (see runtime.Holder) comes back.
//   - Drain, and a shutdown of the system, finish every job that was accepted, and those that its Work hands in meanwhile:
//     but for those of a job that came from outside in the very moment in which all was done; they may be refused.
//   - Stats add up: each accepted job is counted in one place, at any time.
//
// Not promised: that jobs end in the order in which they begin. That Work which does not heed its context can be ended:
// after a Timeout it keeps its worker, and after Stop it is abandoned within 5 s, and counted by the runtime; its job has
// then failed. That keys have a worker of their own: one key's slow job holds up others that share its worker.
//
// # What happens when
//
//	overflow  Block: Go, Submit, SubmitTo and Do wait for room, as long as their context lasts; TryGo and TrySubmit return
//	          mailbox.ErrFull. Reject: all do. Drop policies: the evicted job was accepted, and ends with mailbox.ErrFull.
//	crash     of Work, by a panic or Goexit: the job fails with an error that wraps *runtime.PanicError, or
//	          runtime.ErrGoexit, once Retries are used up. An error that Work returns is no crash, but the job's result.
//	          of a sibling of the pool, where their supervisor restarts both: the queue is kept, and what was being
//	          worked on is stopped.
//	cancel    of a Submit that waits for room: the job was not accepted. Of a Wait: the wait ends, the job goes on. Of a
//	          Map, as by a break: jobs that it has handed in and that have not begun are not begun.
//	stop      of the pool: what is queued fails with ErrStopped at once. The context of Work ends, and its job with what
//	          it then returns; an error wraps ErrStopped.
//	          of the submitter: nothing; its jobs go on.
//	          of the receiver of a SubmitTo: its results cannot be delivered, which is a failure of the job.
//	drain     of the pool or its system: only Work hands jobs in, by its own context. The workers are all there until
//	          nothing is left, also for Work that waits for its own pool.
//
// Start a pool after what its Work needs, and before the actors that submit to it: a shutdown stops the youngest first,
// so that all they submit is still done. From outside of the system, jobs are accepted until it is the pool's turn.
//
// # Work that submits to its own pool
//
// It may, with its own context. Where the queue is bounded, all workers may come to wait for room in it, and then none makes
// any; no detection sees that. So use mailbox.Unbounded, or TryGo, and do what is refused at once. Work that waits for
// such a job, with Do, needs a worker that is free, and waits for ever where all do so.
//
// # Cost
//
// A pool is four actors and one for each worker, without a goroutine while nothing happens. A job is a value in a mailbox, which
// a worker takes out by itself; for one that nobody waits for, that is all: no message, no allocation. A job with a result
// takes two allocations and four operations on a Go channel more. Who submits wakes a worker only where none is awake that
// will look; a tiny job takes about as long as one sent through a channel to goroutines. Other ways of dispatch than Shared
// cost some operations on channels a job, and ByKey what it takes to make an interface of the key.
//
// Where all that is wanted is a limit on goroutines within one function, golang.org/x/sync/errgroup is enough.
//
// # Source
//
// Futures, Map and the refusal after the end are as in Python's concurrent.futures; there is no cancelling of a Future, because
// telling it apart from the job's beginning would cost each job what all the rest costs. The hand-over to idle workers, of
// whom one searches at a time, is that of Go's own scheduler.
package workerpool
