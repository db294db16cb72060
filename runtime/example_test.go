package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/runtime"
)

func Example() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		log.Fatal(err)
	}
	greeter, err := runtime.SpawnFunc(system, "greeter", func(ctx *runtime.Context[string], name string) error {
		fmt.Println("hello,", name)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	_ = greeter.Tell(ctx, "world")
	_ = greeter.Tell(ctx, "actors")
	_ = system.Shutdown(ctx) // handles what is queued first
	// Output:
	// hello, world
	// hello, actors
}

// Square is a question. It embeds its Reply, so that whoever asks learns at once when nobody will answer.
type Square struct {
	runtime.Reply[int]
	Of int
}

func ExampleAsk() {
	system, _ := runtime.New(runtime.Config{Logger: quiet()})
	squares, _ := runtime.SpawnFunc(system, "squares", func(_ *runtime.Context[Square], q Square) error {
		if q.Of > 1000 {
			return errors.New("too large")
		}
		q.Send(q.Of * q.Of)
		return nil
	})
	ctx := context.Background()
	for _, n := range []int{7, 7000} {
		fmt.Println(runtime.Ask(ctx, squares, func(r runtime.Reply[int]) Square { return Square{r, n} }))
	}
	_ = system.Shutdown(ctx)
	// Output:
	// 49 <nil>
	// 0 too large
}

// What cannot be handled yet is stashed, and comes first when it can be.
func ExampleContext_Stash() {
	system, _ := runtime.New(runtime.Config{})
	connected := runtime.Func[string](func(_ *runtime.Context[string], line string) error {
		fmt.Println("sent", line)
		return nil
	})
	line, _ := runtime.SpawnFunc(system, "line", func(ctx *runtime.Context[string], line string) error {
		if line != "connect" {
			return ctx.Stash()
		}
		fmt.Println("connected")
		ctx.Become(connected)
		ctx.Unstash()
		return nil
	})
	ctx := context.Background()
	for _, s := range []string{"a", "b", "connect", "c"} {
		_ = line.Tell(ctx, s)
	}
	_ = system.Shutdown(ctx)
	// Output:
	// connected
	// sent a
	// sent b
	// sent c
}

// A Divider counts what it has done since it was started.
type Divider struct{ done int }

func (d *Divider) Receive(_ *runtime.Context[int], by int) error {
	fmt.Printf("100 / %d = %d\n", by, 100/by)
	d.done++
	return nil
}

func (d *Divider) Restarting(_ *runtime.Context[int], cause error) {
	fmt.Println("after", d.done, "divisions:", cause)
}

// A restart makes a new behaviour, which handles what the failed one left in the queue.
func Example_restart() {
	system, _ := runtime.New(runtime.Config{Logger: quiet()})
	divider, _ := runtime.Spawn(system, runtime.Props[int]{
		Name: "divider",
		New:  func() runtime.Actor[int] { return &Divider{} },
	})
	ctx := context.Background()
	for _, by := range []int{5, 4, 0, 3} {
		_ = divider.Tell(ctx, by)
	}
	_ = system.Shutdown(ctx)
	fmt.Println(divider.Stats().Restarts, "restart,", divider.Stats().DeadLettered, "dead letter")
	// Output:
	// 100 / 5 = 20
	// 100 / 4 = 25
	// after 2 divisions: panic: runtime error: integer divide by zero
	// 100 / 3 = 33
	// 1 restart, 1 dead letter
}

// A handler must not wait for slow work, or its actor is deaf meanwhile: it pipes the work and gets a message.
func ExamplePipe() {
	system, _ := runtime.New(runtime.Config{})
	fetch := func(context.Context) (string, error) { return "a page", nil }
	crawler, _ := runtime.SpawnFunc(system, "crawler", func(ctx *runtime.Context[string], m string) error {
		fmt.Println("got", m)
		if m == "an address" {
			runtime.Pipe(ctx, fetch, func(page string, err error) string { return page })
		}
		return nil
	})
	ctx := context.Background()
	_ = crawler.Tell(ctx, "an address")
	_ = system.Shutdown(ctx) // waits for the work too
	// Output:
	// got an address
	// got a page
}

func quiet() logrus.FieldLogger {
	l := logrus.New()
	l.SetOutput(io.Discard)
	return l
}
