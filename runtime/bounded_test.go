package runtime_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// eachOrder runs f with a mailbox of each order.
func eachOrder(t *testing.T, f func(t *testing.T, config mailbox.Config[int])) {
	for name, config := range map[string]mailbox.Config[int]{
		"FIFO":   {},
		"LIFO":   {Order: mailbox.LIFO},
		"Less":   {Order: mailbox.Priority, Less: func(a, b int) bool { return a%3 < b%3 }},
		"Levels": {Order: mailbox.Priority, Levels: 3, Level: func(m int) int { return m % 3 }},
	} {
		t.Run(name, func(t *testing.T) { f(t, config) })
	}
}

// Step by step, so that a batch that was taken is seen to count: each message that ends makes room for one.
func TestPromise3BoundedWhateverIsInABatch(t *testing.T) {
	const capacity = 20
	eachOrder(t, func(t *testing.T, config mailbox.Config[int]) {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			steps := make(chan struct{})
			config.Capacity = capacity
			ref := spawn(t, system, runtime.Props[int]{Mailbox: config, New: always(func(*runtime.Context[int], int) error {
				<-steps
				return nil
			})})
			defer close(steps)
			tell(t, ref, 0)
			synctest.Wait() // it is being handled, and does not count any more
			for i := range capacity {
				if err := ref.TryTell(i); err != nil {
					t.Fatalf("message %d of %d: %v", i, capacity, err)
				}
			}
			for range 3 * capacity {
				if err := ref.TryTell(0); !errors.Is(err, mailbox.ErrFull) {
					t.Fatalf("beyond the capacity: %v, want ErrFull", err)
				}
				if queued := ref.Stats().Queued; queued != capacity+1 {
					t.Fatalf("%d are queued, want %d and the one being handled", queued, capacity)
				}
				steps <- struct{}{}
				synctest.Wait()
				tell(t, ref, 0)
			}
			if rejected := ref.Stats().Rejected; rejected != 3*capacity {
				t.Errorf("%d are rejected, want %d", rejected, 3*capacity)
			}
		})
	})
}

func TestPromise3BoundedAgainstManySenders(t *testing.T) {
	const capacity = 10
	eachOrder(t, func(t *testing.T, config mailbox.Config[int]) {
		system := newSystem(t)
		config.Capacity = capacity
		ref := spawn(t, system, runtime.Props[int]{Mailbox: config, New: always(func(ctx *runtime.Context[int], _ int) error {
			// The one being handled counts as queued, and one more may have entered its room.
			if queued := ctx.Self().Stats().Queued; queued > capacity+1 {
				t.Errorf("%d are queued, want at most %d", queued, capacity+1)
			}
			return nil
		})})
		var sending sync.WaitGroup
		for range 32 {
			sending.Go(func() {
				for i := range 100 * scale {
					if err := ref.Tell(context.Background(), i); err != nil {
						t.Error(err)
					}
				}
			})
		}
		sending.Wait()
	})
}

func TestTellWaitsForRoomUntilItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate(t)
		ref := spawn(t, system, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 1},
			New: always(func(*runtime.Context[int], int) error { g.wait(); return nil })})
		tell(t, ref, 0)
		synctest.Wait()
		tell(t, ref, 1)

		ctx, cancel := context.WithCancel(context.Background())
		given := make(chan error)
		go func() { given <- ref.Tell(ctx, 2) }()
		synctest.Wait()
		cancel()
		if err := <-given; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		go func() { given <- ref.Tell(context.Background(), 3) }()
		synctest.Wait()
		g.open()
		if err := <-given; err != nil {
			t.Error(err)
		}
		if err := ref.Tell(ctx, 4); !errors.Is(err, context.Canceled) {
			t.Errorf("with an ended context: got %v, want context.Canceled", err)
		}
		synctest.Wait()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 5, Rejected: 2, Handled: 3, Actors: 1})
	})
}
