package mailbox_test

import (
	"context"
	"errors"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// An id names a letter of the concurrent tests, whatever its level.
type id struct{ from, n int }

// A ledger is what became of every letter. Each ends in exactly one of its entries.
type ledger struct {
	mu   sync.Mutex
	ends map[id][]string
}

func newLedger() *ledger { return &ledger{ends: map[id][]string{}} }

func (b *ledger) enter(end string, ls ...letter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range ls {
		b.ends[id{l.from, l.n}] = append(b.ends[id{l.from, l.n}], end)
	}
}

// count returns how many letters came to each end, after it has made sure that each of those sent came to one.
func (b *ledger) count(t *testing.T, senders, each int) map[string]uint64 {
	t.Helper()
	counts := map[string]uint64{}
	for from := range senders {
		for n := range each {
			ends := b.ends[id{from, n}]
			if len(ends) != 1 {
				t.Errorf("letter %d of sender %d: %v, want one end", n, from, ends)
				continue
			}
			counts[ends[0]]++
		}
	}
	if len(b.ends) != senders*each {
		t.Errorf("%d letters came to an end, want %d", len(b.ends), senders*each)
	}
	return counts
}

// An arrival notes the last letter of each sender and level that one consumer got. Equals must not overtake each other.
type arrival struct {
	last map[[2]int]int
}

func (a *arrival) check(t *testing.T, order mailbox.Order, l letter) {
	key := [2]int{l.from, 0}
	switch order {
	case mailbox.LIFO:
		return
	case mailbox.Priority:
		key[1] = l.level
	}
	if last, ok := a.last[key]; ok && last >= l.n {
		t.Errorf("letter %d of sender %d came after %d", l.n, l.from, last)
	}
	a.last[key] = l.n
}

// watch looks at a mailbox all the time, until stopped. Once draining is true, what Drain returned may be missing.
func watch(
	t *testing.T, capacity int, length func() int, stats func() mailbox.Stats, draining *atomic.Bool,
) (stop func()) {
	var stopped atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !stopped.Load() {
			if n := length(); n < 0 || n > capacity {
				t.Errorf("Len %d: the capacity is %d", n, capacity)
				return
			}
			if err := balanced(stats(), capacity, draining); err != nil {
				t.Error(err)
				return
			}
			goruntime.Gosched()
		}
	}()
	return func() {
		stopped.Store(true)
		<-done
	}
}

// TestNothingIsLostOrDoubled has many producers and consumers at once, contexts that end at random, and at last
// somebody who closes or drains, half of the time while all the others are busy.
func TestNothingIsLostOrDoubled(t *testing.T) {
	const producers, consumers, sent = 4, 3, 60
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		for _, capacity := range []int{1, 3, 16} {
			for round := range 4 * scale {
				conserve(t, k, policy, capacity, producers, consumers, sent, round%2 == 0)
			}
		}
	})
}

func conserve(t *testing.T, k kind, policy mailbox.Overflow, capacity, producers, consumers, each int, early bool) {
	ends := newLedger()
	c := k.config(policy, capacity)
	c.OnDrop = func(l letter, _ error) { ends.enter("dropped", l) }
	b := newMailbox(t, c)
	var draining atomic.Bool
	var sending, taking sync.WaitGroup
	stop := watch(t, capacity, b.Len, b.Stats, &draining)

	for from := range producers {
		sending.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(from)))
			for n := range each {
				send(t, b, ends, letter{from, n, random.IntN(levels)}, random.IntN(4))
			}
		})
	}
	for i := range consumers {
		taking.Go(func() { consume(t, b, ends, k.order, i) })
	}
	finish := func() {
		if capacity == 3 {
			draining.Store(true)
			ends.enter("drained", b.Drain()...)
		} else {
			b.Close()
		}
	}
	if early {
		for s := b.Stats(); s.Put+s.Rejected < uint64(producers*each/2); s = b.Stats() {
			goruntime.Gosched()
		}
		finish()
	}
	sending.Wait()
	finish()
	taking.Wait()
	stop()

	counts, s := ends.count(t, producers, each), b.Stats()
	if s.Taken != counts["taken"] || s.Dropped != counts["dropped"] || s.Rejected != counts["rejected"] ||
		s.Put != counts["taken"]+counts["dropped"]+counts["drained"] || s.Len != 0 {
		t.Errorf("%+v, but by the letters %v", s, counts)
	}
}

// send sends l in one of four ways.
func send(t *testing.T, b *mailbox.Mailbox[letter], ends *ledger, l letter, way int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var err error
	switch way {
	case 0:
		err = b.TryPut(l)
	case 1:
		go cancel() // at any time: before, while or after it waits
		err = b.Put(ctx, l)
	default:
		err = b.Put(ctx, l)
	}
	switch {
	case err == nil:
	case errors.Is(err, mailbox.ErrClosed), errors.Is(err, mailbox.ErrFull), errors.Is(err, context.Canceled) && way == 1:
		ends.enter("rejected", l)
	default:
		t.Errorf("put %d: %v", way, err)
	}
}

// consume takes letters until there will be none.
func consume(t *testing.T, b *mailbox.Mailbox[letter], ends *ledger, order mailbox.Order, i int) {
	seen := arrival{map[[2]int]int{}}
	for n := 0; ; n++ {
		ctx, cancel := context.WithCancel(context.Background())
		var l letter
		var err error
		switch (n + i) % 3 {
		case 0:
			l, err = b.TryGet()
		case 1:
			go cancel()
			l, err = b.Get(ctx)
		default:
			l, err = b.Get(ctx)
		}
		cancel()
		switch {
		case err == nil:
			seen.check(t, order, l)
			ends.enter("taken", l)
		case errors.Is(err, mailbox.ErrClosed):
			return
		case errors.Is(err, mailbox.ErrEmpty), errors.Is(err, context.Canceled):
			goruntime.Gosched()
		default:
			t.Errorf("get: %v", err)
			return
		}
	}
}
