package mailbox_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/troupe-go/troupe/mailbox"
)

// naiveOwned adds to a naive mailbox what an owner sees.
type naiveOwned struct {
	*naive
	hand        letter // what the owner has begun, while inHand is 1
	inHand      int
	awake       bool
	suspended   bool
	staying     bool
	interrupted bool
	drained     bool
	lost        bool
}

func (n *naiveOwned) snapshot() mailbox.Stats {
	s := n.naive.snapshot()
	s.InHand = n.inHand
	return s
}

// wakes reports whether a put must wake the owner.
func (n *naiveOwned) wakes() bool {
	if n.awake || n.suspended || len(n.waiting) == 0 {
		return false
	}
	n.awake = true
	return true
}

func (n *naiveOwned) next() (letter, mailbox.State) {
	if n.lost {
		return letter{}, mailbox.Lost
	}
	n.inHand = 0
	if n.interrupted {
		n.interrupted = false
		return letter{}, mailbox.Interrupted
	}
	l, ok := n.pop()
	switch {
	case ok:
		n.stats.Taken++
		n.hand, n.inHand = l, 1
		return l, mailbox.Ready
	case n.closed || n.staying:
		return letter{}, mailbox.Empty
	}
	n.awake = false
	return letter{}, mailbox.Idle
}

func (n *naiveOwned) abandon() (left []letter, ok bool) {
	if !n.interrupted || n.lost {
		return nil, false
	}
	if n.inHand == 1 {
		left = append(left, n.hand)
		n.stats.Taken--
		n.drawn++
	}
	n.inHand, n.interrupted, n.drained, n.lost = 0, false, true, true
	return append(left, n.drain()...), true
}

func (n *naiveOwned) settle() bool {
	if !n.lost {
		n.inHand = 0
	}
	return !n.lost
}

func (n *naiveOwned) rest() bool {
	n.settle()
	n.awake = len(n.waiting) > 0 || n.interrupted
	return !n.awake
}

func (n *naiveOwned) suspend() bool {
	n.settle()
	if n.interrupted {
		n.interrupted = false
		return false
	}
	n.awake, n.suspended = false, true
	return true
}

func (n *naiveOwned) interrupt() bool {
	wake := !n.awake
	n.interrupted, n.awake, n.suspended = true, true, false
	return wake
}

// What the model tests call of an owned mailbox.
var (
	ownedCalls = []string{
		"TryPut", "TryPut", "Put", "PutEnded", "Hold", "Interrupt", "Next", "Next", "Next", "Settle", "Rest", "Suspend",
		"Waits",
	}
	ownedEnds = []string{"Stay", "Close", "Close", "Drain", "Abandon"}
)

// TestModelOwned proves that an owned mailbox does what a naive model does, as long as one goroutine plays all parts.
func TestModelOwned(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		rapid.Check(t, func(t *rapid.T) {
			ops := drawOps(t, ownedCalls, ownedEnds)
			for _, capacity := range capacities {
				runOwnedModel(t, k.config(policy, capacity), ops)
			}
		})
	})
}

func runOwnedModel(t failer, c mailbox.Config[letter], ops []op) {
	n := &naiveOwned{naive: newNaive(c), awake: true}
	var dropped []letter
	c.OnDrop = func(l letter, _ error) { dropped = append(dropped, l) }
	o := newOwned(t, c)
	receipts := map[letter]mailbox.Held[letter]{}
	sent := 0
	for i, op := range ops {
		for range op.times {
			sent++
			var left, wantLeft []letter
			var got, want outcome
			switch {
			case op.name == "Drain" && n.awake && !n.lost:
				left, wantLeft = o.Drain(), n.drain()
				n.inHand, n.drained = 0, true
			case op.name == "Drain":
			case op.name == "Abandon":
				left, got.yes = o.Abandon()
				wantLeft, want.yes = n.abandon()
			case op.name == "Waits":
				for l, h := range receipts {
					if o.Waits(h) != (slices.Contains(n.waiting, l) || slices.Contains(n.held, l)) {
						t.Fatalf("capacity %d, step %d: Waits(%v) is %v: waiting %v, held %v",
							c.Capacity, i, l, o.Waits(h), n.waiting, n.held)
					}
				}
			default:
				got, want = ownedStep(o, n, receipts, op.name, op.letterOf(sent))
			}
			if got != want || !slices.Equal(left, wantLeft) {
				t.Fatalf("capacity %d, step %d, %s: %+v %v, want %+v %v", c.Capacity, i, op.name, got, left, want, wantLeft)
			}
			if !slices.Equal(dropped, n.dropped) {
				t.Fatalf("capacity %d, step %d, %s: dropped %v, want %v", c.Capacity, i, op.name, dropped, n.dropped)
			}
			dropped, n.dropped = dropped[:0], n.dropped[:0]
			s := o.Stats()
			if s != n.snapshot() || o.Len() != s.Len || o.Interrupted() != n.interrupted {
				t.Fatalf("capacity %d, step %d, %s: Len %d, %+v, want %+v", c.Capacity, i, op.name, o.Len(), s, n.snapshot())
			}
			if s.Len > o.Cap() && o.Cap() != mailbox.Unbounded {
				t.Fatalf("after %s: Len %d exceeds Cap %d", op.name, s.Len, o.Cap())
			}
			if s.Put != s.Taken+s.Dropped+uint64(s.Len)+uint64(s.Held)+n.drawn {
				t.Fatalf("after %s: not accounted for: %+v, drained %d", op.name, s, n.drawn)
			}
		}
	}
}

// configErr is wake and err without the text of an ErrConfig, which is checked elsewhere.
func configErr(wake bool, err error) (bool, error) {
	if errors.Is(err, mailbox.ErrConfig) {
		err = mailbox.ErrConfig
	}
	return wake, err
}

// ownedStep makes one call on both. The owner's calls are made while it is awake only, and those of a lost one always.
func ownedStep(
	o *mailbox.Owned[letter], n *naiveOwned, receipts map[letter]mailbox.Held[letter], name string, l letter,
) (got, want outcome) {
	switch name {
	case "TryPut":
		got.yes, got.err = configErr(o.TryPut(l))
		want.err = n.put(l)
		want.yes = n.wakes()
		return got, want
	case "Put":
		if n.full() && n.policy == mailbox.Block && !n.closed && n.urgent(l) {
			return got, want // it would wait
		}
		got.yes, got.err = configErr(o.Put(context.Background(), l))
		want.err = n.put(l)
		want.yes = n.wakes()
		return got, want
	case "PutEnded":
		got.yes, got.err = o.Put(ended(), l)
		want.err = n.reject(context.Canceled)
		return got, want
	case "Hold":
		var h mailbox.Held[letter]
		h, got.yes, got.err = o.Hold(l)
		got.yes, got.err = configErr(got.yes, got.err)
		switch {
		case n.drained:
			want.err = n.reject(nil)
			return got, want
		case !n.urgent(l):
			n.stats.Rejected++
			want.err, want.yes = mailbox.ErrConfig, n.wakes()
			return got, want
		}
		receipts[l] = h
		n.hold(l)
		want.yes = n.wakes()
		return got, want
	case "Interrupt":
		got.yes, want.yes = o.Interrupt(), n.interrupt()
		return got, want
	case "Close":
		o.Close()
		n.closed = true
		return got, want
	}
	if !n.awake && !n.lost {
		return got, want // nobody is the owner
	}
	switch name {
	case "Next":
		got.letter, got.state = o.Next()
		want.letter, want.state = n.next()
		if got.state == mailbox.Ready && o.Current() != got.letter {
			got.err = context.Canceled // any error will do: it is not wanted
		}
	case "Settle":
		got.yes, want.yes = o.Settle(), n.settle()
	case "Stay":
		o.Stay()
		n.staying = true
	case "Rest":
		if n.awake {
			got.yes, want.yes = o.Rest(), n.rest()
		}
	case "Suspend":
		if n.awake {
			got.yes, want.yes = o.Suspend(), n.suspend()
		}
	default:
		panic(name)
	}
	return got, want
}
