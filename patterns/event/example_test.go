package event_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/troupe-go/troupe/patterns/event"
	"github.com/troupe-go/troupe/runtime"
)

// Runners wait for the start signal, and one Set lets all of them go.
func Example() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = system.Shutdown(ctx) }()

	start, err := event.New(system, event.Config{Name: "start"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ready := make(chan bool)
	var runners sync.WaitGroup
	running := make(chan int, 3)
	for i := range 3 {
		runners.Go(func() {
			ready <- true
			if err := start.Wait(ctx); err != nil {
				fmt.Println(err)
				return
			}
			running <- i
		})
	}
	for range 3 {
		<-ready
	}
	_ = start.Set()
	set, _ := start.IsSet(ctx)
	fmt.Println("the signal is on:", set)
	runners.Wait()
	fmt.Println("runners under way:", len(running))
	_ = start.Clear()
	set, _ = start.IsSet(ctx)
	fmt.Println("the signal is on:", set)
	// Output:
	// the signal is on: true
	// runners under way: 3
	// the signal is on: false
}
