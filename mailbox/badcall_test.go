package mailbox_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
)

// What each call says once the mailbox is closed.
func TestCallsAfterTheEndSaySo(t *testing.T) {
	const closed = "mailbox: closed"
	for _, tt := range []struct {
		name string
		end  func(*mailbox.Mailbox[int])
		left int // of 1 and 2, what is there to be taken
	}{
		{"Close", func(b *mailbox.Mailbox[int]) { b.Close() }, 2},
		{"Close twice", func(b *mailbox.Mailbox[int]) { b.Close(); b.Close() }, 2},
		{"Close, and one taken", func(b *mailbox.Mailbox[int]) { b.Close(); _, _ = b.TryGet() }, 1},
		{"Drain", func(b *mailbox.Mailbox[int]) { b.Drain() }, 0},
		{"Close and Drain", func(b *mailbox.Mailbox[int]) { b.Close(); b.Drain() }, 0},
		{"Drain and Close", func(b *mailbox.Mailbox[int]) { b.Drain(); b.Close() }, 0},
	} {
		for _, policy := range policies {
			t.Run(fmt.Sprint(tt.name, "/", policy), func(t *testing.T) {
				b := newMailbox(t, mailbox.Config[int]{Capacity: 2, Overflow: policy, OnDrop: func(n int, err error) {
					t.Errorf("%d was dropped: %v", n, err)
				}})
				put(t, b, 1, 2)
				tt.end(b)
				before := b.Stats()
				wantText(t, "TryPut", b.TryPut(3), mailbox.ErrClosed, closed)
				wantText(t, "Put", b.Put(t.Context(), 3), mailbox.ErrClosed, closed)
				before.Rejected, before.Refused = 2, 2
				if b.Stats() != before {
					t.Errorf("%+v, want %+v", b.Stats(), before)
				}
				for i := range tt.left {
					if n, err := b.TryGet(); n != 3-tt.left+i || err != nil {
						t.Errorf("TryGet returned %v, %v", n, err)
					}
				}
				for range 2 {
					n, err := b.TryGet()
					wantText(t, "TryGet", err, mailbox.ErrClosed, closed)
					m, err := b.Get(t.Context())
					wantText(t, "Get", err, mailbox.ErrClosed, closed)
					if n != 0 || m != 0 {
						t.Errorf("%d and %d were taken of nothing", n, m)
					}
				}
				if left := b.Drain(); left != nil {
					t.Errorf("left %v", left)
				}
			})
		}
	}
}

// It is empty when nothing was put, when all was taken, when all was evicted but what was taken, and while somebody
// waits; and full and empty follow each other.
func TestTryGetOfEmpty(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, k.config(mailbox.DropOldest, 1))
			isEmpty := func(what string) {
				l, err := b.TryGet()
				wantText(t, what, err, mailbox.ErrEmpty, "mailbox: empty")
				if l != (letter{}) {
					t.Errorf("%s: got %v", what, l)
				}
			}
			isEmpty("new")
			isEmpty("asked again")
			put(t, b, letter{n: 1}, letter{n: 2})
			if l, err := b.TryGet(); l.n != 2 || err != nil {
				t.Fatalf("TryGet returned %v, %v, want 2", l, err)
			}
			isEmpty("all was taken or evicted")
			waiting := waitToGet(t.Context(), b)
			isEmpty("beside a get that waits")
			put(t, b, letter{n: 3})
			isEmpty("the message is that get's")
			if g := over(t, "the get", waiting); g.letter.n != 3 {
				t.Fatalf("got %v, want 3", g)
			}
			if s := b.Stats(); s.Taken != 2 || s.Dropped != 1 {
				t.Fatalf("%+v, want 2 taken", s)
			}
		})
	})
}

// Done is for a message that was taken, whatever else may have become of others. A panic leaves the mailbox unlocked.
func TestDoneForWhatWasNotTakenPanics(t *testing.T) {
	const text = "mailbox: Done was called more often than messages were taken"
	for _, tt := range []struct {
		name    string
		prepare func(*mailbox.Mailbox[int])
		taken   int // so many times it is right
	}{
		{"of a closed mailbox", func(b *mailbox.Mailbox[int]) { b.Close() }, 0},
		{"for an evicted message", func(b *mailbox.Mailbox[int]) { put(t, b, 1, 2, 3) }, 0},
		{"for a message beside one that was taken", func(b *mailbox.Mailbox[int]) { put(t, b, 1, 2); _, _ = b.TryGet() }, 1},
		{"for a get of nothing", func(b *mailbox.Mailbox[int]) { _, _ = b.TryGet() }, 0},
		{"for a get whose context had ended", func(b *mailbox.Mailbox[int]) { put(t, b, 1); _, _ = b.Get(ended()) }, 0},
		{"for a put that was refused", func(b *mailbox.Mailbox[int]) { _ = b.Put(ended(), 1) }, 0},
		{"for a drained message beside one that was taken", func(b *mailbox.Mailbox[int]) {
			put(t, b, 1, 2)
			_, _ = b.Get(context.Background())
			b.Drain()
		}, 1},
		{"for both taken, and once more", func(b *mailbox.Mailbox[int]) {
			put(t, b, 1, 2)
			_, _ = b.TryGet()
			_, _ = b.TryGet()
		}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newMailbox(t, mailbox.Config[int]{Capacity: 2, Overflow: mailbox.DropOldest})
			tt.prepare(b)
			for range tt.taken {
				b.Done()
			}
			for range 2 {
				if v := recovered(b.Done); v != text {
					t.Fatalf("Done panicked with %v, want %q", v, text)
				}
			}
			b.Drain()
			wantErr(t, "Join, with nothing to wait for", b.Join(ended()), nil)
		})
	}
}

// Misuse of an owned mailbox, and what is merely late: each call says what it found, and the next one works.
func TestOwnerCallsOutOfTurn(t *testing.T) {
	type owned = *mailbox.Owned[int]
	next := func(o owned) string {
		n, s := o.Next()
		return fmt.Sprint(s, n)
	}
	try := func(o owned) string { return fmt.Sprint(o.TryPut(3)) }
	hold := func(o owned) string {
		h, wake, err := o.Hold(4)
		return fmt.Sprint(wake, err, o.Waits(h))
	}
	interrupt := func(o owned) string { return fmt.Sprint("wake ", o.Interrupt()) }
	abandon := func(o owned) string { return fmt.Sprint(o.Abandon()) }
	drain := func(o owned) string { return fmt.Sprint(o.Drain()) }
	rest := func(o owned) string { return fmt.Sprint("rest ", o.Rest()) }
	suspend := func(o owned) string { return fmt.Sprint("suspend ", o.Suspend()) }
	settle := func(o owned) string { return fmt.Sprint("settle ", o.Settle()) }
	stay := func(o owned) string { o.Stay(); return "stay" }
	closes := func(o owned) string { o.Close(); return "close" }

	for _, tt := range []struct {
		name  string
		put   int // of 1 and 2, how many
		calls []func(owned) string
		want  []string
	}{
		{"Next of nothing, again and again", 0, []func(owned) string{next, next}, []string{"Idle 0", "Idle 0"}},
		{"Stay twice", 0, []func(owned) string{stay, stay, next, next}, []string{"stay", "stay", "Empty 0", "Empty 0"}},
		{"Rest with a message", 1, []func(owned) string{rest, next, rest}, []string{"rest false", "Ready 1", "rest true"}},
		{"Rest twice", 0, []func(owned) string{rest, rest, try}, []string{"rest true", "rest true", "true <nil>"}},
		{"Rest, and an interrupt comes first", 0, []func(owned) string{interrupt, rest, next, rest},
			[]string{"wake false", "rest false", "Interrupted 0", "rest true"}},
		{"Rest with a batch in hand", 2, []func(owned) string{next, rest, next, rest},
			[]string{"Ready 1", "rest false", "Ready 2", "rest true"}},
		{"Rest after Stay", 0, []func(owned) string{stay, next, rest, try}, []string{"stay", "Empty 0", "rest true", "true <nil>"}},
		{"Suspend with messages, and puts do not wake", 2, []func(owned) string{suspend, suspend, hold, interrupt, next, next},
			[]string{"suspend true", "suspend true", "false <nil> true", "wake true", "Interrupted 0", "Ready 1"}},
		{"Suspend, and an interrupt comes first", 1, []func(owned) string{interrupt, suspend, next, suspend},
			[]string{"wake false", "suspend false", "Ready 1", "suspend true"}},
		{"Interrupt twice is one", 1, []func(owned) string{interrupt, interrupt, next, next},
			[]string{"wake false", "wake false", "Interrupted 0", "Ready 1"}},
		{"Interrupt twice wakes once", 0, []func(owned) string{rest, interrupt, interrupt, next, next},
			[]string{"rest true", "wake true", "wake false", "Interrupted 0", "Idle 0"}},
		{"Interrupt after Close", 1, []func(owned) string{closes, interrupt, next, next, next},
			[]string{"close", "wake false", "Interrupted 0", "Ready 1", "Empty 0"}},
		{"puts after Close, and Hold", 1, []func(owned) string{closes, closes, try, hold, next, next, next},
			[]string{"close", "close", "false mailbox: closed", "false <nil> true", "Ready 1", "Ready 4", "Empty 0"}},
		{"all after Drain", 2, []func(owned) string{next, drain, drain, try, hold, next, settle, rest, interrupt},
			[]string{"Ready 1", "[2]", "[]", "false mailbox: closed", "false mailbox: closed false", "Empty 0", "settle true",
				"rest true", "wake true"}},
		{"Drain before Next", 2, []func(owned) string{drain, closes, next}, []string{"[1 2]", "close", "Empty 0"}},
		{"Abandon without an interrupt", 2, []func(owned) string{abandon, next, abandon, try},
			[]string{"[] false", "Ready 1", "[] false", "false <nil>"}},
		{"Abandon after the owner came back", 1, []func(owned) string{interrupt, next, abandon, next},
			[]string{"wake false", "Interrupted 0", "[] false", "Ready 1"}},
		{"Abandon of an owner that sleeps", 0, []func(owned) string{rest, interrupt, abandon, abandon},
			[]string{"rest true", "wake true", "[] true", "[] false"}},
		{"Abandon after Drain", 2, []func(owned) string{next, drain, interrupt, abandon},
			[]string{"Ready 1", "[2]", "wake false", "[] true"}},
		{"all after Abandon", 2, []func(owned) string{next, interrupt, abandon, drain, try, hold, next, next, settle, closes},
			[]string{"Ready 1", "wake false", "[1 2] true", "[]", "false mailbox: closed", "false mailbox: closed false",
				"Lost 0", "Lost 0", "settle false", "close"}},
		{"Settle of nothing, and twice", 1, []func(owned) string{settle, settle, next, settle, settle, interrupt, abandon},
			[]string{"settle true", "settle true", "Ready 1", "settle true", "settle true", "wake false", "[] true"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOwned(t, mailbox.Config[int]{Capacity: 4})
			for n := range tt.put {
				if _, err := o.TryPut(1 + n); err != nil {
					t.Fatal(err)
				}
			}
			var log []string
			for _, call := range tt.calls {
				log = append(log, call(o))
			}
			if !slices.Equal(log, tt.want) {
				t.Fatalf("%q, want %q", log, tt.want)
			}
		})
	}
}

// The receipt of a message that was refused is of no message, like the zero receipt.
func TestReceiptOfRefusedMessageWaitsForNothing(t *testing.T) {
	o := newOwned(t, mailbox.Config[int]{Order: mailbox.Priority, Levels: 1, Level: func(n int) int { return n }})
	refused, _, err := o.Hold(1)
	wantErr(t, "Hold", err, mailbox.ErrConfig)
	if _, err := o.TryPut(0); err != nil {
		t.Fatal(err)
	}
	if o.Waits(refused) || o.Waits(mailbox.Held[int]{}) {
		t.Fatal("a receipt of no message is taken for another's")
	}
	o.Drain()
	refused, _, err = o.Hold(0)
	wantErr(t, "Hold after Drain", err, mailbox.ErrClosed)
	if o.Waits(refused) {
		t.Fatal("what was refused waits")
	}
}

// New returned an error that nobody looked at: the first call says so, in Go's own words, and nothing waits for ever.
func TestNilMailboxPanics(t *testing.T) {
	const text = "runtime error: invalid memory address or nil pointer dereference"
	var b *mailbox.Mailbox[int]
	var o *mailbox.Owned[int]
	ctx := t.Context()
	for what, call := range map[string]func(){
		"Put": func() { _ = b.Put(ctx, 1) }, "TryPut": func() { _ = b.TryPut(1) },
		"Get": func() { _, _ = b.Get(ctx) }, "TryGet": func() { _, _ = b.TryGet() },
		"Len": func() { b.Len() }, "Cap": func() { b.Cap() }, "Stats": func() { b.Stats() },
		"Done": func() { b.Done() }, "Join": func() { _ = b.Join(ctx) },
		"Close": func() { b.Close() }, "Drain": func() { b.Drain() },
		"Owned.Put": func() { _, _ = o.Put(ctx, 1) }, "Owned.TryPut": func() { _, _ = o.TryPut(1) },
		"Owned.Hold": func() { _, _, _ = o.Hold(1) }, "Owned.Waits": func() { o.Waits(mailbox.Held[int]{}) },
		"Owned.Len": func() { o.Len() }, "Owned.Cap": func() { o.Cap() }, "Owned.Stats": func() { o.Stats() },
		"Owned.Interrupt": func() { o.Interrupt() }, "Owned.Interrupted": func() { o.Interrupted() },
		"Owned.Close": func() { o.Close() }, "Owned.Drain": func() { o.Drain() }, "Owned.Abandon": func() { _, _ = o.Abandon() },
		"Owned.Next": func() { o.Next() }, "Owned.Current": func() { o.Current() }, "Owned.Settle": func() { o.Settle() },
		"Owned.Stay": func() { o.Stay() }, "Owned.Rest": func() { o.Rest() }, "Owned.Suspend": func() { o.Suspend() },
	} {
		if v := recovered(call); fmt.Sprint(v) != text {
			t.Errorf("%s of nil: panic %v, want %q", what, v, text)
		}
	}
}
