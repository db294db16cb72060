// Package workerpool runs jobs on a number of workers behind one bounded queue, and survives the jobs that panic.
//
//	pool, _ := workerpool.New(system, workerpool.Config[string, int]{
//		Name: "sizes",
//		Work: func(ctx context.Context, url string) (int, error) { return fetchSize(ctx, url) },
//	})
//	size, err := pool.Do(ctx, "https://example.org/")
//
// # Promises
//
//   - Every job that was accepted ends once, and its Future then says how: with what Work returned, with the failure of
//     Work, or with an error that wraps runtime.ErrStopped. No Future waits for ever, unless Work does.
//   - Without Retries, no job is begun twice. With Retries, only one whose Work panicked is.
//   - Jobs are begun in the order in which they were accepted: with one worker, one after the other.
//   - No more than Queue jobs wait for a worker, and none waits while a worker is free.
//   - A panic fails its job alone. The worker is restarted by its supervisor, at once and however often.
//   - Drain, and a shutdown of the system, finish every job that was accepted.
//
// Not promised: that jobs end in the order in which they begin, and that Work which does not heed its context can be
// ended. After Stop such Work is abandoned within 5 s, and counted by the runtime; its job has then failed.
//
// # What happens when
//
//	overflow  Submit waits for room, as long as its context lasts; TrySubmit returns mailbox.ErrFull.
//	crash     of Work, by a panic or Goexit: the job fails with an error that wraps *runtime.PanicError, or
//	          runtime.ErrGoexit, once Retries are used up. An error that Work returns is no crash, but the job's result.
//	          of a sibling of the pool, where their supervisor restarts both: the queue is kept, and what was being
//	          worked on is stopped. If all workers are busy and stay so for 5 s, the pool ends instead.
//	cancel    of a Submit that waits for room: the job was not accepted. Of a Wait: the wait ends, the job goes on.
//	stop      of the pool: what is queued fails with ErrStopped at once. The context of Work ends, and its job with what
//	          it then returns; an error wraps ErrStopped.
//	          of the submitter: nothing; its jobs go on.
//
// Start a pool after what its Work needs, and before the actors that submit to it: a shutdown stops the youngest first,
// so that all they submit is still done.
//
// # Cost
//
// A pool is two actors and one for each worker, without a goroutine while nothing happens. A job costs four or five
// messages on its way, so Work should take longer than some microseconds; for less, let a job be a batch of it.
package workerpool
