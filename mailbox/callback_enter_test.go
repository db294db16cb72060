package mailbox_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
)

// A put that waits enters by the call of somebody else, who makes room. Whoever that is, the panic is that put's alone.
func TestPanicOfLessAsAPutEntersIsThatPutsAlone(t *testing.T) {
	less := func(a, b letter) bool {
		if a.n == 13 || b.n == 13 {
			panic("13")
		}
		return a.level < b.level
	}
	c := mailbox.Config[letter]{Capacity: 2, Order: mailbox.Priority, Less: less}
	for name, makeRoom := range map[string]func(both) error{
		"TryGet": func(s both) error { _, err := s.b.TryGet(); return err },
		"Get":    func(s both) error { _, err := s.b.Get(context.Background()); return err },
		"Next":   func(s both) error { s.o.Next(); return nil },
		"Next, after an interrupt": func(s both) error {
			s.o.Interrupt()
			s.o.Next()
			s.o.Next()
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := both{newMailbox(t, c), newOwned(t, c)}
				fill(t, s, 2)
				s.o.Stay()
				type end struct {
					err      error
					panicked any
				}
				ends := map[int]chan end{}
				owned := name[0] == 'N'
				for _, n := range []int{13, 2} { // 13 is first, and 2 gets its room
					c := make(chan end, 1)
					ends[n] = c
					go func() {
						var e end
						e.panicked = recovered(func() {
							if owned {
								_, e.err = s.o.Put(context.Background(), letter{n: n, level: 3})
							} else {
								e.err = s.b.Put(context.Background(), letter{n: n, level: 3})
							}
						})
						c <- e
					}()
					waits(t, fmt.Sprint("put ", n), c)
				}
				var err error
				if v := recovered(func() { err = makeRoom(s) }); v != nil || err != nil {
					t.Fatalf("who made room learned of it: %v, %v", v, err)
				}
				if e := over(t, "put 13", ends[13]); e != (end{panicked: "13"}) {
					t.Fatalf("put 13: %+v, want the panic", e)
				}
				if e := over(t, "put 2", ends[2]); e != (end{}) {
					t.Fatalf("put 2: %+v, want no error", e)
				}
				if st := s.stats(); st.Put != 5 || st.Taken != 1 || st.Len != 4 || st.Rejected != 0 {
					t.Fatalf("%+v, want 5 put, 1 of them taken", st)
				}
				if left := s.left(); slices.Contains(left, 13) || !slices.Contains(left, 2) || len(left) != 4 {
					t.Fatalf("left %v", left)
				}
			})
		})
	}
}

// Where Less panics on what is left, Drain and Abandon return it all the same, what is held aside included.
func TestTheEndReturnsAllEvenIfLessPanics(t *testing.T) {
	const letters = 20
	for name, end := range map[string]func(*mailbox.Owned[letter]) []letter{
		"Drain": func(o *mailbox.Owned[letter]) []letter { return o.Drain() },
		"Abandon": func(o *mailbox.Owned[letter]) []letter {
			o.Interrupt()
			left, _ := o.Abandon()
			return left
		},
	} {
		for at, sprung := 0, true; sprung; at++ {
			p := &trap{abort: aborts[0], at: at}
			o := newOwned(t, mailbox.Config[letter]{Capacity: letters, Order: mailbox.Priority,
				Less: func(a, b letter) bool { p.step(); return a.level < b.level }})
			var want []int
			for n := range letters + 3 { // three are held aside
				want = append(want, n)
				if _, _, err := o.Hold(letter{n: n, level: n * n % levels}); err != nil {
					t.Fatal(err)
				}
			}
			p.set = true
			left := numbers(end(o))
			p.set, sprung = false, p.sprung
			slices.Sort(left)
			if !slices.Equal(left, want) {
				t.Fatalf("%s, call %d of Less: left %v, want all", name, at, left)
			}
			if s := o.Stats(); s.Len != 0 || s.Held != 0 || s.Taken != 0 || s.Put != uint64(len(want)) {
				t.Fatalf("%s, call %d of Less: %+v, want nothing left", name, at, s)
			}
		}
	}
}

// There is nothing to compare where a get waits, so a put cannot be the victim of Less.
func TestPutToAWaitingGetNeedsNoLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newMailbox(t, mailbox.Config[letter]{Order: mailbox.Priority, Less: func(a, b letter) bool { panic("Less") }})
		waiting := waitToGet(t.Context(), b)
		put(t, b, letter{n: 1})
		if g := over(t, "the get", waiting); g != (got{letter{n: 1}, nil}) {
			t.Fatalf("got %v", g)
		}
	})
}

// The owner tells OnDrop of a message held aside that cannot enter. If OnDrop ends that, the message counts as told, and
// the owner goes on.
func TestNextThatOnDropEndsCanBeCalledAgain(t *testing.T) {
	for _, how := range aborts {
		t.Run(how.name, func(t *testing.T) {
			var told []string
			o := newOwned(t, mailbox.Config[letter]{Capacity: 2, Order: mailbox.Priority,
				Less: func(a, b letter) bool {
					if a.n == 13 || b.n == 13 {
						panic("13")
					}
					return a.n < b.n
				},
				OnDrop: func(l letter, err error) {
					told = append(told, fmt.Sprint(l.n, " ", err))
					how.end()
				},
			})
			for _, n := range []int{0, 1, 13} {
				if _, _, err := o.Hold(letter{n: n}); err != nil {
					t.Fatal(err)
				}
			}
			if l, s := o.Next(); l.n != 0 || s != mailbox.Ready { // which makes room for 13
				t.Fatalf("Next returned %v, %v", l, s)
			}
			if returned(func() { o.Next() }) {
				t.Fatal("OnDrop did not end Next")
			}
			if want := []string{"13 mailbox: Less panicked on a message held aside: 13"}; !slices.Equal(told, want) {
				t.Fatalf("told %q, want %q", told, want)
			}
			if l, s := o.Next(); l.n != 1 || s != mailbox.Ready {
				t.Fatalf("Next returned %v, %v, want 1", l, s)
			}
			if s := o.Stats(); s.Put != 3 || s.Taken != 2 || s.Dropped != 1 || s.Held != 0 || len(told) != 1 {
				t.Fatalf("%+v, want 2 taken and 1 dropped", s)
			}
		})
	}
}

// Drain is ended in its first comparison, and asked again.
func TestGoexitOfLessInDrainLosesNothing(t *testing.T) {
	armed := false
	less := func(a, b letter) bool {
		if armed {
			armed = false
			goruntime.Goexit()
		}
		return a.n < b.n
	}
	c := mailbox.Config[letter]{Capacity: 5, Order: mailbox.Priority, Less: less}
	s := both{newMailbox(t, c), newOwned(t, c)}
	fill(t, s, 5)
	for name, drain := range map[string]func() []letter{"Drain": s.b.Drain, "Owned.Drain": s.o.Drain} {
		armed = true
		var left []letter
		if !returned(func() { left = drain() }) {
			left = append(left, drain()...)
		}
		if ns := numbers(left); !slices.Equal(ns, []int{0, 1, 2, 3, 4}) {
			t.Errorf("%s: left %v", name, ns)
		}
	}
	if st := s.stats(); st.Len != 0 || st.Taken != 0 {
		t.Errorf("%+v", st)
	}
}
