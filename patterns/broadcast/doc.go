// Package broadcast passes each event on to all who have subscribed: actors, functions, and loops. Each of them has a
// mailbox of its own, and decides what becomes of events that find no room there.
//
//	topic, _ := broadcast.New(system, broadcast.Config[Price]{Name: "prices", Replay: 1})
//	sub, _ := topic.SubscribeFunc(ctx, func(ctx *runtime.Context[Price], p Price) error {
//		return show(p)
//	}, broadcast.Options[Price]{Replay: 1})
//	_ = topic.Publish(ctx, Price{"lamp", 20})
//
//	for p := range topic.All(ctx) { // an end of the loop unsubscribes it
//		...
//	}
//
// # Promises
//
//   - Each subscriber gets each event once, or it is counted: as dropped by the subscriber's own policy, as filtered, or
//     as one on which the filter failed.
//   - Each subscriber gets the events of each publisher in the order in which they were published, unless its own mailbox
//     has another order.
//   - A slow subscriber holds up nobody, unless its policy is Block: then it holds up the topic, and in the end the
//     publishers, once both mailboxes are full.
//   - A newcomer takes its turn among the events. What it gets of the past (Options.Replay) and what it gets from then on
//     have no gap and no duplicate between them.
//   - Whatever a subscriber's function, filter or mailbox callback does, its subscription alone is concerned.
//   - A restart of the topic's actor loses neither events nor subscriptions.
//   - An event that nothing waits behind goes out at once; what has piled up goes out in chunks.
//
// Not promised: an order between publishers, or the same one at all subscribers of different topics; that subscribers get
// an event at the same time; that an event which an actor has in its mailbox is handled, which is that actor's affair;
// that a filter which never returns is survived.
//
// # What happens when
//
//	overflow  of the topic: Publish waits for room, as long as its context lasts; TryPublish returns mailbox.ErrFull.
//	          of a subscriber: Block has the topic wait; under Reject, DropNewest, DropOldest and DropLast an event is
//	          dropped, and counted in the subscription's Stats. What a function's mailbox evicts is a dead letter too;
//	          what an actor's own mailbox evicts, its own Stats count.
//	crash     of a function: the event is tried again as Retries says, and then a dead letter; the function goes on with
//	          the next, or ends, as Restart says. Of an actor: nothing, if it is restarted; if not, it is unsubscribed.
//	          of a filter: the event does not reach its subscriber, and counts as Failed.
//	          of a sibling of the topic, where their supervisor restarts all: actors and loops miss nothing. Functions are
//	          started again; what waited for them is dead letters. If the topic is waiting for somebody, and does so for
//	          5 s more, it ends instead.
//	cancel    of a Publish or a Subscribe that waits for room: nothing has happened. Of All: the loop ends at once.
//	stop      of a subscriber, by Unsubscribe, Cancel, or its own end: nothing comes any more.
//	          of the topic, by Drain, StopWhenEmpty or a shutdown: what was published is delivered, functions handle it,
//	          and loops get it before they end. By Stop: what waits in the topic and for its functions becomes dead
//	          letters; loops end after the event that they are at. What the topic had in hand goes to those who have
//	          room, and counts as dropped for the others.
//
// # Waiting for each other
//
// A handler that publishes to the topic which has it as a subscriber under Block may wait for itself: the topic waits for
// room in its mailbox, and it for room in the topic's. The runtime finds such circles, also through others. Mostly it is
// Publish that fails, with a *runtime.DeadlockError, and the handler decides what to do. Where it is the topic's own wait,
// the topic sets up to 1,024 events aside for that subscriber, takes more from its mailbox, so that the circle opens, and
// comes back to what it owes; nobody loses an event.
//
// That needs the handler's context. A plain goroutine that publishes to its own topic inside a loop over All is not seen: give
// it a context that ends, or a policy other than Block. A subscriber that never makes room holds the topic up for as long: so
// does Block. Subscriptions says who is there without waiting for the topic; Cancel, for functions and loops, or a stop
// of the subscribed actor lets it go on.
//
// Start a topic after the actors that subscribe to it and before those that publish: a shutdown stops the youngest first.
// An actor that subscribes and is younger than the topic stops before it, and misses what is published afterwards. A
// handler that loops over All holds up a shutdown, unless its actor is older than the topic.
//
// # Cost
//
// A topic is two actors, without a goroutine while nothing happens, one more for each 32 subscribers after the first 32, and
// one for each function. Publish is a tell; a delivery is a tell, but while events pile up, up to 64 of them are told to a
// subscriber in a row, which takes about half of what it takes to send each to a channel of its own. A publish looks for
// reply handles in its event's type, if that may have any. Where there is one subscriber, and nothing to drop or replay,
// a channel is cheaper.
//
// # Sources
//
// Unsubscribing by the subscriber's end is Pekko's EventStream's; replay is ReplaySubject's of RxJS, with a bound; a queue for
// each subscriber is that of Tailscale's eventbus. Those either have unbounded queues, or lose events without a count.
package broadcast
