package mailbox_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

func TestUrgentMessagesPassByADeepBacklogInFewComparisons(t *testing.T) {
	const (
		backlog = 10_000
		urgent  = 60
		most    = 8 // two to see that a message is urgent, and six to find its place among 60
	)
	compared := 0
	b := newMailbox(t, mailbox.Config[int]{
		Capacity: mailbox.Unbounded, Order: mailbox.Priority,
		Less: func(a, b int) bool { compared++; return a < b },
	})
	for n := range backlog {
		put(t, b, urgent+n)
	}
	for _, n := range rand.Perm(urgent) {
		compared = 0
		put(t, b, n)
		if compared > most {
			t.Errorf("Less was called %d times to put an urgent message, want %d at most", compared, most)
		}
	}
	compared = 0
	for want := range urgent {
		if got, err := b.TryGet(); err != nil || got != want {
			t.Fatalf("TryGet returns %d, %v, want %d", got, err, want)
		}
	}
	if compared > 0 {
		t.Errorf("Less was called %d times to take %d urgent messages, want not at all", compared, urgent)
	}
}

// Of more urgent messages than pass by, some go through the heap. Nobody can tell which.
func TestMoreUrgentMessagesThanPassByLeaveInOrder(t *testing.T) {
	for _, backlog := range []int{0, 1, 100} {
		b := newMailbox(t, mailbox.Config[letter]{
			Capacity: mailbox.Unbounded, Order: mailbox.Priority,
			Less: func(a, b letter) bool { return a.level < b.level },
		})
		var all []letter
		add := func(level int) {
			l := letter{n: len(all), level: level}
			all = append(all, l)
			put(t, b, l)
		}
		for range backlog {
			add(1000)
		}
		for range 1000 {
			add(rand.IntN(200)) // each several times, so that stability is seen
		}
		slices.SortStableFunc(all, func(a, b letter) int { return a.level - b.level })
		if left := b.Drain(); !slices.Equal(left, all) {
			t.Errorf("behind %d messages, 1,000 urgent ones leave out of order", backlog)
		}
	}
}
