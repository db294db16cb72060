package pipeline_test

import (
	"context"
	"fmt"
	"io"
	goruntime "runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/pipeline"
)

// A meter counts what is under way between two stages, and remembers the most.
type meter struct{ now, most atomic.Int64 }

func (m *meter) made() {
	now := m.now.Add(1)
	for most := m.most.Load(); now > most && !m.most.CompareAndSwap(most, now); most = m.most.Load() {
	}
}

func (m *meter) begun() { m.now.Add(-1) }

// From each stage to the next there is never more under way than the receiver's Buffer, and what the receiver has taken up
// and not begun: one item, or what a parallel stage holds. See TestBoundaryNeverHoldsMoreThanBuffer for the boundary alone.
func TestNeverMoreThanBufferIsUnderWay(t *testing.T) {
	for _, buffer := range []int{1, 2, 3, 8, 64, 256} {
		for _, parallel := range []int{1, 4} {
			t.Run(fmt.Sprintf("buffer=%d/parallel=%d", buffer, parallel), func(t *testing.T) {
				stage := pipeline.Stage{Buffer: buffer}
				held := 1
				if parallel > 1 {
					held = max(2*parallel, buffer)
				}
				var meters [3]meter
				flow := pipeline.FromSeq(func(yield func(int) bool) {
					for i := range stressed(600, 50) {
						if meters[0].made(); !yield(i) {
							return
						}
					}
				})
				flow = pipeline.Map(flow, func(_ context.Context, n int) (int, error) {
					meters[0].begun()
					meters[1].made()
					return n, nil
				}, pipeline.Stage{Buffer: buffer, Parallel: parallel})
				flow = pipeline.FlatMap(flow, func(_ context.Context, n int) ([]int, error) {
					meters[1].begun()
					meters[2].made()
					return []int{n}, nil
				}, stage)
				finish(t, start(t, newSystem(t), pipeline.ForEach(flow, func(context.Context, int) error {
					meters[2].begun()
					return nil
				}, stage)))
				for i, most := range []int{buffer + held, buffer + held, buffer + 1} {
					if got := meters[i].most.Load(); got > int64(most) {
						t.Errorf("boundary %d: %d items were under way, want no more than %d", i, got, most)
					}
				}
			})
		}
	}
}

// A sink that stands still stops the source, and everything between takes in what its Buffer says: nothing less either.
func TestBackPressureReachesTheSource(t *testing.T) {
	for _, buffer := range []int{1, 4, 100} {
		synctest.Test(t, func(t *testing.T) {
			stage := pipeline.Stage{Buffer: buffer}
			asked := 0
			flow := pipeline.FromSeq(func(yield func(int) bool) {
				for asked++; yield(asked); asked++ {
				}
			})
			for range 2 {
				flow = pipeline.Map(flow, add, stage)
			}
			run := start(t, newSystem(t), pipeline.ForEach(flow, func(ctx context.Context, _ int) error {
				<-ctx.Done()
				return ctx.Err()
			}, stage))
			synctest.Wait()
			// One in the sink, and three boundaries.
			if most, least := 3*buffer+1, 3*(buffer-buffer/4)+1; asked > most || asked < least {
				t.Errorf("with Buffer %d the source was asked for %d items, want %d to %d", buffer, asked, least, most)
			}
			run.Cancel()
			<-run.Done()
		})
	}
}

// Rule 1.03: a stage that is not parallel works on one item at a time, and sees what it has written for the one before,
// however many send to it at once. The race detector would find a call that does not.
func TestCallsOfAStageAreSerial(t *testing.T) {
	var inside, calls [3]int
	serial := func(stage int) func(context.Context, int) (int, error) {
		return func(_ context.Context, v int) (int, error) {
			if inside[stage]++; inside[stage] != 1 {
				return v, fmt.Errorf("%d calls at a time", inside[stage])
			}
			goruntime.Gosched()
			inside[stage]--
			calls[stage]++
			return v, nil
		}
	}
	n := stressed(1000, 20)
	var flows []pipeline.Flow[int]
	for range 3 {
		flows = append(flows, pipeline.Map(pipeline.FromSeq(numbers(n)), add, pipeline.Stage{Parallel: 4, Unordered: true}))
	}
	flow := pipeline.Map(pipeline.Map(pipeline.Merge(flows), serial(0)), serial(1))
	finish(t, start(t, newSystem(t), pipeline.ForEach(flow, func(ctx context.Context, v int) error {
		_, err := serial(2)(ctx, v)
		return err
	})))
	if calls != [3]int{3 * n, 3 * n, 3 * n} {
		t.Errorf("there were %v calls, want %d each", calls, 3*n)
	}
}

// Rule 3.03: however many items are there at once, nothing recurses.
func TestManyItemsAtOnceDoNotDeepenTheStack(t *testing.T) {
	many := make([]int, stressed(200_000, 10))
	flow := pipeline.FlatMap(pipeline.FromSlice([]int{1}), func(context.Context, int) ([]int, error) { return many, nil })
	flow = pipeline.FlatMap(flow, func(context.Context, int) ([]int, error) { return nil, nil })
	want(t, len(collect(t, flow)), 0)
}

// What is there goes on, whatever the stage does next: one that is slow, or a source that blocks, holds up nothing that
// was made before.
func TestNothingWaitsForAChunkToFill(t *testing.T) {
	for _, from := range []string{"seq", "chan", "reader", "intake", "map", "parallel map"} {
		t.Run(from, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				arrived := 0
				stop := make(chan struct{})
				const n = 100
				seq := func(yield func(int) bool) {
					for i := range n {
						if !yield(i) {
							return
						}
					}
					<-stop
				}
				block := func(ctx context.Context, i int) (int, error) {
					if i == n {
						<-stop
					}
					return i, nil
				}
				system := newSystem(t)
				var flow pipeline.Flow[int]
				feed := func() {}
				switch in := pipeline.NewIntake[int](); from {
				case "seq":
					flow = pipeline.FromSeq(seq)
				case "chan":
					ch := make(chan int, n)
					for i := range n {
						ch <- i
					}
					go func() { <-stop; close(ch) }()
					flow = pipeline.FromChan(ch)
				case "reader":
					lines := pipeline.Lines(&slowReader{"x\n", n, stop})
					flow = pipeline.Map(lines, func(context.Context, string) (int, error) { return 0, nil })
				case "intake":
					flow = in.Flow()
					feed = func() {
						for i := range n {
							if err := in.Tell(context.Background(), i); err != nil {
								t.Error(err)
							}
						}
						<-stop
						in.Close()
					}
				case "map":
					flow = pipeline.Map(pipeline.FromSeq(numbers(n+1)), block)
				case "parallel map":
					flow = pipeline.Map(pipeline.FromSeq(numbers(n+1)), block, pipeline.Stage{Parallel: 4})
				}
				run := start(t, system, pipeline.ForEach(flow, func(context.Context, int) error {
					arrived++
					return nil
				}))
				go feed()
				synctest.Wait()
				if arrived != n {
					t.Errorf("%d items arrived while the source waits, want %d", arrived, n)
				}
				close(stop)
				finish(t, run)
			})
		})
	}
}

// A slowReader gives a text n times, one at each Read, and then blocks until stop is closed.
type slowReader struct {
	text string
	n    int
	stop chan struct{}
}

func (r *slowReader) Read(p []byte) (int, error) {
	if r.n == 0 {
		<-r.stop
		return 0, io.EOF
	}
	r.n--
	return copy(p, r.text), nil
}
