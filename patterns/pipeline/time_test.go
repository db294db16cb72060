package pipeline_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/pipeline"
)

func TestThrottleLetsNoMoreThanNPassInAnyStretch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at []time.Duration
		flow := pipeline.Throttle(pipeline.FromSeq(numbers(8)), 3, time.Second)
		finish(t, start(t, newSystem(t), pipeline.ForEach(flow, func(context.Context, int) error {
			at = append(at, time.Since(began))
			return nil
		})))
		s := time.Second
		want(t, at, []time.Duration{0, 0, 0, s, s, s, 2 * s, 2 * s})
	})
}

// The limit is on every stretch of time, not on those that begin at a full second.
func TestThrottleKeepsItsLimitAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at []time.Duration
		ch := make(chan int)
		go func() {
			defer close(ch)
			ch <- 0
			<-time.After(900 * time.Millisecond)
			for n := range 4 {
				ch <- n
			}
		}()
		flow := pipeline.Throttle(pipeline.FromChan(ch), 2, time.Second)
		finish(t, start(t, newSystem(t), pipeline.ForEach(flow, func(context.Context, int) error {
			at = append(at, time.Since(began))
			return nil
		})))
		ms := time.Millisecond
		want(t, at, []time.Duration{0, 900 * ms, 1000 * ms, 1900 * ms, 2000 * ms})
	})
}

func TestBatchGoesWhenItIsFullOrItsTimeIsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ch := make(chan int)
		go func() {
			defer close(ch)
			for n := range 5 { // at 0, 0, 0: full; at 0, 0: in time
				ch <- n
			}
			<-time.After(1500 * time.Millisecond)
			ch <- 5 // at 1.5 s, and due at 2.5 s, not at a tick of before
			<-time.After(2 * time.Second)
			ch <- 6 // at the end
		}()
		type sent struct {
			items []int
			at    time.Duration
		}
		var got []sent
		flow := pipeline.Batch(pipeline.FromChan(ch), 3, time.Second)
		finish(t, start(t, newSystem(t), pipeline.ForEach(flow, func(_ context.Context, items []int) error {
			got = append(got, sent{items, time.Since(began)})
			return nil
		})))
		ms := time.Millisecond
		want(t, got, []sent{{[]int{0, 1, 2}, 0}, {[]int{3, 4}, 1000 * ms}, {[]int{5}, 2500 * ms}, {[]int{6}, 3500 * ms}})
	})
}

// Stages work at the same time, also where the Buffer is one: a pipeline takes as long as its slowest stage.
func TestStagesOverlap(t *testing.T) {
	for _, buffer := range []int{1, 2, 1024} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			second := func(_ context.Context, n int) (int, error) {
				<-time.After(time.Second)
				return n, nil
			}
			stage := pipeline.Stage{Buffer: buffer}
			flow := pipeline.Map(pipeline.Map(pipeline.FromSeq(numbers(10)), second, stage), second, stage)
			finish(t, start(t, newSystem(t), pipeline.ForEach(flow, func(context.Context, int) error { return nil }, stage)))
			if took := time.Since(began); took != 11*time.Second {
				t.Errorf("with Buffer %d 10 items took %v in two stages of a second each, want 11 s", buffer, took)
			}
		})
	}
}

// However long the tasks of quick items have grown, slow ones are dealt out one by one again.
func TestParallelStageWorksOnManySlowItemsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const quick, slow = 10_000, 80
		began := time.Now()
		flow := pipeline.Map(pipeline.FromSeq(numbers(quick+slow)), func(_ context.Context, n int) (int, error) {
			if n >= quick {
				<-time.After(time.Second)
			}
			return n, nil
		}, pipeline.Stage{Parallel: 8})
		var got []int
		finish(t, start(t, newSystem(t), pipeline.ToSlice(flow, &got)))
		if !slices.IsSorted(got) || len(got) != quick+slow {
			t.Errorf("%d items arrived, or not in order", len(got))
		}
		// 10 s at best. In virtual time all items before were quick, so the first slow ones may share tasks.
		if took := time.Since(began); took > 80*time.Second {
			t.Errorf("80 items of a second took %v with 8 workers", took)
		}
	})
}

// One slow item holds up what is behind it in a parallel stage only where order demands it.
func TestUnorderedResultsDoNotWait(t *testing.T) {
	for _, unordered := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			var late int
			flow := pipeline.Map(pipeline.FromSeq(numbers(100)), func(_ context.Context, n int) (int, error) {
				if n == 0 {
					<-time.After(time.Second)
				}
				return n, nil
			}, pipeline.Stage{Parallel: 2, Unordered: unordered})
			finish(t, start(t, newSystem(t), pipeline.ForEach(flow, func(context.Context, int) error {
				if time.Since(began) > 0 {
					late++
				}
				return nil
			})))
			if unordered {
				want(t, late, 1)
			} else {
				want(t, late, 100)
			}
		})
	}
}

// After many quick items chunks are long. What was made before a slow item waits for four of them at most, or for one where
// the stage is parallel, and from then on for nobody.
func TestSlowItemsEndTheChunksOfQuickOnes(t *testing.T) {
	for _, parallel := range []int{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			const quick, slow = 20_000, 8
			first := 4 * time.Second
			if parallel > 1 {
				first = time.Second
			}
			began := time.Now()
			var at []time.Duration
			flow := pipeline.Map(pipeline.FromSeq(numbers(quick+slow)), func(_ context.Context, n int) (int, error) {
				if n >= quick {
					<-time.After(time.Second)
				}
				return n, nil
			}, pipeline.Stage{Parallel: parallel})
			finish(t, start(t, newSystem(t), pipeline.ForEach(flow, func(context.Context, int) error {
				at = append(at, time.Since(began))
				return nil
			})))
			if late := at[quick-1]; late > first {
				t.Errorf("parallel=%d: the last quick item arrived after %v, want %v", parallel, late, first)
			}
			for i, late := range at[quick:] {
				most := max(first, time.Duration(i/parallel+parallel)*time.Second)
				if late > most {
					t.Errorf("slow item %d arrived after %v, want no more than %v", i, late, most)
				}
			}
		})
	}
}

// What a quick iterator has made goes on though it then blocks, and so does what it makes slowly.
func TestIteratorThatBlocksHoldsNothingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const quick = 20_010
		stop := make(chan struct{})
		began := time.Now()
		var arrived, late atomic.Int64
		flow := pipeline.FromSeq(func(yield func(int) bool) {
			for i := range quick {
				yield(i)
			}
			for i := range 50 {
				<-time.After(time.Second)
				yield(quick + i)
			}
			<-stop
		})
		run := start(t, newSystem(t), pipeline.ForEach(flow, func(_ context.Context, n int) error {
			if arrived.Add(1); n >= quick {
				late.Store(max(late.Load(), int64(time.Since(began)-time.Duration(n-quick+1)*time.Second)))
			}
			return nil
		}))
		<-time.After(time.Second / 2)
		synctest.Wait()
		if n := arrived.Load(); n != quick {
			t.Errorf("%d of %d items arrived while the iterator blocks", n, quick)
		}
		<-time.After(time.Minute)
		synctest.Wait()
		if n, d := arrived.Load(), time.Duration(late.Load()); n != quick+50 || d > time.Millisecond {
			t.Errorf("%d of %d items arrived, one %v late", n, quick+50, d)
		}
		close(stop)
		finish(t, run)
	})
}

// Batches that are full in time leave no timers behind.
func TestBatchesHaveOneTimerAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := pipeline.NewIntake[int]()
		var at []time.Duration
		began := time.Now()
		run := start(t, newSystem(t), pipeline.ForEach(pipeline.Batch(in.Flow(), 2, time.Second), func(_ context.Context, b []int) error {
			at = append(at, time.Since(began))
			return nil
		}))
		for i := range 3 { // the third has half a second less than the timer of the first two
			if i == 2 {
				<-time.After(time.Second / 2)
			}
			if err := in.Tell(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(time.Hour)
		in.Close()
		finish(t, run)
		if want := []time.Duration{0, 1500 * time.Millisecond}; !slices.Equal(at, want) {
			t.Errorf("batches came after %v, want %v", at, want)
		}
	})
}
