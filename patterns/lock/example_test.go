package lock_test

import (
	"context"
	"fmt"
	"io"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/patterns/lock"
	"github.com/troupe-go/troupe/runtime"
)

// An actor crashes while it has the lock. The lock comes back, and the next one gets it.
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

	printer, err := lock.NewMutex(system, lock.Config{Name: "printer"})
	if err != nil {
		fmt.Println(err)
		return
	}
	holds := make(chan lock.Hold, 1)
	careless, err := runtime.SpawnFunc(system, "careless", func(ctx *runtime.Context[string], page string) error {
		hold, err := printer.Lock(ctx)
		if err != nil {
			return err
		}
		holds <- hold
		panic("out of paper at " + page)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = careless.Tell(ctx, "page 1")
	crashed := <-holds

	hold, err := printer.Lock(ctx) // waits until the crash has been dealt with
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("of the crashed one:", crashed.Unlock())
	_, err = printer.TryLock(ctx)
	fmt.Println("of another:", err)
	fmt.Println("of the next one:", hold.Unlock())
	fmt.Printf("%+v\n", printer.Stats())
	// Output:
	// of the crashed one: lock: hold is not, or no longer, one of this lock
	// of another: lock: somebody else has the lock
	// of the next one: <nil>
	// {Locked:false Waiting:0 Depth:0 Reclaimed:1}
}

// Two of a function that locks call each other: the inner one gets in by the context that it is given.
func ExampleReentrant() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = system.Shutdown(context.Background()) }()
	accounts, err := lock.NewReentrant(system, lock.Config{Name: "accounts"})
	if err != nil {
		fmt.Println(err)
		return
	}
	add := func(ctx context.Context, account string, amount int) error {
		ctx, hold, err := accounts.Lock(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = hold.Unlock() }()
		fmt.Println(account, amount, "at depth", accounts.Depth(ctx))
		return nil
	}
	transfer := func(ctx context.Context, from, to string, amount int) error {
		ctx, hold, err := accounts.Lock(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = hold.Unlock() }()
		if err := add(ctx, from, -amount); err != nil {
			return err
		}
		return add(ctx, to, amount)
	}
	fmt.Println(transfer(context.Background(), "Ada", "Bob", 5))
	// Output:
	// Ada -5 at depth 2
	// Bob 5 at depth 2
	// <nil>
}

// A consumer waits for what a producer puts into a list that both lock.
func ExampleCondition() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = system.Shutdown(ctx) }()
	mutex, err := lock.NewMutex(system, lock.Config{Name: "list"})
	if err != nil {
		fmt.Println(err)
		return
	}
	filled := lock.NewCondition(mutex)
	var list []string

	taken := make(chan error)
	go func() {
		hold, err := mutex.Lock(ctx)
		if err != nil {
			taken <- err
			return
		}
		defer func() { _ = hold.Unlock() }()
		err = filled.WaitFor(ctx, hold, func() bool { return len(list) == 2 })
		fmt.Println("taken:", list)
		taken <- err
	}()
	for _, item := range []string{"bread", "milk"} {
		hold, err := mutex.Lock(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		list = append(list, item)
		_ = filled.Notify(hold, 1)
		_ = hold.Unlock()
	}
	fmt.Println(<-taken)
	// Output:
	// taken: [bread milk]
	// <nil>
}
