package workerpool_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

func double(_ context.Context, n int) (int, error) { return 2 * n, nil }

func TestBadConfigsNameFieldFoundAndAccepted(t *testing.T) {
	system := newSystem(t)
	newPool(t, system, workerpool.Config[int, int]{Name: "pool", Work: double})
	type config = workerpool.Config[int, int]
	for _, c := range []struct {
		config config
		is     error
		text   string // "": not ours
	}{
		{config{}, workerpool.ErrConfig, "workerpool: invalid config: Work is nil: want a function"},
		{
			config{Work: double, Workers: -1}, workerpool.ErrConfig,
			"workerpool: invalid config: Workers is -1: want 0 (GOMAXPROCS) or more",
		},
		{
			config{Work: double, Queue: -2}, workerpool.ErrConfig,
			"workerpool: invalid config: Queue is -2: want 0 (default 1024), mailbox.Unbounded (-1) or more than 0",
		},
		{
			config{Work: double, Retries: -1}, workerpool.ErrConfig,
			"workerpool: invalid config: Retries is -1: want 0 (never) or more",
		},
		{
			config{Work: double, Name: "a/b"}, workerpool.ErrConfig,
			`workerpool: invalid config: Name is "a/b": want a name without '/'`,
		},
		{
			config{Work: double, Overflow: 9}, workerpool.ErrConfig,
			"workerpool: invalid config: Overflow is Overflow(9): want Block, Reject, DropNewest, DropOldest or DropLast",
		},
		{
			config{Work: double, Timeout: -time.Second}, workerpool.ErrConfig,
			"workerpool: invalid config: Timeout is -1s: want 0 (none) or more",
		},
		{
			config{Work: double, RetryIf: func(error) bool { return true }}, workerpool.ErrConfig,
			"workerpool: invalid config: RetryIf is a function, and Retries is 0: want Retries of 1 or more with it",
		},
		{
			config{Work: double, Dispatch: 7}, workerpool.ErrConfig,
			"workerpool: invalid config: Dispatch is Dispatch(7): want Shared, RoundRobin, LeastLoaded or ByKey",
		},
		{
			config{Work: double, Dispatch: workerpool.ByKey}, workerpool.ErrConfig,
			"workerpool: invalid config: Key is nil, and Dispatch is ByKey: want a function with ByKey, and none without",
		},
		{
			config{Work: double, Dispatch: workerpool.ByKey, Key: func(int) any { return 0 }, Levels: 2}, workerpool.ErrConfig,
			"workerpool: invalid config: Dispatch is ByKey: want another one where Less or Levels is set: both are about order",
		},
		{
			config{Work: double, Dispatch: workerpool.RoundRobin, Scale: workerpool.Scale{Max: 3}}, workerpool.ErrConfig,
			"workerpool: invalid config: Scale is set, and Dispatch is RoundRobin: want Dispatch Shared with it",
		},
		{
			config{Work: double, Workers: 4, Scale: workerpool.Scale{Max: 3}}, workerpool.ErrConfig,
			"workerpool: invalid config: Scale.Max is 3: want Workers (4) or more",
		},
		{
			config{Work: double, Workers: 1, Scale: workerpool.Scale{Max: 3, Idle: -1}}, workerpool.ErrConfig,
			"workerpool: invalid config: Scale.Idle is -1ns: want 0 (default 10 s) or more",
		},
		{
			config{Work: double, Workers: 1, Scale: workerpool.Scale{Max: 3, After: -1}}, workerpool.ErrConfig,
			"workerpool: invalid config: Scale.After is -1ns: want 0 (default 10 ms) or more",
		},
		{config{Work: double, Levels: 2}, workerpool.ErrConfig, ""},
		{config{Work: double, Levels: 2}, mailbox.ErrConfig, ""},
		{config{Work: double, Backoff: supervisor.Backoff{Min: -1}}, workerpool.ErrConfig, ""},
		{config{Work: double, Name: "pool"}, runtime.ErrNameTaken, ""},
	} {
		_, err := workerpool.New(system, c.config)
		if !errors.Is(err, c.is) || c.text != "" && err.Error() != c.text {
			t.Errorf("New(%+v) returns %v, want %v, in the words %q", c.config, err, c.is, c.text)
		}
	}
	if _, err := workerpool.New(nil, config{Work: double}); !errors.Is(err, runtime.ErrConfig) {
		t.Errorf("New without a parent returns %v, want runtime.ErrConfig", err)
	}
}

func TestZeroConfigHasGOMAXPROCSWorkersAndAQueueOf1024(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Work: g.work})
		workers := goruntime.GOMAXPROCS(0)
		for i := range workers + mailbox.DefaultCapacity {
			submit(t, pool, i)
		}
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: workers, Busy: workers, Queued: mailbox.DefaultCapacity})
		if _, err := pool.TrySubmit(0); !errors.Is(err, mailbox.ErrFull) {
			t.Errorf("TrySubmit returns %v, want ErrFull", err)
		}
		close(g.open)
	})
}

func TestResultsAndErrorsOfWorkReachTheirFutures(t *testing.T) {
	pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 3, Work: func(_ context.Context, n int) (int, error) {
		if n%2 == 1 {
			return n, fmt.Errorf("odd: %d", n)
		}
		return 2 * n, nil
	}})
	var futures []workerpool.Future[int]
	for n := range 100 {
		futures = append(futures, submit(t, pool, n))
	}
	for n, f := range futures {
		got, err := f.Wait(t.Context())
		if n%2 == 0 && (got != 2*n || err != nil) {
			t.Errorf("job %d ends with %d, %v, want %d", n, got, err, 2*n)
		}
		if n%2 == 1 && (got != n || err == nil || err.Error() != fmt.Sprintf("odd: %d", n)) {
			t.Errorf("job %d ends with %d, %v, want what Work returned", n, got, err)
		}
	}
	// An error that Work returned is no crash.
	wantStats(t, pool, workerpool.Stats{Workers: 3, Done: 50, Failed: 50})
	if got, err := pool.Do(t.Context(), 21+21); got != 84 || err != nil {
		t.Errorf("Do returns %d, %v, want 84", got, err)
	}
}

func TestOneWorkerBeginsJobsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 1, Queue: 8, Work: g.work})
		const jobs = 200
		go close(g.open)
		for n := range jobs {
			submit(t, pool, n)
		}
		synctest.Wait()
		if order := g.order(); len(order) != jobs || !slices.IsSorted(order) {
			t.Errorf("jobs began in the order %v, want that of their submission", order)
		}
	})
}

func TestNoMoreThanWorkersAreBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 3, Work: g.work})
		for n := range 10 {
			submit(t, pool, n)
		}
		synctest.Wait()
		if n := len(g.begun); n != 3 {
			t.Errorf("%d jobs have begun, want 3", n)
		}
		wantStats(t, pool, workerpool.Stats{Workers: 3, Busy: 3, Queued: 7})
		g.open <- struct{}{}
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 3, Busy: 3, Queued: 6, Done: 1})
		close(g.open)
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 3, Done: 10})
	})
}

func TestSubmitWaitsExactlyWhenQueueJobsWait(t *testing.T) {
	for _, queue := range []int{1, 2, 5} {
		t.Run(fmt.Sprint(queue), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const workers = 2
				g := newGate()
				pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: workers, Queue: queue, Work: g.work})
				for n := range workers {
					submit(t, pool, n)
					synctest.Wait()
				}
				for n := range queue {
					if _, err := pool.TrySubmit(workers + n); err != nil {
						t.Fatalf("with %d of %d jobs waiting, TrySubmit returns %v", n, queue, err)
					}
				}
				if _, err := pool.TrySubmit(-1); err != mailbox.ErrFull {
					t.Fatalf("with all of %d jobs waiting, TrySubmit returns %v, want ErrFull", queue, err)
				}
				submitted := make(chan error, 1)
				go func() {
					_, err := pool.Submit(t.Context(), workers+queue)
					submitted <- err
				}()
				synctest.Wait()
				if len(submitted) > 0 {
					t.Fatal("Submit returned while the queue was full")
				}
				wantStats(t, pool, workerpool.Stats{Workers: workers, Busy: workers, Queued: queue})
				g.open <- struct{}{}
				if err := <-submitted; err != nil {
					t.Fatal(err)
				}
				close(g.open)
				synctest.Wait()
				wantStats(t, pool, workerpool.Stats{Workers: workers, Done: uint64(workers + queue + 1)})
			})
		})
	}
}

func TestCancelWhileWaitingForRoomTakesTheJobBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 1, Queue: 1, Work: g.work})
		submit(t, pool, 0)
		synctest.Wait()
		submit(t, pool, 1)
		ctx, cancel := context.WithCancel(t.Context())
		submitted := make(chan error, 1)
		go func() {
			_, err := pool.Submit(ctx, 2)
			submitted <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-submitted; !errors.Is(err, context.Canceled) {
			t.Errorf("Submit returns %v, want context.Canceled", err)
		}
		close(g.open)
		synctest.Wait()
		if order := g.order(); !slices.Equal(order, []int{0, 1}) {
			t.Errorf("jobs %v began, want 0 and 1", order)
		}
	})
}

func TestWaitEndsWithItsContextAndTheJobGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 1, Work: g.work})
		ctx, cancel := context.WithCancel(t.Context())
		f, err := pool.Submit(ctx, 7)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err := f.Wait(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Wait returns %v, want context.Canceled", err)
		}
		synctest.Wait()
		select {
		case <-f.Done():
			t.Error("the job ended with the context of its Submit, want it to go on")
		default:
		}
		close(g.open)
		<-f.Done()
		for range 2 {
			if got, err := f.Wait(ctx); got != 7 || err != nil {
				t.Errorf("Wait after the job's end returns %d, %v, want its result, whatever the context", got, err)
			}
		}
	})
}

func TestZeroFutureIsDone(t *testing.T) {
	var f workerpool.Future[int]
	<-f.Done()
	if _, err := f.Wait(t.Context()); err == nil {
		t.Error("Wait of the zero Future returns nil, want an error")
	}
}

// A waiting handler must not keep the pool from its work.
func TestHandlerMayWaitForAJob(t *testing.T) {
	system := newSystem(t)
	pool := newPool(t, system, workerpool.Config[int, int]{Workers: 1, Work: double})
	got := make(chan int, 1)
	user, err := runtime.SpawnFunc(system, "user", func(ctx *runtime.Context[int], n int) error {
		r, err := pool.Do(ctx, n)
		got <- r
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := user.Tell(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	if n := <-got; n != 8 {
		t.Errorf("Do in a handler returns %d, want 8", n)
	}
}

func TestWorkMaySubmitToItsOwnUnboundedPool(t *testing.T) {
	const depth = 10
	leaves := make(chan struct{}, 1<<depth)
	var pool *workerpool.Pool[int, int]
	pool = newPool(t, newSystem(t), workerpool.Config[int, int]{
		Workers: 2, Queue: mailbox.Unbounded,
		Work: func(ctx context.Context, level int) (int, error) {
			if level == depth {
				leaves <- struct{}{}
				return 0, nil
			}
			for range 2 {
				if _, err := pool.Submit(ctx, level+1); err != nil {
					return 0, err
				}
			}
			return 0, nil
		},
	})
	submit(t, pool, 0)
	for range 1 << depth {
		<-leaves
	}
}
