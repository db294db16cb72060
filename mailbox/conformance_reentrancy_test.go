package mailbox_test

import (
	goruntime "runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// Python runs finalizers wherever the garbage collector strikes, so that a put may be interrupted by a put to the same
// queue. In Go that happens to callbacks, which run within a put, and to cleanups, which run beside everything.

// Eviction upon eviction: OnDrop uses each method of the mailbox that called it, and evicts again.
func TestOnDropMayCallEveryMethod(t *testing.T) {
	for _, policy := range []mailbox.Overflow{mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast} {
		each(t, func(t *testing.T, k kind) {
			const deepest = 3
			var b *mailbox.Mailbox[letter]
			var out []int
			sent, depth := 0, 0
			next := func() letter {
				sent++
				return letter{n: sent, level: sent % levels}
			}
			c := k.config(policy, confSize)
			c.OnDrop = func(l letter, _ error) {
				out = append(out, l.n)
				if depth == deepest {
					return
				}
				depth++
				confLen(t, b, b.Cap())
				out = append(out, confTake(t, b).n)
				b.Done()
				wantErr(t, "TryPut with room", b.TryPut(next()), nil)
				wantErr(t, "TryPut that evicts", b.TryPut(next()), nil)
				wantErr(t, "Put that evicts", b.Put(t.Context(), next()), nil)
				if got, err := b.Get(t.Context()); err != nil {
					t.Errorf("Get: %v", err)
				} else {
					out = append(out, got.n)
					put(t, b, next())
				}
				if s := b.Stats(); s.Put != s.Taken+s.Dropped+uint64(s.Len) {
					t.Errorf("%+v within OnDrop: not accounted for", s)
				}
				if b.Join(ended()) == nil {
					t.Error("Join returned while messages wait")
				}
				depth--
				if depth == 0 {
					out = append(out, numbers(b.Drain())...)
					b.Close()
				}
			}
			b = newMailbox(t, c)
			for range confSize + 1 {
				put(t, b, next())
			}
			wantErr(t, "TryPut after OnDrop drained", b.TryPut(letter{}), mailbox.ErrClosed)
			slices.Sort(out)
			for i, n := range out {
				if n != i+1 {
					t.Fatalf("%v came out, want each of %d once", out, sent)
				}
			}
			if len(out) != sent {
				t.Fatalf("%d of %d came out", len(out), sent)
			}
		})
	}
}

// Level runs before its put has begun. Less does not: it runs with the lock held, and its doc forbids it the mailbox.
func TestLevelMayCallEveryMethod(t *testing.T) {
	var b *mailbox.Mailbox[letter]
	nested := false
	c := mailbox.Config[letter]{Capacity: confSize, Order: mailbox.Priority, Levels: levels}
	c.Level = func(l letter) int {
		if nested {
			return l.level
		}
		nested = true
		put(t, b, letter{n: 100 + l.n, level: 0})
		if got := confTake(t, b); got.n != 100+l.n {
			t.Errorf("got %v within Level, want %d", got, 100+l.n)
		}
		b.Done()
		put(t, b, letter{n: 200 + l.n, level: 2})
		if s := b.Stats(); s.Len != b.Len() || b.Cap() != confSize {
			t.Errorf("%+v, but Len is %d", s, b.Len())
		}
		nested = false
		return l.level
	}
	b = newMailbox(t, c)
	put(t, b, letter{n: 1, level: 1}, letter{n: 2, level: 1})
	if left := numbers(b.Drain()); !slices.Equal(left, []int{1, 2, 201, 202}) {
		t.Fatalf("left %v, want 1, 2, 201 and 202", left)
	}
}

// Cleanups run whenever the garbage collector has found something, while a put or a get may be halfway through.
func TestCleanupMayPut(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		rounds := int64(200 * scale)
		b := newMailbox(t, k.config(mailbox.Block, mailbox.Unbounded))
		var numbered, cleaned atomic.Int64
		send := func() {
			n := int(numbered.Add(1) - 1)
			if err := b.TryPut(letter{n: n, level: n % levels}); err != nil {
				t.Error("TryPut:", err)
			}
		}
		var out []int
		for round := range rounds {
			// No tiny object: the allocator packs those together, and then they are garbage only together.
			goruntime.AddCleanup(new(parcel), func(struct{}) { send(); cleaned.Add(1) }, struct{}{})
			send()
			out = append(out, confTake(t, b).n)
			if round%20 == 0 {
				goruntime.GC()
			}
		}
		for cleaned.Load() < rounds {
			goruntime.GC()
			goruntime.Gosched()
		}
		out = append(out, numbers(b.Drain())...)
		slices.Sort(out)
		for i, n := range out {
			if n != i {
				t.Fatalf("message %d did not come once: %v", i, out)
			}
		}
		if len(out) != int(2*rounds) {
			t.Fatalf("%d messages came, want %d", len(out), 2*rounds)
		}
	})
}
