// Package batch makes one call of many requests, and gives each asker its own answer.
//
//	users, _ := batch.New(system, batch.Config[int, User]{
//		Name: "users",
//		Size: 100,
//		Call: func(ctx context.Context, ids []int) ([]User, error) { return db.UsersByID(ctx, ids) },
//	})
//	user, err := users.Do(ctx, 42) // from any number of goroutines and handlers
//
// What costs much by the call and little by the request, as a query, a round trip or a flush to a disk does, so costs
// a fraction for each.
//
// # When a batch is called
//
// As soon as it has Size requests, or its first one has waited for Delay, and no more than Parallel calls are under way.
//
// Without a Delay, which is the default, no request waits while a call could begin: what piles up during one call is the
// next. Whoever is alone is served at once, and the busier it gets, the larger are the batches: they follow the load by
// themselves. Databases write many transactions to their log like that, which is known as group commit (DeWitt and others,
// "Implementation Techniques for Main Memory Database Systems", 1984; PostgreSQL does so where commit_delay is 0).
//
// A Delay makes batches larger where few requests come while a call is under way, and each of them slower; PostgreSQL's
// commit_delay and the MaxBatchDelay of bbolt are that. Facebook's DataLoader, from which it is that results are as many as
// requests and in their order, and may be errors one by one, waits for one round of JavaScript's event loop.
//
// # Promises
//
//   - Each Do returns once: with the answer to its own request, with the error of the call that it was in, or with that of
//     its own context or of a stop.
//   - A request is in one call, or in none if it was given up or refused before. None is tried again.
//   - Requests are called in the order in which they arrived, and a batch has them in that order. With Parallel more than 1,
//     calls overlap.
//   - No call has more than Size requests, and no more than Parallel calls are under way.
//   - A Call that fails or crashes fails its own askers alone.
//   - Drain, and a shutdown of the system, call what waits. A shutdown does not know Drain's haste: it may take Delay.
//   - A restart of the batcher's own actor loses neither requests nor calls.
//
// Not promised: that a request whose Do was given up during its call has no effect; and that a Call which does not heed its
// context can be ended. After Stop such a Call is abandoned within 5 s, and counted by the runtime; its askers then have an
// error.
//
// # What happens when
//
//	overflow  while Queue requests wait, TryDo returns mailbox.ErrFull at once, and Do waits in line, as long as its
//	          context lasts: it is the goroutine of the asker that waits, so there are never more than there are askers.
//	crash     of Call, by a panic or Goexit: its askers get *runtime.PanicError, or runtime.ErrGoexit; it is logged, and
//	          what it held of a semaphore or a lock comes back. Of an asker: its context ends, as at cancel.
//	cancel    before the call: the request is taken out. During it: Do returns at once, and the answer is thrown away.
//	stop      of the batcher: what waits fails with ErrStopped at once; the context of Call ends, and its askers get what
//	          it then returns; an error wraps ErrStopped. Where a supervisor stops it, or a shutdown had begun to drain it,
//	          what waits fails when the calls under way have returned.
//	          of an asker: as at cancel.
//
// Start a batcher after what its Call needs, and before the actors that ask it: a shutdown stops the youngest first, so that
// all they ask is still answered.
//
// # Cost
//
// A batcher is one actor and, while there are requests, a goroutine for each call that is or will be under way. A request
// costs an ask and allocates nothing; a call allocates the slice of its requests.
package batch
