package runtime_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

type numbered struct{ sender, number int }

// Half of the senders are actors, which tell with the contexts of their handlers. The mailbox is small, so that many
// tells must wait for room.
func TestPromise2OrderOfEachSenderIsKept(t *testing.T) {
	const senders = 32
	messages := 300 * scale
	system := newSystem(t)
	next := make([]int, senders)
	to := spawn(t, system, runtime.Props[numbered]{
		Mailbox: mailbox.Config[numbered]{Capacity: 8},
		New: always(func(_ *runtime.Context[numbered], m numbered) error {
			if m.number != next[m.sender] {
				t.Errorf("sender %d: message %d came, want %d", m.sender, m.number, next[m.sender])
			}
			next[m.sender] = m.number + 1
			return nil
		}),
	})
	sendAll := func(ctx context.Context, sender int) {
		for i := range messages {
			if err := to.Tell(ctx, numbered{sender, i}); err != nil {
				t.Error(err)
			}
		}
	}
	var sending sync.WaitGroup
	for sender := range senders {
		if sender%2 == 0 {
			sending.Go(func() { sendAll(context.Background(), sender) })
			continue
		}
		sending.Add(1)
		source := spawnFunc(t, system, func(ctx *runtime.Context[int], sender int) error {
			defer sending.Done()
			sendAll(ctx, sender)
			return nil
		})
		tell(t, source, sender)
	}
	sending.Wait()
	to.StopWhenEmpty()
	<-to.Done()
	for sender, n := range next {
		if n != messages {
			t.Errorf("sender %d: %d messages came, want %d", sender, n, messages)
		}
	}
}

func TestPromise2OrderIsStableAmongEquals(t *testing.T) {
	for name, config := range map[string]mailbox.Config[numbered]{
		"less": {Order: mailbox.Priority, Less: func(a, b numbered) bool { return a.sender < b.sender }},
		"levels": {Order: mailbox.Priority, Levels: 5, Level: func(m numbered) int {
			return m.sender
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var sent []numbered
			for i := range 200 {
				sent = append(sent, numbered{i * 7 % 5, i})
			}
			want := slices.Clone(sent)
			slices.SortStableFunc(want, func(a, b numbered) int { return a.sender - b.sender })
			checkDelivery(t, config, sent, want)
		})
	}
}

func TestPromise2OrderOfLIFOIsTheReverse(t *testing.T) {
	var sent []numbered
	for i := range 200 {
		sent = append(sent, numbered{0, i})
	}
	want := slices.Clone(sent)
	slices.Reverse(want)
	checkDelivery(t, mailbox.Config[numbered]{Order: mailbox.LIFO}, sent, want)
}

// checkDelivery sends while the actor is held up by another message, and compares what it gets when it goes on.
func checkDelivery(t *testing.T, config mailbox.Config[numbered], sent, want []numbered) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate(t)
		var got []numbered
		ref := spawn(t, system, runtime.Props[numbered]{
			Mailbox: config,
			New: always(func(_ *runtime.Context[numbered], m numbered) error {
				if g.wait(); m.number >= 0 {
					got = append(got, m)
				}
				return nil
			}),
		})
		tell(t, ref, numbered{0, -1})
		synctest.Wait()
		tell(t, ref, sent...)
		g.open()
		synctest.Wait()
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(numbered{})); diff != "" {
			t.Errorf("delivered (-want +got):\n%s", diff)
		}
	})
}
