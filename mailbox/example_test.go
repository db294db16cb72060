package mailbox_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/troupe-go/troupe/mailbox"
)

// A mailbox of two orders. The third waits until the cook has taken one.
func Example() {
	ctx := context.Background()
	orders, err := mailbox.New(mailbox.Config[string]{Capacity: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() {
		defer orders.Close()
		for _, dish := range []string{"soup", "fish", "cake"} {
			if err := orders.Put(ctx, dish); err != nil {
				fmt.Println(err)
			}
		}
	}()
	for {
		dish, err := orders.Get(ctx)
		if errors.Is(err, mailbox.ErrClosed) {
			fmt.Println("kitchen closed")
			return
		}
		fmt.Println(dish)
	}
	// Output:
	// soup
	// fish
	// cake
	// kitchen closed
}

// Urgent messages leave first, and equally urgent ones in the order in which they came.
func ExampleMailbox_priority() {
	type alarm struct {
		urgency int
		text    string
	}
	alarms, err := mailbox.New(mailbox.Config[alarm]{
		Order:  mailbox.Priority,
		Levels: 3,
		Level:  func(a alarm) int { return a.urgency },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range []alarm{{2, "disk is half full"}, {1, "slow reply"}, {0, "fire"}, {1, "no reply"}} {
		if err := alarms.TryPut(a); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("unknown urgency:", alarms.TryPut(alarm{3, "?"}))
	for alarms.Len() > 0 {
		a, err := alarms.TryGet()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(a.urgency, a.text)
	}
	// Output:
	// unknown urgency: mailbox: invalid config: Level returned 3: want 0 to 2
	// 0 fire
	// 1 slow reply
	// 1 no reply
	// 2 disk is half full
}

// A display wants the latest readings: where they come faster than it draws, the oldest go, and not silently.
func ExampleMailbox_dropOldest() {
	readings, err := mailbox.New(mailbox.Config[int]{
		Capacity: 2,
		Overflow: mailbox.DropOldest,
		OnDrop:   func(n int, why error) { fmt.Printf("dropped %d: %v\n", n, why) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for n := 1; n <= 4; n++ {
		if err := readings.TryPut(n); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(readings.Drain())
	// Output:
	// dropped 1: mailbox: full
	// dropped 2: mailbox: full
	// [3 4]
}

// Join returns when the workers have reported every job done, not when they have taken it.
func ExampleMailbox_Join() {
	ctx := context.Background()
	jobs, err := mailbox.New(mailbox.Config[int]{})
	if err != nil {
		fmt.Println(err)
		return
	}
	squares := make([]int, 6)
	for range 3 {
		go func() {
			for {
				n, err := jobs.Get(ctx)
				if err != nil {
					return // closed
				}
				squares[n] = n * n
				jobs.Done()
			}
		}()
	}
	for n := range squares {
		if err := jobs.Put(ctx, n); err != nil {
			fmt.Println(err)
		}
	}
	if err := jobs.Join(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println(squares)
	jobs.Close()
	// Output: [0 1 4 9 16 25]
}
