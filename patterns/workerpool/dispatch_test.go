package workerpool_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

// crowd is Work that notes who has done what: a worker is known by its Holder.
type crowd struct {
	mu   sync.Mutex
	jobs map[runtime.Holder][]int
	all  []int // in the order in which they ended
	open chan struct{}
}

func newCrowd() *crowd {
	return &crowd{jobs: make(map[runtime.Holder][]int), open: make(chan struct{})}
}

func (c *crowd) work(ctx context.Context, n int) (int, error) {
	<-c.open
	h, ok := runtime.HolderOf(ctx)
	if !ok {
		return 0, errors.New("the context is nobody's")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jobs[h] = append(c.jobs[h], n)
	c.all = append(c.all, n)
	return n, nil
}

// shares returns how many jobs each worker has done.
func (c *crowd) shares() (shares []int) {
	for _, jobs := range c.jobs {
		shares = append(shares, len(jobs))
	}
	slices.Sort(shares)
	return shares
}

func TestRoundRobinGivesEachWorkerItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 3, Dispatch: workerpool.RoundRobin, Work: c.work})
		for n := range 9 {
			submit(t, pool, n)
		}
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 3, Busy: 3, Queued: 6})
		close(c.open)
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 3, Done: 9})
		for _, jobs := range c.jobs {
			if len(jobs) != 3 || jobs[1] != jobs[0]+3 || jobs[2] != jobs[1]+3 {
				t.Errorf("a worker has done %v, want each third job", jobs)
			}
		}
	})
}

func TestLeastLoadedAvoidsWhoeverIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 3, Dispatch: workerpool.LeastLoaded,
			Work: func(ctx context.Context, n int) (int, error) {
				if n == 0 {
					return g.work(ctx, n)
				}
				return n, nil
			},
		})
		submit(t, pool, 0)
		synctest.Wait()
		for n := 1; n < 10; n++ {
			if got, err := pool.Do(t.Context(), n); got != n || err != nil {
				t.Fatalf("Do(%d) returns %d, %v: it came behind the job that blocks", n, got, err)
			}
			synctest.Wait()
		}
		wantStats(t, pool, workerpool.Stats{Workers: 3, Busy: 1, Done: 9})
		close(g.open)
	})
}

func TestLeastLoadedSpreadsJobsEvenly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 4, Dispatch: workerpool.LeastLoaded, Work: c.work})
		for n := range 20 {
			submit(t, pool, n)
			synctest.Wait()
		}
		close(c.open)
		synctest.Wait()
		if got := c.shares(); !slices.Equal(got, []int{5, 5, 5, 5}) {
			t.Errorf("the workers have done %v jobs, want 5 each", got)
		}
	})
}

// A resize to fewer workers loses no job, wherever it waits.
func TestResizeKeepsTheJobsOfEveryDispatch(t *testing.T) {
	for _, d := range []workerpool.Dispatch{workerpool.Shared, workerpool.RoundRobin, workerpool.LeastLoaded, workerpool.ByKey} {
		t.Run(d.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				c := newCrowd()
				config := workerpool.Config[int, int]{Workers: 4, Dispatch: d, Work: c.work}
				if d == workerpool.ByKey {
					config.Key = func(n int) any { return n % 50 }
				}
				pool := newPool(t, system, config)
				for n := range 100 {
					submit(t, pool, n)
				}
				synctest.Wait()
				for _, n := range []int{1, 6, 2} {
					if err := pool.Resize(t.Context(), n); err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
					for k := range 20 {
						submit(t, pool, 100*n+k)
					}
				}
				close(c.open)
				synctest.Wait()
				wantStats(t, pool, workerpool.Stats{Workers: 2, Done: 160})
				if n := system.Stats().Actors; n != 6 {
					t.Errorf("%d actors are left, want 6: four of the pool and two workers", n)
				}
				if err := pool.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// keyed is a job of a key: the seq-th.
type keyed struct{ key, seq int }

// Whatever the number of workers does meanwhile, jobs of one key are done in order, one at a time, and each worker keeps its
// keys while it is the same.
func TestJobsOfAKeyAreDoneInOrderAcrossResizes(t *testing.T) {
	const keys, each = 40, 300
	type last struct {
		sync.Mutex
		seq  int
		busy bool
	}
	var lasts [keys]last
	pool := newPool(t, newSystem(t), workerpool.Config[keyed, int]{
		Workers: 3, Dispatch: workerpool.ByKey, Key: func(k keyed) any { return k.key },
		Work: func(_ context.Context, k keyed) (int, error) {
			l := &lasts[k.key]
			l.Lock()
			if l.busy || k.seq != l.seq {
				t.Errorf("of key %d job %d is begun, want %d, one at a time", k.key, k.seq, l.seq)
			}
			l.busy = true
			l.Unlock()
			defer func() {
				l.Lock()
				l.busy, l.seq = false, k.seq+1
				l.Unlock()
			}()
			if k.seq%29 == 7 {
				panic("on purpose")
			}
			return k.seq, nil
		},
	})
	var wg sync.WaitGroup
	for submitter := range 4 {
		wg.Go(func() {
			for seq := range each {
				for key := submitter; key < keys; key += 4 {
					if err := pool.Go(context.Background(), keyed{key, seq}); err != nil {
						t.Error(err)
					}
				}
				if seq%30 == 3*submitter {
					if err := pool.Resize(context.Background(), 1+(seq/30+submitter)%6); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if err := pool.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	s, _ := pool.Stats(context.Background())
	if checkSum(t, s); s.Done+s.Failed != keys*each {
		t.Errorf("stats are %+v, want %d jobs to have ended", s, keys*each)
	}
	for key := range lasts {
		if n := lasts[key].seq; n != each {
			t.Errorf("of key %d %d jobs were done, want %d", key, n, each)
		}
	}
}

func TestJobsOfAKeyAreDoneByOneWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd()
		close(c.open)
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 4, Dispatch: workerpool.ByKey, Key: func(n int) any { return n % 10 }, Work: c.work,
		})
		for n := range 500 {
			submit(t, pool, n)
		}
		synctest.Wait()
		owner := make(map[int]runtime.Holder)
		for h, jobs := range c.jobs {
			for _, n := range jobs {
				if o, known := owner[n%10]; known && o != h {
					t.Fatalf("jobs of key %d were done by two workers", n%10)
				}
				owner[n%10] = h
			}
		}
	})
}

// A key whose job blocks holds up no worker but its own.
func TestKeysThatWaitDoNotStopTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 4, Dispatch: workerpool.ByKey, Key: func(n int) any { return n },
			Work: func(ctx context.Context, n int) (int, error) {
				if n == 0 {
					return g.work(ctx, n)
				}
				return n, nil
			},
		})
		submit(t, pool, 0)
		synctest.Wait()
		for n := range 40 {
			submit(t, pool, n+1)
		}
		synctest.Wait()
		s, err := pool.Stats(t.Context())
		if err != nil || s.Done < 10 || s.Busy != 1 {
			t.Errorf("stats are %+v, %v, want most of the other jobs done", s, err)
		}
		close(g.open)
	})
}
