package workerpool_test

import (
	"context"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/patterns/workerpool"
)

// Workers fall asleep at each moment at which a job may come in.
func TestNoJobIsLeftBesideASleepingWorker(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: workers, Work: double})
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for n := range volume {
					if got, err := pool.Do(context.Background(), n); got != 2*n || err != nil {
						t.Errorf("Do(%d) returns %d, %v", n, got, err)
					}
				}
			})
		}
		wg.Wait()
	}
}
