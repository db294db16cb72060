package mailbox_test

import (
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A mailbox that was declared and not made would be full and empty for ever: its first use says so.
func TestMailboxThatWasNotMadePanics(t *testing.T) {
	const want = "mailbox: this mailbox was not made by New or NewOwned"
	for name, call := range map[string]func(*mailbox.Mailbox[int], *mailbox.Owned[int]){
		"Put":          func(b *mailbox.Mailbox[int], _ *mailbox.Owned[int]) { _ = b.Put(t.Context(), 1) },
		"TryPut":       func(b *mailbox.Mailbox[int], _ *mailbox.Owned[int]) { _ = b.TryPut(1) },
		"Get":          func(b *mailbox.Mailbox[int], _ *mailbox.Owned[int]) { _, _ = b.Get(t.Context()) },
		"TryGet":       func(b *mailbox.Mailbox[int], _ *mailbox.Owned[int]) { _, _ = b.TryGet() },
		"GetBatch":     func(b *mailbox.Mailbox[int], _ *mailbox.Owned[int]) { _, _ = b.GetBatch(t.Context(), make([]int, 1)) },
		"Owned.Put":    func(_ *mailbox.Mailbox[int], o *mailbox.Owned[int]) { _, _ = o.Put(t.Context(), 1) },
		"Owned.TryPut": func(_ *mailbox.Mailbox[int], o *mailbox.Owned[int]) { _, _ = o.TryPut(1) },
		"Owned.Hold":   func(_ *mailbox.Mailbox[int], o *mailbox.Owned[int]) { _, _, _ = o.Hold(1) },
		"Owned.Next":   func(_ *mailbox.Mailbox[int], o *mailbox.Owned[int]) { o.Next() },
	} {
		b, o := &mailbox.Mailbox[int]{}, &mailbox.Owned[int]{}
		if v := recovered(func() { call(b, o) }); v != want {
			t.Errorf("%s: panic %v, want %s", name, v, want)
		}
		if b.Len() != 0 || o.Len() != 0 { // which would wait for ever if a lock were still held
			t.Errorf("%s left something", name)
		}
	}
}

func TestCurrentWithoutAMessagePanics(t *testing.T) {
	const want = "mailbox: Current was called without a message in hand"
	o := newOwned(t, mailbox.Config[int]{})
	for _, when := range []string{"before Next", "after Idle"} {
		if v := recovered(func() { o.Current() }); v != want {
			t.Errorf("%s: panic %v, want %s", when, v, want)
		}
		if _, err := o.TryPut(1); err != nil {
			t.Fatal(err)
		}
		for s := mailbox.Ready; s == mailbox.Ready; {
			_, s = o.Next()
		}
	}
}
