package mailbox_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// The promises of the package's doc, one by one. Other tests look at each more closely.

func TestPromiseBoundedByDefault(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		b := newMailbox(t, k.config(mailbox.Block, 0))
		for n := range 1024 {
			put(t, b, letter{n: n, level: n % levels})
		}
		wantErr(t, "TryPut", b.TryPut(letter{}), mailbox.ErrFull)
		if b.Len() != 1024 || b.Cap() != 1024 {
			t.Fatalf("Len %d, Cap %d, want 1024", b.Len(), b.Cap())
		}
	})
}

func TestPromiseBoundedFromAnyNumberOfSenders(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		const senders, capacity = 16, 5
		b, o := newMailbox(t, k.config(policy, capacity)), newOwned(t, k.config(policy, capacity))
		var never atomic.Bool
		stop, stopOwned := watch(t, capacity, b.Len, b.Stats, &never), watch(t, capacity, o.Len, o.Stats, &never)
		o.Stay()
		var sending sync.WaitGroup
		for from := range senders {
			sending.Go(func() {
				for n := range 20 * scale {
					l := letter{from, n, n % levels}
					_ = b.Put(t.Context(), l)
					_, _ = o.Put(t.Context(), l)
					_ = b.TryPut(l)
					_, _ = o.TryPut(l)
				}
			})
		}
		var sent atomic.Bool
		var taking sync.WaitGroup
		taking.Go(func() {
			for idle := false; !idle || !sent.Load(); {
				_, s := o.Next()
				_, err := b.TryGet()
				if idle = s == mailbox.Empty && err != nil; idle {
					goruntime.Gosched()
				}
			}
		})
		sending.Wait()
		sent.Store(true)
		taking.Wait()
		stop()
		stopOwned()
	})
}

func TestPromiseBoundedUnlessAskedFor(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		b := newMailbox(t, k.config(mailbox.Block, mailbox.Unbounded))
		for n := range 10_000 {
			put(t, b, letter{n: n, level: n % levels})
		}
		if b.Len() != 10_000 || b.Cap() != mailbox.Unbounded {
			t.Fatalf("Len %d, Cap %d", b.Len(), b.Cap())
		}
	})
}

func TestPromiseOrderOfEachSenderIsKept(t *testing.T) {
	for _, policy := range policies {
		const senders, sent = 8, 200
		b := newMailbox(t, kinds[0].config(policy, 3))
		var sending sync.WaitGroup
		for from := range senders {
			sending.Go(func() {
				for n := range sent {
					_ = b.Put(t.Context(), letter{from: from, n: n})
				}
			})
		}
		var taking sync.WaitGroup
		taking.Go(func() {
			seen := arrival{map[[2]int]int{}}
			for {
				l, err := b.Get(context.Background())
				if err != nil {
					return
				}
				seen.check(t, mailbox.FIFO, l)
			}
		})
		sending.Wait()
		b.Close()
		taking.Wait()
	}
}

func TestPromiseOrderOfPriorityIsStable(t *testing.T) {
	for _, k := range kinds[2:] {
		b := newMailbox(t, k.config(mailbox.Block, 0))
		var want []letter
		for n := range 1000 {
			want = append(want, letter{n: n, level: n * n % levels})
		}
		put(t, b, want...)
		slices.SortStableFunc(want, func(a, b letter) int { return a.level - b.level })
		if left := b.Drain(); !slices.Equal(left, want) {
			t.Errorf("%s: equals do not leave in arrival order: %v", k.name, left)
		}
	}
}

// Newcomers try all the time, and put when there is room. Each message taken lets the one in that has waited longest.
func TestPromiseFairToThoseThatHaveWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const waiting = 20
		b := newMailbox(t, mailbox.Config[letter]{Capacity: 2})
		put(t, b, letter{n: -2}, letter{n: -1})
		var errs []<-chan error
		for n := range waiting {
			errs = append(errs, waitToPut(t.Context(), b, letter{n: n}))
		}
		<-time.After(2 * time.Millisecond)
		var enough atomic.Bool
		for range 3 {
			go func() {
				for !enough.Load() {
					if b.TryPut(letter{n: 99}) == nil {
						return
					}
				}
			}()
		}
		for n := -2; n < waiting; n++ {
			if l, err := b.TryGet(); err != nil || l.n != n {
				t.Fatalf("TryGet returned %v, %v, want %d", l, err, n)
			}
		}
		enough.Store(true)
		for _, err := range errs {
			wantErr(t, "a put that waited", <-err, nil)
		}
	})
}

// Newcomers that never pause are quicker to most of the room, but not to all: the test ends when every put that waits got
// in.
func TestPromiseFairNobodyStarves(t *testing.T) {
	const waiting = 20
	b := newMailbox(t, mailbox.Config[letter]{Capacity: 2})
	var enough atomic.Bool
	var newcomers, waiters sync.WaitGroup
	for range 2 {
		newcomers.Go(func() {
			for !enough.Load() {
				_ = b.TryPut(letter{n: waiting})
			}
		})
	}
	for n := range waiting {
		waiters.Go(func() {
			if err := b.Put(context.Background(), letter{n: n}); err != nil {
				t.Error(err)
			}
		})
	}
	for in := 0; in < waiting; {
		if l, err := b.Get(context.Background()); err != nil {
			t.Fatal(err)
		} else if l.n < waiting {
			in++
		}
	}
	waiters.Wait()
	enough.Store(true)
	newcomers.Wait()
}

func TestPromiseAccountedByErrors(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		c := k.config(policy, 4)
		told := 0
		c.OnDrop = func(letter, error) { told++ }
		b := newMailbox(t, c)
		accepted, taken := 0, 0
		for n := range 100 {
			if b.TryPut(letter{n: n, level: n % levels}) == nil {
				accepted++
			}
			if n%3 == 0 {
				if _, err := b.TryGet(); err == nil {
					taken++
				}
			}
		}
		waiting := b.Len()
		if drained := len(b.Drain()); accepted != taken+told+drained || drained != waiting {
			t.Fatalf("%d accepted, %d taken, %d told to OnDrop, %d waiting, %d drained", accepted, taken, told, waiting, drained)
		}
	})
}

// Each callback panics once, in each call that can reach it. Everything works afterwards.
func TestPromiseIntactAfterPanicOfCallback(t *testing.T) {
	for _, callback := range []string{"Less", "Level", "OnDrop"} {
		for _, policy := range policies {
			t.Run(fmt.Sprint(callback, "/", policy), func(t *testing.T) {
				bad := ""
				boom := func(where string) {
					if where == bad {
						panic(where)
					}
				}
				c := mailbox.Config[letter]{Capacity: 3, Order: mailbox.Priority, Overflow: policy}
				c.OnDrop = func(letter, error) { boom("OnDrop") }
				if callback == "Level" {
					c.Levels, c.Level = levels, func(l letter) int { boom("Level"); return l.level }
				} else {
					c.Less = func(a, b letter) bool { boom("Less"); return a.level < b.level }
				}
				b := newMailbox(t, c)
				for n := range 3 {
					put(t, b, letter{n: n, level: n})
				}
				panics := 0
				for _, call := range []func(){
					func() { _ = b.TryPut(letter{n: 3}) },
					func() {
						if policy != mailbox.Block { // or it would wait
							_ = b.Put(t.Context(), letter{n: 4})
						}
					},
					func() { _, _ = b.TryGet() },
					func() { _, _ = b.Get(context.Background()) },
					func() { _ = b.TryPut(letter{n: 5}) },
				} {
					bad = callback
					if recovered(call) != nil {
						panics++
					}
					bad = ""
					s := b.Stats() // which would wait for ever if the lock were still held
					if s.Put != s.Taken+s.Dropped+uint64(s.Len) || s.Len > 3 {
						t.Fatalf("%+v", s)
					}
				}
				if panics == 0 && (callback != "OnDrop" || policy > mailbox.Reject) {
					t.Error("nothing panicked")
				}
				rest := b.Len()
				for range rest {
					if _, err := b.TryGet(); err != nil {
						t.Fatal(err)
					}
				}
				put(t, b, letter{n: 6, level: 1}, letter{n: 7, level: 0}, letter{n: 8, level: 1})
				if left := numbers(b.Drain()); !slices.Equal(left, []int{7, 6, 8}) {
					t.Fatalf("left %v, want 7, 6 and 8", left)
				}
			})
		}
	}
}
