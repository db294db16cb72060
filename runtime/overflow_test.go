package runtime_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// Which messages are handled, dropped and refused, where there is room for three while one is being handled. With
// Priority the message is its level.
func TestOverflowPoliciesDecideWhatIsDropped(t *testing.T) {
	levels := mailbox.Config[int]{Order: mailbox.Priority, Levels: 10, Level: func(m int) int { return m }}
	less := mailbox.Config[int]{Order: mailbox.Priority, Less: func(a, b int) bool { return a < b }}
	lifo := mailbox.Config[int]{Order: mailbox.LIFO}
	for _, test := range []struct {
		name     string
		config   mailbox.Config[int]
		overflow mailbox.Overflow
		sent     []int
		handled  []int
		dropped  []any
		refused  []int
	}{
		{"FIFO", mailbox.Config[int]{}, mailbox.Block, []int{1, 2, 3, 4, 5}, []int{1, 2, 3}, nil, []int{4, 5}},
		{"FIFO", mailbox.Config[int]{}, mailbox.Reject, []int{1, 2, 3, 4, 5}, []int{1, 2, 3}, nil, []int{4, 5}},
		{"FIFO", mailbox.Config[int]{}, mailbox.DropNewest, []int{1, 2, 3, 4, 5}, []int{1, 2, 3}, []any{4, 5}, nil},
		{"FIFO", mailbox.Config[int]{}, mailbox.DropOldest, []int{1, 2, 3, 4, 5}, []int{3, 4, 5}, []any{1, 2}, nil},
		{"FIFO", mailbox.Config[int]{}, mailbox.DropLast, []int{1, 2, 3, 4, 5}, []int{1, 2, 3}, []any{4, 5}, nil},
		{"LIFO", lifo, mailbox.Block, []int{1, 2, 3, 4, 5}, []int{3, 2, 1}, nil, []int{4, 5}},
		{"LIFO", lifo, mailbox.DropNewest, []int{1, 2, 3, 4, 5}, []int{3, 2, 1}, []any{4, 5}, nil},
		{"LIFO", lifo, mailbox.DropOldest, []int{1, 2, 3, 4, 5}, []int{5, 4, 3}, []any{1, 2}, nil},
		{"LIFO", lifo, mailbox.DropLast, []int{1, 2, 3, 4, 5}, []int{5, 4, 3}, []any{1, 2}, nil},
		{"levels", levels, mailbox.Reject, []int{5, 3, 4, 1, 9}, []int{3, 4, 5}, nil, []int{1, 9}},
		{"levels", levels, mailbox.DropNewest, []int{5, 3, 4, 1, 9}, []int{3, 4, 5}, []any{1, 9}, nil},
		{"levels", levels, mailbox.DropOldest, []int{5, 3, 4, 1, 9}, []int{1, 4, 9}, []any{5, 3}, nil},
		{"levels", levels, mailbox.DropLast, []int{5, 3, 4, 1, 9}, []int{1, 3, 4}, []any{5, 9}, nil},
		{"less", less, mailbox.DropNewest, []int{5, 3, 4, 1, 9}, []int{3, 4, 5}, []any{1, 9}, nil},
		{"less", less, mailbox.DropOldest, []int{5, 3, 4, 1, 9}, []int{1, 4, 9}, []any{5, 3}, nil},
		{"less", less, mailbox.DropLast, []int{5, 3, 4, 1, 9}, []int{1, 3, 4}, []any{5, 9}, nil},
	} {
		t.Run(test.name+"/"+test.overflow.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				letters := collectDeadLetters(system)
				g := newGate(t)
				var handled, refused []int
				var told []any
				config := test.config
				config.Capacity, config.Overflow = 3, test.overflow
				config.OnDrop = func(m int, err error) {
					if !errors.Is(err, mailbox.ErrFull) {
						t.Errorf("OnDrop(%d, %v), want ErrFull", m, err)
					}
					told = append(told, m)
				}
				ref := spawn(t, system, runtime.Props[int]{Mailbox: config,
					New: always(func(_ *runtime.Context[int], m int) error {
						if g.wait(); m != 0 {
							handled = append(handled, m)
						}
						return nil
					})})
				tell(t, ref, 0)
				synctest.Wait()
				for _, m := range test.sent {
					if err := ref.TryTell(m); err != nil {
						if !errors.Is(err, mailbox.ErrFull) {
							t.Errorf("TryTell(%d): %v, want ErrFull", m, err)
						}
						refused = append(refused, m)
					}
				}
				g.open()
				synctest.Wait()
				if !slices.Equal(handled, test.handled) || !slices.Equal(refused, test.refused) {
					t.Errorf("handled %v, refused %v, want %v, %v", handled, refused, test.handled, test.refused)
				}
				letters.check(t, test.dropped...)
				if !slices.Equal(told, test.dropped) {
					t.Errorf("OnDrop was told of %v, want %v", told, test.dropped)
				}
				for _, d := range letters.list() {
					if d.Reason != mailbox.ErrFull || d.Target != ref.Path() {
						t.Errorf("dead letter %+v: want ErrFull at %s", d, ref.Path())
					}
				}
			})
		})
	}
}

// Tell under Reject does not wait, and under a Drop policy it succeeds.
func TestTellAtAFullMailboxWaitsUnderBlockOnly(t *testing.T) {
	for policy, want := range map[mailbox.Overflow]error{
		mailbox.Reject: mailbox.ErrFull, mailbox.DropNewest: nil, mailbox.DropOldest: nil, mailbox.DropLast: nil,
	} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			g := newGate(t)
			ref := spawn(t, system, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 1, Overflow: policy},
				New: always(func(*runtime.Context[int], int) error { g.wait(); return nil })})
			tell(t, ref, 0)
			synctest.Wait()
			tell(t, ref, 1)
			if err := ref.Tell(context.Background(), 2); err != want {
				t.Errorf("%v: got %v, want %v", policy, err, want)
			}
		})
	}
}

// The panic of a user's OnDrop reaches the sender; the books are right all the same.
func TestOnDropThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate(t)
		ref := spawn(t, system, runtime.Props[int]{
			Mailbox: mailbox.Config[int]{
				Capacity: 1, Overflow: mailbox.DropNewest, OnDrop: func(int, error) { panic("OnDrop") },
			},
			New: always(func(*runtime.Context[int], int) error { g.wait(); return nil }),
		})
		tell(t, ref, 0)
		synctest.Wait()
		tell(t, ref, 1)
		func() {
			defer func() {
				if v := recover(); v != "OnDrop" {
					t.Errorf("recovered %v, want OnDrop", v)
				}
			}()
			_ = ref.TryTell(2)
		}()
		g.open()
		synctest.Wait()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 3, Handled: 2, Dropped: 1, Actors: 1})
	})
}
