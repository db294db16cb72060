package mailbox_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// As many levels as there can be, and most messages at the edges of the words in which their bits are kept.
func TestManyLevelsDeliverAsFewDo(t *testing.T) {
	edges := []int{0, 1, 62, 63, 64, 65, 127, 128, 2047, 2048, 4031, 4032, 4094, 4095}
	for _, policy := range policies {
		for _, capacity := range []int{1, 5, mailbox.Unbounded} {
			random := rand.New(rand.NewPCG(11, uint64(capacity)))
			var dropped []letter
			c := mailbox.Config[letter]{
				Capacity: capacity, Order: mailbox.Priority, Overflow: policy,
				Levels: mailbox.MaxLevels, Level: func(l letter) int { return l.level },
				OnDrop: func(l letter, _ error) { dropped = append(dropped, l) },
			}
			b, n := newMailbox(t, c), newNaive(c)
			for i := range 3000 {
				l := letter{n: i, level: edges[random.IntN(len(edges))]}
				if random.IntN(5) == 0 {
					l.level = random.IntN(mailbox.MaxLevels)
				}
				// Runs of puts and of gets, so that it is often empty and often full.
				if i/20%2 == 0 {
					if got, want := b.TryPut(l), n.put(l); got != want {
						t.Fatalf("TryPut(%v) returned %v, want %v", l, got, want)
					}
				} else {
					got, err := b.TryGet()
					want, wantErr := n.take()
					if got != want || err != wantErr {
						t.Fatalf("TryGet returned %v, %v, want %v, %v", got, err, want, wantErr)
					}
				}
			}
			if !slices.Equal(dropped, n.dropped) {
				t.Fatalf("%v, capacity %d: dropped %v, want %v", policy, capacity, dropped, n.dropped)
			}
			if left, want := b.Drain(), n.drain(); !slices.Equal(left, want) {
				t.Fatalf("%v, capacity %d: left %v, want %v", policy, capacity, left, want)
			}
		}
	}
}
