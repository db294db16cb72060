package mailbox_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A reentry is a call that OnDrop makes of the mailbox that called it. Then there is room for one message and one is in.
type reentry[B any] struct {
	name string
	call func(t *testing.T, b B, ends *ledger)
}

func accept(t *testing.T, err error) {
	if err != nil {
		t.Errorf("a put by OnDrop: %v", err)
	}
}

var extra = letter{n: 2, level: 1} // what OnDrop puts

var mailboxReentries = []reentry[*mailbox.Mailbox[letter]]{
	{"Put", func(t *testing.T, b *mailbox.Mailbox[letter], _ *ledger) { accept(t, b.Put(t.Context(), extra)) }},
	{"TryPut", func(t *testing.T, b *mailbox.Mailbox[letter], _ *ledger) { accept(t, b.TryPut(extra)) }},
	{"Get and Done", func(t *testing.T, b *mailbox.Mailbox[letter], ends *ledger) {
		l, err := b.Get(t.Context())
		wantErr(t, "Get", err, nil)
		ends.enter("taken", l)
		b.Done()
	}},
	{"TryGet", func(t *testing.T, b *mailbox.Mailbox[letter], ends *ledger) {
		l, err := b.TryGet()
		wantErr(t, "TryGet", err, nil)
		ends.enter("taken", l)
	}},
	{"Join", func(t *testing.T, b *mailbox.Mailbox[letter], _ *ledger) {
		wantErr(t, "Join", b.Join(ended()), context.Canceled)
	}},
	{"Len, Cap and Stats", func(t *testing.T, b *mailbox.Mailbox[letter], _ *ledger) {
		if s := b.Stats(); b.Len() != 1 || b.Cap() != 1 || s.Len != 1 || s.Dropped != 1 || s.Put != 2 {
			t.Errorf("Len %d, Cap %d, %+v: want the eviction to be over", b.Len(), b.Cap(), s)
		}
	}},
	{"Close", func(_ *testing.T, b *mailbox.Mailbox[letter], _ *ledger) { b.Close() }},
	{"Drain", func(_ *testing.T, b *mailbox.Mailbox[letter], ends *ledger) { ends.enter("drained", b.Drain()...) }},
}

var ownedReentries = []reentry[*mailbox.Owned[letter]]{
	{"Put", func(t *testing.T, o *mailbox.Owned[letter], _ *ledger) {
		_, err := o.Put(t.Context(), extra)
		accept(t, err)
	}},
	{"TryPut", func(t *testing.T, o *mailbox.Owned[letter], _ *ledger) {
		_, err := o.TryPut(extra)
		accept(t, err)
	}},
	{"Hold and Waits", func(t *testing.T, o *mailbox.Owned[letter], _ *ledger) {
		h, _, err := o.Hold(extra)
		accept(t, err)
		if !o.Waits(h) {
			t.Error("what OnDrop held aside does not wait")
		}
	}},
	{"Len, Cap and Stats", func(t *testing.T, o *mailbox.Owned[letter], _ *ledger) {
		if s := o.Stats(); o.Len() != 1 || o.Cap() != 1 || s.Len != 1 || s.Dropped != 1 || s.Put != 2 {
			t.Errorf("Len %d, Cap %d, %+v: want the eviction to be over", o.Len(), o.Cap(), s)
		}
	}},
	{"Interrupt and Interrupted", func(t *testing.T, o *mailbox.Owned[letter], _ *ledger) {
		if o.Interrupt() || !o.Interrupted() {
			t.Error("an awake owner was not interrupted")
		}
		if _, s := o.Next(); s != mailbox.Interrupted {
			t.Errorf("Next says %v, want Interrupted", s)
		}
	}},
	{"Next, Current and Settle", func(t *testing.T, o *mailbox.Owned[letter], ends *ledger) {
		l, s := o.Next()
		if s != mailbox.Ready || o.Current() != l || !o.Settle() {
			t.Errorf("Next returned %v, %v, and Current %v", l, s, o.Current())
		}
		ends.enter("taken", l)
	}},
	{"Stay and Rest", func(t *testing.T, o *mailbox.Owned[letter], _ *ledger) {
		if o.Stay(); o.Rest() {
			t.Error("the owner rests, and a message waits")
		}
	}},
	{"Suspend", func(t *testing.T, o *mailbox.Owned[letter], _ *ledger) {
		if !o.Suspend() || !o.Interrupt() {
			t.Error("the owner was not suspended and woken")
		}
		if _, s := o.Next(); s != mailbox.Interrupted {
			t.Errorf("Next says %v, want Interrupted", s)
		}
	}},
	{"Close", func(_ *testing.T, o *mailbox.Owned[letter], _ *ledger) { o.Close() }},
	{"Drain", func(_ *testing.T, o *mailbox.Owned[letter], ends *ledger) { ends.enter("drained", o.Drain()...) }},
	{"Abandon", func(t *testing.T, o *mailbox.Owned[letter], ends *ledger) {
		o.Interrupt()
		left, ok := o.Abandon()
		if !ok {
			t.Error("it was not abandoned")
		}
		ends.enter("abandoned", left...)
	}},
}

// OnDrop may make any call of the mailbox that called it, as if the put that evicted had returned. What it puts may
// evict in turn. Under Block and Reject nothing calls it.
func TestOnDropMayMakeEveryCall(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		for _, r := range mailboxReentries {
			var b *mailbox.Mailbox[letter]
			ends := newLedger()
			c := k.config(policy, 1)
			c.OnDrop = once(ends, func() { r.call(t, b, ends) })
			b = newMailbox(t, c)
			put(t, b, letter{n: 0})
			if err := b.TryPut(letter{n: 1}); err != nil {
				ends.enter("rejected", letter{n: 1})
			}
			ends.enter("drained", b.Drain()...)
			checkReentry(t, "Mailbox."+r.name, policy, ends, b.Stats())
		}
		for _, r := range ownedReentries {
			var o *mailbox.Owned[letter]
			ends := newLedger()
			c := k.config(policy, 1)
			c.OnDrop = once(ends, func() { r.call(t, o, ends) })
			o = newOwned(t, c)
			for n := range 2 {
				if _, err := o.TryPut(letter{n: n}); err != nil {
					ends.enter("rejected", letter{n: n})
				}
			}
			ends.enter("drained", o.Drain()...)
			checkReentry(t, "Owned."+r.name, policy, ends, o.Stats())
		}
	})
}

// once is an OnDrop that enters what it is told, and calls f the first time.
func once(ends *ledger, f func()) func(letter, error) {
	called := false
	return func(l letter, _ error) {
		ends.enter("dropped", l)
		if !called {
			called = true
			f()
		}
	}
}

func checkReentry(t *testing.T, what string, policy mailbox.Overflow, ends *ledger, s mailbox.Stats) {
	t.Helper()
	if policy <= mailbox.Reject && s.Dropped > 0 {
		t.Errorf("%s: %+v: nothing is evicted under %v", what, s, policy)
	}
	counts := ends.count(t, 1, len(ends.ends))
	got := fmt.Sprint(s.Put, s.Taken, s.Dropped, s.Rejected, s.Len)
	want := fmt.Sprint(int(s.Taken+s.Dropped+counts["drained"]+counts["abandoned"]), counts["taken"], counts["dropped"],
		counts["rejected"], 0)
	if got != want {
		t.Errorf("%s: %+v, but by the letters %v", what, s, counts)
	}
}
