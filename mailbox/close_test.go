package mailbox_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
)

func TestCloseWakesEveryWaiter(t *testing.T) {
	for name, closeIt := range map[string]func(*mailbox.Mailbox[letter]){
		"Close": func(b *mailbox.Mailbox[letter]) { b.Close() },
		"Drain": func(b *mailbox.Mailbox[letter]) { b.Drain() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				full := newMailbox(t, mailbox.Config[letter]{Capacity: 1})
				put(t, full, letter{})
				empty := newMailbox(t, mailbox.Config[letter]{Capacity: 1})
				var puts []<-chan error
				var gets []<-chan got
				for range 20 {
					puts = append(puts, waitToPut(t.Context(), full, letter{}))
					gets = append(gets, waitToGet(t.Context(), empty))
				}
				closeIt(full)
				closeIt(empty)
				for i := range puts {
					wantErr(t, "a waiting put", over(t, "it", puts[i]), mailbox.ErrClosed)
					wantErr(t, "a waiting get", over(t, "it", gets[i]).err, mailbox.ErrClosed)
				}
				if s := full.Stats(); s.Put != 1 || s.Rejected != 20 || s.Refused != 20 {
					t.Fatalf("%+v, want 20 refused", s)
				}
			})
		})
	}
}

func TestGetsAfterCloseDrainAndThenFail(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		b := newMailbox(t, k.config(mailbox.Block, 7))
		put(t, b, letter{n: 1}, letter{n: 2}, letter{n: 3})
		b.Close()
		b.Close()
		wantErr(t, "TryPut", b.TryPut(letter{}), mailbox.ErrClosed)
		wantErr(t, "Put", b.Put(t.Context(), letter{}), mailbox.ErrClosed)
		wantErr(t, "Put with an ended context", b.Put(ended(), letter{}), mailbox.ErrClosed)
		var got []int
		for range 3 {
			l, err := b.Get(t.Context())
			wantErr(t, "Get", err, nil)
			got = append(got, l.n)
		}
		slices.Sort(got)
		if !slices.Equal(got, []int{1, 2, 3}) {
			t.Fatalf("got %v, want 1, 2 and 3", got)
		}
		_, err := b.Get(t.Context())
		wantErr(t, "Get at the end", err, mailbox.ErrClosed)
		_, err = b.TryGet()
		wantErr(t, "TryGet at the end", err, mailbox.ErrClosed)
		if left := b.Drain(); len(left) != 0 {
			t.Fatalf("Drain returned %v", left)
		}
		if s := b.Stats(); s.Rejected != 3 || s.Refused != 3 {
			t.Fatalf("%+v, want 3 refused", s)
		}
	})
}

func TestDrainReturnsDeliveryOrder(t *testing.T) {
	in := []letter{{n: 0, level: 2}, {n: 1, level: 0}, {n: 2, level: 2}, {n: 3, level: 1}, {n: 4, level: 0}}
	want := map[string][]int{
		"FIFO": {0, 1, 2, 3, 4}, "LIFO": {4, 3, 2, 1, 0}, "Less": {1, 4, 3, 0, 2}, "Levels": {1, 4, 3, 0, 2},
	}
	each(t, func(t *testing.T, k kind) {
		b := newMailbox(t, k.config(mailbox.Block, 7))
		put(t, b, in...)
		if got := numbers(b.Drain()); !slices.Equal(got, want[k.name]) {
			t.Fatalf("Drain returned %v, want %v", got, want[k.name])
		}
		if left := b.Drain(); len(left) != 0 {
			t.Fatalf("the second Drain returned %v", left)
		}
		wantErr(t, "TryPut", b.TryPut(letter{}), mailbox.ErrClosed)
	})
}

// The owner has begun one letter of a batch of four. Three wait in its hand, one in the queue, and two are held aside.
func TestDrainOfOwnedReturnsBatchQueueAndHeld(t *testing.T) {
	want := map[string][]int{
		"FIFO":   {1, 2, 3, 4, 5, 6},
		"LIFO":   {4, 5, 6, 2, 1, 0},
		"Less":   {2, 5, 6, 1, 3, 4},
		"Levels": {2, 5, 6, 1, 3, 4},
	}
	each(t, func(t *testing.T, k kind) {
		o := newOwned(t, k.config(mailbox.Block, 4))
		for n, level := range []int{0, 2, 0, 2} {
			if _, err := o.TryPut(letter{n: n, level: level}); err != nil {
				t.Fatal(err)
			}
		}
		if l, s := o.Next(); s != mailbox.Ready {
			t.Fatalf("Next returned %v, %v", l, s)
		}
		if _, err := o.TryPut(letter{n: 4, level: 2}); err != nil {
			t.Fatal(err)
		}
		for n := 5; n <= 6; n++ {
			if _, _, err := o.Hold(letter{n: n, level: 1}); err != nil {
				t.Fatal(err)
			}
		}
		if s := o.Stats(); s.Len != 4 || s.Held != 2 || s.InHand != 1 {
			t.Fatalf("%+v, want 4 waiting, 2 held, 1 in hand", s)
		}
		if got := numbers(o.Drain()); !slices.Equal(got, want[k.name]) {
			t.Fatalf("Drain returned %v, want %v", got, want[k.name])
		}
		if s := o.Stats(); s.Len != 0 || s.Held != 0 || s.InHand != 0 || s.Put != 7 || s.Taken != 1 {
			t.Fatalf("%+v, want nothing left and 1 of 7 taken", s)
		}
		_, _, err := o.Hold(letter{})
		wantErr(t, "Hold after Drain", err, mailbox.ErrClosed)
		if _, s := o.Next(); s != mailbox.Empty {
			t.Fatalf("Next after Drain says %v, want Empty", s)
		}
	})
}

// What a draining owner waits for can still arrive.
func TestHoldIsAcceptedAfterClose(t *testing.T) {
	o := newOwned(t, mailbox.Config[letter]{Capacity: 1})
	o.Close()
	if _, s := o.Next(); s != mailbox.Empty {
		t.Fatalf("Next says %v, want Empty", s)
	}
	if !o.Rest() {
		t.Fatal("Rest found something to do")
	}
	h, wake, err := o.Hold(letter{n: 1})
	if err != nil || !wake || !o.Waits(h) {
		t.Fatalf("Hold returned wake %v, error %v", wake, err)
	}
	aside, wake, err := o.Hold(letter{n: 2})
	if err != nil || wake || !o.Waits(aside) {
		t.Fatalf("the second Hold returned wake %v, error %v", wake, err)
	}
	for n := 1; n <= 2; n++ {
		if l, s := o.Next(); s != mailbox.Ready || l.n != n {
			t.Fatalf("Next returned %v, %v, want %d", l, s, n)
		}
	}
	if o.Waits(h) || o.Waits(aside) {
		t.Fatal("what the owner has begun waits no more")
	}
	wake, err = o.Put(context.Background(), letter{})
	wantErr(t, "Put after Close", err, mailbox.ErrClosed)
	if _, s := o.Next(); s != mailbox.Empty || wake {
		t.Fatalf("Next says %v, want Empty", s)
	}
}

func numbers(ls []letter) (ns []int) {
	for _, l := range ls {
		ns = append(ns, l.n)
	}
	return ns
}
