package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A player is an owner as a runtime would have it: a goroutine for as long as there is work, started by whoever is told
// to wake it. Fields without an atomic type are the owner's. They are not synchronised any further, so that the race
// detector sees it when there are two owners, or when one does not see what the last one did.
type player struct {
	t     *testing.T
	o     *mailbox.Owned[letter]
	order mailbox.Order
	ends  *ledger
	runs  sync.WaitGroup

	calm   atomic.Bool // it does not suspend itself any more
	ending atomic.Bool // it drains when it is interrupted

	random     *rand.Rand
	seen       arrival
	interrupts int
	suspended  bool
	handled    uint64
}

func newPlayer(t *testing.T, k kind, policy mailbox.Overflow, capacity int) *player {
	p := &player{
		t: t, order: k.order, ends: newLedger(), seen: arrival{map[[2]int]int{}}, random: rand.New(rand.NewPCG(7, 7)),
	}
	c := k.config(policy, capacity)
	c.OnDrop = func(l letter, _ error) { p.ends.enter("dropped", l) }
	p.o = newOwned(t, c)
	return p
}

func (p *player) wake(yes bool) {
	if yes {
		p.runs.Go(p.run)
	}
}

func (p *player) run() {
	p.suspended = false
	for {
		l, s := p.o.Next()
		switch s {
		case mailbox.Ready:
			p.handle(l)
		case mailbox.Idle:
			return
		case mailbox.Empty:
			if p.o.Rest() {
				return
			}
		case mailbox.Interrupted:
			p.interrupts++
			if p.ending.Load() {
				p.ends.enter("drained", p.o.Drain()...)
			}
			if !p.calm.Load() && p.random.IntN(2) == 0 {
				p.suspended = true
				if p.o.Suspend() {
					return
				}
				p.suspended = false
			}
		default:
			p.t.Errorf("Next says %v", s)
			return
		}
	}
}

func (p *player) handle(l letter) {
	p.handled++
	p.seen.check(p.t, p.order, l)
	p.ends.enter("taken", l)
	switch p.random.IntN(8) {
	case 0:
		goruntime.Gosched()
	case 1:
		if !p.o.Settle() {
			p.t.Error("Settle says that the mailbox is lost")
		}
	case 2:
		if p.o.Current() != l {
			p.t.Error("Current is not what Next returned")
		}
	}
}

// send sends l in one of these ways, and wakes the owner if it must.
func (p *player) send(l letter, way string) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var wake bool
	var err error
	switch way {
	case "TryPut":
		wake, err = p.o.TryPut(l)
	case "Put":
		wake, err = p.o.Put(ctx, l)
	case "Cancel":
		go cancel()
		wake, err = p.o.Put(ctx, l)
	case "Hold":
		var h mailbox.Held[letter]
		h, wake, err = p.o.Hold(l)
		p.o.Waits(h)
	}
	p.wake(wake)
	switch {
	case err == nil:
	case errors.Is(err, mailbox.ErrClosed), errors.Is(err, mailbox.ErrFull) && way != "Hold",
		errors.Is(err, context.Canceled) && way == "Cancel":
		p.ends.enter("rejected", l)
	default:
		p.t.Errorf("%s: %v", way, err)
	}
}

// TestOwnerProtocol has producers that wake the owner as they are told, and, unless it is calm, somebody who interrupts
// it all the time, on which it may suspend itself.
func TestOwnerProtocol(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		for _, capacity := range []int{1, 2, 9} {
			for _, mode := range []string{"calm", "disturbed", "drained"} {
				t.Run(fmt.Sprint(capacity, "/", mode), func(t *testing.T) {
					for range scale {
						playOwner(t, k, policy, capacity, mode)
					}
				})
			}
		}
	})
}

func playOwner(t *testing.T, k kind, policy mailbox.Overflow, capacity int, mode string) {
	const sent = 150
	ways := [][]string{{"Hold"}, {"TryPut", "Put"}, {"Put", "Cancel"}, {"TryPut", "Hold", "Put", "Cancel"}}
	if policy >= mailbox.DropOldest {
		ways[3] = []string{"TryPut", "Put", "Cancel"} // there, what evicts may overtake what is held aside
	}
	p := newPlayer(t, k, policy, capacity)
	p.calm.Store(mode == "calm")
	stop := watch(t, capacity, p.o.Len, p.o.Stats, &p.ending)
	p.wake(true) // a new mailbox is awake

	var sending, disturbing sync.WaitGroup
	var sentAll atomic.Bool
	for from, ways := range ways {
		sending.Go(func() {
			random := rand.New(rand.NewPCG(3, uint64(from)))
			for n := range sent {
				p.send(letter{from, n, random.IntN(levels)}, ways[random.IntN(len(ways))])
			}
		})
	}
	if mode != "calm" {
		disturbing.Go(func() {
			random := rand.New(rand.NewPCG(5, 5))
			for !sentAll.Load() {
				if s := p.o.Stats(); mode == "drained" && s.Put > sent && s.Taken > sent/4 {
					p.ending.Store(true)
				}
				p.wake(p.o.Interrupt())
				for range random.IntN(20) {
					goruntime.Gosched()
				}
			}
		})
	}
	sending.Wait()
	sentAll.Store(true)
	disturbing.Wait()
	p.runs.Wait()
	// Nobody runs any more. What was put is handled, or the owner sleeps until it is interrupted: no wake-up was lost.
	if s := p.o.Stats(); !p.suspended && (s.Len > 0 || s.Held > 0) {
		t.Fatalf("%+v: the owner sleeps, and nobody was told to wake it", s)
	}
	p.calm.Store(true)
	p.wake(p.o.Interrupt())
	p.runs.Wait()
	stop()

	counts, s := p.ends.count(t, len(ways), sent), p.o.Stats()
	if s.Len != 0 || s.Held != 0 || s.InHand != 0 {
		t.Errorf("%+v: want nothing left", s)
	}
	if s.Taken != p.handled || s.Taken != counts["taken"] || s.Dropped != counts["dropped"] ||
		s.Rejected != counts["rejected"] || s.Put != counts["taken"]+counts["dropped"]+counts["drained"] {
		t.Errorf("%+v, but by the letters %v", s, counts)
	}
	if mode == "disturbed" && p.interrupts == 0 {
		t.Error("it was never interrupted")
	}
}

// An interrupt in the middle of a batch must not count what is left of it as begun: there would be room for one more
// than the capacity, and Stats would call a message taken that still waits.
func TestInterruptWithinBatchCountsNothingAsBegun(t *testing.T) {
	o := newOwned(t, mailbox.Config[int]{Capacity: 3})
	for n := range 3 {
		if _, err := o.TryPut(n); err != nil {
			t.Fatal(err)
		}
	}
	o.Next()
	if _, err := o.TryPut(3); err != nil {
		t.Fatal(err)
	}
	o.Interrupt()
	if _, s := o.Next(); s != mailbox.Interrupted {
		t.Fatalf("Next says %v, want Interrupted", s)
	}
	if s := o.Stats(); s.Len != 3 || s.Taken != 1 || s.InHand != 0 {
		t.Fatalf("%+v, want 3 waiting and 1 taken", s)
	}
	_, err := o.TryPut(4)
	wantErr(t, "TryPut", err, mailbox.ErrFull)
	if left := o.Drain(); !slices.Equal(left, []int{1, 2, 3}) {
		t.Fatalf("left %v", left)
	}
}

// A receipt says nothing about other messages: not the zero receipt, and not after others were refused their place.
func TestWaitsKnowsItsMessage(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		o := newOwned(t, k.config(policy, 3))
		var receipts []mailbox.Held[letter]
		if o.Waits(mailbox.Held[letter]{}) {
			t.Fatal("nothing waits in a new mailbox")
		}
		for n := range 3 {
			h, _, err := o.Hold(letter{n: n})
			if err != nil {
				t.Fatal(err)
			}
			receipts = append(receipts, h)
		}
		if o.Waits(mailbox.Held[letter]{}) {
			t.Fatal("the zero receipt is of no message")
		}
		if policy != mailbox.DropOldest && k.order == mailbox.FIFO {
			for n := 3; n < 6; n++ {
				_, _ = o.TryPut(letter{n: n}) // refused, one way or another
			}
		}
		for i := range receipts {
			l, s := o.Next()
			if s != mailbox.Ready {
				t.Fatalf("Next says %v", s)
			}
			for n, h := range receipts {
				waits := n > i
				if k.order == mailbox.LIFO {
					waits = n < 2-i
				}
				if o.Waits(h) != waits {
					t.Fatalf("as %d is begun, Waits(%d) is %v", l.n, n, !waits)
				}
			}
		}
	})
}
