package workerpool_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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
