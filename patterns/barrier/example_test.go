package barrier_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/troupe-go/troupe/patterns/barrier"
	"github.com/troupe-go/troupe/runtime"
)

// Two workers add up their halves of each column. Neither begins the next column before both are through, and in between the
// sum is printed once.
func Example() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = system.Shutdown(ctx) }()

	columns := [][]int{{1, 2, 3, 4}, {10, 20, 30, 40}, {5, 5, 5, 5}}
	sums := make(chan int, 2)
	both, err := barrier.New(system, barrier.Config{Name: "column", Parties: 2, Action: func() error {
		fmt.Println("sum of the column:", <-sums+<-sums)
		return nil
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var workers sync.WaitGroup
	for _, half := range []int{0, 2} {
		workers.Go(func() {
			for _, column := range columns {
				sums <- column[half] + column[half+1]
				if _, err := both.Wait(ctx); err != nil {
					fmt.Println(err)
				}
			}
		})
	}
	workers.Wait()

	_ = both.Abort()
	_, err = both.Wait(ctx)
	fmt.Println(errors.Is(err, barrier.ErrBroken), err)
	// Output:
	// sum of the column: 10
	// sum of the column: 100
	// sum of the column: 20
	// true barrier: broken: Abort was called
}
