package mailbox_test

import (
	"errors"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// These are the properties that JCTools demands of each of its queues, proved of both kinds of mailbox. Here are those
// that one goroutine can see; conformance_visible_test.go has those that take several. See CONFORMANCE.md.

// A confQueue is what the two kinds have in common.
type confQueue[M any] interface {
	offer(M) error
	poll() (M, bool)
	consumers() int // how many goroutines may call poll at the same time

	Len() int
	Cap() int
	Close()
	Drain() []M
	Stats() mailbox.Stats
}

type confShared[M any] struct{ *mailbox.Mailbox[M] }

func (q confShared[M]) offer(m M) error { return q.TryPut(m) }
func (q confShared[M]) consumers() int  { return 3 }

func (q confShared[M]) poll() (M, bool) {
	m, err := q.TryGet()
	return m, err == nil
}

// A confSole has an owner that never sleeps, so that nobody has to be told to wake it.
type confSole[M any] struct{ *mailbox.Owned[M] }

func (q confSole[M]) consumers() int { return 1 }

func (q confSole[M]) offer(m M) error {
	wake, err := q.TryPut(m)
	if wake {
		return errors.New("it is to wake an owner that is awake")
	}
	return err
}

func (q confSole[M]) poll() (M, bool) {
	m, s := q.Next()
	return m, s == mailbox.Ready
}

// confEachQueue runs f for both kinds of mailbox in every order. In a Priority mailbox all messages are equally urgent,
// so that it must deliver as FIFO does.
func confEachQueue[M any](t *testing.T, capacity int, f func(*testing.T, confQueue[M], mailbox.Order)) {
	each(t, func(t *testing.T, k kind) {
		c := mailbox.Config[M]{Order: k.order, Capacity: capacity}
		switch k.name {
		case "Less":
			c.Less = func(M, M) bool { return false }
		case "Levels":
			c.Levels, c.Level = 1, func(M) int { return 0 }
		}
		t.Run("Mailbox", func(t *testing.T) { f(t, confShared[M]{newMailbox(t, c)}, k.order) })
		t.Run("Owned", func(t *testing.T) {
			o := newOwned(t, c)
			o.Stay()
			f(t, confSole[M]{o}, k.order)
		})
	})
}

// Capacities are not rounded up to a power of two, as those of a ring easily are. The odd ones fill slots partly, the
// rest exactly.
func TestFillingAndEmptyingKeepsLenCapacityAndOrder(t *testing.T) {
	for _, capacity := range []int{1, 2, 3, 7, 8, 9, 1000, mailbox.Unbounded} {
		confEachQueue(t, capacity, func(t *testing.T, q confQueue[int], order mailbox.Order) {
			size := capacity
			if capacity == mailbox.Unbounded {
				size = 4_096
			}
			if q.Cap() != capacity {
				t.Fatalf("Cap is %d, want %d", q.Cap(), capacity)
			}
			for range 2 {
				confNothing(t, q)
				confFill(t, q, size)
				for i := range size {
					want := i
					if order == mailbox.LIFO {
						want = size - 1 - i
					}
					if m, ok := q.poll(); !ok || m != want || q.Len() != size-1-i {
						t.Fatalf("got %d, %v, want %d; Len is %d, want %d", m, ok, want, q.Len(), size-1-i)
					}
				}
			}
			confNothing(t, q)
		})
	}
}

// confFill puts as many messages as there is room for.
func confFill(t *testing.T, q confQueue[int], size int) {
	t.Helper()
	for n := range size {
		if err := q.offer(n); err != nil || q.Len() != n+1 {
			t.Fatalf("put %d returned %v, and Len is %d", n, err, q.Len())
		}
	}
	if q.Cap() == mailbox.Unbounded {
		return
	}
	wantErr(t, "a put beyond the capacity", q.offer(size), mailbox.ErrFull)
	if q.Len() != size {
		t.Fatalf("Len is %d after a put that failed, want %d", q.Len(), size)
	}
}

func confNothing(t *testing.T, q confQueue[int]) {
	t.Helper()
	for range 3 {
		if m, ok := q.poll(); ok || m != 0 || q.Len() != 0 {
			t.Fatalf("got %d, %v of an empty mailbox, and Len is %d", m, ok, q.Len())
		}
	}
}

// A buffer that is filled and emptied in part, again and again, passes its end in every possible way.
func TestFillingAndEmptyingInBatchesKeepsLenAndOrder(t *testing.T) {
	const capacity = 48
	for _, batch := range []int{1, 5, 16, 47, 48} {
		confEachQueue(t, capacity, func(t *testing.T, q confQueue[int], order mailbox.Order) {
			in, out := 0, 0
			for range 200 {
				for range batch {
					switch err := q.offer(in); {
					case err == nil:
						in++
					case !errors.Is(err, mailbox.ErrFull) || in-out != capacity:
						t.Fatalf("a put with %d waiting: %v", in-out, err)
					}
				}
				for range batch - batch/3 {
					m, ok := q.poll()
					if !ok || order != mailbox.LIFO && m != out || order == mailbox.LIFO && m >= in {
						t.Fatalf("got %d, %v, want %d", m, ok, out)
					}
					out++
				}
				if q.Len() != in-out {
					t.Fatalf("Len is %d, want %d", q.Len(), in-out)
				}
			}
			if left := q.Drain(); len(left) != in-out {
				t.Fatalf("%d are left, want %d", len(left), in-out)
			}
		})
	}
}

// A message comes back as the thing that it was, be it nil.
func TestMessageComesBackAsItIs(t *testing.T) {
	confEachQueue(t, confSize, func(t *testing.T, q confQueue[*int], _ mailbox.Order) {
		for _, m := range []*int{new(int), nil, new(int)} {
			wantErr(t, "a put", q.offer(m), nil)
			if q.Len() != 1 {
				t.Fatalf("Len is %d, want 1", q.Len())
			}
			if got, ok := q.poll(); !ok || got != m || q.Len() != 0 {
				t.Fatalf("got %p, %v, want %p; Len is %d", got, ok, m, q.Len())
			}
		}
	})
}

// What JCTools calls the producer's and the consumer's index are Put and Taken.
func TestStatsTellHowFarProducersAndConsumersAre(t *testing.T) {
	confEachQueue(t, 2, func(t *testing.T, q confQueue[int], _ mailbox.Order) {
		for n := range uint64(10) {
			for _, step := range []struct {
				put, taken uint64
				do         func()
			}{
				{n, n, func() {}},
				{n + 1, n, func() { wantErr(t, "a put", q.offer(0), nil) }},
				{n + 1, n + 1, func() { q.poll() }},
				{n + 1, n + 1, func() { q.poll() }}, // nothing
			} {
				step.do()
				if s := q.Stats(); s.Put != step.put || s.Taken != step.taken || s.Len != int(s.Put-s.Taken) {
					t.Fatalf("%+v, want %d put and %d taken", s, step.put, step.taken)
				}
			}
		}
	})
}
