package mailbox_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// Less may end the goroutine that calls it (t.FailNow does), in the call of whoever makes room for a put that waits.
// That put must end, by an error or a panic, and be in no count; what was taken, and the put behind it, are not its
// business.
func TestGoexitOfLessAsAPutEntersEndsThatPut(t *testing.T) {
	less := func(a, b letter) bool {
		if a.n == 13 || b.n == 13 {
			goruntime.Goexit()
		}
		return a.level < b.level
	}
	c := mailbox.Config[letter]{Capacity: 2, Order: mailbox.Priority, Less: less}
	for name, makeRoom := range map[string]func(both){
		"TryGet": func(s both) { _, _ = s.b.TryGet() },
		"Get":    func(s both) { _, _ = s.b.Get(context.Background()) },
		"Next":   func(s both) { s.o.Next() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := both{newMailbox(t, c), newOwned(t, c)}
				fill(t, s, 2)
				s.o.Stay()
				ends, cancels := map[int]chan bool{}, map[int]func(){}
				for _, n := range []int{13, 2} { // 13 is first, and 2 is behind it
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					c := make(chan bool, 1)
					ends[n], cancels[n] = c, cancel
					go func() {
						c <- returned(func() {
							if name == "Next" {
								_, _ = s.o.Put(ctx, letter{n: n, level: 3})
							} else {
								_ = s.b.Put(ctx, letter{n: n, level: 3})
							}
						})
					}()
					waits(t, fmt.Sprint("put ", n), c)
				}
				returned(func() { makeRoom(s) })
				synctest.Wait()
				select {
				case <-ends[13]:
				default:
					t.Error("put 13 waits still")
					cancels[13]()
					over(t, "put 13, cancelled", ends[13])
				}
				returned(func() { makeRoom(s) }) // there is room for 2 in any case
				synctest.Wait()
				select {
				case <-ends[2]:
				default:
					t.Errorf("put 2 waits still, behind nobody, with room: %+v", s.stats())
				}
				if left := s.left(); slices.Contains(left, 13) || !slices.Contains(left, 2) {
					t.Errorf("left %v", left)
				}
			})
		})
	}
}

// The same of a message held aside: it is told to OnDrop, or returned at the end, but not lost.
func TestGoexitOfLessAsAHeldMessageEntersLosesNothing(t *testing.T) {
	var told []int
	o := newOwned(t, mailbox.Config[letter]{Capacity: 2, Order: mailbox.Priority,
		Less: func(a, b letter) bool {
			if a.n == 13 || b.n == 13 {
				goruntime.Goexit()
			}
			return a.n < b.n
		},
		OnDrop: func(l letter, _ error) { told = append(told, l.n) },
	})
	for _, n := range []int{0, 1, 13} {
		if _, _, err := o.Hold(letter{n: n}); err != nil {
			t.Fatal(err)
		}
	}
	o.Stay()
	taken := 0
	for range 4 {
		returned(func() {
			if _, s := o.Next(); s == mailbox.Ready {
				taken++
			}
		})
	}
	s, left := o.Stats(), numbers(o.Drain())
	if taken != int(s.Taken) || s.Held != 0 || len(left)+len(told) != 1 {
		t.Errorf("%+v; taken %d; told %v, left %v: want 13 in one of them", s, taken, told, left)
	}
}

// A put that was called and gives up leaves its room to the next in line, which may enter at once, and so call Less.
func TestGoexitOfLessAsAPutGivesUpLeavesTheMailboxUnlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMailbox(t, mailbox.Config[int]{Capacity: 2, Order: mailbox.Priority, Less: func(x, y int) bool {
			if x == 13 || y == 13 {
				goruntime.Goexit()
			}
			return x < y
		}})
		put(t, b, 1, 2)
		first, second := mailbox.Wait(b, 3), mailbox.Wait(b, 13)
		if _, err := b.TryGet(); err != nil { // calls the first
			t.Fatal(err)
		}
		<-time.After(2 * time.Millisecond)
		returned(func() { first.Leave() })
		if n := b.Len(); n != 1 { // or hangs
			t.Errorf("%d messages wait, want 1", n)
		}
		if _, end := second.Woken(); !end {
			t.Error("the put whose Less ended the goroutine waits still")
		}
	})
}
