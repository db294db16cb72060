package semaphore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/troupe-go/troupe/patterns/semaphore"
)

// A call is one of a history, with its outcome.
type call struct {
	op     string
	n      int             // that was asked for, or is of the lease, or is the new number
	lease  semaphore.Lease // that was acquired, or that Release was called on
	err    error
	free   int  // what Stats said
	behind bool // somebody may have waited in front of a TryAcquire
	shared bool // another Release of the same lease may not have returned
}

// A book is the state of the pool as one that makes one call after the other. It is a comparable value.
type book struct {
	permits int
	leases  [16]semaphore.Lease // that are out, in no order
	n       [16]int
}

func (b book) free() int {
	free := b.permits
	for _, n := range b.n {
		free -= n
	}
	return free
}

// with returns the book in which a, which may be the zero Lease, is replaced.
func (b book) with(a, by semaphore.Lease, n int) (book, bool) {
	for i := range b.leases {
		if b.leases[i] == a {
			b.leases[i], b.n[i] = by, n
			return b, true
		}
	}
	return b, false
}

func step(state, input, _ any) (bool, any) {
	b, c := state.(book), input.(*call)
	switch {
	case c.op == "Stats":
		return c.free == max(b.free(), 0), b
	case c.op == "Resize":
		b.permits = c.n
		return true, b
	case c.op == "Release" && c.err == nil:
		next, out := b.with(c.lease, semaphore.Lease{}, 0)
		return out, next
	case c.op == "Release":
		_, out := b.with(c.lease, c.lease, c.n)
		return !out || c.shared, b
	case c.err == nil:
		next, room := b.with(semaphore.Lease{}, c.lease, c.n)
		return room && c.n <= b.free(), next
	case c.err == semaphore.ErrNoPermits:
		return c.n > b.free() || c.behind, b
	default:
		return c.err == context.Canceled, b
	}
}

// Whatever goroutines do at the same time, with their own leases and with others', has an order in which it makes sense.
func TestConcurrentCallsAreLinearizable(t *testing.T) {
	const permits = 4
	model := porcupine.Model{
		Init:              func() any { return book{permits: permits} },
		Step:              step,
		DescribeOperation: func(input, _ any) string { return fmt.Sprintf("%+v", *input.(*call)) },
	}
	system := newSystem(t)
	overlapped := 0
	for seed := range histories {
		pool, err := semaphore.New(system, semaphore.Config{Permits: permits})
		if err != nil {
			t.Fatal(err)
		}
		history := record(pool, uint64(seed))
		for _, a := range history {
			for _, b := range history {
				if a.Call < b.Call && b.Call < a.Return {
					overlapped++
				}
				if c, other := a.Input.(*call), b.Input.(*call); b.Call < a.Return && a.Call < b.Return {
					c.behind = c.behind || other.op == "Acquire"
					c.shared = c.shared || other.op == "Release" && other.err == nil && other.lease == c.lease
				}
			}
		}
		if !porcupine.CheckOperations(model, history) {
			for _, op := range history {
				t.Logf("client %d, %d to %d: %+v", op.ClientId, op.Call, op.Return, *op.Input.(*call))
			}
			t.Fatalf("history %d is not linearizable", seed)
		}
		pool.Stop()
		<-pool.Done()
	}
	if overlapped < histories {
		t.Errorf("in %d histories %d pairs of calls overlapped: that proves little", histories, overlapped)
	}
}

// record lets clients loose on the pool, and returns what they did. In half of the histories nobody waits, so that each
// refusal must be right.
func record(pool *semaphore.Pool, seed uint64) []porcupine.Operation {
	const clients, rounds = 4, 4
	var (
		clock   atomic.Int64
		mu      sync.Mutex
		leases  []call // that anybody may release
		history []porcupine.Operation
		cancels [clients]atomic.Pointer[context.CancelFunc]
		ready   atomic.Int64
		wg      sync.WaitGroup
	)
	for client := range clients {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(client)))
			do := func(c call, f func(*call)) *call {
				for range random.IntN(3) {
					goruntime.Gosched()
				}
				from := clock.Add(1)
				f(&c)
				to := clock.Add(1)
				mu.Lock()
				defer mu.Unlock()
				history = append(history, porcupine.Operation{ClientId: client, Input: &c, Call: from, Return: to})
				if c.err == nil && c.lease != (semaphore.Lease{}) {
					leases = append(leases, c)
				}
				return &c
			}
			release := func(of call) {
				do(call{op: "Release", n: of.n, lease: of.lease}, func(c *call) { c.err = c.lease.Release() })
			}
			for ready.Add(1); ready.Load() < clients; {
				goruntime.Gosched()
			}
			for range rounds {
				ctx, cancel := context.WithCancel(context.Background())
				var c *call
				n := 1 + random.IntN(3)
				if seed%2 == 0 || random.IntN(3) == 0 {
					c = do(call{op: "TryAcquire", n: n}, func(c *call) { c.lease, c.err = pool.TryAcquire(ctx, c.n) })
				} else {
					cancels[client].Store(&cancel)
					c = do(call{op: "Acquire", n: n}, func(c *call) { c.lease, c.err = pool.Acquire(ctx, c.n) })
				}
				switch random.IntN(5) {
				case 0:
					do(call{op: "Stats"}, func(c *call) {
						s, _ := pool.Stats(context.Background())
						c.free = s.Free
					})
				case 1:
					if cancel := cancels[random.IntN(clients)].Load(); cancel != nil {
						(*cancel)()
					}
				case 2:
					do(call{op: "Resize", n: 3 + random.IntN(3)}, func(c *call) { _ = pool.Resize(context.Background(), c.n) })
				case 3:
					mu.Lock()
					any, ok := call{}, len(leases) > 0
					if ok {
						any = leases[random.IntN(len(leases))]
					}
					mu.Unlock()
					if ok {
						release(any)
					}
				}
				if c.err == nil {
					release(*c)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	return history
}
