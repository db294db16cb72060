package batch_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/troupe-go/troupe/patterns/batch"
	"github.com/troupe-go/troupe/runtime"
)

// A store is a key-value store where each call is expensive, whatever it is for: one on another machine, say.
type store struct {
	values map[int]string
	calls  int
}

func (s *store) lookup(_ context.Context, keys []int) ([]string, error) {
	s.calls++
	values := make([]string, len(keys))
	missing := make(batch.Errors, len(keys))
	failed := false
	for i, key := range keys {
		value, ok := s.values[key]
		if values[i] = value; !ok {
			missing[i], failed = fmt.Errorf("there is no key %d", key), true
		}
	}
	if failed {
		return values, missing
	}
	return values, nil
}

// A hundred goroutines look up a key each. The store is called a few times, and each of them gets its own value; the one
// whose key is missing gets its own error.
func Example() {
	system, err := runtime.New(runtime.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer func() { _ = system.Shutdown(ctx) }()

	s := &store{values: make(map[int]string)}
	for key := range 99 {
		s.values[key] = fmt.Sprint("value ", key)
	}
	lookups, err := batch.New(system, batch.Config[int, string]{
		Name:  "lookups",
		Size:  25,
		Delay: time.Minute, // only so that this example always makes four calls
		Call:  s.lookup,    // one at a time: the store needs no lock
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var found [100]string
	var askers sync.WaitGroup
	for key := range found {
		askers.Go(func() {
			value, err := lookups.Do(ctx, key)
			if err != nil {
				value = err.Error()
			}
			found[key] = value
		})
	}
	askers.Wait()

	fmt.Println(found[7])
	fmt.Println(found[42])
	fmt.Println(found[99])
	fmt.Println("calls:", s.calls)
	// Output:
	// value 7
	// value 42
	// there is no key 99
	// calls: 4
}
