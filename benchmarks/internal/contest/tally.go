package contest

import (
	"fmt"
	"sync"
)

// Share lets each of so many goroutines do its part of n, and returns when all have.
func Share(goroutines, n int, part func(from, to int)) {
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() { part(n*g/goroutines, n*(g+1)/goroutines) })
	}
	all.Wait()
}

// A Tally is what one receiver got of the messages 0 to n-1, which come in any order.
type Tally struct {
	want, got, sum int
	done           chan struct{}
}

func NewTally() *Tally { return &Tally{done: make(chan struct{}, 1)} }

// Expect is called before the first of n messages is sent.
func (t *Tally) Expect(n int) { t.want, t.got, t.sum = n, 0, 0 }

// Add is called by the receiver alone.
func (t *Tally) Add(m int) {
	t.sum += m
	if t.got++; t.got == t.want {
		t.done <- struct{}{}
	}
}

// Wait returns when all messages have come. A load that loses one and gets another twice is no load.
func (t *Tally) Wait() {
	<-t.done
	if want := t.want * (t.want - 1) / 2; t.sum != want {
		panic(fmt.Sprintf("benchmarks: the sum of %d messages is %d, want %d", t.want, t.sum, want))
	}
}
