package mailbox_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// An abort is how a callback ends that does not return. t.FailNow ends a goroutine as Goexit does.
type abort struct {
	name string
	end  func()
}

var aborts = []abort{{"panic", func() { panic("callback") }}, {"Goexit", goruntime.Goexit}}

// A trap is a callback that ends in its own way at its call number at, counted from when it is set.
type trap struct {
	abort
	set    bool
	at     int
	sprung bool
}

func (p *trap) step() {
	if !p.set {
		return
	}
	if p.at--; p.at < 0 {
		p.sprung, p.set = true, false
		p.end()
	}
}

// returned runs f on a goroutine of its own, and reports whether it returned.
func returned(f func()) (yes bool) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { _ = recover() }()
		f()
		yes = true
	}()
	<-ended
	return yes
}

// both are a mailbox and an owned one of the same config, of which a site uses one.
type both struct {
	b *mailbox.Mailbox[letter]
	o *mailbox.Owned[letter]
}

func (s both) stats() mailbox.Stats {
	x, y := s.b.Stats(), s.o.Stats()
	return mailbox.Stats{Put: x.Put + y.Put, Taken: x.Taken + y.Taken, Rejected: x.Rejected + y.Rejected,
		Dropped: x.Dropped + y.Dropped, Len: x.Len + y.Len, Held: x.Held + y.Held}
}

// left is what is in the two, which must be unlocked for that.
func (s both) left() []int {
	all := numbers(append(s.b.Drain(), s.o.Drain()...))
	slices.Sort(all)
	return all
}

// The calls that may have to ask Less or Level, or tell OnDrop. What they put is more urgent than all that is in, so
// that it takes the place of another under DropLast too.
var sites = []struct {
	name string
	call func(both, letter)
}{
	{"TryPut", func(s both, l letter) { _ = s.b.TryPut(l) }},
	{"Put", func(s both, l letter) { _ = s.b.Put(context.Background(), l) }},
	{"TryGet", func(s both, _ letter) { _, _ = s.b.TryGet() }},
	{"Get", func(s both, _ letter) { _, _ = s.b.Get(context.Background()) }},
	{"Owned.TryPut", func(s both, l letter) { _, _ = s.o.TryPut(l) }},
	{"Owned.Put", func(s both, l letter) { _, _ = s.o.Put(context.Background(), l) }},
	{"Owned.Hold", func(s both, l letter) { _, _, _ = s.o.Hold(l) }},
	{"Owned.Next", func(s both, _ letter) { s.o.Next() }},
}

func fill(t *testing.T, s both, letters int) {
	t.Helper()
	for n := range letters {
		l := letter{n: n, level: 1 + n*n%3}
		put(t, s.b, l)
		if _, err := s.o.TryPut(l); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCallThatLessOrLevelEndsChangesNothing lets Less and Level end each call in each of their own calls, in a mailbox
// with room and in a full one that evicts.
func TestCallThatLessOrLevelEndsChangesNothing(t *testing.T) {
	const letters = 9
	for _, how := range aborts {
		for _, site := range sites {
			for _, policy := range []mailbox.Overflow{mailbox.Block, mailbox.DropOldest, mailbox.DropLast} {
				for _, leveled := range []bool{false, true} {
					asks := strings.HasSuffix(site.name, "Put") || site.name == "Owned.Hold"
					if !leveled {
						asks = site.name != "Owned.Hold" || policy == mailbox.Block // aside, nothing is compared
					}
					for at, sprung := 0, true; sprung; at++ {
						p := &trap{abort: how, at: at}
						c := mailbox.Config[letter]{Capacity: letters, Order: mailbox.Priority, Overflow: policy}
						if policy == mailbox.Block {
							c.Capacity++ // there is room
						}
						if leveled {
							c.Levels, c.Level = levels, func(l letter) int { p.step(); return l.level }
						} else {
							c.Less = func(a, b letter) bool { p.step(); return a.level < b.level }
						}
						c.OnDrop = func(l letter, _ error) {
							if p.sprung {
								t.Errorf("OnDrop was told of %v by a call that did not happen", l)
							}
						}
						s := both{newMailbox(t, c), newOwned(t, c)}
						fill(t, s, letters)
						before := s.stats()
						p.set = true
						whole := returned(func() { site.call(s, letter{n: letters}) })
						p.set = false
						what := fmt.Sprintf("%s of %s under %v, in call %d", how.name, site.name, policy, at)
						if sprung = p.sprung; !sprung {
							if at == 0 && asks {
								t.Errorf("%s: no callback was called", what)
							}
							break
						}
						if whole || s.stats() != before {
							t.Errorf("%s: returned %v, %+v, want %+v", what, whole, s.stats(), before)
						}
						if left := s.left(); len(left) != 2*letters || slices.Contains(left, letters) {
							t.Errorf("%s: left %v, want what was in", what, left)
						}
					}
				}
			}
		}
	}
}

// TestPutThatOnDropEndsHasHappened does that for OnDrop, under each policy that drops.
func TestPutThatOnDropEndsHasHappened(t *testing.T) {
	for _, how := range aborts {
		for _, site := range sites {
			if !strings.HasSuffix(site.name, "Put") {
				continue
			}
			for _, policy := range []mailbox.Overflow{mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast} {
				each(t, func(t *testing.T, k kind) {
					var told []int
					c := k.config(policy, 2)
					c.OnDrop = func(l letter, _ error) { told = append(told, l.n); how.end() }
					s := both{newMailbox(t, c), newOwned(t, c)}
					fill(t, s, 2)
					before := s.stats()
					if returned(func() { site.call(s, letter{n: 2}) }) {
						t.Fatal("OnDrop did not end the put")
					}
					before.Put++
					before.Dropped++
					if s.stats() != before || len(told) != 1 {
						t.Fatalf("%s of %s: %+v, want %+v; told %v", how.name, site.name, s.stats(), before, told)
					}
					want := append(slices.DeleteFunc([]int{0, 1, 2}, func(n int) bool { return n == told[0] }), 0, 1)
					slices.Sort(want)
					if left := s.left(); !slices.Equal(left, want) {
						t.Fatalf("%s of %s: left %v, want %v", how.name, site.name, left, want)
					}
				})
			}
		}
	}
}
