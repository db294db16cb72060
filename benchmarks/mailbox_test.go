package main

import (
	"fmt"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// TestContendersMoveEachMessageOnce gives each contender messages that differ all, and counts what comes out. What it
// moves first is what it moves in the benchmark: many messages, then some again, and one.
func TestContendersMoveEachMessageOnce(t *testing.T) {
	const distinct = 4096
	for _, order := range []string{"FIFO", "LIFO", "Levels", "Less"} {
		for _, w := range []work{batchWork, getWork} {
			for _, s := range []shape{
				{producers: 1, capacity: mailbox.DefaultCapacity},
				{producers: 1, capacity: 16},
				{producers: 8, capacity: mailbox.DefaultCapacity},
				{producers: 64, capacity: 16},
				{producers: 0, capacity: backlogCapacity, backlog: backlog},
				{producers: 1, capacity: backlogCapacity, backlog: backlog},
			} {
				s.order, s.work = order, w
				var put, taken [distinct]int
				l := load[int64]{producers: s.producers, capacity: s.capacity, backlog: s.backlog}
				l.saw = func(m int64) { taken[m]++ }
				for i := range int64(distinct) {
					l.messages = append(l.messages, i)
				}
				for _, c := range rivals(l, s, numbers) {
					t.Run(fmt.Sprintf("%s/%s/%d/%d/%d/%s", order, w.name, s.producers, s.capacity, s.backlog, c.Name), func(t *testing.T) {
						put, taken = [distinct]int{}, [distinct]int{}
						for i := range s.backlog {
							put[i]++
						}
						move, total := c.Prepare().Run, 0
						for _, n := range []int{distinct, 100, 1, 2 * distinct} {
							move(n)
							for i := range n {
								put[i%distinct]++
							}
							total += n
							check(t, put[:], taken[:], total, s.backlog)
						}
					})
				}
			}
		}
	}
}

// check compares how often each message was put and taken: the same, but for a backlog, of which nothing says which
// messages it is made of.
func check(t *testing.T, put, taken []int, total, backlog int) {
	t.Helper()
	sum, missing := 0, 0
	for i := range put {
		sum += taken[i]
		missing += put[i] - taken[i]
		if taken[i] > put[i] {
			t.Fatalf("message %d was put %d times and taken %d times", i, put[i], taken[i])
		}
	}
	if sum != total || missing != backlog {
		t.Fatalf("%d messages were taken, want %d; %d are left, want %d", sum, total, missing, backlog)
	}
}

func TestHeapQueueGivesTheLeastAndKeepsItsCapacity(t *testing.T) {
	q := newHeapQueue(3, func(a, b int) bool { return a < b })
	for _, m := range []int{3, 1, 2} {
		q.put(m)
	}
	entered := make(chan struct{})
	go func() {
		defer close(entered)
		q.put(0)
	}()
	select {
	case <-entered:
		t.Fatal("a put entered a queue that is full")
	default:
	}
	// 0 may have entered after the first take only.
	got := []int{q.take()}
	<-entered
	for range 3 {
		got = append(got, q.take())
	}
	if want := "[1 0 2 3]"; fmt.Sprint(got) != want {
		t.Errorf("took %v, want %s", got, want)
	}
}
