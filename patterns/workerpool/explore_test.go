package workerpool_test

import (
	"context"
	"errors"
	"testing"

	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
)

// Two submitters, two workers of which one becomes superfluous, a job that panics, one that hands in another, and a drain:
// in whatever order that happens, every job that was accepted is done, and nobody is left asleep beside a queue. ByKey is left
// out: where a key goes is random.
func TestEveryOrderOfEventsDoesEveryJob(t *testing.T) {
	for _, d := range []workerpool.Dispatch{workerpool.Shared, workerpool.LeastLoaded} {
		t.Run(d.String(), func(t *testing.T) {
			runtimetest.Explore(t, worlds, func(w *runtimetest.World) {
				system := w.System(runtime.Config{})
				var pool *workerpool.Pool[int, int]
				var err error
				done := 0 // one goroutine runs at a time
				config := workerpool.Config[int, int]{
					Workers: 2, Queue: 2, Dispatch: d,
					Work: func(ctx context.Context, n int) (int, error) {
						w.Yield()
						done++
						switch n {
						case 1:
							panic("on purpose")
						case 2:
							if err := pool.Go(ctx, 10); err != nil {
								w.Errorf("Work cannot hand in a job: %v", err)
							}
						}
						return n, nil
					},
				}
				pool, err = workerpool.New(system, config)
				if err != nil {
					w.Fatalf("%v", err)
				}
				accepted, submitting := 0, 2
				over := make(chan struct{})
				for s := range 2 {
					w.Go(func() {
						for i := range 2 {
							f, err := pool.Submit(w.Context(), 2*s+i)
							if errors.Is(err, runtime.ErrStopped) {
								break
							}
							if err != nil {
								w.Errorf("Submit returns %v", err)
								break
							}
							accepted++
							if 2*s+i == 2 {
								accepted++ // it hands in another
							}
							if _, err := f.Wait(w.Context()); (err != nil) != (2*s+i == 1) {
								w.Errorf("job %d ends with %v", 2*s+i, err)
							}
						}
						if submitting--; submitting == 0 {
							close(over)
						}
					})
				}
				w.Go(func() {
					if err := pool.Resize(w.Context(), 1); err != nil && !errors.Is(err, runtime.ErrStopped) {
						w.Errorf("Resize returns %v", err)
					}
				})
				w.Go(func() {
					if err := pool.Drain(w.Context()); err != nil {
						w.Errorf("Drain returns %v", err)
					}
					<-over
					if done != accepted {
						w.Errorf("%d jobs were done, want the %d that were accepted", done, accepted)
					}
					s, _ := pool.Stats(w.Context())
					if s.Accepted != uint64(accepted) || s.Done+s.Failed != s.Accepted {
						w.Errorf("the last figures are %+v, want %d accepted and all done", s, accepted)
					}
				})
			})
		})
	}
}
