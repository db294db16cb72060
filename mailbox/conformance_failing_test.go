package mailbox_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// A confTrap makes the callbacks of a mailbox panic: always on the message numbered confUnlucky, and on every other
// while it is armed.
type confTrap struct{ armed atomic.Bool }

const (
	confUnlucky = 13
	confSprung  = "the trap was sprung"
)

func (p *confTrap) check(ls ...letter) {
	if p.armed.Load() || slices.ContainsFunc(ls, func(l letter) bool { return l.n == confUnlucky }) {
		panic(confSprung)
	}
}

// config is that of k with the trap in its callbacks.
func (p *confTrap) config(k kind) mailbox.Config[letter] {
	c := k.config(mailbox.Block, confSize)
	if less := c.Less; less != nil {
		c.Less = func(a, b letter) bool { p.check(a, b); return less(a, b) }
	}
	if level := c.Level; level != nil {
		c.Level = func(l letter) int { p.check(l); return level(l) }
	}
	return c
}

// Python's test makes the insertion and the removal of a queue raise. Here nothing can fail but the user's callbacks,
// and only Priority has any on the way in (Less and Level) or out (Less).
func TestFailingInsertionAndRemovalDamageNothing(t *testing.T) {
	for _, k := range kinds[2:] {
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var trap confTrap
				b := newMailbox(t, trap.config(k))
				for range 2 { // a damage may show on second use only
					for n := range confSize - 1 {
						put(t, b, letter{n: n, level: 1})
					}
					confFailingPuts(t, b, k)
					if k.name == "Less" { // with Level, nothing is compared on the way out
						confFailingGets(t, b, &trap)
					}
					confHealthy(t, b)
				}
				s := b.Stats()
				if s.Put != s.Taken || s.Rejected != 2 || s.Len != 0 || s.HighWater != confSize {
					t.Fatalf("%+v, want all taken, two found full, and no trace of the puts that panicked", s)
				}
			})
		})
	}
}

// confFailingPuts makes every kind of put fail, with room and without. It finds room for one message, and leaves none.
func confFailingPuts(t *testing.T, b *mailbox.Mailbox[letter], k kind) {
	fails := func(put func(letter) error) {
		t.Helper()
		if v := recovered(func() { _ = put(letter{n: confUnlucky}) }); v != confSprung {
			t.Fatalf("the put panicked with %v", v)
		}
		confLen(t, b, confSize-1)
	}
	fails(b.TryPut)
	fails(func(l letter) error { return b.Put(t.Context(), l) })
	fails(func(l letter) error { return b.Put(confTimeout(t, time.Minute), l) })
	put(t, b, letter{n: 20, level: 2})
	confLen(t, b, confSize)

	for i, ctx := range []context.Context{t.Context(), confTimeout(t, time.Minute)} {
		panicked := make(chan any, 1)
		go func() { panicked <- recovered(func() { _ = b.Put(ctx, letter{n: confUnlucky}) }) }()
		if k.name == "Less" { // Level is asked before the put waits
			waits(t, "a put without room", panicked)
		}
		if l := confTake(t, b); l.n != i {
			t.Fatalf("got %v, want %d: the get that makes room does not fail", l, i)
		}
		if v := over(t, "a put that fails as it enters", panicked); v != confSprung {
			t.Fatalf("the put panicked with %v", v)
		}
		confLen(t, b, confSize-1)
		put(t, b, letter{n: 21 + i, level: 2})
		confLen(t, b, confSize)
	}
}

// confFailingGets makes gets fail on a full mailbox, beside a put that waits. That one gets in later.
func confFailingGets(t *testing.T, b *mailbox.Mailbox[letter], trap *confTrap) {
	waiting := waitToPut(t.Context(), b, letter{n: 23, level: 3})
	trap.armed.Store(true)
	for _, get := range []func(){
		func() { _, _ = b.TryGet() },
		func() { _, _ = b.Get(t.Context()) },
		func() { _, _ = b.Get(confTimeout(t, time.Minute)) },
	} {
		if v := recovered(get); v != confSprung {
			t.Fatalf("the get panicked with %v", v)
		}
		confLen(t, b, confSize)
	}
	waits(t, "the put without room", waiting)
	trap.armed.Store(false)
	if l := confTake(t, b); l.n != 2 {
		t.Fatalf("got %v, want 2", l)
	}
	wantErr(t, "the put that waited", over(t, "it", waiting), nil)
	confLen(t, b, confSize)

	// A get that waits takes the first message of an empty mailbox. There is nothing to compare that with, so it cannot
	// fail.
	rest := confEmpty(t, b)
	got := waitToGet(t.Context(), b)
	trap.armed.Store(true)
	put(t, b, letter{n: 30})
	if g := over(t, "a get", got); g.err != nil || g.letter.n != 30 {
		t.Fatalf("a get that waited returned %v", g)
	}
	trap.armed.Store(false)
	for _, n := range rest { // as it was found
		put(t, b, letter{n: n, level: 2})
	}
}

// confHealthy proves that a full mailbox works as ever, and leaves it empty.
func confHealthy(t *testing.T, b *mailbox.Mailbox[letter]) {
	wantErr(t, "TryPut", b.TryPut(letter{}), mailbox.ErrFull)
	confTake(t, b)
	confLen(t, b, confSize-1)
	put(t, b, letter{n: 40, level: 3})
	waiting := waitToPut(t.Context(), b, letter{n: 41, level: 3})
	waits(t, "a put without room", waiting)
	confTake(t, b)
	wantErr(t, "a put that got room", over(t, "it", waiting), nil)
	all := confEmpty(t, b)
	if len(all) != confSize || !slices.Equal(all[confSize-2:], []int{40, 41}) {
		t.Fatalf("got %v, want %d messages, 40 and 41 the last", all, confSize)
	}
	if recovered(b.Done) != nil {
		t.Fatal("Done panicked after gets")
	}
}

// OnDrop is the callback that every order has. It is called when the put has happened, so the put stands.
func TestFailingOnDropDamagesNothing(t *testing.T) {
	for _, policy := range []mailbox.Overflow{mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast} {
		each(t, func(t *testing.T, k kind) {
			var told []int
			c := k.config(policy, confSize)
			c.OnDrop = func(l letter, _ error) {
				told = append(told, l.n)
				panic(confSprung)
			}
			b := newMailbox(t, c)
			for round := range 2 {
				told = nil
				var sent []int
				next := func() letter {
					n := 20*round + len(sent)
					sent = append(sent, n)
					return letter{n: n, level: n % levels}
				}
				for range confSize {
					put(t, b, next())
				}
				for _, evict := range []func(letter) error{
					b.TryPut,
					func(l letter) error { return b.Put(t.Context(), l) },
					b.TryPut,
				} {
					before := len(told)
					if v := recovered(func() { _ = evict(next()) }); v != confSprung || len(told) != before+1 {
						t.Fatalf("the put panicked with %v, told %v", v, told)
					}
					confLen(t, b, confSize)
				}
				ends := append(confEmpty(t, b), told...)
				slices.Sort(ends)
				if !slices.Equal(ends, sent) {
					t.Fatalf("%v came out or were dropped, want each of %v", ends, sent)
				}
			}
			if s := b.Stats(); s.Put != 16 || s.Taken != 10 || s.Dropped != 6 || s.Len != 0 || s.Rejected != 0 {
				t.Fatalf("%+v, want 6 of 16 dropped", s)
			}
		})
	}
}
