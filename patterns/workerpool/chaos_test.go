package workerpool_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

// A tenth of all Work panics, some with a permit in hand, some of it by Goexit; jobs are handed in in all ways, from many
// goroutines, while the number of workers changes and some receivers stall. Each job is begun once and ends once, with the
// end that it had, and everything comes to the sum.
func TestChaosEveryJobEndsOnce(t *testing.T) {
	for _, d := range []workerpool.Dispatch{workerpool.Shared, workerpool.RoundRobin, workerpool.LeastLoaded, workerpool.ByKey} {
		for _, policy := range []mailbox.Overflow{mailbox.Block, mailbox.Reject, mailbox.DropOldest} {
			t.Run(fmt.Sprint(d, policy), func(t *testing.T) { chaos(t, d, policy) })
		}
	}
}

func chaos(t *testing.T, dispatch workerpool.Dispatch, policy mailbox.Overflow) {
	const submitters = 8
	each := volume / submitters
	jobs := submitters * each
	system := newSystem(t)
	permits, err := semaphore.New(system, semaphore.Config{Permits: 3})
	if err != nil {
		t.Fatal(err)
	}
	begun, ended := make([]atomic.Int32, jobs), make([]atomic.Int32, jobs)
	errWork := errors.New("on purpose")
	var accepted, dropped atomic.Int64
	end := func(id int, err error) {
		ended[id].Add(1)
		if errors.Is(err, mailbox.ErrFull) {
			dropped.Add(1)
			if begun[id].Load() != 0 {
				t.Errorf("job %d was dropped and begun", id)
			}
		} else if begun[id].Load() != 1 {
			t.Errorf("job %d, which was begun %d times, ends with %v", id, begun[id].Load(), err)
		}
	}
	config := workerpool.Config[int, int]{
		Workers: 4, Queue: 64, Overflow: policy, Dispatch: dispatch,
		OnError: end,
		Work: func(ctx context.Context, id int) (int, error) {
			begun[id].Add(1)
			switch {
			case id%10 == 3 && id%20 == 3:
				if _, err := permits.Acquire(ctx, 1); err != nil {
					return 0, err
				}
				panic(id)
			case id%10 == 3 && id%30 == 13:
				goruntime.Goexit()
			case id%10 == 3:
				panic(id)
			case id%10 == 4:
				return id, errWork
			}
			if id%4 == 1 { // nobody hears of the good end of a job that nobody waits for
				ended[id].Add(1)
			}
			return id, nil
		},
	}
	if dispatch == workerpool.ByKey {
		config.Key = func(id int) any { return id % 97 }
	}
	pool := newPool(t, system, config)
	heard, err := runtime.SpawnFunc(system, "", func(_ *runtime.Context[result], r result) error {
		end(r.n, r.err)
		if r.n%500 == 0 {
			goruntime.Gosched()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for s := range submitters {
		wg.Go(func() {
			var waits []func()
			for i := range each {
				id := s*each + i
				var err error
				switch id % 4 {
				case 0:
					var f workerpool.Future[int]
					if f, err = pool.Submit(context.Background(), id); err == nil {
						waits = append(waits, func() {
							v, err := f.Wait(context.Background())
							if err == nil && v != id {
								t.Errorf("job %d ends with %d", id, v)
							}
							end(id, err)
						})
					}
				case 1:
					err = pool.Go(context.Background(), id)
				case 2:
					err = workerpool.SubmitTo(context.Background(), pool, id, heard, func(_ int, err error) result { return result{id, err} })
				default:
					err = pool.TryGo(id)
					if err == nil && id%10 != 3 && id%10 != 4 {
						ended[id].Add(1) // it ends well, unless it is dropped, which then shows as twice
					}
				}
				switch {
				case err == nil:
					accepted.Add(1)
				case errors.Is(err, mailbox.ErrFull):
					ended[id].Add(1)
				default:
					t.Errorf("job %d is refused with %v", id, err)
				}
				if len(waits) == 50 {
					for _, w := range waits {
						w()
					}
					waits = waits[:0]
				}
				if i%500 == 7 {
					if err := pool.Resize(context.Background(), 1+rand.IntN(8)); err != nil {
						t.Error(err)
					}
					s, err := pool.Stats(context.Background())
					if err != nil {
						t.Error(err)
					}
					checkSum(t, s)
				}
			}
			for _, w := range waits {
				w()
			}
		})
	}
	wg.Wait()
	if err := pool.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	heard.StopWhenEmpty()
	<-heard.Done()
	s, _ := pool.Stats(context.Background())
	checkSum(t, s)
	if s.Accepted != uint64(accepted.Load()) || s.Dropped != uint64(dropped.Load()) || s.Queued+s.Busy != 0 || s.Left != 0 {
		t.Errorf("the last figures are %+v, want %d accepted and %d dropped", s, accepted.Load(), dropped.Load())
	}
	for id := range ended {
		want := int32(1)
		if policy == mailbox.DropOldest && id%4 == 3 && id%10 != 3 && id%10 != 4 && begun[id].Load() == 0 {
			want = 2 // see there
		}
		if n := ended[id].Load(); n != want {
			t.Fatalf("job %d has ended %d times, want %d (it was begun %d times)", id, n, want, begun[id].Load())
		}
	}
	for n := 0; n < 3; { // what crashed holders had is on its way back
		st, err := permits.Stats(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		n = st.Free
		goruntime.Gosched()
	}
}
