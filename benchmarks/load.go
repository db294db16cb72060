package main

import (
	goruntime "runtime"
	"sync"
	"sync/atomic"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
)

// A load is what is asked of a queue. Every rival is a function that makes a contender from a load, in a file of its own.
type load[M any] struct {
	producers int // goroutines that put, while one takes; 0: a single goroutine puts one and takes one, in turn
	capacity  int
	backlog   int // messages that are there before the first run, and stay there
	fill      int // a single goroutine puts so many, and takes them all
	messages  []M // what is put, over and over; a power of two of them

	saw func(M) // told of each message taken, if not nil: a test's witness
}

// at is the i-th message. Making one costs no contender anything.
func (l *load[M]) at(i int) M { return l.messages[i&(len(l.messages)-1)] }

func (l *load[M]) see(m M) {
	if l.saw != nil {
		l.saw(m)
	}
}

// contender makes a contender of a queue. open makes the queue, and returns how one goroutine puts the messages from
// up to but not including to, and how one takes n of them. These are loops, not single steps, so that a measured message
// costs no call but the queue's own.
func (l load[M]) contender(name string, open func(l *load[M]) (put func(from, to int), take func(n int))) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		put, take := open(&l)
		put(0, l.backlog)
		return bench.Runner{Run: l.run(put, take)}
	}}
}

// run is how n messages move through a queue.
func (l load[M]) run(put func(from, to int), take func(n int)) func(n int) {
	switch {
	case l.fill > 0:
		return func(n int) {
			for from := 0; from < n; from += l.fill {
				to := min(from+l.fill, n)
				put(from, to)
				take(to - from)
			}
		}
	case l.producers == 0:
		return func(n int) {
			for i := range n {
				put(i, i+1)
				take(1)
			}
		}
	case l.backlog > 0:
		return func(n int) { paced(l.producers, n, put, take) }
	}
	return func(n int) {
		var all sync.WaitGroup
		for p := range l.producers {
			all.Go(func() { put(n*p/l.producers, n*(p+1)/l.producers) })
		}
		take(n)
		all.Wait()
	}
}

// paced moves n messages without ever taking more than were put in this run, so that what was there before stays. A
// counter says how many those are; the consumer looks at it once for as many as it finds.
func paced(producers, n int, put func(from, to int), take func(n int)) {
	var done atomic.Int64
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			for i := n * p / producers; i < n*(p+1)/producers; i++ {
				put(i, i+1)
				done.Add(1)
			}
		})
	}
	for taken := 0; taken < n; {
		ready := int(done.Load())
		if ready == taken {
			goruntime.Gosched()
			continue
		}
		take(ready - taken)
		taken = ready
	}
	all.Wait()
}
