package workerpool_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

// count yields 0 to n-1, and notes how far it came.
func count(n int, reached *int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			*reached = i + 1
			if !yield(i) {
				return
			}
		}
	}
}

func TestMapYieldsResultsInTheOrderOfTheJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errOdd := errors.New("odd")
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 4, Work: func(_ context.Context, n int) (int, error) {
			<-time.After(time.Duration(n*7%5) * time.Second) // in fake time: later ones end first
			if n%2 == 1 {
				return n, errOdd
			}
			return n, nil
		}})
		next, reached := 0, 0
		for n, err := range pool.Map(t.Context(), count(50, &reached)) {
			if n != next || (err != nil) != (n%2 == 1) {
				t.Fatalf("result %d is %d, %v", next, n, err)
			}
			next++
		}
		if next != 50 {
			t.Errorf("there are %d results, want 50", next)
		}
	})
}

func TestMapOfNothingYieldsNothing(t *testing.T) {
	pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Work: double})
	for n, err := range pool.Map(t.Context(), slices.Values([]int(nil))) {
		t.Errorf("it yields %d, %v", n, err)
	}
}

func TestMapKeepsABoundedNumberAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 3, Work: double})
		reached, seen := 0, 0
		for range pool.Map(t.Context(), count(100, &reached)) {
			if ahead := reached - seen; ahead > 7 { // six in flight, and one that waits to be
				t.Fatalf("%d jobs were taken ahead of the consumer, want no more than 7", ahead)
			}
			seen++
		}
	})
}

func TestMapStopsEarlyWhenTheConsumerBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 1, Queue: 8, Work: g.work})
		reached := 0
		go func() { g.open <- struct{}{} }()
		for n, err := range pool.Map(t.Context(), count(100, &reached)) {
			if n != 0 || err != nil {
				t.Errorf("the first result is %d, %v", n, err)
			}
			break
		}
		if reached > 3 {
			t.Errorf("%d jobs were taken, want the first and two ahead at most", reached)
		}
		synctest.Wait()
		close(g.open)
		synctest.Wait()
		if begun := g.order(); len(begun) > 2 {
			t.Errorf("jobs %v were begun, want none that had not begun at the break", begun)
		}
		if got, err := pool.Do(t.Context(), 5); got != 5 || err != nil {
			t.Errorf("then Do returns %d, %v", got, err)
		}
	})
}

func TestMapEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 2, Work: g.work})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		reached, yields := 0, 0
		for _, err := range pool.Map(ctx, count(100, &reached)) {
			if yields++; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("it yields %v, want DeadlineExceeded", err)
			}
		}
		if yields != 1 {
			t.Errorf("there are %d results, want one error", yields)
		}
		close(g.open)
	})
}

func TestMapEndsWhenThePoolStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{Workers: 2, Work: g.work})
		go func() {
			synctest.Wait()
			pool.Stop()
		}()
		reached, last := 0, error(nil)
		for _, err := range pool.Map(t.Context(), count(100, &reached)) {
			if last = err; !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("it yields %v, want ErrStopped", err)
			}
		}
		if last == nil || reached == 100 {
			t.Errorf("it ends with %v after %d jobs, want an end with the pool", last, reached)
		}
	})
}

// A loop whose context ends says so, also where the jobs themselves fail.
func TestMapWhoseContextEndsSaysSoAmongFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		bad := errors.New("on purpose")
		pool := newPool(t, newSystem(t), workerpool.Config[int, int]{
			Workers: 1,
			Work:    func(context.Context, int) (int, error) { return 0, bad },
		})
		n := 0
		var last error
		for _, err := range pool.Map(ctx, slices.Values(make([]int, 9))) {
			synctest.Wait() // all that was handed in is done
			last = err
			if n++; n == 2 {
				cancel()
			}
		}
		if n < 9 && !errors.Is(last, context.Canceled) {
			t.Errorf("the loop is over after %d of 9 results with %v", n, last)
		}
	})
}
