package mailbox_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/troupe-go/troupe/mailbox"
)

// A fuse makes a callback panic at a given call.
type fuse struct {
	left  int // calls before it blows
	armed bool
}

func (f *fuse) burn() {
	if !f.armed {
		return
	}
	if f.left == 0 {
		panic("fuse")
	}
	f.left--
}

func (f *fuse) less(a, b letter) bool {
	f.burn()
	return a.level < b.level
}

func (f *fuse) config(policy mailbox.Overflow, capacity int) mailbox.Config[letter] {
	return mailbox.Config[letter]{Capacity: capacity, Overflow: policy, Order: mailbox.Priority, Less: f.less}
}

// TestModelOfLessThatPanics proves that each call happens whole or, when Less panics at whichever comparison, not at
// all.
func TestModelOfLessThatPanics(t *testing.T) {
	for _, policy := range policies {
		t.Run(policy.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				f := &fuse{}
				c := f.config(policy, rapid.IntRange(1, 20).Draw(t, "capacity"))
				ops := drawOps(t, []string{"TryPut", "TryPut", "TryGet"}, nil)
				runFused(t, f, c, ops, rapid.SliceOfN(rapid.IntRange(0, 12), len(ops), len(ops)).Draw(t, "fuses"))
			})
		})
	}
}

// A put that waited is not there to panic itself when its message enters: the panic is carried over to it, and neither
// the get that made room nor the put behind it learns of it.
func TestPanicOfLessReachesTheWaitingPut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := mailbox.Config[letter]{Capacity: 2, Order: mailbox.Priority, Less: func(a, b letter) bool {
			if a.n == 13 || b.n == 13 {
				panic("13")
			}
			return a.level < b.level
		}}
		b := newMailbox(t, c)
		put(t, b, letter{n: 1}, letter{n: 2})
		panicked := make(chan any, 1)
		go func() {
			panicked <- recovered(func() { _ = b.Put(context.Background(), letter{n: 13}) })
		}()
		synctest.Wait()
		behind := waitToPut(t.Context(), b, letter{n: 3})
		if l, err := b.TryGet(); err != nil || l.n != 1 {
			t.Fatalf("TryGet returned %v, %v, want 1", l, err)
		}
		if v := over(t, "the put of 13", panicked); v != "13" {
			t.Fatalf("the put of 13 panicked with %v", v)
		}
		wantErr(t, "the put behind it", over(t, "it", behind), nil)
		if s := b.Stats(); s.Put != 3 || s.Rejected != 0 || s.Len != 2 {
			t.Fatalf("%+v, want 3 put, and nothing of 13", s)
		}
		if left := numbers(b.Drain()); !slices.Equal(left, []int{2, 3}) {
			t.Fatalf("left %v, want 2 and 3", left)
		}
	})
}

func TestPanicOfLessInGetLeavesTheMessage(t *testing.T) {
	f := &fuse{}
	b := newMailbox(t, f.config(mailbox.Block, 7))
	put(t, b, letter{n: 0}, letter{n: 1}, letter{n: 2})
	f.armed = true
	for name, get := range map[string]func(){
		"TryGet": func() { _, _ = b.TryGet() },
		"Get":    func() { _, _ = b.Get(context.Background()) },
	} {
		if v := recovered(get); v != "fuse" {
			t.Fatalf("%s panicked with %v", name, v)
		}
	}
	f.armed = false
	if s := b.Stats(); s.Taken != 0 || s.Len != 3 {
		t.Fatalf("%+v, want nothing taken", s)
	}
	for n := range 3 {
		if l, err := b.TryGet(); err != nil || l.n != n {
			t.Fatalf("TryGet returned %v, %v, want %d", l, err, n)
		}
	}
}

func TestDrainReturnsAllEvenIfLessPanics(t *testing.T) {
	f := &fuse{}
	b := newMailbox(t, f.config(mailbox.Block, 64))
	var want []int
	for n := range 20 {
		put(t, b, letter{n: n, level: n * n % levels})
		want = append(want, n)
	}
	f.armed, f.left = true, 10
	left := numbers(b.Drain())
	slices.Sort(left)
	if !slices.Equal(left, want) {
		t.Fatalf("left %v, want all of %v", left, want)
	}
	if s := b.Stats(); s.Put != 20 || s.Taken != 0 || s.Len != 0 {
		t.Fatalf("%+v, want 20 put and none taken", s)
	}
	wantErr(t, "Join", b.Join(t.Context()), nil)
}

func TestPanicOfLessInNextLeavesTheMessage(t *testing.T) {
	f := &fuse{}
	o := newOwned(t, f.config(mailbox.Block, 7))
	for n := range 4 {
		if _, err := o.TryPut(letter{n: n}); err != nil {
			t.Fatal(err)
		}
	}
	if l, s := o.Next(); s != mailbox.Ready || l.n != 0 {
		t.Fatalf("Next returned %v, %v", l, s)
	}
	f.armed = true
	for range 2 {
		if v := recovered(func() { o.Next() }); v != "fuse" {
			t.Fatalf("Next panicked with %v", v)
		}
		if s := o.Stats(); s.Taken != 1 || s.Len != 3 || s.InHand != 0 {
			t.Fatalf("%+v, want 1 taken and 3 waiting", s)
		}
	}
	f.armed = false
	for n := 1; n < 4; n++ {
		if l, s := o.Next(); s != mailbox.Ready || l.n != n {
			t.Fatalf("Next returned %v, %v, want %d", l, s, n)
		}
	}
}

// A message held aside has no put that could panic. It stays counted as held until OnDrop has been told of it, or until
// Drain or Abandon returns it.
func TestPanicOfLessOnHeldMessage(t *testing.T) {
	type telling struct {
		n      int
		reason string
	}
	want := []telling{{13, "mailbox: Less panicked on a message held aside: unlucky"}}
	setUp := func(t *testing.T, onDrop func(letter, error)) *mailbox.Owned[letter] {
		c := mailbox.Config[letter]{Capacity: 2, Order: mailbox.Priority, OnDrop: onDrop, Less: func(a, b letter) bool {
			if a.n == 13 || b.n == 13 {
				panic("unlucky")
			}
			return a.level < b.level
		}}
		o := newOwned(t, c)
		for n := range 2 {
			if _, err := o.TryPut(letter{n: n}); err != nil {
				t.Fatal(err)
			}
		}
		unlucky, _, _ := o.Hold(letter{n: 13})
		behind, _, _ := o.Hold(letter{n: 2})
		if l, s := o.Next(); s != mailbox.Ready || l.n != 0 {
			t.Fatalf("Next returned %v, %v, want 0", l, s)
		}
		if s := o.Stats(); s.Put != 4 || s.Len != 2 || s.Held != 1 || s.Dropped != 0 {
			t.Fatalf("%+v, want 13 held still, and 2 in", s)
		}
		if o.Waits(unlucky) || !o.Waits(behind) {
			t.Fatal("13 will not enter any more, and 2 waits")
		}
		return o
	}

	t.Run("is told to OnDrop", func(t *testing.T) {
		var told []telling
		o := setUp(t, func(l letter, err error) { told = append(told, telling{l.n, err.Error()}) })
		for n := 1; n <= 2; n++ {
			if l, s := o.Next(); s != mailbox.Ready || l.n != n || !slices.Equal(told, want) {
				t.Fatalf("Next returned %v, %v, want %d; told %v, want %v", l, s, n, told, want)
			}
		}
		if s := o.Stats(); s.Held != 0 || s.Dropped != 1 || s.Taken != 3 {
			t.Fatalf("%+v, want 1 dropped", s)
		}
	})
	t.Run("and that may panic too", func(t *testing.T) {
		o := setUp(t, func(letter, error) { panic("OnDrop") })
		if v := recovered(func() { o.Next() }); v != "OnDrop" {
			t.Fatalf("Next panicked with %v", v)
		}
		for n := 1; n <= 2; n++ {
			if l, s := o.Next(); s != mailbox.Ready || l.n != n {
				t.Fatalf("Next returned %v, %v, want %d", l, s, n)
			}
		}
	})
	t.Run("is counted without OnDrop", func(t *testing.T) {
		o := setUp(t, nil)
		o.Next()
		if s := o.Stats(); s.Held != 0 || s.Dropped != 1 {
			t.Fatalf("%+v, want 1 dropped", s)
		}
	})
	t.Run("is drained", func(t *testing.T) {
		o := setUp(t, nil)
		if left := numbers(o.Drain()); !slices.Equal(left, []int{1, 2, 13}) {
			t.Fatalf("left %v, want 1, 2 and 13", left)
		}
		if s := o.Stats(); s.Held != 0 || s.Dropped != 0 {
			t.Fatalf("%+v, want nothing held or dropped", s)
		}
	})
	t.Run("is returned by Abandon", func(t *testing.T) {
		o := setUp(t, nil)
		o.Interrupt()
		if left, ok := o.Abandon(); !ok || !slices.Equal(numbers(left), []int{0, 1, 2, 13}) {
			t.Fatalf("left %v, want 0, 1, 2 and 13", left)
		}
	})
}

func TestPanicOfLevelRefusesTheMessage(t *testing.T) {
	boom := errors.New("level")
	c := mailbox.Config[letter]{Order: mailbox.Priority, Levels: levels, Level: func(l letter) int {
		if l.n == 13 {
			panic(boom)
		}
		return l.level
	}}
	b, o := newMailbox(t, c), newOwned(t, c)
	for name, f := range map[string]func(){
		"Put":          func() { _ = b.Put(context.Background(), letter{n: 13}) },
		"TryPut":       func() { _ = b.TryPut(letter{n: 13}) },
		"Owned.Put":    func() { _, _ = o.Put(context.Background(), letter{n: 13}) },
		"Owned.TryPut": func() { _, _ = o.TryPut(letter{n: 13}) },
		"Owned.Hold":   func() { _, _, _ = o.Hold(letter{n: 13}) },
	} {
		if v := recovered(f); v != boom {
			t.Fatalf("%s panicked with %v", name, v)
		}
	}
	if b.Stats() != (mailbox.Stats{}) || o.Stats() != (mailbox.Stats{}) {
		t.Fatalf("%+v, %+v: want nothing counted", b.Stats(), o.Stats())
	}
	put(t, b, letter{n: 1})
	if l, err := b.TryGet(); err != nil || l.n != 1 {
		t.Fatalf("TryGet returned %v, %v", l, err)
	}
}

func TestLevelOutOfRangeRejectsTheMessage(t *testing.T) {
	c := mailbox.Config[int]{Capacity: 2, Order: mailbox.Priority, Levels: 3, Level: func(n int) int { return n }}
	for level, want := range map[int]string{
		-1: "mailbox: invalid config: Level returned -1: want 0 to 2",
		3:  "mailbox: invalid config: Level returned 3: want 0 to 2",
	} {
		b, o := newMailbox(t, c), newOwned(t, c)
		_, err1 := o.TryPut(level)
		_, err2 := o.Put(t.Context(), level)
		_, _, err3 := o.Hold(level)
		for _, err := range []error{b.TryPut(level), b.Put(t.Context(), level), err1, err2, err3} {
			wantErr(t, "a put", err, mailbox.ErrConfig)
			if err.Error() != want {
				t.Fatalf("error %q, want %q", err, want)
			}
		}
		if b.Stats() != (mailbox.Stats{Rejected: 2}) || o.Stats() != (mailbox.Stats{Rejected: 3}) {
			t.Fatalf("%+v and %+v, want 2 and 3 rejected", b.Stats(), o.Stats())
		}
		b.Close()
		o.Close()
		wantErr(t, "TryPut after Close", b.TryPut(level), mailbox.ErrClosed)
		_, _, err := o.Hold(level) // Hold works after Close, so being closed is not why it fails
		wantErr(t, "Hold after Close", err, mailbox.ErrConfig)
		o.Drain()
		_, _, err = o.Hold(level)
		wantErr(t, "Hold after Drain", err, mailbox.ErrClosed)
	}
}

// The put has happened by then, and the eviction too.
func TestPanicOfOnDropReachesTheEvictingPut(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		c := k.config(mailbox.DropOldest, 2)
		c.OnDrop = func(l letter, _ error) { panic(l) }
		b, o := newMailbox(t, c), newOwned(t, c)
		for n := range 2 {
			put(t, b, letter{n: n})
			if _, err := o.TryPut(letter{n: n}); err != nil {
				t.Fatal(err)
			}
		}
		for _, f := range []func(){
			func() { _ = b.TryPut(letter{n: 2}) },
			func() { _, _ = o.TryPut(letter{n: 2}) },
		} {
			if v := recovered(f); v != (letter{n: 0}) {
				t.Fatalf("the put panicked with %v", v)
			}
		}
		for _, s := range []mailbox.Stats{b.Stats(), o.Stats()} {
			if s.Put != 3 || s.Dropped != 1 || s.Len != 2 {
				t.Fatalf("%+v, want 1 of 3 dropped", s)
			}
		}
		left, ownedLeft := numbers(b.Drain()), numbers(o.Drain())
		slices.Sort(left)
		slices.Sort(ownedLeft)
		if want := []int{1, 2}; !slices.Equal(left, want) || !slices.Equal(ownedLeft, want) {
			t.Fatalf("left %v and %v, want %v", left, ownedLeft, want)
		}
	})
}
