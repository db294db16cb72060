package patterns

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
)

// wantPanic runs f, which is about a load that is not what it says: that must not go unseen.
func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		if got := fmt.Sprint(recover()); got != want {
			t.Errorf("the panic is %v, want %s", got, want)
		}
	}()
	f()
}

func TestATotalTellsOfAJobDoneTwice(t *testing.T) {
	sum := newTotal()
	sum.expect(0, 3)
	for _, i := range []int{0, 1, 2, 2} {
		sum.add(i)
	}
	wantPanic(t, "benchmarks: the sum of the jobs is 9, want 6", sum.wait)
}

func TestATotalCountsFromTheFirstJob(t *testing.T) {
	sum := newTotal()
	sum.expect(2, 5)
	for _, i := range []int{4, 2, 3} {
		sum.add(i)
	}
	sum.wait()
}

func TestASemaphoreIsCountedAfterEachRun(t *testing.T) {
	for free, want := range map[int]string{
		Permits - 1: "none is free",
		Permits + 1: "benchmarks: a semaphore of 8 gave one permit more",
	} {
		acquire := func(ctx context.Context) (struct{}, error) {
			if free--; free < 0 {
				return struct{}{}, errors.New("none is free")
			}
			return struct{}{}, nil
		}
		wantPanic(t, want, func() { Semaphore[struct{}]{Acquire: acquire, Release: func(struct{}) {}}.count() })
	}
}

func TestAListenerTellsOfAnotherNumberThanWasPublished(t *testing.T) {
	var all sync.WaitGroup
	for _, hear := range []func(*Listener, int){(*Listener).Hear, (*Listener).HearShared} {
		l := Listener{all: &all}
		all.Add(1)
		l.expect(3)
		for _, m := range []int{0, 1, 1} {
			hear(&l, m)
		}
		all.Wait()
		wantPanic(t, "benchmarks: the sum of the 3 numbers that listener 7 heard is 2, want 3", func() { l.verify(7, 3) })
	}
}

func TestAPipelineTellsOfAnItemOutOfPlace(t *testing.T) {
	for want, items := range map[string][]int{
		"benchmarks: item 1 of a pipeline is 7, want 6":      {5, 7, 6},
		"benchmarks: 2 items left a pipeline, and 3 went in": {5, 6},
	} {
		faulty := flowing("faulty", 1, func(int) (func(int, func(int)), func()) {
			return func(_ int, sink func(int)) {
				for _, item := range items {
					sink(item)
				}
			}, nil
		})
		wantPanic(t, want, func() { faulty.Prepare().Run(3) })
	}
}
