package main

import (
	"testing"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
)

// In whatever order the philosophers reach out: they all eat. Fair ones are never told of a deadlock, the others once, by the
// one ask that closed the circle.
func TestExplorePhilosophers(t *testing.T) {
	t.Parallel()
	runtimetest.Explore(t, 1000, func(w *runtimetest.World) {
		r := w.Rand()
		d := dinner{guests: 2 + r.IntN(3), meals: 1 + r.IntN(2), fair: r.IntN(2) == 0}
		guests, err := d.seat(w.System(runtime.Config{Name: "table"}))
		if err != nil {
			w.Fatalf("%v", err)
		}
		left, deadlocks := d.guests, 0
		for i, guest := range guests {
			w.Go(func() {
				e, err := invite(w.Context(), guest, d.meals)
				if err != nil || e.meals != d.meals {
					w.Errorf("%s had %d meals of %d: %v", nameOf(i), e.meals, d.meals, err)
				}
				for _, cycle := range e.deadlocks {
					deadlocks++
					if len(cycle) != d.guests {
						w.Errorf("%s was told of %v, want all %d forks", nameOf(i), cycle, d.guests)
					}
				}
				if left--; left > 0 {
					return
				}
				want := 1
				if d.fair {
					want = 0
				}
				if deadlocks != want {
					w.Errorf("%+v: %d deadlocks, want %d", d, deadlocks, want)
				}
			})
		}
	})
}
