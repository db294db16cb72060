package semaphore

import (
	"context"
	"io"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/runtime"
)

// What has come back leaves no trace, however long the pool lives: a lease goes with its return, a holder with its end.
func TestLedgerForgetsLeasesAndHolders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger := logrus.New()
		logger.SetOutput(io.Discard)
		system, err := runtime.New(runtime.Config{Logger: logger})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = system.Shutdown(context.Background()) }()
		l := newLedger(2)
		pool, err := spawn(system, "pool", l)
		if err != nil {
			t.Fatal(err)
		}
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
			n := 0
			for _, held := range l.held {
				n += len(held)
			}
			if len(l.held) != holders || n != leases || l.leases != leases || l.used != leases {
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
