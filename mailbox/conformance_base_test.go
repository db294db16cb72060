package mailbox_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// These are the behaviours of a queue that CPython's own test suite proves of queue.Queue, LifoQueue and PriorityQueue.
// CONFORMANCE.md says which of its cases is proved by which test.

const confSize = 5 // the capacity of most of the suite's queues

// confTimeout returns a context whose deadline is d from now, and in the past when d is negative.
func confTimeout(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// confTake takes a message that must be there.
func confTake(t failer, b *mailbox.Mailbox[letter]) letter {
	t.Helper()
	l, err := b.TryGet()
	if err != nil {
		t.Fatalf("TryGet: %v, want a message", err)
	}
	return l
}

// confEmpty takes all that waits, in delivery order.
func confEmpty(t failer, b *mailbox.Mailbox[letter]) (ns []int) {
	t.Helper()
	for b.Len() > 0 {
		ns = append(ns, confTake(t, b).n)
	}
	return ns
}

func confLen(t failer, b *mailbox.Mailbox[letter], want int) {
	t.Helper()
	if got := b.Len(); got != want {
		t.Fatalf("Len is %d, want %d", got, want)
	}
}

func TestDoneOfUnusedMailboxPanics(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		b := newMailbox(t, k.config(mailbox.Block, confSize))
		if recovered(b.Done) == nil {
			t.Fatal("Done did not notice that nothing was taken")
		}
		// The call that failed counts for nothing: the next message can be reported, once.
		put(t, b, letter{})
		confTake(t, b)
		b.Done()
		if recovered(b.Done) == nil {
			t.Fatal("Done did not notice that all was reported already")
		}
		wantErr(t, "Join", b.Join(t.Context()), nil)
	})
}

// The workers add to sums that Join's caller reads without any lock. So the race detector, too, sees it when Join
// returns before the last Done.
func TestJoinReturnsWhenWorkersAreDoneAndMayBeUsedAgain(t *testing.T) {
	const workers, sent, stop = 2, 100, -1
	each(t, func(t *testing.T, k kind) {
		b := newMailbox(t, k.config(mailbox.Block, 0))
		for range 2 {
			var working sync.WaitGroup
			sums := make([]int, workers)
			for i := range workers {
				working.Go(func() {
					for {
						l, err := b.Get(t.Context())
						if err != nil {
							t.Error(err)
							return
						}
						if l.n != stop {
							sums[i] += l.n
						}
						b.Done()
						if l.n == stop {
							return
						}
					}
				})
			}
			want := 0
			for n := range sent {
				put(t, b, letter{n: n, level: n % levels})
				want += n
			}
			wantErr(t, "Join", b.Join(t.Context()), nil)
			if sum := sums[0] + sums[1]; sum != want {
				t.Errorf("the sum is %d as Join returns, want %d", sum, want)
			}
			put(t, b, letter{n: stop}, letter{n: stop})
			wantErr(t, "the second Join", b.Join(t.Context()), nil)
			working.Wait()
		}
		if recovered(b.Done) == nil {
			t.Error("Done did not notice that all was reported already")
		}
	})
}

func TestPutsAndGetsAtTheBoundsFailOrWait(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, k.config(mailbox.Block, confSize))
			for range 2 { // what the first round leaves behind must not show in the second
				confOrder(t, b, k)
				confFullBound(t, b)
				confEmptyBound(t, b)
			}
		})
	})
}

// confOrder puts three messages into an empty mailbox. They leave in another sequence in each kind of order.
func confOrder(t *testing.T, b *mailbox.Mailbox[letter], k kind) {
	want := map[string][]int{"FIFO": {1, 3, 2}, "LIFO": {2, 3, 1}, "Less": {1, 2, 3}, "Levels": {1, 2, 3}}
	confLen(t, b, 0)
	put(t, b, letter{n: 1, level: 0}, letter{n: 3, level: 2}, letter{n: 2, level: 1})
	if got := confEmpty(t, b); !slices.Equal(got, want[k.name]) {
		t.Fatalf("got %v, want %v", got, want[k.name])
	}
}

// confFullBound fills b. Then puts that will not wait fail, those with a deadline wait until then, and the others until
// there is room. It leaves b full.
func confFullBound(t *testing.T, b *mailbox.Mailbox[letter]) {
	for n := range confSize {
		confLen(t, b, n)
		put(t, b, letter{n: n, level: n % levels})
	}
	confLen(t, b, b.Cap())
	wantErr(t, "TryPut", b.TryPut(letter{}), mailbox.ErrFull)
	began := time.Now()
	wantErr(t, "Put", b.Put(confTimeout(t, time.Minute), letter{}), context.DeadlineExceeded)
	if waited := time.Since(began); waited != time.Minute {
		t.Fatalf("Put gave up after %v, want a minute", waited)
	}
	for _, ctx := range []context.Context{t.Context(), confTimeout(t, time.Minute)} {
		waiting := waitToPut(ctx, b, letter{n: confSize})
		waits(t, "a put without room", waiting)
		confTake(t, b)
		wantErr(t, "a put that got room", over(t, "it", waiting), nil)
		confLen(t, b, b.Cap())
	}
}

// confEmptyBound empties b, and does the same to gets.
func confEmptyBound(t *testing.T, b *mailbox.Mailbox[letter]) {
	if taken := len(confEmpty(t, b)); taken != confSize {
		t.Fatalf("%d messages were there, want %d", taken, confSize)
	}
	_, err := b.TryGet()
	wantErr(t, "TryGet", err, mailbox.ErrEmpty)
	began := time.Now()
	_, err = b.Get(confTimeout(t, time.Minute))
	wantErr(t, "Get", err, context.DeadlineExceeded)
	if waited := time.Since(began); waited != time.Minute {
		t.Fatalf("Get gave up after %v, want a minute", waited)
	}
	for n, ctx := range []context.Context{t.Context(), confTimeout(t, time.Minute)} {
		waiting := waitToGet(ctx, b)
		waits(t, "a get without a message", waiting)
		put(t, b, letter{n: n})
		if g := over(t, "a get that got a message", waiting); g != (got{letter{n: n}, nil}) {
			t.Fatalf("Get returned %v, want message %d", g, n)
		}
		confLen(t, b, 0)
	}
}

// Python refuses a negative timeout as a mistake. A deadline in the past is none, because time passes on the way to a
// call; but it fails as early, and also where the call would not have had to wait.
func TestDeadlineInThePastFailsAtOnceAndChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		for _, n := range []int{0, 1, confSize} { // empty, with room, full
			b, o := newMailbox(t, k.config(mailbox.Block, confSize)), newOwned(t, k.config(mailbox.Block, confSize))
			for i := range n {
				put(t, b, letter{n: i})
				if _, err := o.TryPut(letter{n: i}); err != nil {
					t.Fatal(err)
				}
			}
			past := confTimeout(t, -time.Second)
			wantErr(t, "Put", b.Put(past, letter{n: 9}), context.DeadlineExceeded)
			wake, err := o.Put(past, letter{n: 9})
			wantErr(t, "Owned.Put", err, context.DeadlineExceeded)
			if wake {
				t.Fatal("a put that failed wakes the owner")
			}
			l, err := b.Get(past)
			wantErr(t, "Get", err, context.DeadlineExceeded)
			if l != (letter{}) {
				t.Fatalf("Get returned %v beside its error", l)
			}
			want := mailbox.Stats{Put: uint64(n), Rejected: 1, Len: n, HighWater: n}
			if b.Stats() != want || o.Stats() != want {
				t.Fatalf("%+v and %+v, want %+v", b.Stats(), o.Stats(), want)
			}
		}
	})
}

func TestTryPutAndTryGetNeverWait(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		b := newMailbox(t, k.config(mailbox.Block, confSize))
		for range 2 {
			for n := range confSize {
				wantErr(t, "TryPut", b.TryPut(letter{n: n, level: 1}), nil)
			}
			wantErr(t, "TryPut without room", b.TryPut(letter{n: 9}), mailbox.ErrFull)
			for range confSize {
				if l := confTake(t, b); l.n == 9 {
					t.Fatal("the message that was refused came")
				}
			}
			_, err := b.TryGet()
			wantErr(t, "TryGet without a message", err, mailbox.ErrEmpty)
		}
	})
}

// Python's maxsize can be lowered below what is queued. Capacity cannot, but Hold brings a mailbox there: it is past
// its capacity by what is held aside, and room for a put comes only when all of that has entered.
func TestMailboxBeyondItsCapacityRefusesPutsUntilItIsBack(t *testing.T) {
	const capacity, held = 3, 2
	urgent := []int{2, 3, 4, 0, 1}
	want := map[string][]int{"FIFO": {0, 1, 2, 3, 4}, "LIFO": {2, 3, 4, 1, 0}, "Less": urgent, "Levels": urgent}
	each(t, func(t *testing.T, k kind) {
		o := newOwned(t, k.config(mailbox.Block, capacity))
		for _, l := range []letter{{n: 0, level: 1}, {n: 1, level: 2}, {n: 2, level: 0}} {
			if _, err := o.TryPut(l); err != nil {
				t.Fatal(err)
			}
		}
		refused := func() {
			t.Helper()
			_, err := o.TryPut(letter{n: 9})
			wantErr(t, "TryPut", err, mailbox.ErrFull)
			_, err = o.Put(confTimeout(t, -time.Second), letter{n: 9})
			wantErr(t, "Put", err, context.DeadlineExceeded)
		}
		refused()
		for n := range held {
			if _, _, err := o.Hold(letter{n: capacity + n, level: 0}); err != nil {
				t.Fatal(err)
			}
			refused()
		}
		var got []int
		for range capacity + held {
			l, s := o.Next()
			if s != mailbox.Ready {
				t.Fatalf("Next says %v, want Ready", s)
			}
			if got = append(got, l.n); len(got) <= held {
				if n := o.Len(); n != capacity {
					t.Fatalf("Len is %d after %d of what was held aside entered, want %d", n, len(got), capacity)
				}
				refused()
			}
		}
		if _, s := o.Next(); s != mailbox.Idle || !slices.Equal(got, want[k.name]) {
			t.Fatalf("got %v, want %v; then %v, want Idle", got, want[k.name], s)
		}
		if _, err := o.TryPut(letter{}); err != nil {
			t.Fatalf("TryPut with room again: %v", err)
		}
	})
}
