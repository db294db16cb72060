// Package mailbox has bounded queues for many producers and many consumers: first in first out, last in first out,
// or by priority. It is the queue inside every Troupe actor, and it is just as useful without actors: it does what
// Python's queue.Queue, LifoQueue and PriorityQueue do, with contexts, overflow policies and typed messages.
//
// # Promises
//
//   - Bounded. Len() <= Cap() at every instant, from any number of producers. The bound is 1,024 unless another is
//     chosen; [Unbounded] must be asked for.
//   - Order. FIFO keeps the order of each producer. Priority is stable: messages of equal urgency leave in the order in
//     which they entered.
//   - Fair. Waiting puts are served in arrival order, and so are waiting gets; none starves. A newcomer may be quicker to
//     room that has appeared than the put that waits for it, but not if that has waited for over a millisecond by then;
//     of one that was told of room and has not come, that is seen at one get in 64.
//   - Live. A put waits only while the mailbox is full, and a get only while it is empty. Where a context ends in the same
//     instant as that changes, it is as if one had come first: the put or get has happened, or it has not and says so.
//     One that gives up costs no other its turn.
//   - Accounted. A put returns nil or an error, and the message is in or it is not: never both. A message that was
//     accepted is taken by exactly one consumer, told to OnDrop, returned by Drain, or still counted by Len.
//   - Intact. A Less or Level that panics leaves the mailbox as it was; by the time of OnDrop the put has happened, and
//     stands. The mailbox is unlocked and usable in any case. The panic reaches the put whose message caused it, also
//     one that has waited, or the get that had to compare. A Less that ends its goroutine instead (runtime.Goexit, which
//     t.FailNow calls) takes with it what that goroutine had taken.
//
// It does not promise an order between producers that do not synchronise with each other, nor that Len is still true
// when its caller looks at it.
//
// # Cost
//
// One lock guards a mailbox. With room, a put takes it once and allocates nothing; nor does one that waits, unless more
// than 64 do. Slots are allocated on first use and grow with what waits. Large ones go back, when the mailbox runs empty,
// to a pool that all mailboxes of a message type share and the garbage collector empties. FIFO, LIFO and Levels take the
// same time however much waits; Less takes O(log n), but what is more urgent than all that waits passes by the heap.
//
// # Two kinds
//
// [Mailbox] is for goroutines that put and get. [Owned] is for a runtime: it has a single consumer, the owner, which
// takes batches, walks them without the lock, and is told when it must wake.
package mailbox
