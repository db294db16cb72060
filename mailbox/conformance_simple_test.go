package mailbox_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// Python's SimpleQueue is an unbounded FIFO queue without task_done. What its tests prove is proved here of each order.

func TestLenFollowsEveryPutAndGet(t *testing.T) {
	want := map[string][]int{"FIFO": {0, 1, 2, 3}, "LIFO": {3, 2, 1, 0}, "Less": {3, 1, 2, 0}, "Levels": {3, 1, 2, 0}}
	each(t, func(t *testing.T, k kind) {
		synctest.Test(t, func(t *testing.T) {
			b := newMailbox(t, k.config(mailbox.Block, mailbox.Unbounded))
			confLen(t, b, 0)
			for n, put := range []func(letter) error{
				func(l letter) error { return b.Put(t.Context(), l) },
				func(l letter) error { return b.Put(confTimeout(t, time.Minute), l) },
				b.TryPut,
				func(l letter) error { return b.Put(t.Context(), l) },
			} {
				wantErr(t, "a put", put(letter{n: n, level: []int{2, 1, 1, 0}[n]}), nil)
				confLen(t, b, n+1)
			}
			for i, get := range []func() (letter, error){
				func() (letter, error) { return b.Get(t.Context()) },
				b.TryGet,
				b.TryGet,
				func() (letter, error) { return b.Get(confTimeout(t, time.Minute)) },
			} {
				l, err := get()
				wantErr(t, "a get", err, nil)
				if l.n != want[k.name][i] {
					t.Fatalf("get %d returned %v, want %d", i, l, want[k.name][i])
				}
				confLen(t, b, 3-i)
			}
			_, err := b.TryGet()
			wantErr(t, "TryGet", err, mailbox.ErrEmpty)
			_, err = b.Get(confTimeout(t, time.Minute))
			wantErr(t, "Get", err, context.DeadlineExceeded)
			confLen(t, b, 0)
		})
	})
}

// What is of equal urgency leaves a Priority mailbox as it entered, so such a one must do as FIFO does. LIFO makes no
// promise while the producer goes on.
func TestOneProducerAndOneConsumerKeepTheOrder(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		for _, capacity := range []int{1, confSize, mailbox.Unbounded} {
			got := confExchange(t, k.config(mailbox.Block, capacity), 1, 100*scale, 0, confGet)
			if k.order != mailbox.LIFO && !slices.IsSorted(got) {
				t.Fatalf("capacity %d: got %v, want them in order", capacity, got)
			}
		}
	})
}

func TestManyConsumersWaitForManyProducers(t *testing.T) {
	confMany(t, 10_000, confGet)
}

func TestManyConsumersPollManyProducers(t *testing.T) {
	confMany(t, 10_000, func(t *testing.T, b *mailbox.Mailbox[letter]) (letter, error) {
		for {
			l, err := b.TryGet()
			if !errors.Is(err, mailbox.ErrEmpty) {
				return l, err
			}
			goruntime.Gosched()
		}
	})
}

// The deadlines are so near that gets give up all the time, some of them as a message arrives. None is lost by that.
func TestManyConsumersWithDeadlinesLoseNothing(t *testing.T) {
	confMany(t, 1_000, func(t *testing.T, b *mailbox.Mailbox[letter]) (letter, error) {
		for {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Microsecond)
			l, err := b.Get(ctx)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				return l, err
			}
		}
	})
}

func confGet(t *testing.T, b *mailbox.Mailbox[letter]) (letter, error) { return b.Get(t.Context()) }

// confMany has 50 producers and 50 consumers, in a mailbox without bound as SimpleQueue is, and in a small one.
func confMany(t *testing.T, sent int, get func(*testing.T, *mailbox.Mailbox[letter]) (letter, error)) {
	each(t, func(t *testing.T, k kind) {
		for _, capacity := range []int{confSize, mailbox.Unbounded} {
			got := confExchange(t, k.config(mailbox.Block, capacity), 50, sent, levels, get)
			slices.Sort(got)
			for n := range sent {
				if n >= len(got) || got[n] != n {
					t.Fatalf("capacity %d: message %d did not come once: %d came", capacity, n, len(got))
				}
			}
		}
	})
}

// confExchange has many producers put the numbers up to sent, each taking the next one that nobody took, at so many
// levels; and as many consumers get them. It returns the numbers, in the order in which each consumer got its own.
// Consumers end with the mailbox. A last message for each, as Python's test has it, would come first in some orders.
func confExchange(
	t *testing.T, c mailbox.Config[letter], many, sent, levels int,
	get func(*testing.T, *mailbox.Mailbox[letter]) (letter, error),
) (all []int) {
	b := newMailbox(t, c)
	var sending, taking sync.WaitGroup
	var mu sync.Mutex
	numbered := 0
	next := func() int {
		mu.Lock()
		defer mu.Unlock()
		numbered++
		return numbered - 1
	}
	for range many {
		sending.Go(func() {
			for n := next(); n < sent; n = next() {
				if err := b.Put(t.Context(), letter{n: n, level: n % max(levels, 1)}); err != nil {
					t.Error("Put:", err)
					return
				}
			}
		})
		taking.Go(func() {
			var mine []int
			l, err := get(t, b)
			for ; err == nil; l, err = get(t, b) {
				mine = append(mine, l.n)
			}
			confLate(t, err)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
		})
	}
	sending.Wait()
	b.Close()
	taking.Wait()
	confLen(t, b, 0)
	return all
}

// Each message must be garbage as soon as it has left, and not only when its slot is used again.
func TestMailboxForgetsEachMessageAsItLeaves(t *testing.T) {
	const many = 20
	each(t, func(t *testing.T, k kind) {
		var alive tracker
		b := newMailbox(t, k.parcels(mailbox.Block, mailbox.Unbounded))
		for i := range many {
			put(t, b, alive.parcel(i%levels))
		}
		for left := many - 1; left >= 0; left-- {
			if _, err := b.TryGet(); err != nil {
				t.Fatal(err)
			}
			alive.wait(int64(left))
		}
		goruntime.KeepAlive(b)
	})
}
