package workerpool_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

// One of the jobs panics. It fails, the others do not notice, and Drain waits for all of them.
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

	pool, err := workerpool.New(system, workerpool.Config[string, int]{
		Name:    "squares",
		Workers: 4,
		Work: func(_ context.Context, text string) (int, error) {
			if text == "" {
				panic("an empty number")
			}
			n, err := strconv.Atoi(text)
			return n * n, err
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var futures []workerpool.Future[int]
	for _, text := range []string{"12", "twelve", "", "13"} {
		future, err := pool.Submit(ctx, text)
		if err != nil {
			fmt.Println(err)
			return
		}
		futures = append(futures, future)
	}
	if err := pool.Drain(ctx); err != nil {
		fmt.Println(err)
	}
	for _, future := range futures {
		square, err := future.Wait(ctx)
		var panicked *runtime.PanicError
		switch {
		case errors.As(err, &panicked):
			fmt.Println("panicked with", panicked.Value)
		case err != nil:
			fmt.Println(err)
		default:
			fmt.Println(square)
		}
	}
	_, err = pool.Submit(ctx, "14")
	fmt.Println(errors.Is(err, runtime.ErrStopped))
	// Output:
	// 144
	// strconv.Atoi: parsing "twelve": invalid syntax
	// panicked with an empty number
	// 169
	// true
}

// Results come in the order of the jobs, and jobs are handed in as they are wanted.
func ExamplePool_Map() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = system.Shutdown(ctx) }()

	pool, err := workerpool.New(system, workerpool.Config[string, int]{
		Work: func(_ context.Context, text string) (int, error) { return strconv.Atoi(text) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for n, err := range pool.Map(ctx, slices.Values([]string{"3", "1", "two", "4"})) {
		if err != nil {
			fmt.Println(err)
			break // no more is begun
		}
		fmt.Println(n)
	}
	// Output:
	// 3
	// 1
	// strconv.Atoi: parsing "two": invalid syntax
}

// An actor hands in jobs and goes on; each result is a message to it.
func ExampleSubmitTo() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	pool, err := workerpool.New(system, workerpool.Config[int, int]{
		Workers: 1,
		Work:    func(_ context.Context, n int) (int, error) { return n * n, nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	type message struct{ job, square int }
	done := make(chan struct{})
	actor, err := runtime.SpawnFunc(system, "squares", func(ctx *runtime.Context[message], m message) error {
		if m.square > 0 {
			fmt.Println(m.job, "squared is", m.square)
			if m.job == 3 {
				close(done)
			}
			return nil
		}
		return workerpool.SubmitTo(ctx, pool, m.job, ctx.Self(), func(square int, _ error) message {
			return message{m.job, square}
		})
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for n := 1; n <= 3; n++ {
		_ = actor.Tell(ctx, message{job: n})
	}
	<-done
	_ = system.Shutdown(ctx)
	// Output:
	// 1 squared is 1
	// 2 squared is 4
	// 3 squared is 9
}
