package main

import (
	goruntime "runtime"
	"runtime/metrics"
	"time"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
)

// inUse is HeapInuse and StackInuse of runtime.MemStats, read without stopping the world.
func inUse() uint64 { return memory("heap/objects", "heap/unused", "heap/stacks") }

func memory(classes ...string) uint64 {
	parts := make([]metrics.Sample, len(classes))
	for i, class := range classes {
		parts[i].Name = "/memory/classes/" + class + ":bytes"
	}
	metrics.Read(parts)
	sum := uint64(0)
	for _, p := range parts {
		sum += p.Value.Uint64()
	}
	return sum
}

// settled is HeapAlloc and StackInuse without garbage. What a first collection finds unreachable, but has a finalizer or a
// cleanup, a second one frees.
func settled() uint64 {
	goruntime.GC()
	goruntime.GC()
	return memory("heap/objects", "heap/stacks")
}

// peak returns the most memory that was in use while f ran.
func peak(f func()) uint64 {
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		highest := inUse()
		for {
			select {
			case <-tick.C:
				highest = max(highest, inUse())
			case <-stop:
				most <- max(highest, inUse())
				return
			}
		}
	}()
	f()
	close(stop)
	return <-most
}

// idleCrowd measures what each member of a crowd takes that waits for its first message, and then what it takes when it
// has answered one and waits again.
func idleCrowd(name string, gather crowdMaker) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		return bench.Runner{Gauge: func(n int) []float64 {
			before := settled() + uint64(n)*8 // for the crowd's list of references, which is the user's
			grown := func() float64 { return max(0, (float64(settled())-float64(before))/float64(n)) }
			c := gather(n, false)
			defer c.dismiss()
			fresh := grown()
			c.askAll(n)
			return []float64{fresh, grown()}
		}}
	}}
}

// wholeLife measures how long a crowd takes from the first spawn until the last has stopped, in ms, and the memory that
// is in use at the most meanwhile, in MiB. busy has each of n members answer a message.
func wholeLife(name string, gather crowdMaker, busy func(c crowd, n int)) bench.Contender {
	return bench.Contender{Name: name, Prepare: func() bench.Runner {
		return bench.Runner{Gauge: func(n int) []float64 {
			began := time.Now()
			bytes := peak(func() {
				c := gather(n, true)
				busy(c, n)
				c.dismiss()
			})
			return []float64{ms(time.Since(began)), float64(bytes) / (1 << 20)}
		}}
	}}
}

func ms(d time.Duration) float64 { return d.Seconds() * 1e3 }
