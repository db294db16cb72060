package patterns

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/batch"
)

const (
	callers    = 64
	batchSize  = 16
	batchDelay = time.Millisecond // that an incomplete batch waits for more
)

// BatchRow is the time of a request that is put into a batch with others, and answered with them.
func BatchRow() bench.Row {
	return against(bench.Row{
		Name:  "batch",
		Table: "Batches of 16",
		Label: []bench.Label{{Column: "callers", Value: fmt.Sprint(callers)}},
		Quick: true,
	}, batching(contest.ChannelName, channelBatcher), 0, nil, batching(contest.TroupeName, troupeBatcher))
}

// doubleAll is the call that answers a batch.
func doubleAll(batch []int) []int {
	results := make([]int, len(batch))
	for i, req := range batch {
		results[i] = Double(req)
	}
	return results
}

// batching has 64 goroutines ask, each one question after the other. They share the questions one by one, and so end
// together: a few with many questions left would make the run one of waiting for the delay.
func batching(name string, open func() (ask func(req int) int, end func())) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		ask, end := open()
		return bench.Runner{End: end, Run: func(n int) {
			var asked atomic.Int64
			contest.Share(callers, callers, func(int, int) {
				for i := int(asked.Add(1)) - 1; i < n; i = int(asked.Add(1)) - 1 {
					if got := ask(i); got != Double(i) {
						panic(fmt.Sprintf("benchmarks: the answer to %d in a batch is %d", i, got))
					}
				}
			})
		}}
	}}
}

// channelBatcher is a batcher as one writes it by hand: a goroutine, a timer, and a channel that comes with each request.
func channelBatcher() (func(int) int, func()) {
	type request struct {
		of     int
		result chan<- int
	}
	requests := make(chan request, mailbox.DefaultCapacity)
	go func() {
		var waiting []request
		var batch []int
		timer := time.NewTimer(batchDelay)
		defer timer.Stop()
		flush := func() {
			batch = batch[:0]
			for _, r := range waiting {
				batch = append(batch, r.of)
			}
			for i, result := range doubleAll(batch) {
				waiting[i].result <- result
			}
			waiting = waiting[:0]
		}
		for {
			select {
			case r, ok := <-requests:
				if !ok {
					return
				}
				if waiting = append(waiting, r); len(waiting) == 1 {
					timer.Reset(batchDelay)
				}
				if len(waiting) == batchSize {
					flush()
				}
			case <-timer.C:
				flush()
			}
		}
	}()
	ask := func(req int) int {
		result := make(chan int, 1)
		requests <- request{req, result}
		return <-result
	}
	return ask, func() { close(requests) }
}

func troupeBatcher() (func(int) int, func()) {
	system, end := contest.Troupe()
	ctx, cancel := context.WithCancel(contest.Forever)
	b := contest.Must(batch.New(system, batch.Config[int, int]{
		Size: batchSize, Delay: batchDelay,
		Call: func(_ context.Context, batch []int) ([]int, error) { return doubleAll(batch), nil },
	}))
	return func(req int) int { return contest.Must(b.Do(ctx, req)) }, func() {
		cancel()
		end()
	}
}
