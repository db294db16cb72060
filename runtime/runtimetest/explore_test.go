package runtimetest_test

import (
	"testing"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
)

type transfer struct {
	runtime.Reply[int]
	amount int
}

// Accounts that send each other money keep the sum.
func TestBank(t *testing.T) {
	runtimetest.Explore(t, 2000, func(w *runtimetest.World) {
		system := w.System(runtime.Config{})
		const n = 3
		var accounts [n]runtime.Ref[transfer]
		var sum [n]int
		for i := range n {
			sum[i] = 10
			ref, err := runtime.SpawnFunc(system, "", func(ctx *runtime.Context[transfer], m transfer) error {
				sum[i] += m.amount
				m.Send(sum[i])
				return nil
			})
			if err != nil {
				w.Fatalf("%v", err)
			}
			accounts[i] = ref
		}
		for i := range n {
			w.Go(func() {
				for range 3 {
					if err := accounts[i].Tell(w.Context(), transfer{amount: -1}); err != nil {
						w.Errorf("%v", err)
					}
					if _, err := runtime.Ask(w.Context(), accounts[(i+1)%n], func(r runtime.Reply[int]) transfer { return transfer{r, 1} }); err != nil {
						w.Errorf("%v", err)
					}
				}
			})
		}
	})
}
