package semaphore_test

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
)

// An actor crashes while it holds the only connection. The pool takes it back, and the next one gets it.
func Example() {
	logger := logrus.New()
	logger.SetOutput(io.Discard) // the crash would be logged
	system, err := runtime.New(runtime.Config{Logger: logger})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = system.Shutdown(ctx) }()

	connections, err := semaphore.New(system, semaphore.Config{Name: "connections", Permits: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	held := make(chan semaphore.Lease, 1)
	careless, err := runtime.SpawnFunc(system, "careless", func(ctx *runtime.Context[string], query string) error {
		lease, err := connections.Acquire(ctx, 1)
		if err != nil {
			return err
		}
		held <- lease
		panic("cannot parse " + query)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = careless.Tell(ctx, "SELEKT")
	crashed := <-held

	lease, err := connections.Acquire(ctx, 1) // waits until the crash has been dealt with
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the next one got the connection")
	fmt.Println("of the crashed one:", errors.Is(crashed.Release(), semaphore.ErrReleased))

	_, err = connections.TryAcquire(ctx, 1)
	fmt.Println(err)
	_ = lease.Release()
	stats, _ := connections.Stats(ctx)
	fmt.Printf("%+v\n", stats)
	// Output:
	// the next one got the connection
	// of the crashed one: true
	// semaphore: not enough permits are free
	// {Permits:1 Free:1 Waiting:0 Leases:0 Reclaimed:1}
}
