package broadcast_test

import (
	"context"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
)

const audience = 1000

// A crowd is the receivers' counts. Each gets the events 0, 1, ..., in order.
type crowd struct {
	got  []struct{ next, want int }
	done sync.WaitGroup
}

func newCrowd(n int) *crowd { return &crowd{got: make([]struct{ next, want int }, n)} }

// add is called by receiver i alone.
func (c *crowd) add(i, v int) {
	own := &c.got[i]
	if v != own.next {
		panic("an event is lost, twice there, or out of order")
	}
	if own.next++; own.next == own.want {
		c.done.Done()
	}
}

// run has n events published, and waits until all receivers have all.
func (c *crowd) run(n int, publish func(v int)) {
	for i := range c.got {
		c.got[i].next, c.got[i].want = 0, n
	}
	c.done.Add(len(c.got))
	for v := range n {
		publish(v)
	}
	c.done.Wait()
}

// BenchmarkFanOut is one goroutine that publishes to 1,000 over and over, until all have all. An operation is one
// delivery.
func BenchmarkFanOut(b *testing.B) {
	for _, kind := range []string{"actors", "functions"} {
		b.Run(kind, func(b *testing.B) { fanOut(b, kind, audience) })
	}
	b.Run("channels", func(b *testing.B) { fanOutChannels(b, audience) })
}

// BenchmarkOne is the same with one subscriber.
func BenchmarkOne(b *testing.B) {
	for _, kind := range []string{"actors", "functions"} {
		b.Run(kind, func(b *testing.B) { fanOut(b, kind, 1) })
	}
	b.Run("channels", func(b *testing.B) { fanOutChannels(b, 1) })
}

func fanOut(b *testing.B, kind string, receivers int) {
	ctx := context.Background()
	system := newSystem(b)
	topic := newTopic(b, system, broadcast.Config[int]{})
	c := newCrowd(receivers)
	for i := range receivers {
		f := func(_ *runtime.Context[int], v int) error {
			c.add(i, v)
			return nil
		}
		var err error
		if kind == "functions" {
			_, err = topic.SubscribeFunc(ctx, f, broadcast.Options[int]{})
		} else {
			ref, spawnErr := runtime.SpawnFunc(system, "", f)
			if spawnErr != nil {
				b.Fatal(spawnErr)
			}
			_, err = topic.SubscribeRef(ctx, ref, broadcast.Options[int]{})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	c.run((b.N+receivers-1)/receivers, func(v int) {
		if err := topic.Publish(ctx, v); err != nil {
			b.Fatal(err)
		}
	})
	b.StopTimer()
}

func fanOutChannels(b *testing.B, receivers int) {
	c := newCrowd(receivers)
	to := make([]chan int, receivers)
	for i := range to {
		own := make(chan int, 1024)
		to[i] = own
		go func() {
			for v := range own {
				c.add(i, v)
			}
		}()
	}
	b.ReportAllocs()
	b.ResetTimer()
	c.run((b.N+receivers-1)/receivers, func(v int) {
		for _, own := range to {
			own <- v
		}
	})
	b.StopTimer()
	for _, own := range to {
		close(own)
	}
}
