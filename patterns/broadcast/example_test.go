package broadcast_test

import (
	"context"
	"fmt"
	"io"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
)

// A newcomer begins with the last event that was published before it came.
func Example() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	prices, err := broadcast.New(system, broadcast.Config[int]{Name: "prices", Replay: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = prices.Publish(ctx, 20)
	_ = prices.Publish(ctx, 25)
	var shown []int
	_, err = prices.SubscribeFunc(ctx, func(_ *runtime.Context[int], price int) error {
		shown = append(shown, price)
		return nil
	}, broadcast.Options[int]{Replay: 1, Filter: func(price int) bool { return price < 100 }})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, price := range []int{30, 400, 35} {
		_ = prices.Publish(ctx, price)
	}
	_ = system.Shutdown(ctx) // what was published is delivered first
	fmt.Println(shown)
	// Output: [25 30 35]
}

// Who is slow and wants only the latest event holds up nobody.
func ExampleOptions() {
	logger := logrus.New()
	logger.SetOutput(io.Discard) // what is dropped would be logged
	system, err := runtime.New(runtime.Config{Logger: logger})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	topic, err := broadcast.New(system, broadcast.Config[int]{})
	if err != nil {
		fmt.Println(err)
		return
	}
	begun, open := make(chan int, 2), make(chan struct{})
	sub, err := topic.SubscribeFunc(ctx, func(_ *runtime.Context[int], v int) error {
		begun <- v
		<-open
		return nil
	}, broadcast.Options[int]{Mailbox: mailbox.Config[int]{
		Capacity: 1, Overflow: mailbox.DropOldest,
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = topic.Publish(ctx, 0)
	fmt.Println("begins with", <-begun)
	for v := 1; v <= 9; v++ {
		_ = topic.Publish(ctx, v)
	}
	stats, _ := sub.Stats(ctx) // after all that was published
	close(open)
	fmt.Println("goes on with", <-begun)
	fmt.Println(stats.Dropped, "dropped")
	_ = system.Shutdown(ctx)
	// Output:
	// begins with 0
	// goes on with 9
	// 8 dropped
}

// An end of the loop is the end of its subscription.
func ExampleTopic_All() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	topic, err := broadcast.New(system, broadcast.Config[string]{Replay: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, word := range []string{"one", "two", "three", "four"} {
		_ = topic.Publish(ctx, word)
	}
	for word := range topic.All(ctx, broadcast.Options[string]{Replay: 3}) {
		fmt.Println(word)
		if word == "three" {
			break
		}
	}
	stats, _ := topic.Stats(ctx)
	fmt.Println(stats.Subscribers, "subscribers")
	_ = system.Shutdown(ctx)
	// Output:
	// two
	// three
	// 0 subscribers
}
