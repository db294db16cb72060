package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/troupe-go/troupe/mailbox"
)

// An item says who made it, and which of his it is, so that at the end each can be looked for.
type item struct{ producer, number int }

func (f factory) queue() (*mailbox.Mailbox[item], error) {
	c := mailbox.Config[item]{Capacity: f.capacity, Order: f.order}
	if f.order == mailbox.Priority {
		c.Less = func(a, b item) bool { return a.number < b.number }
	}
	return mailbox.New(c)
}

// full fills a queue that nobody takes from.
func (f factory) full(ctx context.Context, w io.Writer) error {
	q, err := f.queue()
	if err != nil {
		return err
	}
	for n := range f.capacity {
		if err := q.Put(ctx, item{number: n}); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "Full: %d of %d. TryPut: %q.\n", q.Len(), q.Cap(), q.TryPut(item{}))
	hurry, cancel := context.WithTimeout(ctx, f.patience)
	defer cancel()
	fmt.Fprintf(w, "      Put waits %v: %q. The item was not taken.\n", f.patience, q.Put(hurry, item{}))
	if left := len(q.Drain()); left != f.capacity {
		return fmt.Errorf("%d items were left: want %d", left, f.capacity)
	}
	return nil
}

// empty takes from a queue that nobody puts anything into.
func (f factory) empty(ctx context.Context, w io.Writer) error {
	q, err := f.queue()
	if err != nil {
		return err
	}
	_, none := q.TryGet()
	hurry, cancel := context.WithTimeout(ctx, f.patience)
	defer cancel()
	_, late := q.Get(hurry)
	q.Close()
	_, closed := q.Get(ctx)
	fmt.Fprintf(w, "Empty: TryGet: %q. Get waits %v: %q.\n", none, f.patience, late)
	fmt.Fprintf(w, "       After Close, Get: %q, at once.\n", closed)
	return nil
}

// produce has everybody at work, and counts what they did.
func (f factory) produce(ctx context.Context, w io.Writer) error {
	q, err := f.queue()
	if err != nil {
		return err
	}
	var producers, consumers sync.WaitGroup
	failures := make(chan error, f.producers+f.consumers)
	for p := range f.producers {
		producers.Go(func() {
			for n := range f.items {
				if err := q.Put(ctx, item{p, n}); err != nil { // waits while the queue is full
					failures <- fmt.Errorf("producer %d: %w", p, err)
					return
				}
			}
		})
	}
	took := make([][]item, f.consumers)
	for c := range f.consumers {
		consumers.Go(func() {
			for {
				i, err := q.Get(ctx) // waits while the queue is empty
				if err != nil {
					if !errors.Is(err, mailbox.ErrClosed) {
						failures <- fmt.Errorf("consumer %d: %w", c, err)
					}
					return
				}
				took[c] = append(took[c], i)
				q.Done()
			}
		})
	}
	producers.Wait()
	err = q.Join(ctx) // until each item is taken, and done with
	q.Close()         // so that the consumers go home
	consumers.Wait()
	close(failures)
	for failure := range failures {
		err = errors.Join(err, failure)
	}
	if err = errors.Join(err, f.check(took)); err != nil {
		return err
	}
	s := q.Stats()
	fmt.Fprintf(w, "Work: %s made %d items, %s took %s: each item once.\n",
		count(f.producers, "producer"), s.Put, count(f.consumers, "consumer"), shares(took))
	fmt.Fprintf(w, "      The queue never held more than %d of %d.\n", s.HighWater, q.Cap())
	return nil
}

// check reports an error unless each item was taken once; and with one consumer of a FIFO queue, in order.
func (f factory) check(took [][]item) error {
	if f.order == mailbox.FIFO {
		for c, items := range took {
			last := make(map[int]int)
			for _, i := range items {
				if before, any := last[i.producer]; any && before >= i.number {
					return fmt.Errorf("consumer %d got item %d of producer %d after item %d: want them in order", c, i.number, i.producer, before)
				}
				last[i.producer] = i.number
			}
		}
	}
	seen := make([][]int, f.producers)
	for i := range seen {
		seen[i] = make([]int, f.items)
	}
	for _, i := range slices.Concat(took...) {
		seen[i.producer][i.number]++
	}
	for p, items := range seen {
		for n, times := range items {
			if times != 1 {
				return fmt.Errorf("item %d of producer %d was taken %d times: want once", n, p, times)
			}
		}
	}
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// shares says what each consumer took, or how little and how much, where they are many.
func shares(took [][]item) string {
	const most = 8
	if len(took) > most {
		by := func(a, b []item) int { return len(a) - len(b) }
		return fmt.Sprintf("%d to %d each", len(slices.MinFunc(took, by)), len(slices.MaxFunc(took, by)))
	}
	var each []string
	for _, items := range took {
		each = append(each, fmt.Sprint(len(items)))
	}
	return strings.Join(each, " + ")
}
