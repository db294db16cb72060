package patterns

import "github.com/troupe-go/troupe/benchmarks/internal/bench"

// Section has all patterns, without rivals.
var Section = bench.Section{
	Name: "patterns",
	About: `What a pattern costs beside what one writes by hand: with channels and goroutines, or, in the tables of "sync", with that
package. An operation is a job, a section, an item. All contexts can be cancelled, where there is one; a mutex has none.
Pool: jobs that add one number to a sum, handed in by 1 or 8 goroutines to 8 workers, until all are done. A result each:
one goroutine has 256 jobs in flight, and takes their results in order; the channels for the results are made once
(channel), or for each job (new channel). A burst: 8 goroutines hand 256 jobs in, of some microseconds each; time from the
burst's begin until each is done. Troupe: workerpool.Pool with Go and Submit. Channel: goroutines that range over one of 1,024.
Semaphore: take one of 8 permits and give it back; channel: a select with ctx.Done(). Mutex: the section counts. Yields: who
has a permit or the lock calls runtime.Gosched. Condition: two wait for each other in turn. Rounds: 8 wait for an event that
a ninth sets, or for each other at a barrier.
Broadcast: a delivery, of a number that goes to 1,000 actors or functions; channel: one of 1,024 and a goroutine each.
Pipeline: an item on its way from a source through 5 stages to a sink; a goroutine for each. Each run makes its own.
Batches: a request of one of 64 goroutines, in batches of 16; channel: a goroutine, a timer, a channel with each request.`,
	Rows: func() []bench.Row {
		var rows []bench.Row
		rows = append(rows, PoolRows(func(Jobs) []Rival { return nil })...)
		rows = append(rows, ResultRow(), WaitRow())
		rows = append(rows, SemaphoreRows(func(Takers) []Rival { return nil })...)
		rows = append(rows, LockRows()...)
		rows = append(rows, RoundRows()...)
		rows = append(rows, BroadcastRows()...)
		rows = append(rows, PipelineRows()...)
		return append(rows, BatchRow())
	},
}
