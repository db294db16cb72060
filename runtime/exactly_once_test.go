package runtime_test

import (
	"context"
	"errors"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A parcel is a message with a number of its own.
type parcel struct {
	id int
	// tries are the ways in which handling it fails, one after the other; then it succeeds.
	tries []way
	try   *int
}

type way uint8

const (
	byError way = iota
	byPanic
	byNilPanic
	byGoexit
	byStash // not a failure: it is kept once
	ways
)

// A depot counts for itself what becomes of each parcel: what its handler did, and what was published.
type depot struct {
	mu      sync.Mutex
	handled map[int]int
	dead    map[int]int
	failed  uint64
	dropped uint64 // dead letters because the mailbox was full
	stopped uint64 // dead letters because the actor stopped
}

func (d *depot) Receive(ctx *runtime.Context[parcel], p parcel) error {
	if *p.try < len(p.tries) {
		w := p.tries[*p.try]
		*p.try++
		return d.fail(ctx, w)
	}
	if p.id%7 == 0 {
		ctx.Unstash()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handled[p.id]++
	return nil
}

func (d *depot) fail(ctx *runtime.Context[parcel], w way) error {
	if w == byStash && ctx.Stash() == nil {
		return nil
	}
	d.mu.Lock()
	d.failed++
	d.mu.Unlock()
	switch w {
	case byPanic:
		panic("panic")
	case byNilPanic:
		var none any
		panic(none)
	case byGoexit:
		goruntime.Goexit()
	}
	return errFails
}

func (d *depot) bury(l runtime.DeadLetter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead[l.Message.(parcel).id]++
	if errors.Is(l.Reason, mailbox.ErrFull) {
		d.dropped++
	}
	if errors.Is(l.Reason, runtime.ErrStopped) {
		d.stopped++
	}
}

// Whatever fails, however often: each message that was taken is handled exactly once, or a dead letter exactly once.
func TestPromise4AccountedWhateverFailsAmongManySenders(t *testing.T) {
	for name, config := range map[string]mailbox.Config[parcel]{
		"FIFO":        {Capacity: 16},
		"LIFO":        {Capacity: 16, Order: mailbox.LIFO},
		"Less":        {Capacity: 16, Order: mailbox.Priority, Less: func(a, b parcel) bool { return a.id%5 < b.id%5 }},
		"Levels":      {Capacity: 16, Order: mailbox.Priority, Levels: 5, Level: func(p parcel) int { return p.id % 5 }},
		"Reject":      {Capacity: 4, Overflow: mailbox.Reject},
		"DropNewest":  {Capacity: 4, Overflow: mailbox.DropNewest},
		"DropOldest":  {Capacity: 4, Overflow: mailbox.DropOldest},
		"LIFO, drops": {Capacity: 4, Overflow: mailbox.DropLast, Order: mailbox.LIFO},
	} {
		for _, redeliver := range []int{0, 2} {
			t.Run(name, func(t *testing.T) { conserve(t, config, redeliver, false) })
			t.Run(name+", stopped", func(t *testing.T) { conserve(t, config, redeliver, true) })
		}
	}
}

// conserve sends from many goroutines. The actor is stopped in the midst of it, or when it has handled all.
func conserve(t *testing.T, config mailbox.Config[parcel], redeliver int, stop bool) {
	const senders = 16
	messages := 60 * scale
	seed := rand.Uint64()
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	system := newSystem(t, tireless)
	d := &depot{handled: map[int]int{}, dead: map[int]int{}}
	system.DeadLetters(d.bury)
	ref := spawn(t, system, runtime.Props[parcel]{
		Mailbox: config, Redeliver: redeliver, New: func() runtime.Actor[parcel] { return d },
	})
	taken := make([]bool, senders*messages)
	var sending sync.WaitGroup
	for sender := range senders {
		sending.Go(func() {
			rnd := rand.New(rand.NewPCG(seed, uint64(sender)))
			for i := range messages {
				p := parcel{id: sender*messages + i, try: new(int)}
				for rnd.IntN(6) == 0 {
					p.tries = append(p.tries, way(rnd.IntN(int(ways))))
				}
				if stop && p.id == senders*messages/2 {
					ref.Stop()
				}
				if rnd.IntN(4) == 0 {
					taken[p.id] = ref.TryTell(p) == nil
				} else {
					taken[p.id] = ref.Tell(context.Background(), p) == nil
				}
			}
		})
	}
	sending.Wait()
	ref.StopWhenEmpty()
	<-ref.Done()
	if err := system.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	got := ref.Stats()
	if stop && got.Restarts < got.Failed {
		got.Restarts = got.Failed // the stop may have come before the restart
	}
	d.check(t, got, taken)
}

// check compares the depot's own books with the runtime's, after the shutdown has published the last dead letter.
func (d *depot) check(t *testing.T, got runtime.Stats, taken []bool) {
	t.Helper()
	dead := uint64(len(d.dead))
	want := runtime.Stats{
		Sent:         uint64(len(taken)),
		Handled:      uint64(len(d.handled)),
		Dropped:      d.dropped,
		DeadLettered: dead - d.dropped,
		Failed:       d.failed,
		Restarts:     d.failed,
		Redelivered:  d.failed - (dead - d.dropped - d.stopped), // the others failed for the last time
	}
	for id, taken := range taken {
		if !taken {
			want.Rejected++
		}
		if ends := d.handled[id] + d.dead[id]; ends != 0 && !taken || ends != 1 && taken {
			t.Errorf("message %d, taken %v: handled %d times, dead letter %d times", id, taken, d.handled[id], d.dead[id])
		}
	}
	checkStats(t, got, want)
}
