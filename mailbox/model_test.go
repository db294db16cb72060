package mailbox_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/troupe-go/troupe/mailbox"
)

// An op is one call of the model tests, made times times, with a letter of this level where it takes one.
type op struct {
	name  string
	times int
	level int
}

// drawOps draws a sequence of calls. Each of rare is as likely as a tenth of one of common, because it ends much.
//
// The sequence has a fixed length, in which a failing one shrinks by turning calls into nothing: rapid's slices of any
// length are of five elements on average, which is too short to fill a mailbox.
func drawOps(t *rapid.T, common, rare []string) (ops []op) {
	names := slices.Concat([]string{""}, rare)
	for range 10 {
		names = append(names, common...)
	}
	one := rapid.Custom(func(t *rapid.T) op {
		return op{
			name:  rapid.SampledFrom(names).Draw(t, "op"),
			times: rapid.SampledFrom([]int{1, 1, 1, 2, 3, 8, 70}).Draw(t, "times"),
			level: rapid.SampledFrom([]int{0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, -1}).Draw(t, "level"),
		}
	})
	for _, o := range rapid.SliceOfN(one, 60, 60).Draw(t, "ops") {
		if o.name != "" {
			ops = append(ops, o)
		}
	}
	return ops
}

// letterOf varies the level within a run of calls, so that a run is not all of one urgency. A level that is out of range
// stays what it is.
func (o op) letterOf(n int) letter {
	if o.level < 0 {
		return letter{n: n, level: o.level}
	}
	return letter{n: n, level: (o.level + n*n) % levels}
}

// What the model tests call. The ends are drawn less often.
var (
	mailboxCalls = []string{
		"TryPut", "TryPut", "Put", "PutEnded", "TryGet", "TryGet", "Get", "GetEnded", "Done", "Join",
	}
	mailboxEnds = []string{"Close", "Drain"}
)

// TestModel proves that each order under each policy and capacity does what a naive model does.
func TestModel(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		rapid.Check(t, func(t *rapid.T) {
			ops := drawOps(t, mailboxCalls, mailboxEnds)
			for _, capacity := range capacities {
				runModel(t, k.config(policy, capacity), ops)
			}
		})
	})
}

// An outcome is what a call returned.
type outcome struct {
	letter letter
	err    error
	yes    bool
	state  mailbox.State
}

func runModel(t failer, c mailbox.Config[letter], ops []op) {
	want := newNaive(c)
	var dropped []letter
	c.OnDrop = func(l letter, err error) {
		if err != mailbox.ErrFull {
			t.Fatalf("OnDrop was told %v, want ErrFull", err)
		}
		dropped = append(dropped, l)
	}
	b := newMailbox(t, c)
	if b.Cap() != c.Capacity {
		t.Fatalf("Cap is %d, want %d", b.Cap(), c.Capacity)
	}
	sent := 0
	for i, o := range ops {
		for range o.times {
			sent++
			var left, wantLeft []letter
			var got, expected outcome
			if o.name == "Drain" {
				left, wantLeft = b.Drain(), want.drain()
			} else {
				got, expected = modelStep(b, want, o.name, o.letterOf(sent))
			}
			if got != expected || !slices.Equal(left, wantLeft) {
				t.Fatalf("capacity %d, step %d, %s: %+v %v, want %+v %v", c.Capacity, i, o.name, got, left, expected, wantLeft)
			}
			if !slices.Equal(dropped, want.dropped) {
				t.Fatalf("capacity %d, step %d, %s: dropped %v, want %v", c.Capacity, i, o.name, dropped, want.dropped)
			}
			dropped, want.dropped = dropped[:0], want.dropped[:0]
			s := b.Stats()
			if s != want.snapshot() || b.Len() != s.Len {
				t.Fatalf("capacity %d, step %d, %s: Len %d, %+v, want %+v", c.Capacity, i, o.name, b.Len(), s, want.snapshot())
			}
			if s.Put != s.Taken+s.Dropped+uint64(s.Len)+want.drawn {
				t.Fatalf("after %s: not accounted for: %+v, drained %d", o.name, s, want.drawn)
			}
		}
	}
}

// modelStep makes one call on both.
func modelStep(b *mailbox.Mailbox[letter], n *naive, name string, l letter) (got, want outcome) {
	live := context.Background()
	switch name {
	case "TryPut":
		got.err, want.err = b.TryPut(l), n.put(l)
	case "Put":
		if n.full() && n.policy == mailbox.Block && !n.closed && n.urgent(l) {
			return // it would wait
		}
		got.err, want.err = b.Put(live, l), n.put(l)
	case "PutEnded":
		got.err, want.err = b.Put(ended(), l), n.reject(context.Canceled)
	case "TryGet":
		got.letter, got.err = b.TryGet()
		want.letter, want.err = n.take()
	case "Get":
		if len(n.waiting) == 0 && !n.closed {
			return // it would wait
		}
		got.letter, got.err = b.Get(live)
		want.letter, want.err = n.take()
	case "GetEnded":
		got.letter, got.err = b.Get(ended())
		want.err = context.Canceled
	case "Done":
		got.yes = recovered(b.Done) == nil
		if n.done < n.stats.Taken {
			n.done++
			want.yes = true
		}
	case "Join":
		got.err = b.Join(ended())
		if n.unfinished() > 0 {
			want.err = context.Canceled
		}
	case "Close":
		n.closed = true
		b.Close()
	default:
		panic(name)
	}
	if errors.Is(got.err, mailbox.ErrConfig) {
		got.err = mailbox.ErrConfig // the texts are checked elsewhere
	}
	return got, want
}
