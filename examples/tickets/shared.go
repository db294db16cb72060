package main

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// rush is how many buyers are at the counter at the same time, in the version with shared memory.
const rush = 100

// sellShared is the way with shared memory that oversells: between the look at the counter and the change of it there is
// the payment, and a hundred others who look. On a real machine that happens now and then; so that it is seen each time,
// nobody in a rush pays before all in it have looked.
func (h hall) sellShared() sale {
	var left, sold, crashed, home atomic.Int64
	left.Store(int64(h.seats))
	chance := rand.New(rand.NewPCG(h.seed, 0))
	for first := 0; first < h.buyers; first += rush {
		var looked, gone sync.WaitGroup
		for range min(rush, h.buyers-first) {
			crashes := chance.Float64() < h.crash
			looked.Add(1)
			gone.Go(func() {
				free := left.Load() > 0
				looked.Done()
				looked.Wait()
				switch {
				case !free:
					home.Add(1)
				case crashes:
					crashed.Add(1)
				default:
					left.Add(-1)
					sold.Add(1)
				}
			})
		}
		gone.Wait()
	}
	return sale{int(sold.Load()), int(crashed.Load()), int(home.Load())}
}
