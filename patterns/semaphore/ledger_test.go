package semaphore

import (
	"context"
	"io"
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
			l := <-pool.baton
			defer func() { pool.baton <- l }()
			n := 0
			for _, held := range l.held {
				n += len(held)
			}
			if len(l.held) != holders || n != leases || l.stats().Leases != leases {
				t.Errorf("%s the ledger is %+v, want %d holders with %d leases", when, l, holders, leases)
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

// While nobody waits, all that is free is where one receive gets it; so is it again after each thing that only the ledger
// can do.
func TestPoolIsOpenWheneverNobodyWaits(t *testing.T) {
	_, pool := newTestPool(t, 4)
	check := func(when string, loose int) {
		t.Helper()
		if len(pool.closed) != 0 || len(pool.debt) != 0 || len(pool.loose) != loose {
			t.Errorf("%s there are %d loose permits, closed: %d, debt: %d, want %d, and the pool open",
				when, len(pool.loose), len(pool.closed), len(pool.debt), loose)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check("at first", 4)
	three, err := pool.Acquire(t.Context(), 3)
	must(err)
	check("with 3 out", 1)
	_, _ = pool.TryAcquire(t.Context(), 2)
	check("after a try in vain", 1)
	must(pool.Resize(t.Context(), 2))
	if len(pool.debt) != 1 {
		t.Error("no debt with 3 of 2 permits out")
	}
	must(pool.Resize(t.Context(), 6))
	check("with 3 of 6 out", 3)
	must(three.Release())
	check("with all back", 6)
	must(pool.Resize(t.Context(), mostLoose+1))
	if len(pool.closed) != 1 || len(pool.loose) != 0 {
		t.Error("a pool of more permits than may be loose is open")
	}
	must(pool.Resize(t.Context(), mostLoose))
	check("with as many as may be loose", mostLoose)
}

// A slot is used again: as many are made as leases are out at once.
func TestSlotsAreUsedAgain(t *testing.T) {
	_, pool := newTestPool(t, mostLoose*2)
	for range 1000 {
		lease, err := pool.Acquire(t.Context(), 1+mostLoose)
		if err != nil {
			t.Fatal(err)
		}
		if err := lease.Release(); err != nil {
			t.Fatal(err)
		}
	}
	if l := <-pool.baton; len(l.spare) != 1 {
		t.Errorf("there are %d slots after one lease at a time, want 1", len(l.spare))
	} else {
		pool.baton <- l
	}
}
