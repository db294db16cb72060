package mailbox_test

import (
	"reflect"
	goruntime "runtime"
	"slices"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A program may have a million mailboxes of which most are empty.
const (
	mostNeverUsed = 192  // bytes of a mailbox without callbacks that was never used
	mostEmptied   = 1024 // bytes of one that held 1,024 messages of 8 bytes and is empty again
)

func TestMailboxThatWasNeverUsedIsSmall(t *testing.T) {
	for _, m := range []reflect.Type{reflect.TypeFor[mailbox.Mailbox[int64]](), reflect.TypeFor[mailbox.Owned[[]string]]()} {
		if m.Size() > mostNeverUsed {
			t.Errorf("%v takes %d bytes, want %d at most", m, m.Size(), mostNeverUsed)
		}
	}
	for name, fresh := range map[string]func() any{
		"Mailbox": func() any { return newMailbox(t, mailbox.Config[int64]{}) },
		"Owned":   func() any { return newOwned(t, mailbox.Config[int64]{Order: mailbox.LIFO}) },
	} {
		if n := bytesEach(fresh); n > mostNeverUsed {
			t.Errorf("a new %s takes %d bytes, want %d at most", name, n, mostNeverUsed)
		}
	}
}

func TestMailboxThatWasEmptiedIsSmall(t *testing.T) {
	for name, c := range map[string]mailbox.Config[int64]{
		"FIFO":         {},
		"LIFO":         {Order: mailbox.LIFO},
		"Less":         {Order: mailbox.Priority, Less: func(a, b int64) bool { return a < b }},
		"Levels":       {Order: mailbox.Priority, Levels: 8, Level: func(m int64) int { return int(m % 8) }},
		"uneven":       {Order: mailbox.Priority, Levels: 8, Level: func(m int64) int { return max(0, int(m)-1017) }},
		"DropOldest":   {Overflow: mailbox.DropOldest},
		"LIFO DropOld": {Order: mailbox.LIFO, Overflow: mailbox.DropOldest},
	} {
		t.Run(name, func(t *testing.T) {
			n := bytesEach(func() any {
				b := newMailbox(t, c)
				for m := range int64(1024) {
					put(t, b, m)
				}
				for range 1024 {
					if _, err := b.TryGet(); err != nil {
						t.Fatal(err)
					}
				}
				return b
			})
			owned := bytesEach(func() any {
				o := newOwned(t, c)
				for m := range int64(1024) {
					if _, err := o.TryPut(m); err != nil {
						t.Fatal(err)
					}
				}
				for range 1024 {
					if _, s := o.Next(); s != mailbox.Ready {
						t.Fatalf("Next says %v", s)
					}
				}
				if _, s := o.Next(); s != mailbox.Idle {
					t.Fatalf("Next says %v, want Idle", s)
				}
				return o
			})
			if n > mostEmptied || owned > mostEmptied {
				t.Errorf("%d bytes are kept, and %d by its owner, want %d at most", n, owned, mostEmptied)
			}
			t.Logf("%d bytes, and %d with an owner", n, owned)
		})
	}
}

// bytesEach returns how much of the heap one of what fresh returns takes, what it allocated on the way and gave back not
// counted. What else goes on in the process is in none of most tries, and so not in their median.
func bytesEach(fresh func() any) int {
	const many = 100
	var tries [3]int
	for try := range tries {
		var kept [many]any
		before := heapInUse()
		for i := range kept {
			kept[i] = fresh()
		}
		tries[try] = int(heapInUse()-before+many/2) / many // what else happens in the process is not many bytes
		goruntime.KeepAlive(kept)
	}
	slices.Sort(tries[:])
	return tries[len(tries)/2]
}

func heapInUse() int64 {
	for range 3 { // pools let go of what they hold at the second collection
		goruntime.GC()
	}
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
