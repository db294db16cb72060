package lock_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/troupe-go/troupe/patterns/lock"
)

// A call is one of a history, with its outcome.
type call struct {
	op     string
	hold   lock.Hold // that Lock and TryLock returned, or that Unlock was called on
	err    error
	locked bool // what Stats said
}

// lockModel is the lock as one that makes one call after the other: its state is the hold that is out.
var lockModel = porcupine.Model{
	Init: func() any { return lock.Hold{} },
	Step: func(state, input, _ any) (bool, any) {
		held, c := state.(lock.Hold), input.(*call)
		free := held == lock.Hold{}
		switch {
		case c.op == "Stats":
			return c.locked != free, held
		case c.op == "Unlock" && c.err == nil:
			return held == c.hold, lock.Hold{}
		case c.op == "Unlock":
			return free || held != c.hold, held
		case c.err == nil:
			return free, c.hold
		case c.err == lock.ErrLocked:
			return !free, held
		default:
			return c.err == context.Canceled, held
		}
	},
	DescribeOperation: func(input, _ any) string { return fmt.Sprintf("%+v", *input.(*call)) },
}

// Whatever goroutines do at the same time, with their own holds and with others', has an order in which it makes sense.
func TestConcurrentCallsAreLinearizable(t *testing.T) {
	system := newSystem(t)
	overlapped := 0
	for seed := range histories {
		m, err := lock.NewMutex(system, lock.Config{})
		if err != nil {
			t.Fatal(err)
		}
		history := record(m, uint64(seed))
		if !porcupine.CheckOperations(lockModel, history) {
			for _, op := range history {
				t.Logf("client %d, %d to %d: %+v", op.ClientId, op.Call, op.Return, *op.Input.(*call))
			}
			t.Fatalf("history %d is not linearizable", seed)
		}
		for _, a := range history {
			for _, b := range history {
				if a.Call < b.Call && b.Call < a.Return {
					overlapped++
				}
			}
		}
		m.Stop()
		<-m.Done()
	}
	if overlapped < histories {
		t.Errorf("in %d histories %d pairs of calls overlapped: that proves little", histories, overlapped)
	}
}

// record lets clients loose on m, and returns what they did.
func record(m *lock.Mutex, seed uint64) []porcupine.Operation {
	const clients, rounds = 4, 5
	var (
		clock   atomic.Int64
		mu      sync.Mutex
		holds   = make([]lock.Hold, 1) // that anybody may unlock
		history []porcupine.Operation
		cancels [clients]atomic.Pointer[context.CancelFunc]
		ready   atomic.Int64
		wg      sync.WaitGroup
	)
	for client := range clients {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(client)))
			do := func(op string, hold lock.Hold, f func(*call)) *call {
				for range random.IntN(3) {
					goruntime.Gosched()
				}
				c := &call{op: op, hold: hold}
				from := clock.Add(1)
				f(c)
				to := clock.Add(1)
				mu.Lock()
				defer mu.Unlock()
				history = append(history, porcupine.Operation{ClientId: client, Input: c, Call: from, Return: to})
				if c.err == nil && c.op != "Unlock" {
					holds = append(holds, c.hold)
				}
				return c
			}
			unlock := func(h lock.Hold) { do("Unlock", h, func(c *call) { c.err = c.hold.Unlock() }) }
			for ready.Add(1); ready.Load() < clients; {
				goruntime.Gosched()
			}
			for range rounds {
				ctx, cancel := context.WithCancel(context.Background())
				var c *call
				if random.IntN(3) == 0 {
					c = do("TryLock", lock.Hold{}, func(c *call) { c.hold, c.err = m.TryLock(ctx) })
				} else {
					cancels[client].Store(&cancel)
					c = do("Lock", lock.Hold{}, func(c *call) { c.hold, c.err = m.Lock(ctx) })
				}
				switch random.IntN(3) {
				case 0:
					do("Stats", lock.Hold{}, func(c *call) { c.locked = m.Stats().Locked })
				case 1:
					if cancel := cancels[random.IntN(clients)].Load(); cancel != nil {
						(*cancel)()
					}
				case 2:
					mu.Lock()
					any := holds[random.IntN(len(holds))]
					mu.Unlock()
					unlock(any)
				}
				if c.err == nil {
					unlock(c.hold)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	return history
}
