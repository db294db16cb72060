package mailbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// Room that the owner makes within a batch is there for a newcomer, who may be quicker than those who wait, but only as
// long as these have not waited for over a millisecond.
func TestNewcomerOvertakesOnlyAPutThatHasNotWaitedLong(t *testing.T) {
	for _, waited := range []time.Duration{0, time.Millisecond, time.Millisecond + 1, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			o := batchOf(t, 3) // 1 and 2 in hand, 3 in the queue
			done := make(chan error, 1)
			go func() {
				_, err := o.Put(t.Context(), 4)
				done <- err
			}()
			waits(t, "a put beyond the capacity", done)
			<-time.After(waited)
			mailbox.Claim(o)
			_, err := o.TryPut(5)
			if waited <= time.Millisecond {
				wantErr(t, "a newcomer", err, nil)
				waits(t, "the put that was overtaken", done)
				takeAll(t, o, 1, 2, 3, 5, 4)
			} else {
				wantErr(t, "a newcomer", err, mailbox.ErrFull)
				takeAll(t, o, 1, 2, 3, 4)
			}
			wantErr(t, "the put that waited", over(t, "it", done), nil)
		})
	}
}

// A sender that has had a message held aside does not wait, so it could overtake itself.
func TestNewcomerNeverOvertakesAMessageHeldAside(t *testing.T) {
	o := batchOf(t, 3)
	if _, _, err := o.Hold(4); err != nil {
		t.Fatal(err)
	}
	mailbox.Claim(o)
	_, err := o.TryPut(5)
	wantErr(t, "a newcomer", err, mailbox.ErrFull)
	takeAll(t, o, 1, 2, 3, 4)
}

// The owner of a LIFO mailbox or one with Levels takes several messages at a time. What is more urgent than those that it
// has not begun comes before them all the same, and what is not comes after.
func TestMoreUrgentMessageOvertakesTheBatchInHand(t *testing.T) {
	put := func(o *mailbox.Owned[letter], n, level int) {
		if _, err := o.TryPut(letter{n: n, level: level}); err != nil {
			t.Fatal(err)
		}
	}
	next := func(o *mailbox.Owned[letter], want int) {
		t.Helper()
		if l, s := o.Next(); s != mailbox.Ready || l.n != want {
			t.Fatalf("Next returned %v, %v, want %d", l, s, want)
		}
	}
	t.Run("Levels", func(t *testing.T) {
		o := newOwned(t, kinds[3].config(mailbox.Block, 0))
		for n := range 40 {
			put(o, n, 1)
		}
		for n := range 10 {
			next(o, n)
		}
		if mailbox.InHand(o) < 3 {
			t.Fatalf("%d in hand: nothing to overtake", mailbox.InHand(o))
		}
		put(o, 100, 2) // less urgent
		put(o, 101, 1) // equal
		next(o, 10)
		put(o, 102, 0) // more
		put(o, 103, 0)
		next(o, 102)
		next(o, 103)
		for n := 11; n < 40; n++ {
			next(o, n)
		}
		next(o, 101)
		next(o, 100)
	})
	t.Run("LIFO", func(t *testing.T) {
		o := newOwned(t, kinds[1].config(mailbox.Block, 0))
		for n := range 40 {
			put(o, n, 0)
		}
		for n := range 10 {
			next(o, 39-n)
		}
		if mailbox.InHand(o) < 3 {
			t.Fatalf("%d in hand: nothing to overtake", mailbox.InHand(o))
		}
		put(o, 100, 0)
		put(o, 101, 0)
		next(o, 101)
		put(o, 102, 0)
		next(o, 102)
		next(o, 100)
		for n := 29; n >= 0; n-- {
			next(o, n)
		}
	})
}

// A receipt finds its message also where others were in hand, returned, and put under what came since.
func TestHeldMessageIsFoundAroundABatch(t *testing.T) {
	for _, k := range []kind{kinds[1], kinds[3]} {
		t.Run(k.name, func(t *testing.T) {
			o := newOwned(t, k.config(mailbox.Block, 0))
			for n := range 40 {
				if _, err := o.TryPut(letter{n: n, level: 2}); err != nil {
					t.Fatal(err)
				}
			}
			for range 10 {
				o.Next()
			}
			h, _, err := o.Hold(letter{n: 100, level: 1})
			if err != nil || !o.Waits(h) {
				t.Fatalf("error %v, waits %v", err, o.Waits(h))
			}
			if _, err := o.TryPut(letter{n: 101, level: 0}); err != nil {
				t.Fatal(err)
			}
			for _, want := range []int{101, 100} {
				if !o.Waits(h) {
					t.Fatal("the message that was held waits no more")
				}
				if l, s := o.Next(); s != mailbox.Ready || l.n != want {
					t.Fatalf("Next returned %v, %v, want %d", l, s, want)
				}
			}
			if o.Waits(h) {
				t.Fatal("the message that was handled waits")
			}
		})
	}
}
