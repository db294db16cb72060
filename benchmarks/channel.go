package main

import (
	"github.com/troupe-go/troupe/benchmarks/internal/bench"
)

// channel is what a Go program would use: a buffered channel, with plain sends and receives. It knows one order, the
// first in first out, and ends no wait early.
func channel[M any](l load[M]) bench.Contender {
	return l.contender("channel", func(l *load[M]) (func(from, to int), func(n int)) {
		queue := make(chan M, l.capacity)
		put := func(from, to int) {
			for i := from; i < to; i++ {
				queue <- l.at(i)
			}
		}
		take := func(n int) {
			for range n {
				l.see(<-queue)
			}
		}
		return put, take
	})
}
