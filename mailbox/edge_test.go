package mailbox_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
)

// Where two things happen in the same instant, it must be as if one had come first. The tests of waiting_test.go show
// this for one waiter; these, for many, who must not lose each other's turn either.

// A side is what both kinds of mailbox have in common.
type side struct {
	put   func(context.Context, letter) error
	take  func() (letter, bool)
	stats func() mailbox.Stats
	drain func() []letter
}

// sides returns a Mailbox and an Owned, whose owner is the caller of take and drain.
func sides(t *testing.T, c mailbox.Config[letter]) []side {
	b, o := newMailbox(t, c), newOwned(t, c)
	o.Stay()
	return []side{{
		put: b.Put,
		take: func() (letter, bool) {
			l, err := b.TryGet()
			return l, err == nil
		},
		stats: b.Stats,
		drain: b.Drain,
	}, {
		put: func(ctx context.Context, l letter) error {
			_, err := o.Put(ctx, l)
			return err
		},
		take: func() (letter, bool) {
			l, s := o.Next()
			return l, s == mailbox.Ready
		},
		stats: o.Stats,
		drain: o.Drain,
	}}
}

// rounds returns how often to look for a rare interleaving in a test that runs for every order or so.
func rounds(n int) int {
	if underRace {
		n = max(1, n/4)
	}
	return n * scale
}

// A put takes place or it does not, and its error says which; and room that a cancelled put did not use is used by the
// next. So once nothing moves, puts wait only for a full mailbox.
func TestPutsWhoseContextsEndAsRoomAppears(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		in, out := 0, 0
		for round := range rounds(200) {
			synctest.Test(t, func(t *testing.T) {
				for _, s := range sides(t, k.config(mailbox.Block, 2)) {
					i, o := putsEndAsRoomAppears(t, s, 2, round)
					in, out = in+i, out+o
				}
			})
		}
		t.Logf("%d puts came first, and %d ends of a context", in, out)
	})
}

// putsEndAsRoomAppears returns how many of the puts that waited took place, and how many were cancelled.
func putsEndAsRoomAppears(t *testing.T, s side, capacity, round int) (in, out int) {
	const waiting = 6
	ends := newLedger()
	for n := range capacity {
		if err := s.put(t.Context(), letter{n: n}); err != nil {
			t.Fatal(err)
		}
	}
	var errs [waiting]error
	var returned [waiting]bool
	var cancels [waiting]func()
	for i := range waiting {
		var ctx context.Context
		ctx, cancels[i] = context.WithCancel(t.Context())
		go func() {
			errs[i] = s.put(ctx, letter{n: capacity + i, level: i % levels})
			returned[i] = true
		}()
		synctest.Wait()
	}
	atOnce(round, func() {
		for i := round % 3; i < waiting; i += 2 {
			cancels[i]()
		}
	}, func() {
		for range 1 + round%4 {
			if l, ok := s.take(); ok {
				ends.enter("taken", l)
			}
		}
	})
	still := 0
	for i, yes := range returned {
		switch {
		case !yes:
			still++
		case errs[i] == nil:
			in++
		default:
			wantErr(t, "a cancelled put", errs[i], context.Canceled)
			out++
		}
	}
	if n := s.stats().Len; still > 0 && n < capacity {
		t.Fatalf("%d puts wait, and %d messages: there is room for %d", still, n, capacity)
	}
	ends.enter("drained", s.drain()...)
	synctest.Wait()
	for i, yes := range returned {
		cancels[i]()
		if !yes {
			t.Errorf("put %d waits still", i)
		} else if errs[i] != nil {
			ends.enter("rejected", letter{n: capacity + i})
		}
	}
	ends.count(t, 1, capacity+waiting)
	return in, out
}

// A get likewise: either it has a message, or that message is there for the next get.
func TestGetsWhoseContextsEndAsMessagesAppear(t *testing.T) {
	const waiting = 6
	each(t, func(t *testing.T, k kind) {
		got, out := 0, 0
		for round := range rounds(200) {
			synctest.Test(t, func(t *testing.T) {
				ends := newLedger()
				b := newMailbox(t, k.config(mailbox.Block, waiting))
				var errs [waiting]error
				var letters [waiting]letter
				var returned [waiting]bool
				var cancels []func()
				for i := range waiting {
					ctx, cancel := context.WithCancel(t.Context())
					cancels = append(cancels, cancel)
					go func() {
						letters[i], errs[i] = b.Get(ctx)
						returned[i] = true
					}()
					synctest.Wait()
				}
				sent := 1 + round%4
				atOnce(round, func() {
					for i := round % 3; i < waiting; i += 2 {
						cancels[i]()
					}
				}, func() {
					for n := range sent {
						if err := b.TryPut(letter{n: n, level: n % levels}); err != nil {
							t.Error(err)
						}
					}
				})
				still := 0
				for i, yes := range returned {
					switch {
					case !yes:
						still++
					case errs[i] == nil:
						ends.enter("taken", letters[i])
						got++
					default:
						wantErr(t, "a cancelled get", errs[i], context.Canceled)
						out++
					}
				}
				if n := b.Len(); still > 0 && n > 0 {
					t.Fatalf("%d gets wait, and %d messages too", still, n)
				}
				ends.enter("drained", b.Drain()...)
				ends.count(t, 1, sent)
				synctest.Wait()
				for i := range waiting {
					cancels[i]()
					if !returned[i] {
						t.Errorf("get %d waits still", i)
					}
				}
			})
		}
		t.Logf("%d messages came first, and %d ends of a context", got, out)
	})
}

func TestCloseWakesEveryPutOfOwned(t *testing.T) {
	for name, closeIt := range map[string]func(*mailbox.Owned[letter]){
		"Close":   func(o *mailbox.Owned[letter]) { o.Close() },
		"Drain":   func(o *mailbox.Owned[letter]) { o.Drain() },
		"Abandon": func(o *mailbox.Owned[letter]) { o.Interrupt(); o.Abandon() },
	} {
		each(t, func(t *testing.T, k kind) {
			synctest.Test(t, func(t *testing.T) {
				o := newOwned(t, k.config(mailbox.Block, 1))
				if _, err := o.TryPut(letter{}); err != nil {
					t.Fatal(err)
				}
				const waiting = 20
				errs := make(chan error, waiting)
				for range waiting {
					go func() {
						_, err := o.Put(t.Context(), letter{})
						errs <- err
					}()
				}
				waits(t, "a put without room", errs)
				closeIt(o)
				for range waiting {
					wantErr(t, "a put that waited for "+name, over(t, "it", errs), mailbox.ErrClosed)
				}
				if s := o.Stats(); s.Put != 1 || s.Rejected != waiting || s.Refused != waiting {
					t.Fatalf("%s: %+v, want %d refused", name, s, waiting)
				}
			})
		})
	}
}

// Those who wait as a mailbox is closed may find their contexts at an end too. They return one error or the other, and
// nobody goes on waiting.
func TestCloseAsContextsEndWakesEverybody(t *testing.T) {
	const waiting = 8
	for round := range rounds(200) {
		synctest.Test(t, func(t *testing.T) {
			full := newMailbox(t, mailbox.Config[letter]{Capacity: 1})
			empty := newMailbox(t, mailbox.Config[letter]{Capacity: 1})
			put(t, full, letter{})
			ctx, cancel := context.WithCancel(t.Context())
			errs := make(chan error, 2*waiting)
			for n := range waiting {
				go func() { errs <- full.Put(ctx, letter{n: 1 + n}) }()
				go func() {
					_, err := empty.Get(ctx)
					errs <- err
				}()
			}
			waits(t, "somebody", errs)
			atOnce(round, cancel, func() {
				full.Close()
				empty.Close()
			})
			closed := 0
			for range 2 * waiting {
				if err := over(t, "somebody", errs); errors.Is(err, mailbox.ErrClosed) {
					closed++
				} else {
					wantErr(t, "a call that ended", err, context.Canceled)
				}
			}
			s := full.Stats()
			if s.Rejected != waiting || s.Refused > uint64(closed) || s.Len != 1 || empty.Stats() != (mailbox.Stats{}) {
				t.Fatalf("%+v and %+v, %d calls said that it was closed", s, empty.Stats(), closed)
			}
		})
	}
}

// What is put while another drains is drained, or it was taken or evicted before, or it is refused.
func TestDrainAgainstConcurrentPuts(t *testing.T) {
	const putters, sent = 3, 6
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		for round := range rounds(20) {
			ends := newLedger()
			c := k.config(policy, 1+round%3)
			c.OnDrop = func(l letter, _ error) { ends.enter("dropped", l) }
			for _, s := range sides(t, c) {
				var putting sync.WaitGroup
				for from := range putters {
					putting.Go(func() {
						for n := range sent {
							l := letter{from, n, n % levels}
							if err := s.put(t.Context(), l); err != nil {
								ends.enter("rejected", l)
							}
						}
					})
				}
				for range round % (putters * sent) {
					if l, ok := s.take(); ok {
						ends.enter("taken", l)
					} else {
						goruntime.Gosched()
					}
				}
				ends.enter("drained", s.drain()...)
				putting.Wait()
				counts, stats := ends.count(t, putters, sent), s.stats()
				if left := s.drain(); len(left) > 0 {
					t.Errorf("%v entered after Drain", left)
				}
				if stats.Put != counts["taken"]+counts["dropped"]+counts["drained"] || stats.Rejected != counts["rejected"] {
					t.Errorf("%+v, but by the letters %v", stats, counts)
				}
				clear(ends.ends)
			}
		}
	})
}

// With a capacity of 1, a message that the owner has begun makes room for the next, and for one only.
func TestCapacityOfOneOverflowsOwned(t *testing.T) {
	eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
		c := k.config(policy, 1)
		var evicted []int
		c.OnDrop = func(l letter, _ error) { evicted = append(evicted, l.n) }
		o := newOwned(t, c)
		for n := range 2 {
			if _, err := o.TryPut(letter{n: n, level: 1}); err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				if l, s := o.Next(); s != mailbox.Ready || l.n != 0 {
					t.Fatalf("Next returned %v, %v, want 0", l, s)
				}
			}
		}
		_, err := o.TryPut(letter{n: 2}) // more urgent than 1
		want, wantEvicted := 1, []int{2}
		switch {
		case policy <= mailbox.Reject:
			wantErr(t, "TryPut", err, mailbox.ErrFull)
			wantEvicted = nil
		case policy == mailbox.DropOldest, policy == mailbox.DropLast && k.order != mailbox.FIFO:
			want, wantEvicted = 2, []int{1}
			fallthrough
		default:
			wantErr(t, "TryPut", err, nil)
		}
		if !slices.Equal(evicted, wantEvicted) {
			t.Errorf("evicted %v, want %v", evicted, wantEvicted)
		}
		if l, s := o.Next(); s != mailbox.Ready || l.n != want {
			t.Fatalf("Next returned %v, %v, want %d", l, s, want)
		}
		if _, s := o.Next(); s != mailbox.Idle {
			t.Fatalf("Next says %v, want Idle", s)
		}
	})
}
