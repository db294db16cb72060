package runtime

import (
	"context"
	"io"
	"sync"
	"testing"

	"github.com/sirupsen/logrus"
)

// inHandlers runs f in the handler of each of n actors, all of which are at work at the same time.
func inHandlers(t *testing.T, n int, f func(r *runner)) {
	t.Helper()
	log := logrus.New()
	log.SetOutput(io.Discard)
	s, err := New(Config{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	var all, here sync.WaitGroup
	here.Add(n)
	for range n {
		ref, err := SpawnFunc(s, "", func(ctx *Context[func(*runner)], f func(*runner)) error {
			here.Done()
			here.Wait() // nobody leaves before all have come
			f(runnerOf(ctx))
			all.Done()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		all.Add(1)
		if err := ref.Tell(context.Background(), f); err != nil {
			t.Fatal(err)
		}
	}
	all.Wait()
	if err := s.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestManyHandlersAreEachOnTheirOwnGoroutine(t *testing.T) {
	var mu sync.Mutex
	numbers := map[number]int{}
	inHandlers(t, 300, func(r *runner) {
		n, ok := here()
		if !ok || n != r.number || !r.isHere() || r.d.here() != r {
			t.Errorf("the goroutine of runner %d says that it is that of %d (%t)", r.number, n, ok)
		}
		mu.Lock()
		defer mu.Unlock()
		numbers[n]++
	})
	if len(numbers) != 300 {
		t.Errorf("300 handlers that run at once have %d numbers", len(numbers))
	}
}

func TestOtherGoroutinesAreNobodys(t *testing.T) {
	if n, ok := here(); ok {
		t.Errorf("the goroutine of the test says that it is that of runner %d", n)
	}
	inHandlers(t, 2, func(r *runner) {
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, ok := here(); ok || r.isHere() || r.d.here() != nil {
				t.Error("a goroutine that the handler has started says that it is the handler's")
			}
		})
		wg.Wait()
	})
}

// deeper calls f below so many more frames.
//
//go:noinline
func deeper(frames int, f func()) {
	if frames == 0 {
		f()
		return
	}
	deeper(frames-1, f)
}

func TestGoroutineIsRecognisedFromDeepDown(t *testing.T) {
	for _, frames := range []int{0, 90, 110, 120, 128, 1000, 1020, 5000} {
		inHandlers(t, 1, func(r *runner) {
			deeper(frames, func() {
				if !r.isHere() {
					t.Errorf("%d frames down, the handler is not recognised", frames)
				}
			})
		})
	}
	inHandlers(t, 1, func(r *runner) {
		deeper(2*deepest, func() {
			if r.isHere() {
				t.Error("so deep a stack was to be nobody's")
			}
		})
	})
}
