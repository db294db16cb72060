package semaphore_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
)

func TestBadConfigsNameFieldFoundAndAccepted(t *testing.T) {
	system := newSystem(t)
	newPool(t, system, 1)
	for _, c := range []struct {
		config semaphore.Config
		is     error
		text   string // "": not ours
	}{
		{semaphore.Config{}, semaphore.ErrConfig, "semaphore: invalid config: Permits is 0: want 1 or more"},
		{semaphore.Config{Permits: -3}, semaphore.ErrConfig, "semaphore: invalid config: Permits is -3: want 1 or more"},
		{
			semaphore.Config{Name: "a/b", Permits: 1}, semaphore.ErrConfig,
			`semaphore: invalid config: Name is "a/b": want a name without '/'`,
		},
		{semaphore.Config{Name: "pool", Permits: 1}, runtime.ErrNameTaken, ""},
	} {
		_, err := semaphore.New(system, c.config)
		if !errors.Is(err, c.is) || c.text != "" && err.Error() != c.text {
			t.Errorf("New(%+v) returns %v, want %v, in the words %q", c.config, err, c.is, c.text)
		}
	}
	if _, err := semaphore.New(nil, semaphore.Config{Permits: 1}); !errors.Is(err, runtime.ErrConfig) {
		t.Errorf("New without a parent returns %v, want runtime.ErrConfig", err)
	}
}

func TestImpossibleRequestFailsAtOnce(t *testing.T) {
	pool := newPool(t, newSystem(t), 4)
	acquire(t, pool, 4)
	for n, text := range map[int]string{
		0:  "semaphore: impossible number of permits: 0 were asked for: want 1 to 4",
		-1: "semaphore: impossible number of permits: -1 were asked for: want 1 to 4",
		5:  "semaphore: impossible number of permits: 5 were asked for: want 1 to 4",
	} {
		if _, err := pool.Acquire(t.Context(), n); !errors.Is(err, semaphore.ErrRange) || err.Error() != text {
			t.Errorf("Acquire(%d) returns %v, want %v", n, err, text)
		}
		if _, err := pool.TryAcquire(t.Context(), n); !errors.Is(err, semaphore.ErrRange) {
			t.Errorf("TryAcquire(%d) returns %v, want ErrRange", n, err)
		}
	}
}

func TestBigRequestAtTheHeadIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), 4)
		first := acquire(t, pool, 3)
		big := acquireAside(t.Context(), pool, 4)
		synctest.Wait()
		small := acquireAside(t.Context(), pool, 1)
		synctest.Wait()
		if arrived(big) || arrived(small) {
			t.Fatal("a request was served, want both to wait: 4 for want of permits, 1 for being behind it")
		}
		if _, err := pool.TryAcquire(t.Context(), 1); !errors.Is(err, semaphore.ErrNoPermits) {
			t.Fatalf("TryAcquire returns %v, want ErrNoPermits behind those that wait", err)
		}
		wantStats(t, pool, semaphore.Stats{Permits: 4, Free: 1, Waiting: 2, Leases: 1})

		release(t, first)
		lease := (<-big).lease
		synctest.Wait()
		if arrived(small) {
			t.Fatal("the small request was served while all permits were out")
		}
		release(t, lease)
		release(t, (<-small).lease)
		wantStats(t, pool, semaphore.Stats{Permits: 4, Free: 4})
	})
}

func TestRequestsAreServedInOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), 1)
		first := acquire(t, pool, 1)
		const requests = 100
		served := make(chan int, requests)
		for i := range requests {
			go func() {
				lease, err := pool.Acquire(t.Context(), 1)
				if err != nil {
					t.Error(err)
					return
				}
				served <- i
				release(t, lease)
			}()
			synctest.Wait()
		}
		release(t, first)
		synctest.Wait()
		close(served)
		var order []int
		for i := range served {
			order = append(order, i)
		}
		if len(order) != requests || !slices.IsSorted(order) {
			t.Errorf("requests were served in the order %v, want that of their arrival", order)
		}
	})
}

func TestTryAcquireTakesWhatIsFreeAndNeverWaits(t *testing.T) {
	pool := newPool(t, newSystem(t), 3)
	lease, err := pool.TryAcquire(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.TryAcquire(t.Context(), 2); err != semaphore.ErrNoPermits {
		t.Fatalf("TryAcquire returns %v, want ErrNoPermits", err)
	}
	wantStats(t, pool, semaphore.Stats{Permits: 3, Free: 1, Leases: 1})
	release(t, lease)
	if _, err := pool.TryAcquire(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
}

func TestSecondReleaseIsRefused(t *testing.T) {
	pool := newPool(t, newSystem(t), 2)
	lease := acquire(t, pool, 1)
	release(t, lease)
	for range 3 {
		if err := lease.Release(); err != semaphore.ErrReleased {
			t.Fatalf("Release returns %v, want ErrReleased", err)
		}
	}
	wantStats(t, pool, semaphore.Stats{Permits: 2, Free: 2})
}

func TestCancelledHeadLetsThoseBehindGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), 4)
		acquire(t, pool, 3)
		ctx, cancel := context.WithCancel(t.Context())
		big := acquireAside(ctx, pool, 4)
		synctest.Wait()
		small := acquireAside(t.Context(), pool, 1)
		synctest.Wait()
		cancel()
		if err := (<-big).err; !errors.Is(err, context.Canceled) {
			t.Fatalf("the cancelled Acquire returns %v, want context.Canceled", err)
		}
		release(t, (<-small).lease)
		wantStats(t, pool, semaphore.Stats{Permits: 4, Free: 1, Leases: 1})
	})
}

// A request that is given up far behind a head that waits for long must not stay in the queue until then.
func TestCancelledRequestLeavesTheQueueAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), 1)
		first := acquire(t, pool, 1)
		head := acquireAside(t.Context(), pool, 1)
		synctest.Wait()
		for range 100 {
			ctx, cancel := context.WithCancel(t.Context())
			behind := acquireAside(ctx, pool, 1)
			synctest.Wait()
			cancel()
			<-behind
		}
		wantStats(t, pool, semaphore.Stats{Permits: 1, Waiting: 1, Leases: 1})
		release(t, first)
		release(t, (<-head).lease)
	})
}

func TestEndedContextAcquiresNothing(t *testing.T) {
	pool := newPool(t, newSystem(t), 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := pool.Acquire(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Acquire returns %v, want context.Canceled", err)
	}
	var none context.Context
	if _, err := pool.Acquire(none, 1); err == nil {
		t.Error("Acquire without a context returns nil, want an error")
	}
	wantStats(t, pool, semaphore.Stats{Permits: 1, Free: 1})
}

func TestLeaseOutlivesTheContextOfItsAcquire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), 1)
		ctx, cancel := context.WithCancel(t.Context())
		lease, err := pool.Acquire(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		synctest.Wait()
		wantStats(t, pool, semaphore.Stats{Permits: 1, Leases: 1})
		release(t, lease)
	})
}

func TestShrinkingTakesEffectAsLeasesComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), 5)
		three, two := acquire(t, pool, 3), acquire(t, pool, 2)
		if err := pool.Resize(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		wantStats(t, pool, semaphore.Stats{Permits: 2, Leases: 2})
		next := acquireAside(t.Context(), pool, 1)
		synctest.Wait()
		release(t, three)
		synctest.Wait()
		if arrived(next) {
			t.Fatal("a request was served while 2 of 2 permits were out")
		}
		release(t, two)
		if err := (<-next).err; err != nil {
			t.Fatal(err)
		}
		wantStats(t, pool, semaphore.Stats{Permits: 2, Free: 1, Leases: 1})
	})
}

func TestShrinkingFailsRequestsThatNoLongerFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), 5)
		acquire(t, pool, 1)
		var waiting []<-chan result
		for _, n := range []int{5, 2, 4, 3} {
			waiting = append(waiting, acquireAside(t.Context(), pool, n))
			synctest.Wait()
		}
		if err := pool.Resize(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{0, 2} {
			if err := (<-waiting[i]).err; !errors.Is(err, semaphore.ErrRange) {
				t.Errorf("a request for more than is left returns %v, want ErrRange", err)
			}
		}
		// What failed was in front of the 2, for which there is enough.
		release(t, (<-waiting[1]).lease)
		synctest.Wait()
		if arrived(waiting[3]) {
			t.Error("3 of 3 permits were given out while one was not back")
		}
		wantStats(t, pool, semaphore.Stats{Permits: 3, Free: 2, Waiting: 1, Leases: 1})
	})
}

func TestGrowingServesThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), 1)
		acquire(t, pool, 1)
		a, b := acquireAside(t.Context(), pool, 1), acquireAside(t.Context(), pool, 1)
		synctest.Wait()
		if err := pool.Resize(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		for _, got := range []<-chan result{a, b} {
			if err := (<-got).err; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestResizeToLessThanOneIsRefused(t *testing.T) {
	pool := newPool(t, newSystem(t), 2)
	for _, n := range []int{0, -1} {
		if err := pool.Resize(t.Context(), n); !errors.Is(err, semaphore.ErrConfig) {
			t.Errorf("Resize(%d) returns %v, want ErrConfig", n, err)
		}
	}
	wantStats(t, pool, semaphore.Stats{Permits: 2, Free: 2})
}
