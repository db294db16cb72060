package barrier_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/troupe-go/troupe/patterns/barrier"
)

// Any sequence of arrivals, cancellations, Aborts and Resets has the results that a barrier's description says.
func TestBarrierAgreesWithModel(t *testing.T) {
	system := newSystem(t)
	rapid.Check(t, func(t *rapid.T) {
		parties := rapid.IntRange(1, 5).Draw(t, "parties")
		b, err := barrier.New(system, barrier.Config{Parties: parties})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Stop()
		type waiter struct {
			cancel context.CancelFunc
			got    <-chan result
		}
		var waiting []waiter
		broken := false
		// end expects that all who wait get err, or their indices if it is nil.
		end := func(want error) {
			for i, w := range waiting {
				r := <-w.got
				w.cancel()
				if !errors.Is(r.err, want) || want == nil && r.index != i {
					t.Fatalf("party %d of %d gets %d, %v, want %v", i, parties, r.index, r.err, want)
				}
			}
			waiting = nil
		}
		defer func() {
			b.Stop()
			for _, w := range waiting {
				<-w.got
				w.cancel()
			}
		}()
		count := func() int {
			n, err := b.Waiting(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		t.Repeat(map[string]func(*rapid.T){
			"wait": func(t *rapid.T) {
				ctx, cancel := context.WithCancel(context.Background())
				waiting = append(waiting, waiter{cancel, waitAside(ctx, b)})
				switch {
				case broken:
					end(barrier.ErrBroken)
				case len(waiting) == parties:
					end(nil)
				default:
					for count() < len(waiting) {
						goruntime.Gosched() // its goroutine has not come to it
					}
				}
			},
			"cancel": func(t *rapid.T) {
				if len(waiting) == 0 {
					t.Skip("nobody waits")
				}
				i := rapid.IntRange(0, len(waiting)-1).Draw(t, "waiter")
				gone := waiting[i]
				waiting = slices.Delete(waiting, i, i+1)
				gone.cancel()
				if r := <-gone.got; !errors.Is(r.err, context.Canceled) || !errors.Is(r.err, barrier.ErrBroken) {
					t.Fatalf("a cancelled Wait returns %v, want Canceled and ErrBroken", r.err)
				}
				broken = true
				end(barrier.ErrBroken)
			},
			"abort": func(t *rapid.T) {
				if err := b.Abort(); err != nil {
					t.Fatal(err)
				}
				broken = true
				end(barrier.ErrBroken)
			},
			"reset": func(t *rapid.T) {
				if err := b.Reset(); err != nil {
					t.Fatal(err)
				}
				broken = false
				end(barrier.ErrBroken)
			},
			"": func(t *rapid.T) {
				got, err := b.Broken(context.Background())
				if n := count(); n != len(waiting) || got != broken || err != nil {
					t.Fatalf("%d wait and broken is %v, %v, want %d and %v", n, got, err, len(waiting), broken)
				}
			},
		})
	})
}
