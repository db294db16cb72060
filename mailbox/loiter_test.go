package mailbox_test

import (
	"sync"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// An owner that loiters gets every message once, in its sender's order, and sleeps and wakes as any other.
func TestLoiteringOwnerGetsEveryMessageInOrder(t *testing.T) {
	o := newOwned(t, mailbox.Config[letter]{Capacity: 64})
	const senders, each = 4, 5_000
	wake := make(chan struct{}, 1)
	var sending sync.WaitGroup
	for from := range senders {
		sending.Go(func() {
			for n := range each {
				woke, err := o.Put(t.Context(), letter{from: from, n: n})
				if err != nil {
					t.Error(err)
				}
				if woke {
					wake <- struct{}{}
				}
			}
		})
	}
	o.Loiter(true)
	var got [senders]int
	for left := senders * each; left > 0; {
		l, state := o.Next()
		if state == mailbox.Idle {
			<-wake
			continue
		}
		if l.n != got[l.from] {
			t.Fatalf("message %d of sender %d comes after its message %d", l.n, l.from, got[l.from]-1)
		}
		got[l.from]++
		left--
	}
	sending.Wait()
	if s := o.Stats(); s.Len != 0 || s.Taken != senders*each {
		t.Errorf("%+v: want all %d taken", s, senders*each)
	}
}
