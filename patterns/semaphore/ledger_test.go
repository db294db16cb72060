package semaphore

import (
	"context"
	"io"
	goruntime "runtime"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/runtime"
)

// newTestPool is a pool in a system of its own, which is shut down when the test ends.
func newTestPool(t *testing.T, permits int) (*runtime.System, *Pool) {
	t.Helper()
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	system, err := runtime.New(runtime.Config{Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = system.Shutdown(context.Background()) })
	pool, err := New(system, Config{Permits: permits})
	if err != nil {
		t.Fatal(err)
	}
	return system, pool
}

// What has come back leaves no trace, however long the pool lives: a lease goes with its return, a holder with its end.
func TestLedgerForgetsLeasesAndHolders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, pool := newTestPool(t, 2)
		holder, err := runtime.SpawnFunc(system, "holder", func(ctx *runtime.Context[bool], release bool) error {
			lease, err := pool.Acquire(ctx, 1)
			if err == nil && release {
				err = lease.Release()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		check := func(when string, holders, leases int) {
			t.Helper()
			synctest.Wait()
			g := <-pool.ledger
			defer func() { pool.ledger <- g }()
			n := 0
			for _, held := range g.held {
				n += len(held)
			}
			if len(g.held) != holders || n != leases || g.stats().Leases != leases {
				t.Errorf("%s the ledger is %+v, want %d holders with %d leases", when, g, holders, leases)
			}
		}
		for range 10 {
			if err := holder.Tell(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		check("after all leases came back", 1, 0)
		if err := holder.Tell(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		check("with one lease out", 1, 1)
		holder.Stop()
		check("after the holder's end", 0, 0)
	})
}

// While nobody waits for more than one permit, those for one need no ledger: what they give back is where the next finds
// it, and what the ledger has besides is called out.
func TestPoolIsBusyOnlyWhileSomebodyWaitsForSeveral(t *testing.T) {
	_, pool := newTestPool(t, 4)
	check := func(when string, free, vault int) {
		t.Helper()
		g := <-pool.ledger
		defer func() { pool.ledger <- g }()
		if len(pool.busy) != 0 || len(pool.free) != free || g.vault != vault || len(pool.more) != min(vault, 1) {
			t.Errorf("%s there are %d permits in the channel and %d in the vault, busy: %d, more: %d, want %d and %d, not busy, and all called",
				when, len(pool.free), g.vault, len(pool.busy), len(pool.more), free, vault)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check("at first", 0, 4)
	three, err := pool.Acquire(t.Context(), 3)
	must(err)
	check("with 3 out", 0, 1)
	_, _ = pool.TryAcquire(t.Context(), 2)
	check("after a try in vain", 0, 1)
	must(pool.Resize(t.Context(), 2))
	if len(pool.busy) != 1 || len(pool.free) != 0 || len(pool.more) != 0 {
		t.Error("the pool is at ease with 3 of 2 permits out")
	}
	must(pool.Resize(t.Context(), 6))
	check("with 3 of 6 out", 0, 3)
	must(three.Release())
	check("with all back", 0, 6)
	one, err := pool.Acquire(t.Context(), 1)
	must(err)
	check("with one out", 5, 0)
	must(one.Release())
	check("with one back", 6, 0)
	two, err := pool.Acquire(t.Context(), 2)
	must(err)
	check("with two out", 4, 0)
	must(two.Release())
	check("with two back", 4, 2)
	must(pool.Resize(t.Context(), 2*loose))
	var out []Lease
	for range 2 * loose {
		one, err := pool.Acquire(t.Context(), 1)
		must(err)
		out = append(out, one)
	}
	check("with all out, one by one", 0, 0)
	for _, l := range out {
		must(l.Release())
	}
	check("with all back, one by one", loose, loose)
}

// Between the call and his coming to the ledger, whoever waited at the channel is in no line. Nobody takes his permit
// meanwhile, and nobody who comes later is served before him.
func TestWhoIsCalledKeepsHisPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, pool := newTestPool(t, 4)
		<-pool.more // we are called
		if _, err := pool.TryAcquire(t.Context(), 4); err != ErrNoPermits {
			t.Errorf("a try for all permits returns %v, want ErrNoPermits: one is promised", err)
		}
		three, err := pool.TryAcquire(t.Context(), 3)
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan Lease, 1)
		go func() {
			lease, err := pool.Acquire(t.Context(), 4)
			if err != nil {
				t.Error(err)
			}
			served <- lease
		}()
		synctest.Wait()
		if err := three.Release(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(served) > 0 {
			t.Fatal("one who came later was served")
		}
		g := <-pool.ledger
		_, w, err := g.answer()
		pool.close(g)
		if err != nil || w == nil {
			t.Fatalf("the called one gets %v, %v, want a place in the queue", w, err)
		}
		synctest.Wait()
		if len(w.served) == 0 || len(served) > 0 {
			t.Fatalf("%d called and %d later ones were served, want 1 and 0", len(w.served), len(served))
		}
		if err := (<-w.served).lease.Release(); err != nil {
			t.Fatal(err)
		}
		<-served
	})
}

// Who is counted as waiting at the channel may not have come there, or have gone. A permit that was put there for him does
// not stay there while another waits for it.
func TestPermitsDoNotLieInTheChannelWhileSomebodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, pool := newTestPool(t, 2)
		one, err := pool.Acquire(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() {
			_, err := pool.Acquire(t.Context(), 2)
			served <- err
		}()
		synctest.Wait()
		pool.parked <- struct{}{}
		if err := one.Release(); err != nil {
			t.Fatal(err)
		}
		<-pool.parked
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}

// A slot is used again: as many are made as leases are out at once, and as fit into the channel.
func TestSlotsAreUsedAgain(t *testing.T) {
	_, pool := newTestPool(t, loose*2)
	for range 1000 {
		lease, err := pool.Acquire(t.Context(), 1+loose/2)
		if err != nil {
			t.Fatal(err)
		}
		if err := lease.Release(); err != nil {
			t.Fatal(err)
		}
	}
	g := <-pool.ledger
	defer func() { pool.ledger <- g }()
	if len(g.spare) > 2 {
		t.Errorf("there are %d slots beside the channel after one lease at a time, want 1 or 2", len(g.spare))
	}
}

// However often permits come and go, and whoever waits, nothing is allocated for a goroutine.
func TestAcquireAndReleaseAllocateNothing(t *testing.T) {
	_, pool := newTestPool(t, 8)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	turns, served := make(chan int), make(chan bool)
	defer close(turns)
	go func() {
		for n := range turns {
			lease, err := pool.Acquire(ctx, n)
			served <- err == nil && lease.Release() == nil
		}
	}()
	for name, use := range map[string]func(){
		"one": func() {
			lease, _ := pool.Acquire(ctx, 1)
			_ = lease.Release()
		},
		"some": func() {
			lease, _ := pool.Acquire(ctx, 3)
			_ = lease.Release()
			lease, _ = pool.TryAcquire(ctx, 8)
			_ = lease.Release()
		},
		"all, while another waits": func() {
			for _, n := range []int{1, 5} {
				lease, _ := pool.Acquire(ctx, 8)
				turns <- n
				for waiting := 0; waiting == 0; {
					goruntime.Gosched()
					s, _ := pool.Stats(ctx)
					waiting = s.Waiting
				}
				_ = lease.Release()
				<-served
			}
		},
	} {
		if n := testing.AllocsPerRun(100, use); n > 0 {
			t.Errorf("to acquire %s allocates %v times, want never", name, n)
		}
	}
}

// Whoever is called to the ledger, because permits came free there, has waited longest. What happens while he is on his way
// does not change that: the test holds the ledger meanwhile.
func TestOneWhoWasCalledIsNotOvertaken(t *testing.T) {
	for _, tt := range []struct {
		name  string
		grown int // to how many permits, of which two are out
		do    func(t *testing.T, g *ledger)
		want  []string
	}{
		{"by one at the channel, when the pool becomes busy", 3, func(t *testing.T, g *ledger) {
			if _, w, err := g.request(3); w == nil || err != nil {
				t.Fatalf("a request for 3 returns %v, %v, want that it waits", w, err)
			}
		}, []string{"first"}},
		{"nor one at the channel by one who tries", 4, func(t *testing.T, g *ledger) {
			if _, err := g.try(1); err != ErrNoPermits {
				t.Errorf("a try returns %v though somebody waits", err)
			}
		}, []string{"first", "second"}},
		{"by one at the channel, when a permit comes back later", 3, func(_ *testing.T, g *ledger) {
			g.resize(2)
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, pool := newTestPool(t, 2)
				defer pool.Stop()
				var out [2]Lease
				for i := range out {
					var err error
					if out[i], err = pool.Acquire(t.Context(), 1); err != nil {
						t.Fatal(err)
					}
				}
				if err := pool.Resize(t.Context(), tt.grown); err != nil {
					t.Fatal(err)
				}
				got := make(chan string, 3)
				g := <-pool.ledger
				for _, name := range []string{"first", "second"} {
					go func() {
						if _, err := pool.Acquire(t.Context(), 1); err == nil {
							got <- name
						}
					}()
					synctest.Wait()
				}
				tt.do(t, g)
				pool.close(g)
				synctest.Wait()
				served := func(names ...string) {
					t.Helper()
					synctest.Wait()
					var all []string
					for len(got) > 0 {
						all = append(all, <-got)
					}
					slices.Sort(all)
					if !slices.Equal(all, names) {
						t.Errorf("%v were served, want %v", all, names)
					}
				}
				served(tt.want...)
				if tt.want != nil {
					return
				}
				for i, name := range []string{"first", "second"} {
					if err := out[i].Release(); err != nil {
						t.Fatal(err)
					}
					served(name)
				}
			})
		})
	}
}
