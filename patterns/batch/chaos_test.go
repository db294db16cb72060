package batch_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/batch"
	"github.com/troupe-go/troupe/runtime"
)

// A failure is the error of one call, or of one request in it, by number.
type failure struct{ call, id int }

func (f failure) Error() string { return fmt.Sprintf("call %d failed for request %d", f.call, f.id) }

// A books has what became of each request, by its ID. A call writes its own requests' entries, and an asker reads its own
// after it has the answer.
type books struct {
	calls   []atomic.Int32 // in which call it was, 0 if in none
	next    atomic.Int32   // numbers the calls
	under   atomic.Int32   // calls under way
	most    atomic.Int32   // of these
	largest atomic.Int32   // requests in a call
}

func raise(to *atomic.Int32, n int32) {
	for m := to.Load(); n > m && !to.CompareAndSwap(m, n); m = to.Load() {
	}
}

// call fails in all ways that there are, one in ten by a panic.
func (k *books) call(_ context.Context, ids []int) ([]int, error) {
	call := int(k.next.Add(1))
	raise(&k.most, k.under.Add(1))
	defer k.under.Add(-1)
	raise(&k.largest, int32(len(ids)))
	for _, id := range ids {
		if old := k.calls[id].Swap(int32(call)); old != 0 {
			panic(fmt.Sprintf("request %d is in call %d and in call %d", id, old, call))
		}
	}
	res, _ := double(context.Background(), ids)
	switch call % 20 {
	case 0, 10:
		panic(failure{call, -1})
	case 5:
		return nil, failure{call, -1}
	case 7:
		return res[:len(res)-1], nil
	case 3:
		each := make(batch.Errors, len(ids))
		for i, id := range ids {
			if id%2 == 0 {
				each[i] = failure{call, id}
			}
		}
		return res, each
	}
	return res, nil
}

// settle checks that the asker of id has got what its call had for it, and returns what kind of end that was.
func (k *books) settle(id, res int, err error, impatient bool) (end string, wrong error) {
	call := int(k.calls[id].Load())
	var f failure
	var panicked *runtime.PanicError
	switch {
	case err == nil && res == 2*id && call != 0:
		return "answered", nil
	case errors.As(err, &f) && f.call == call && (f.id == -1 || f.id == id), errors.Is(err, batch.ErrResults) && call%20 == 7:
		if errors.As(err, &panicked) {
			return "crashed", nil
		}
		return "failed", nil
	case impatient && errors.Is(err, context.Canceled):
		return "given up", nil
	case errors.Is(err, mailbox.ErrFull) && call == 0:
		return "refused", nil
	}
	return "", fmt.Errorf("request %d was in call %d, and its asker got %d, %w", id, call, res, err)
}

// Every request is in one call or none, and its asker gets its own answer or what its own batch failed with: while calls
// panic, fail and miscount, and askers give up.
func TestEachRequestEndsOnceUnderChaos(t *testing.T) {
	const askers, size, parallel = 64, 16, 3
	for _, delay := range []time.Duration{0, 50 * time.Microsecond} {
		t.Run(fmt.Sprint(delay), func(t *testing.T) {
			each := scaled(150, 500_000/askers)
			k := &books{calls: make([]atomic.Int32, askers*each)}
			b := newBatcher(t, newSystem(t), batch.Config[int, int]{
				Size: size, Delay: delay, Parallel: parallel, Queue: 32, Call: k.call,
			})
			ends := make([]map[string]int, askers)
			var wg sync.WaitGroup
			for a := range askers {
				ends[a] = make(map[string]int)
				wg.Go(func() {
					random := rand.New(rand.NewPCG(uint64(a), 7))
					for i := range each {
						id := a*each + i
						ctx, cancel := context.WithCancel(context.Background())
						impatient := random.IntN(4) == 0
						if impatient {
							go cancel()
						}
						do := b.Do
						if random.IntN(4) == 0 {
							do = b.TryDo
						}
						res, err := do(ctx, id)
						cancel()
						end, wrong := k.settle(id, res, err, impatient)
						if ends[a][end]++; wrong != nil {
							t.Error(wrong)
						}
						if random.IntN(100) == 0 {
							_ = b.Flush()
						}
					}
				})
			}
			wg.Wait()
			total := make(map[string]int)
			for _, of := range ends {
				for end, n := range of {
					total[end] += n
				}
			}
			if k.largest.Load() > size || k.most.Load() > parallel {
				t.Errorf("a call had %d requests, and %d were under way, want %d and %d at most",
					k.largest.Load(), k.most.Load(), size, parallel)
			}
			var called uint64
			for id := range k.calls {
				if k.calls[id].Load() != 0 {
					called++
				}
			}
			s, err := b.Stats(t.Context())
			if err != nil || s.Waiting != 0 || s.Requests != called || s.Calls != uint64(k.next.Load()) {
				t.Errorf("stats are %+v, %v, want none to wait, and %d requests in %d calls", s, err, called, k.next.Load())
			}
			if err := b.Drain(t.Context()); err != nil {
				t.Error(err)
			}
			t.Logf("%v in %d calls", total, k.next.Load())
		})
	}
}
