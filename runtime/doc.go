// Package runtime runs actors: typed behaviours that own a bounded mailbox each, handle one message at a time, and are
// restarted by their supervisor when they fail.
//
//	system, _ := runtime.New(runtime.Config{})
//	greeter, _ := runtime.SpawnFunc(system, "greeter", func(ctx *runtime.Context[string], name string) error {
//		fmt.Println("hello,", name)
//		return nil
//	})
//	_ = greeter.Tell(ctx, "world")
//	_ = system.Shutdown(ctx)
//
// # Promises
//
//   - One at a time. An actor's handler never runs concurrently with itself, nor with the actor's hooks.
//   - Order. Messages from one sender to one FIFO actor arrive in the order in which they were sent. Priority is stable.
//   - Bounded. A mailbox never holds more than its capacity, which is 1,024 unless another is chosen.
//   - Accounted. Nothing is lost silently: at every quiescent moment
//     Sent = Rejected + Handled + Dropped + DeadLettered + Queued, exactly, for each actor and for the system. Dropped and
//     dead-lettered messages are published as dead letters, with the reason.
//   - Restart keeps the queue. The failing message becomes a dead letter, or is tried again as Props.Redeliver says; every
//     other one is handled by the new behaviour, in order, stashed ones too.
//   - The control lane is separate. Stop, watch, failure and restart are never dropped, never wait for room, and take
//     effect before the next message. Messages of After, Every, Watch and Pipe block nobody and always get in: while the
//     mailbox is full they are held aside. Once in, DropOldest and DropLast treat them like any other message.
//   - No silent deadlock. Where actors wait for each other in a circle, for room or for answers, the Tell or Ask that closes
//     it fails with a *DeadlockError that names the circle; the others go on. A wait that can still end is not reported.
//   - Asks end: at their context's end, and at once when the message that embeds the Reply becomes a dead letter, its
//     handler fails for good, or the actor stops.
//   - Shutdown drains, children before parents and the youngest sibling first, so that a source, which was started after
//     the sink it needs, stops before it. When its context ends, what is left becomes dead letters, counted.
//   - No process panic from a failing actor: at the top of the tree the system stops, and System.Wait returns the error.
//
// What is not promised: an order between different senders; that a message is handled, since its actor may fail or stop
// first; and that code which does not return can be ended. Such code is abandoned, counted and logged, and its goroutine
// stays.
//
// # Deadlocks
//
// A circle is found at once if each of its waits is for room, or for the answer to a message that is queued; after a second, if
// one is for the answer to a message that is being handled, since a goroutine of that handler might give it. Not seen are: a
// wait with a context that can end by itself, or that is not the handler's; a wait outside the runtime, as for a channel or
// a lock; circles through two systems, through an actor that is still in its Started hook, or through one that runs on its
// asker's goroutine (Props.Inline) and asks on; asks whose reply handle was passed on in another message, to a child or to a
// Pipe, or kept by a handler that has returned; and asks of a handler whose goroutine has started others that live still, be
// it for an actor that it ran before.
//
// The runtime does not know of a handle that left the handler by another way: through a Go channel to a goroutine that was
// there before, in a time.AfterFunc, in a variable that others share, or hidden in a message by a function, by an interface
// with methods, or by an interface behind a pointer; nor of a goroutine that a failed try at the message started
// (Props.Redeliver), or one that has ended after it replaced the labels that its handler's goroutine has for the profiler. Who
// passes one on like that, and then waits for the asker, may be told of a deadlock though somebody might have answered; a
// deadline on either wait rules that out.
//
// # Administration
//
// Children lists the children of a system or an actor, CountChildren counts them. A Child can be looked at, restarted and
// stopped, and one that has a name and is not Temporary can be started again after it has ended.
//
// # Cost
//
// An idle actor has no goroutine. A tell takes one lock; it allocates nothing in the steady state.
//
// # Sources
//
// Links, supervision and the order of stopping are OTP's, as is the ask that ends when the asked one does; Become, Stash
// and dead letters are Akka's. Messages are typed, and bounded mailboxes the default, which are neither's.
package runtime
