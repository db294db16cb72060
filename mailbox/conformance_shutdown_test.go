package mailbox_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// confEnds are the two ways to end a mailbox. Python's shutdown leaves what is queued to the gets, as Close does; at
// once, it throws that away. Drain does so too, but hands it to its caller.
var confEnds = []struct {
	name   string
	drains bool
	end    func(*mailbox.Mailbox[letter]) []letter
}{
	{"Close", false, func(b *mailbox.Mailbox[letter]) []letter { b.Close(); return nil }},
	{"Drain", true, func(b *mailbox.Mailbox[letter]) []letter { return b.Drain() }},
}

// confEachEnd runs f for every order and both ways to end a mailbox of two messages.
func confEachEnd(t *testing.T, f func(t *testing.T, b *mailbox.Mailbox[letter], end func() []letter, drains bool)) {
	each(t, func(t *testing.T, k kind) {
		for _, e := range confEnds {
			t.Run(e.name, func(t *testing.T) {
				b := newMailbox(t, k.config(mailbox.Block, 2))
				f(t, b, func() []letter { return e.end(b) }, e.drains)
			})
		}
	})
}

// confClosed proves that b refuses puts, in every form.
func confClosed(t *testing.T, b *mailbox.Mailbox[letter]) {
	t.Helper()
	wantErr(t, "TryPut", b.TryPut(letter{n: 9}), mailbox.ErrClosed)
	wantErr(t, "Put", b.Put(t.Context(), letter{n: 9}), mailbox.ErrClosed)
	wantErr(t, "Put with a deadline", b.Put(confTimeout(t, time.Hour), letter{n: 9}), mailbox.ErrClosed)
}

// confOver proves that b has nothing for gets and never will, in every form.
func confOver(t *testing.T, b *mailbox.Mailbox[letter]) {
	t.Helper()
	_, err := b.TryGet()
	wantErr(t, "TryGet", err, mailbox.ErrClosed)
	_, err = b.Get(t.Context())
	wantErr(t, "Get", err, mailbox.ErrClosed)
	_, err = b.Get(confTimeout(t, time.Hour))
	wantErr(t, "Get with a deadline", err, mailbox.ErrClosed)
	confLen(t, b, 0)
}

func TestEndOfEmptyMailboxFailsPutsAndGets(t *testing.T) {
	confEachEnd(t, func(t *testing.T, b *mailbox.Mailbox[letter], end func() []letter, _ bool) {
		if left := end(); len(left) != 0 {
			t.Fatalf("%v was left in an empty mailbox", left)
		}
		confClosed(t, b)
		confOver(t, b)
	})
}

func TestCloseKeepsWhatWaitsForGets(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		b := newMailbox(t, k.config(mailbox.Block, 0))
		put(t, b, letter{n: 7})
		b.Close()
		confLen(t, b, 1)
		if l, err := b.Get(t.Context()); err != nil || l.n != 7 {
			t.Fatalf("Get returned %v, %v, want 7", l, err)
		}
		confOver(t, b)
	})
}

func TestDrainLeavesNothingToGets(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		b := newMailbox(t, k.config(mailbox.Block, 0))
		put(t, b, letter{n: 7})
		if left := b.Drain(); !slices.Equal(left, []letter{{n: 7}}) {
			t.Fatalf("Drain returned %v, want 7", left)
		}
		confOver(t, b)
	})
}

// A mailbox ends once. Draining may follow closing, and neither opens it again.
func TestEndsMayFollowEachOtherInAnySequence(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		for sequence := range 8 { // three ends: a bit for each says which
			b := newMailbox(t, k.config(mailbox.Block, 2))
			put(t, b, letter{n: 1}, letter{n: 2})
			drained := false
			for i := range 3 {
				e := confEnds[sequence>>i&1]
				want := 0
				if e.drains && !drained {
					want, drained = 2, true
				}
				if left := e.end(b); len(left) != want {
					t.Fatalf("%s, end %d of sequence %03b, returned %v, want %d messages", e.name, i, sequence, left, want)
				}
				confClosed(t, b)
			}
			if !drained {
				confEmpty(t, b)
			}
			confOver(t, b)
		}
	})
}

// Every method, one after the other, by one goroutine.
func TestMethodsOfEndedMailbox(t *testing.T) {
	confEachEnd(t, func(t *testing.T, b *mailbox.Mailbox[letter], end func() []letter, drains bool) {
		wantErr(t, "Put", b.Put(t.Context(), letter{n: 1}), nil)
		wantErr(t, "TryPut", b.TryPut(letter{n: 2}), nil)
		left := numbers(end())
		confClosed(t, b)
		if !drains {
			for range 2 {
				if recovered(b.Done) == nil {
					t.Fatal("Done did not notice that the message waits still")
				}
				left = append(left, confTake(t, b).n)
				b.Done()
			}
		}
		slices.Sort(left)
		if !slices.Equal(left, []int{1, 2}) {
			t.Fatalf("%v came out, want 1 and 2", left)
		}
		if recovered(b.Done) == nil {
			t.Fatal("Done did not notice that nothing is to be reported")
		}
		wantErr(t, "Join", b.Join(t.Context()), nil)
		confOver(t, b)
		if b.Cap() != 2 {
			t.Fatalf("Cap is %d, want 2", b.Cap())
		}
		if s := b.Stats(); s.Put != 2 || s.Refused != 3 || s.Rejected != 3 || s.HighWater != 2 {
			t.Fatalf("%+v, want 2 put and 3 refused", s)
		}
	})
}

// Three gets want two messages. The ones that come too late, or wait as the mailbox ends, fail; the others have what
// they were given.
func TestGetsAtTheEndTakeWhatIsLeftOrFail(t *testing.T) {
	const gets = 3
	for name, early := range map[string]bool{"after": false, "at once": true} {
		t.Run(name, func(t *testing.T) {
			confEachEnd(t, func(t *testing.T, b *mailbox.Mailbox[letter], end func() []letter, drains bool) {
				put(t, b, letter{n: 1}, letter{n: 2})
				open, results := make(chan struct{}), make(chan got, gets)
				for range gets {
					go func() {
						<-open
						l, err := b.Get(t.Context())
						results <- got{l, err}
					}()
				}
				if early {
					close(open)
				}
				left := numbers(end())
				if !early {
					close(open)
				}
				failed := 0
				for range gets {
					if g := <-results; errors.Is(g.err, mailbox.ErrClosed) {
						failed++
					} else {
						wantErr(t, "Get", g.err, nil)
						left = append(left, g.letter.n)
					}
				}
				slices.Sort(left)
				if !slices.Equal(left, []int{1, 2}) {
					t.Fatalf("%v came out, want 1 and 2", left)
				}
				if !drains && failed != 1 || drains && !early && failed != gets {
					t.Fatalf("%d of %d gets failed", failed, gets)
				}
			})
		})
	}
}

// Two puts wait as the mailbox ends, and two come later. None gets in, not even into the room that is made afterwards.
func TestPutsAtTheEndFailThoughRoomIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		confEachEndWithin(t, func(b *mailbox.Mailbox[letter], end func() []letter, drains bool) {
			put(t, b, letter{n: 1}, letter{n: 2})
			var puts []<-chan error
			for range 2 {
				puts = append(puts, waitToPut(t.Context(), b, letter{n: 9}))
				waits(t, "a put without room", puts[len(puts)-1])
			}
			left := numbers(end())
			for range 2 {
				puts = append(puts, waitToPut(t.Context(), b, letter{n: 9}))
			}
			for _, p := range puts {
				wantErr(t, "a put", over(t, "it", p), mailbox.ErrClosed)
			}
			if !drains {
				confLen(t, b, 2)
			}
			left = append(left, confEmpty(t, b)...)
			slices.Sort(left)
			if !slices.Equal(left, []int{1, 2}) {
				t.Fatalf("%v came out, want 1 and 2", left)
			}
			if s := b.Stats(); s.Put != 2 || s.Rejected != 4 || s.Refused != 4 {
				t.Fatalf("%+v, want 4 refused", s)
			}
		})
	})
}

func TestGetThatWaitsFailsAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		confEachEndWithin(t, func(b *mailbox.Mailbox[letter], end func() []letter, _ bool) {
			waiting := []<-chan got{waitToGet(t.Context(), b), waitToGet(confTimeout(t, time.Hour), b)}
			for _, w := range waiting {
				waits(t, "a get without a message", w)
			}
			end()
			for _, w := range waiting {
				if g := over(t, "a get", w); !errors.Is(g.err, mailbox.ErrClosed) || g.letter != (letter{}) {
					t.Fatalf("Get returned %v, want ErrClosed", g)
				}
			}
		})
	})
}

// confEachEndWithin is confEachEnd without subtests, which synctest does not allow.
func confEachEndWithin(t *testing.T, f func(b *mailbox.Mailbox[letter], end func() []letter, drains bool)) {
	for _, k := range kinds {
		for _, e := range confEnds {
			b := newMailbox(t, k.config(mailbox.Block, 2))
			f(b, func() []letter { return e.end(b) }, e.drains)
		}
	}
}
