package main

import (
	"context"
	goruntime "runtime"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/mailbox"
)

// BenchmarkFloor is what the machine takes for the parts of which a hop, an ask and Skynet cannot do without, as they are
// built now: nothing that we do around them can make the whole quicker than that.
func BenchmarkFloor(b *testing.B) {
	b.Run("hop/atomics", func(b *testing.B) { // two locks taken and left, a claim, a slot filled and emptied
		var locks [2]atomic.Uint32
		var claim atomic.Uint32
		var slot atomic.Pointer[int]
		next := new(int)
		for range b.N {
			for i := range locks {
				locks[i].CompareAndSwap(0, 1)
				locks[i].Store(0)
			}
			claim.Store(1)
			slot.CompareAndSwap(nil, next)
			slot.CompareAndSwap(next, nil)
		}
	})
	b.Run("hop/mailbox", func(b *testing.B) { // a put that wakes the owner, which takes the message and finds no other
		box := contest.Must(mailbox.NewOwned(mailbox.Config[int]{}))
		if !box.Rest() {
			b.Fatal("the owner of an empty mailbox does not rest")
		}
		ctx := context.Background()
		for i := range b.N {
			if wake, err := box.Put(ctx, i); !wake || err != nil {
				b.Fatal(wake, err)
			}
			if m, s := box.Next(); m != i || s != mailbox.Ready {
				b.Fatal(m, s)
			}
			if _, s := box.Next(); s != mailbox.Idle {
				b.Fatal(s)
			}
		}
	})
	b.Run("ask/switches", func(b *testing.B) { // to a runner and back
		var over atomic.Bool
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for !over.Load() {
				goruntime.Gosched()
			}
		}()
		b.ResetTimer()
		for range b.N {
			goruntime.Gosched()
		}
		b.StopTimer()
		over.Store(true)
		<-ended
	})
	b.Run("skynet/objects", func(b *testing.B) { // an actor, its message's slot and its behaviour, a million alive at once
		b.ReportAllocs()
		const alive = 1_000_000
		kept := make([]*weight, alive)
		b.ResetTimer()
		for i := range b.N {
			kept[i%alive] = &weight{next: kept[(i+1)%alive], slot: new([5]int), behaviour: new([4]*int)}
		}
	})
}

// A weight is as large as an actor, and as full of pointers.
type weight struct {
	next      *weight
	slot      *[5]int
	behaviour *[4]*int
	_         [12]*int
	_         [25]uint64
}
