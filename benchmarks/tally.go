package main

import (
	"fmt"
	"sync"
)

// share lets each of so many goroutines do its part of n, and returns when all have.
func share(goroutines, n int, part func(from, to int)) {
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() { part(n*g/goroutines, n*(g+1)/goroutines) })
	}
	all.Wait()
}

// A tally is what one receiver got of the messages 0 to n-1, which come in any order.
type tally struct {
	want, got, sum int
	done           chan struct{}
}

func newTally() *tally { return &tally{done: make(chan struct{}, 1)} }

// expect is called before the first of n messages is sent.
func (t *tally) expect(n int) { t.want, t.got, t.sum = n, 0, 0 }

// add is called by the receiver alone.
func (t *tally) add(m int) {
	t.sum += m
	if t.got++; t.got == t.want {
		t.done <- struct{}{}
	}
}

// wait returns when all messages have come. A load that loses one and gets another twice is no load.
func (t *tally) wait() {
	<-t.done
	if want := t.want * (t.want - 1) / 2; t.sum != want {
		panic(fmt.Sprintf("benchmarks: the sum of %d messages is %d, want %d", t.want, t.sum, want))
	}
}
