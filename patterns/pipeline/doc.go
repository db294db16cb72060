// Package pipeline moves items through typed stages that work at the same time, with back-pressure from the sink to the
// source.
//
//	lines := pipeline.Lines(file)
//	words := pipeline.FlatMap(lines, split, pipeline.Stage{Name: "split", Parallel: 4})
//	counts := pipeline.Reduce(words, map[string]int{}, count)
//	run, err := pipeline.ForEach(counts, print).Run(ctx, system, pipeline.Config{Name: "wordcount"})
//	err = run.Wait(ctx)
//
// A Flow is a description of stages; nothing happens before its Sink is run, or Collect or All is called. Sources are
// FromSlice, FromSeq, FromChan, FromReader, Lines and Intake; stages are Map, Filter, FlatMap, Batch, Window, Throttle,
// Merge, Broadcast, Balance and Reduce; sinks are ForEach, ToSlice, ToChan, ToRef, Collect and All. A Stage, the optional
// last argument of each, says how it is.
//
// # Promises
//
//   - Bounded. From one stage to the next no more items are under way than the receiver's Buffer: made by the one, and not
//     taken up by the other. A function is called, and a source asked, only when there is room for the result.
//   - Exactly once. Every item is begun once by each stage that it comes to, and every result arrives once, or is counted
//     in Stats.Dropped where the run was cancelled or has failed; the item that it has failed with is counted as Failed. Only
//     Retries calls a function twice for an item. A run is not run again where a supervisor restarts its siblings: it ends.
//   - Ordered. Results leave a stage in the order of the items that they were made of, in a parallel one too, unless it is
//     Unordered.
//   - One at a time. A stage that is not parallel calls its function for one item after the other, and for each sees what
//     the call before has written.
//   - No waiting for company. Items travel in chunks where that is faster, but what a source has, or a stage has made,
//     goes on when there is nothing to add to it, and what an iterator has made within 100 µs. Of functions that take
//     more than some 50 µs each result travels by itself, and no chunk of theirs is left to one worker while others have
//     nothing to do. Where a function has been quicker, that is so from the fourth slow item on at the latest.
//   - Named errors. What ends a run is a *StageError that has the stage's name.
//   - One end. Everything that a run has started has stopped when it is done; then its Stats are exact, but for what was sent
//     by code that was abandoned.
//
// Not promised: an order between the flows that Merge is fed by, or between the branches of Broadcast; and that a function
// may wait for what it has itself sent on to arrive. That may be in a chunk, until the function returns: a Buffer of less
// than 8 for the next stage has none.
//
// # What happens when
//
//	overflow  the stage before waits, and so on up to the source, which asks for no more. Tell waits at an Intake.
//	crash     of a function, by an error, a panic or a Goexit: it is called again Retries times, with Backoff; then the
//	          whole run stops with the error, or the item becomes a dead letter of the system and the run goes on, as
//	          OnError says. Of an iterator or reader: the run stops.
//	cancel    by Cancel, the end of Run's context, or leaving the loop over All: contexts of functions end at once, and none
//	          is called any more, but one that is quick for up to three items; what is under way is dropped and counted.
//	drain     by Drain, or a shutdown of the system: sources stop at their next item, and what is under way arrives.
//	stop      of the parent: as at cancel, and Wait returns an error that wraps runtime.ErrStopped.
//
// Code that does not return, in a function, an iterator or a reader, cannot be ended: after a cancel it is abandoned as
// Config.StopTimeout says, and the run ends without it.
//
// # Cost
//
// A run is an actor, one more beside it, one goroutine that waits for its end, an actor for each stage and for each worker
// of a parallel one, and a goroutine for each source. Of quick functions an item costs some nanoseconds a stage, and
// nothing is allocated for it; with a Buffer of 1 it costs several messages. An iterator costs two operations on a channel
// an item more than a slice, because it may block.
//
// # Sources
//
// The rules of Reactive Streams hold, with Buffer as the demand. The stages' names are those of Akka Streams.
package pipeline
