package batch_test

import (
	"sync"
	"testing"

	"github.com/troupe-go/troupe/patterns/batch"
)

func TestEachAskerGetsItsOwnAnswer(t *testing.T) {
	b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 8, Parallel: 2, Call: double})
	var wg sync.WaitGroup
	for a := range 50 {
		wg.Go(func() {
			for i := range 100 {
				n := 100*a + i
				if got, err := b.Do(t.Context(), n); got != 2*n || err != nil {
					t.Errorf("Do(%d) returns %d, %v, want %d", n, got, err, 2*n)
				}
			}
		})
	}
	wg.Wait()
}
