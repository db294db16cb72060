package mailbox_test

import (
	"context"
	"slices"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// Letters 0, 1, 2 fill the mailbox; 3, 4, 5 overflow it.
func TestEachPolicyEvictsInEachOrder(t *testing.T) {
	incoming := []letter{
		{n: 0, level: 1}, {n: 1, level: 2}, {n: 2, level: 1}, {n: 3, level: 0}, {n: 4, level: 2}, {n: 5, level: 1},
	}
	for _, tt := range []struct {
		kind    string
		policy  mailbox.Overflow
		evicted []int
		left    []int // in delivery order
	}{
		{"FIFO", mailbox.DropNewest, []int{3, 4, 5}, []int{0, 1, 2}},
		{"FIFO", mailbox.DropOldest, []int{0, 1, 2}, []int{3, 4, 5}},
		{"FIFO", mailbox.DropLast, []int{3, 4, 5}, []int{0, 1, 2}},
		{"LIFO", mailbox.DropNewest, []int{3, 4, 5}, []int{2, 1, 0}},
		{"LIFO", mailbox.DropOldest, []int{0, 1, 2}, []int{5, 4, 3}},
		{"LIFO", mailbox.DropLast, []int{0, 1, 2}, []int{5, 4, 3}},
		{"Less", mailbox.DropNewest, []int{3, 4, 5}, []int{0, 2, 1}},
		{"Less", mailbox.DropOldest, []int{0, 1, 2}, []int{3, 5, 4}},
		{"Less", mailbox.DropLast, []int{1, 4, 5}, []int{3, 0, 2}}, // 4 and 5 are the last themselves
		{"Levels", mailbox.DropNewest, []int{3, 4, 5}, []int{0, 2, 1}},
		{"Levels", mailbox.DropOldest, []int{0, 1, 2}, []int{3, 5, 4}},
		{"Levels", mailbox.DropLast, []int{1, 4, 5}, []int{3, 0, 2}},
	} {
		t.Run(tt.kind+"/"+tt.policy.String(), func(t *testing.T) {
			i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == tt.kind })
			c := kinds[i].config(tt.policy, 3)
			var evicted []int
			c.OnDrop = func(l letter, err error) {
				wantErr(t, "OnDrop", err, mailbox.ErrFull)
				evicted = append(evicted, l.n)
			}
			b := newMailbox(t, c)
			put(t, b, incoming[:4]...)
			for _, l := range incoming[4:] { // Put must not wait either
				if err := b.Put(t.Context(), l); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(evicted, tt.evicted) {
				t.Errorf("evicted %v, want %v", evicted, tt.evicted)
			}
			if s := b.Stats(); s.Put != 6 || s.Dropped != 3 || s.Rejected != 0 || s.Len != 3 || s.HighWater != 3 {
				t.Errorf("%+v, want 3 of 6 dropped", s)
			}
			if left := numbers(b.Drain()); !slices.Equal(left, tt.left) {
				t.Errorf("left %v, want %v", left, tt.left)
			}
		})
	}
}

func TestCapacityOfOneOverflows(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		b := newMailbox(t, k.config(policy, 1))
		put(t, b, letter{n: 0, level: 1})
		want := 0
		switch err := b.TryPut(letter{n: 1}); { // more urgent than 0
		case policy <= mailbox.Reject:
			wantErr(t, "TryPut", err, mailbox.ErrFull)
		default:
			wantErr(t, "TryPut", err, nil)
			if policy == mailbox.DropOldest || policy == mailbox.DropLast && k.order != mailbox.FIFO {
				want = 1
			}
		}
		if l, err := b.TryGet(); err != nil || l.n != want {
			t.Fatalf("TryGet returned %v, %v, want letter %d", l, err, want)
		}
		if _, err := b.TryGet(); err != mailbox.ErrEmpty {
			t.Fatalf("TryGet returned %v, want ErrEmpty", err)
		}
	})
}

func TestRejectFailsPutAtOnce(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		b := newMailbox(t, k.config(mailbox.Reject, 1))
		put(t, b, letter{})
		wantErr(t, "Put", b.Put(t.Context(), letter{}), mailbox.ErrFull)
		wantErr(t, "TryPut", b.TryPut(letter{}), mailbox.ErrFull)
		if s := b.Stats(); s.Rejected != 2 || s.Refused != 0 {
			t.Fatalf("%+v, want 2 rejected, none of them for being closed", s)
		}
	})
}

func TestDropWithoutOnDropIsCounted(t *testing.T) {
	b := newMailbox(t, mailbox.Config[int]{Capacity: 1, Overflow: mailbox.DropOldest})
	put(t, b, 1, 2, 3)
	if s := b.Stats(); s.Dropped != 2 {
		t.Fatalf("%+v, want 2 dropped", s)
	}
}

// OnDrop is called without the lock, so it may put what was evicted elsewhere, or here again.
func TestOnDropMayUseTheMailbox(t *testing.T) {
	var b *mailbox.Mailbox[int]
	var dropped []int
	b = newMailbox(t, mailbox.Config[int]{Capacity: 2, Overflow: mailbox.DropOldest, OnDrop: func(n int, _ error) {
		dropped = append(dropped, n)
		if n < 3 {
			if err := b.Put(context.Background(), n+10); err != nil {
				t.Error(err)
			}
			_ = b.Stats()
		}
	}})
	put(t, b, 1, 2, 3, 4)
	if left := b.Drain(); !slices.Equal(left, []int{12, 4}) || !slices.Equal(dropped, []int{1, 2, 3, 11}) {
		t.Fatalf("left %v, dropped %v", left, dropped)
	}
}

// What is held aside takes no part in an eviction: it is not in the mailbox yet, and it was promised a place.
func TestMessageHeldAsideIsNotEvicted(t *testing.T) {
	for _, policy := range []mailbox.Overflow{mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast} {
		each(t, func(t *testing.T, k kind) {
			c := k.config(policy, 2)
			c.OnDrop = func(l letter, _ error) {
				if l.n == 100 {
					t.Error("the message held aside was evicted")
				}
			}
			o := newOwned(t, c)
			for n := range 2 {
				if _, err := o.TryPut(letter{n: n}); err != nil {
					t.Fatal(err)
				}
			}
			h, _, err := o.Hold(letter{n: 100})
			if err != nil {
				t.Fatal(err)
			}
			for n := 2; n < 10; n++ {
				if _, err := o.TryPut(letter{n: n}); err != nil {
					t.Fatal(err)
				}
			}
			if s := o.Stats(); s.Held != 1 || s.Dropped != 8 || !o.Waits(h) {
				t.Fatalf("%+v, want 1 held and 8 dropped", s)
			}
			if _, s := o.Next(); s != mailbox.Ready {
				t.Fatalf("Next says %v", s)
			}
			if s := o.Stats(); s.Held != 0 || s.Len != 2 || !o.Waits(h) {
				t.Fatalf("%+v, want it to have entered", s)
			}
		})
	}
}
