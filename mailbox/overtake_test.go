package mailbox_test

import (
	goruntime "runtime"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

var work int // what the compiler must not take away

// The owner of a batch makes room without the lock. Room that it makes while a newcomer puts is still for those who
// wait: one sender holds a message aside and then puts, and what it put must not come first.
func TestRoomMadeByOwnerIsForThoseWhoWait(t *testing.T) {
	o := newOwned(t, mailbox.Config[int]{Capacity: 8})
	o.Stay()
	const sent = 5_000
	var sending sync.WaitGroup
	total := sent * scale
	sending.Go(func() {
		tries := 0
		for n := 0; n < total; {
			if _, _, err := o.Hold(n); err != nil {
				t.Error(err)
			}
			for n++; n < total && o.Stats().Held > 0; {
				if _, err := o.TryPut(n); err == nil {
					n++
				} else if tries++; tries%16 == 0 {
					goruntime.Gosched() // where there is one processor
				}
			}
		}
	})
	for want := 0; want < total; {
		n, s := o.Next()
		if s != mailbox.Ready {
			goruntime.Gosched()
			continue
		}
		if n != want {
			t.Fatalf("%d came in place of %d", n, want)
		}
		want++
		for i := range 1000 { // longer than a put takes, so that the mailbox is full
			work += i
		}
	}
	sending.Wait()
}
