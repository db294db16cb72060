package mailbox_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
)

// offer makes an offer of l, which must have to wait.
func offer(t *testing.T, o *mailbox.Owned[letter], l letter) *mailbox.Waiting[letter] {
	t.Helper()
	_, err := o.Offer(t.Context(), l)
	w, waits := err.(*mailbox.Waiting[letter])
	if !waits {
		t.Fatalf("Offer of %v returned %v, want a wait", l, err)
	}
	return w
}

// fullOwned returns a mailbox with one letter, number 0, and room for no other.
func fullOwned(t *testing.T, k kind) *mailbox.Owned[letter] {
	t.Helper()
	o := newOwned(t, k.config(mailbox.Block, 1))
	if _, err := o.Offer(t.Context(), letter{}); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOfferWaitsUntilThereIsRoom(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		o := fullOwned(t, k)
		w := offer(t, o, letter{n: 1})
		if !w.Waits() {
			t.Error("it does not wait")
		}
		if _, s := o.Next(); s != mailbox.Ready {
			t.Fatalf("Next says %v", s)
		}
		if over, err := w.Await(t.Context()); !over || err != nil || w.Waits() {
			t.Errorf("with room, Await says %t, %v", over, err)
		}
		w.Release(0)
		if l, s := o.Next(); s != mailbox.Ready || l.n != 1 {
			t.Errorf("Next says %v, %v", l, s)
		}
	})
}

func TestOfferThatLeavesIsRejected(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		o := fullOwned(t, k)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		w := offer(t, o, letter{n: 1})
		if !w.Leave() {
			t.Error("it cannot leave")
		}
		w.Release(0)
		w = offer(t, o, letter{n: 2})
		if over, err := w.Await(ctx); !over || !errors.Is(err, context.Canceled) {
			t.Errorf("Await says %t, %v, want that its context has ended", over, err)
		}
		w.Release(0)
		w = offer(t, o, letter{n: 3})
		o.Close()
		if over, err := w.Await(t.Context()); !over || !errors.Is(err, mailbox.ErrClosed) {
			t.Errorf("Await says %t, %v, want that the mailbox is closed", over, err)
		}
		w.Release(0)
		if s := o.Stats(); s.Put != 1 || s.Rejected != 3 || s.Len != 1 {
			t.Errorf("%+v, want 1 put and 3 rejected", s)
		}
	})
}

func TestPokeMakesAwaitReturnAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := fullOwned(t, kinds[0])
		w := offer(t, o, letter{n: 1})
		for range 3 {
			w.Poke()
			if over, err := w.Await(t.Context()); over || err != nil || !w.Waits() {
				t.Errorf("poked, Await says %t, %v", over, err)
			}
		}
		w.Poke() // and is never looked at
		if _, s := o.Next(); s != mailbox.Ready {
			t.Fatalf("Next says %v", s)
		}
		for over, err := w.Await(t.Context()); !over; over, err = w.Await(t.Context()) {
			if err != nil {
				t.Error(err)
			}
		}
		w.Release(4)
		// The next wait must not wake by what this one has left.
		again := offer(t, o, letter{n: 2})
		woken := make(chan bool, 1)
		go func() {
			over, _ := again.Await(t.Context())
			woken <- over
		}()
		synctest.Wait()
		select {
		case <-woken:
			t.Error("a new wait was woken by an old poke")
		default:
		}
		_, _ = o.Next()
		if !<-woken {
			t.Error("it woke, and still waits")
		}
		again.Release(0)
	})
}

func TestOfferPanicsWhereLessDoes(t *testing.T) {
	o := newOwned(t, mailbox.Config[letter]{Capacity: 2, Order: mailbox.Priority, Less: func(a, b letter) bool {
		if a.n == 13 || b.n == 13 {
			panic("Less")
		}
		return a.n < b.n
	}})
	for n := range 2 {
		if _, err := o.Offer(t.Context(), letter{n: n}); err != nil {
			t.Fatal(err)
		}
	}
	w := offer(t, o, letter{n: 13})
	_, _ = o.Next()
	defer func() {
		if v := recover(); v != "Less" {
			t.Errorf("Await panicked with %v", v)
		}
		w.Release(0)
		if l, s := o.Next(); s != mailbox.Ready || l.n != 1 {
			t.Errorf("Next says %v, %v", l, s)
		}
	}()
	over, err := w.Await(t.Context())
	t.Errorf("Await says %t, %v", over, err)
}

// Offers that are poked, leave and stay, while the owner takes: what is put, is taken, once, and nobody is left behind.
func TestOffersArePutOrRejectedWhateverPokesThem(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		const senders = 4
		rounds := 500 * scale
		o := newOwned(t, k.config(mailbox.Block, 2))
		wake := make(chan struct{}, 1)
		var put, rejected atomic.Int64
		var all sync.WaitGroup
		for from := range senders {
			all.Go(func() {
				for n := range rounds {
					woke, err := o.Offer(context.Background(), letter{from: from, n: n, level: n % levels})
					if w, waits := err.(*mailbox.Waiting[letter]); waits {
						err = awaitPoked(w)
					}
					if woke {
						wake <- struct{}{}
					}
					if err == nil {
						put.Add(1)
					} else {
						rejected.Add(1)
					}
				}
			})
		}
		go func() { all.Wait(); o.Close(); close(wake) }()
		seen := map[letter]bool{}
		for open := true; open; _, open = <-wake { // a new owner is awake
			for l, s := o.Next(); s == mailbox.Ready; l, s = o.Next() {
				if seen[l] {
					t.Fatalf("%v came twice", l)
				}
				seen[l] = true
			}
		}
		if int64(len(seen)) != put.Load() || put.Load()+rejected.Load() != int64(senders*rounds) {
			t.Errorf("%d put, %d taken, %d rejected, of %d", put.Load(), len(seen), rejected.Load(), senders*rounds)
		}
	})
}

// awaitPoked waits with w while somebody else pokes it, and sometimes leaves.
func awaitPoked(w *mailbox.Waiting[letter]) error {
	pokes, leaves := 1+rand.IntN(2), rand.IntN(3) == 0
	poked := make(chan struct{})
	seen := make(chan struct{}, 2)
	go func() {
		defer close(poked)
		for range pokes {
			w.Poke()
			<-seen // one at a time
		}
	}()
	defer func() {
		for range pokes {
			select {
			case seen <- struct{}{}:
			default:
			}
		}
		<-poked
		w.Release(pokes)
	}()
	for {
		over, err := w.Await(context.Background())
		if over {
			return err
		}
		seen <- struct{}{}
		if leaves && w.Leave() {
			return mailbox.ErrFull
		}
	}
}

// Any looks at what waits in the queue, and in the batch in hand, but not at what the owner has begun.
func TestAnyFindsWhatTheOwnerHasNotBegun(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		o := newOwned(t, k.config(mailbox.Block, 20))
		look := func() (all []int) {
			for n := range 20 {
				if o.Any(func(l letter) bool { return l.n == n }) {
					all = append(all, n)
				}
			}
			return all
		}
		if got := look(); got != nil {
			t.Errorf("an empty mailbox has %v", got)
		}
		waiting := map[int]bool{}
		putOne := func(n int) {
			if _, err := o.Offer(t.Context(), letter{n: n, level: n % levels}); err != nil {
				t.Fatal(err)
			}
			waiting[n] = true
		}
		check := func() {
			t.Helper()
			var want []int
			for n := range 20 {
				if waiting[n] {
					want = append(want, n)
				}
			}
			if got := look(); !slices.Equal(got, want) {
				t.Errorf("Any finds %v, want %v", got, want)
			}
		}
		for n := range 10 {
			putOne(n)
		}
		check()
		for n := 10; n < 20; n++ {
			l, s := o.Next()
			if s != mailbox.Ready {
				t.Fatalf("Next says %v", s)
			}
			delete(waiting, l.n)
			check()
			putOne(n)
			check()
		}
	})
}
