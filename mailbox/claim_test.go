package mailbox_test

import (
	"slices"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// batchOf returns a mailbox of this capacity, full, with message 0 in hand and the others in the batch behind it.
func batchOf(t *testing.T, capacity int) *mailbox.Owned[int] {
	t.Helper()
	o := newOwned(t, mailbox.Config[int]{Capacity: capacity})
	fill := func(n int) {
		if _, err := o.TryPut(n); err != nil {
			t.Fatal(err)
		}
	}
	for n := range capacity {
		fill(n)
	}
	if n, s := o.Next(); n != 0 || s != mailbox.Ready {
		t.Fatalf("Next returned %v, %v", n, s)
	}
	fill(capacity)
	return o
}

func takeAll(t *testing.T, o *mailbox.Owned[int], want ...int) {
	t.Helper()
	for _, n := range want {
		if got, s := o.Next(); got != n || s != mailbox.Ready {
			t.Fatalf("Next returned %v, %v, want %d", got, s, n)
		}
	}
	if _, s := o.Next(); s != mailbox.Idle {
		t.Fatalf("Next says %v, want Idle", s)
	}
}

// The owner claims a message, and an interrupt comes before it begins it: the message waits as before.
func TestClaimIsUndoneByInterrupt(t *testing.T) {
	o := batchOf(t, 3)
	before := o.Stats()
	before.InHand = 0
	mailbox.Claim(o)
	o.Interrupt()
	if _, s := mailbox.GiveUp(o); s != mailbox.Interrupted {
		t.Fatalf("Next says %v, want Interrupted", s)
	}
	if s := o.Stats(); s != before {
		t.Fatalf("%+v, want %+v", s, before)
	}
	_, err := o.TryPut(9)
	wantErr(t, "TryPut", err, mailbox.ErrFull)
	takeAll(t, o, 1, 2, 3)
}

// A put has taken the room of the claimed message by then. Undoing the claim would put one message too many in.
func TestClaimStandsWhereItsRoomIsTaken(t *testing.T) {
	o := batchOf(t, 3)
	mailbox.Claim(o)
	if _, err := o.TryPut(4); err != nil {
		t.Fatal(err)
	}
	o.Interrupt()
	if _, s := mailbox.GiveUp(o); s != mailbox.Interrupted {
		t.Fatalf("Next says %v, want Interrupted", s)
	}
	if s := o.Stats(); s.Len != 3 || s.Taken != 2 || s.InHand != 1 || s.Put != 5 {
		t.Fatalf("%+v, want 3 waiting, and the claimed one taken and in hand", s)
	}
	takeAll(t, o, 1, 2, 3, 4)
	if s := o.Stats(); s.Taken != 5 || s.InHand != 0 {
		t.Fatalf("%+v, want 5 taken", s)
	}
}

// Abandon comes between the claim and the look at the signals. It must take the claim for true, because it may be: the
// message before counts as finished, the claimed one is returned, and the owner goes without it.
func TestClaimLosesAgainstAbandon(t *testing.T) {
	o := batchOf(t, 3)
	mailbox.Claim(o)
	o.Interrupt()
	left, ok := o.Abandon()
	if !ok || !slices.Equal(left, []int{1, 2, 3}) {
		t.Fatalf("Abandon returned %v, %v, want 1, 2 and 3", left, ok)
	}
	mailbox.Claim(o) // this claim is too late, and must not count
	if s := o.Stats(); s.Taken != 1 || s.Len != 0 || s.InHand != 0 {
		t.Fatalf("%+v, want 1 taken and nothing left", s)
	}
	if _, s := mailbox.GiveUp(o); s != mailbox.Lost {
		t.Fatalf("Next says %v, want Lost", s)
	}
	if s := o.Stats(); s.Taken != 1 || s.Put != 4 || s.Len != 0 || s.InHand != 0 {
		t.Fatalf("%+v, want 1 of 4 taken", s)
	}
}

func TestClaimLeavesWaitingPutsTheirTurn(t *testing.T) {
	o := batchOf(t, 3)
	mailbox.Claim(o)
	if _, _, err := o.Hold(4); err != nil { // into the room of the claimed one
		t.Fatal(err)
	}
	h, _, err := o.Hold(5) // aside
	if err != nil || !o.Waits(h) {
		t.Fatal("it does not wait", err)
	}
	if n, s := mailbox.GiveUp(o); n != 1 || s != mailbox.Ready {
		t.Fatalf("Next returned %v, %v, want 1", n, s)
	}
	if s := o.Stats(); s.Len != 3 || s.Held != 1 || s.Taken != 2 {
		t.Fatalf("%+v, want 3 waiting and 1 held", s)
	}
	takeAll(t, o, 2, 3, 4, 5)
}

// An owner that was abandoned may have been about to begin a message. Who has taken over leaves the batch alone: the race
// detector would see it.
func TestRestAfterAbandonDoesNotTouchTheOldOwnersBatch(t *testing.T) {
	o := newOwned(t, mailbox.Config[int]{})
	for m := range 2 {
		if _, err := o.TryPut(m); err != nil {
			t.Fatal(err)
		}
	}
	o.Next()
	mailbox.Claim(o)
	o.Interrupt()
	if left, ok := o.Abandon(); !ok || len(left) != 1 {
		t.Fatal(left, ok)
	}
	begun := make(chan int)
	go func() { begun <- mailbox.Begin(o) }()
	if !o.Rest() {
		t.Error("Rest found something in an abandoned mailbox")
	}
	if m := <-begun; m != 1 {
		t.Errorf("the old owner began %d, want 1", m)
	}
}
