package main

import (
	"time"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
)

const idlers = 10_000

// idling measures the CPU time that the process takes, in ms a second, over so many ms in which a crowd has nothing to do.
func idling(name string, gather crowdMaker) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		return bench.Runner{Gauge: func(millis int) []float64 {
			c := gather(idlers, false)
			defer c.dismiss()
			c.askAll(idlers)
			settled() // so that no collector is at work
			time.Sleep(10 * time.Millisecond)
			began, before := time.Now(), cpuTime()
			time.Sleep(time.Duration(millis) * time.Millisecond)
			used := cpuTime() - before
			return []float64{ms(used) / time.Since(began).Seconds()}
		}}
	}}
}
