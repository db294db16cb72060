package semaphore_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/semaphore"
)

// With 7 permits, 7 of 10 get one at once, and the others one by one, as permits come back.
func TestAsManyAsThereArePermitsGoOnAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const permits, users = 7, 10
		pool := newPool(t, newSystem(t), permits)
		var waiting []<-chan result
		for range users {
			waiting = append(waiting, acquireAside(t.Context(), pool, 1))
			synctest.Wait()
		}
		wantStats(t, pool, semaphore.Stats{Permits: permits, Waiting: users - permits, Leases: permits})
		for i := range users {
			if got, want := count(waiting), min(permits+i, users); got != want {
				t.Fatalf("%d got a permit after %d came back, want %d", got, i, want)
			}
			release(t, (<-waiting[i]).lease)
			waiting[i] = done()
			synctest.Wait()
		}
		wantStats(t, pool, semaphore.Stats{Permits: permits, Free: permits})
	})
}

// done is a result that has come.
func done() <-chan result {
	c := make(chan result, 1)
	c <- result{}
	return c
}

func count(waiting []<-chan result) (n int) {
	for _, w := range waiting {
		if arrived(w) {
			n++
		}
	}
	return n
}

// Python's release(n): one lease of several permits that comes back serves as many as it is enough for.
func TestOneReleaseOfManyServesMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), 5)
		big := acquire(t, pool, 5)
		var waiting []<-chan result
		for _, n := range []int{1, 2, 1, 2} {
			waiting = append(waiting, acquireAside(t.Context(), pool, n))
			synctest.Wait()
		}
		release(t, big)
		synctest.Wait()
		if n := count(waiting); n != 3 || arrived(waiting[3]) {
			t.Errorf("%d of 4 requests were served by 5 permits, want the first three", n)
		}
		release(t, (<-waiting[1]).lease)
		release(t, (<-waiting[3]).lease)
	})
}

func TestAcquireEndsWithItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), 2)
		for _, n := range []int{1, 2} { // the one waits for a channel, the other in the list
			lease := acquire(t, pool, 2)
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if _, err := pool.Acquire(ctx, n); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
				t.Errorf("Acquire(%d) returns %v after %v, want the deadline's end after 1s", n, err, time.Since(began))
			}
			cancel()
			release(t, lease)
			wantStats(t, pool, semaphore.Stats{Permits: 2, Free: 2})
		}
	})
}

// TryAcquire is never the one that is wrong: of many who try at the same time, as many succeed as there are permits.
func TestOfThoseWhoTryAsManySucceedAsThereArePermits(t *testing.T) {
	const permits, users = 5, 64
	pool := newPool(t, newSystem(t), permits)
	for range 100 {
		got := make(chan result, users)
		for range users {
			go func() {
				lease, err := pool.TryAcquire(t.Context(), 1)
				got <- result{lease, err}
			}()
		}
		n := 0
		var leases []semaphore.Lease
		for range users {
			switch r := <-got; r.err {
			case nil:
				n++
				leases = append(leases, r.lease)
			case semaphore.ErrNoPermits:
			default:
				t.Fatal(r.err)
			}
		}
		if n != permits {
			t.Fatalf("%d of %d got a permit, want %d", n, users, permits)
		}
		for _, l := range leases {
			release(t, l)
		}
	}
}

// A try for one permit must not fail because a try for two has all of them in its hands for a moment.
func TestTriesForFewAndManyDoNotDisturbEachOther(t *testing.T) {
	pool := newPool(t, newSystem(t), 3)
	ended := make(chan error, 2)
	for n := 1; n <= 2; n++ {
		go func() {
			for range 20_000 {
				lease, err := pool.TryAcquire(context.Background(), n)
				if err == nil {
					err = lease.Release()
				}
				if err != nil {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Errorf("%v, with never more than 3 of 3 permits wanted", err)
		}
	}
}

// A stale lease says so even when its permit is somebody else's by now, and takes nothing from that one.
func TestStaleLeaseDoesNotReleaseSomebodyElses(t *testing.T) {
	pool := newPool(t, newSystem(t), 1)
	stale := acquire(t, pool, 1)
	release(t, stale)
	now := acquire(t, pool, 1)
	if err := stale.Release(); err != semaphore.ErrReleased {
		t.Errorf("Release of a stale lease returns %v, want ErrReleased", err)
	}
	wantStats(t, pool, semaphore.Stats{Permits: 1, Leases: 1})
	release(t, now)
	if err := (semaphore.Lease{}).Release(); err != semaphore.ErrReleased {
		t.Errorf("Release of the zero lease returns %v, want ErrReleased", err)
	}
}

// Permits are also used as a measure, such as bytes.
func TestMillionsOfPermits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const all = 1 << 30
		pool := newPool(t, newSystem(t), all)
		most, one := acquire(t, pool, all-1), acquire(t, pool, 1)
		waiting := acquireAside(t.Context(), pool, 1)
		synctest.Wait()
		if arrived(waiting) {
			t.Error("a permit was given out of none")
		}
		release(t, one)
		release(t, (<-waiting).lease)
		release(t, most)
		wantStats(t, pool, semaphore.Stats{Permits: all, Free: all})
	})
}

// More wait than fit into the channel, and one lease is enough for all of them: nobody is forgotten.
func TestOneReleaseServesACrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const crowd = 1000
		pool := newPool(t, newSystem(t), crowd)
		all := acquire(t, pool, crowd)
		got := make(chan result, crowd)
		for range crowd {
			go func() {
				lease, err := pool.Acquire(t.Context(), 1)
				got <- result{lease, err}
			}()
		}
		synctest.Wait()
		wantStats(t, pool, semaphore.Stats{Permits: crowd, Waiting: crowd, Leases: 1})
		release(t, all)
		for range crowd {
			release(t, (<-got).lease)
		}
		wantStats(t, pool, semaphore.Stats{Permits: crowd, Free: crowd})
	})
}

// x/sync: those who take one permit again and again, and always have all of them among themselves, do not keep one out who
// wants all.
func TestBigRequestGetsThroughAmongSmallOnes(t *testing.T) {
	const permits, users = 5, 10
	pool := newPool(t, newSystem(t), permits)
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range users {
		all.Go(func() {
			for {
				lease, err := pool.Acquire(ctx, 1)
				if err != nil {
					return
				}
				release(t, lease)
			}
		})
	}
	for range 100 {
		release(t, acquire(t, pool, permits))
	}
	cancel()
	all.Wait()
}

// Requests for one and for several wait in different places, but in one order: those who are served are always the first of
// those who wait, and as many as there are permits for.
func TestOrderOfArrivalHoldsWhateverTheSizes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const permits, requests = 3, 60
		size := func(i int) int { return 1 + (i/4)%permits }
		pool := newPool(t, newSystem(t), permits)
		out := []semaphore.Lease{acquire(t, pool, permits)}
		sizes := []int{permits}
		var waiting []<-chan result
		for i := range requests {
			waiting = append(waiting, acquireAside(t.Context(), pool, size(i)))
			synctest.Wait()
		}
		free, served := 0, 0
		for len(out) > 0 {
			release(t, out[0])
			free += sizes[0]
			out, sizes = out[1:], sizes[1:]
			synctest.Wait()
			for served < requests && size(served) <= free {
				if !arrived(waiting[served]) {
					t.Fatalf("request %d, for %d of %d free permits, was not served", served, size(served), free)
				}
				out, sizes = append(out, (<-waiting[served]).lease), append(sizes, size(served))
				free -= size(served)
				served++
			}
			if n := count(waiting); n > 0 {
				t.Fatalf("%d behind request %d were served", n, served)
			}
		}
		if served != requests {
			t.Errorf("%d of %d requests were served", served, requests)
		}
	})
}
