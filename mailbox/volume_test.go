package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A storm is one mailbox at volume: many put, many take, and while all are busy it is stopped.
type storm struct {
	*census
	k                kind
	policy           mailbox.Overflow
	capacity         int
	putters, takers  int
	quota            uint64 // it is stopped after so many letters were accepted
	accepted         atomic.Uint64
	enough           chan struct{}
	draining, ending atomic.Bool
	sending          sync.WaitGroup
}

// rotate returns the n-th storm, of another size than the one before it.
func rotate(t *testing.T, k kind, policy mailbox.Overflow, n, quota int) *storm {
	capacities := []int{1, 2, 7, 64, 1024, mailbox.Unbounded}
	s := &storm{
		k: k, policy: policy, quota: uint64(quota), enough: make(chan struct{}),
		capacity: capacities[n%len(capacities)], putters: 1 + 5*n%16, takers: 1 + 11*(n/3)%16,
	}
	s.census = newCensus(t, s.putters)
	return s
}

func (s *storm) config() mailbox.Config[letter] {
	c := s.k.config(s.policy, s.capacity)
	c.OnDrop = func(l letter, _ error) {
		s.enter(dropped, l)
		goruntime.Gosched() // or else there would be little for those who take
	}
	return c
}

// errEnding is a put that was not made because all is ending.
var errEnding = errors.New("the test is ending")

// send puts letters without an end. One that was not accepted is sent again: had it entered all the same, there would
// be two of it.
func (s *storm) send(from int, put func(l letter, again bool) error) {
	for {
		n, ok := s.next(from)
		if !ok {
			return
		}
		l := letter{from, n, (n ^ n>>2) % levels}
		for again := false; ; again = true {
			err := put(l, again)
			if err == nil {
				break
			}
			if err == errEnding {
				return
			}
			s.senders[from].refused++
			switch {
			case errors.Is(err, mailbox.ErrClosed), errors.Is(err, context.Canceled) && s.ending.Load():
				return
			case errors.Is(err, mailbox.ErrFull):
				goruntime.Gosched()
			case errors.Is(err, context.Canceled):
			default:
				s.t.Errorf("a put of %v: %v", l, err)
				return
			}
		}
		s.senders[from].accepted++
		const some = 64 // counted at once, so that the senders do not wait for each other's counting
		if n%some == some-1 {
			switch sum := s.accepted.Add(some); {
			case sum < s.quota:
			case sum-some < s.quota:
				close(s.enough)
			default:
				goruntime.Gosched() // for whoever stops it
			}
		}
	}
}

// A leash is the context of somebody's puts or gets. Somebody else ends it again and again.
type leash struct {
	ctx    context.Context
	cancel atomic.Pointer[context.CancelFunc]
}

// hold returns a context that is good for the next call, unless all is ending.
func (l *leash) hold(ending *atomic.Bool) context.Context {
	if l.ctx == nil || l.ctx.Err() != nil {
		ctx, cancel := context.WithCancel(context.Background())
		l.ctx = ctx
		l.cancel.Store(&cancel)
		if ending.Load() {
			cancel() // whoever pulls may have been here before this one was
		}
	}
	return l.ctx
}

func (l *leash) pull() {
	if cancel := l.cancel.Load(); cancel != nil {
		(*cancel)()
	}
}

// A stop is a way to stop a storm of a Mailbox.
type stop string

const (
	byClose  stop = "Close"
	byDrain  stop = "Drain"
	byCancel stop = "contexts" // which end at any time; and in the end, all end
)

// blow has the storm over b, and accounts for every letter.
func (s *storm) blow(b *mailbox.Mailbox[letter], how stop) {
	leashes := make([]leash, s.putters+s.takers)
	hold := func(i int) context.Context {
		if how != byCancel {
			return context.Background()
		}
		return leashes[i].hold(&s.ending)
	}
	for from := range s.putters {
		s.sending.Go(func() {
			s.send(from, func(l letter, again bool) error {
				if l.n%4 == 0 && !again {
					return b.TryPut(l)
				}
				return b.Put(hold(from), l)
			})
		})
	}
	seen := make([]arrival, s.takers)
	var taking, pulling sync.WaitGroup
	for i := range s.takers {
		seen[i].last = map[[2]int]int{}
		taking.Go(func() { s.take(b, i, &seen[i], func() context.Context { return hold(s.putters + i) }) })
	}
	if how == byCancel {
		pulling.Go(func() {
			for i := 0; !s.ending.Load(); i++ {
				leashes[i%len(leashes)].pull()
				for range 16 {
					goruntime.Gosched()
				}
			}
		})
	}

	<-s.enough
	var left []letter
	switch how {
	case byClose:
		b.Close()
	case byDrain:
		s.draining.Store(true)
		left = b.Drain()
	case byCancel:
		s.ending.Store(true)
		for i := range leashes {
			leashes[i].pull()
		}
	}
	s.sending.Wait()
	taking.Wait()
	pulling.Wait()
	if how == byCancel {
		before := b.Stats()
		if err := balanced(before, s.capacity, &s.draining); err != nil {
			s.t.Error(err)
		}
		if left = b.Drain(); len(left) != before.Len {
			s.t.Errorf("Drain returned %d of %d", len(left), before.Len)
		}
	}
	s.leave(left, seen)
	s.audit(b.Stats())
}

// take takes letters until the mailbox is closed and empty, or all is ending.
func (s *storm) take(b *mailbox.Mailbox[letter], i int, seen *arrival, hold func() context.Context) {
	for n := i; ; n++ {
		var l letter
		var err error
		if n%4 == 0 {
			l, err = b.TryGet()
		} else {
			l, err = b.Get(hold())
		}
		switch {
		case err == nil:
			seen.check(s.t, s.k.order, l)
			s.enter(taken, l)
		case errors.Is(err, mailbox.ErrClosed), errors.Is(err, context.Canceled) && s.ending.Load():
			return
		case errors.Is(err, mailbox.ErrEmpty):
			goruntime.Gosched()
		case errors.Is(err, context.Canceled):
		default:
			s.t.Errorf("a get: %v", err)
			return
		}
		if n%512 == 0 {
			if err := balanced(b.Stats(), s.capacity, &s.draining); err != nil {
				s.t.Error(err)
			}
		}
	}
}

// leave enters what Drain returned. Each taker must have got before it what is ahead of it; in LIFO there is nothing
// ahead, but what is left came in the opposite order.
func (s *storm) leave(left []letter, seen []arrival) {
	s.enter(drained, left...)
	for i := range seen {
		for _, l := range left {
			seen[i].check(s.t, s.k.order, l)
		}
	}
	if s.k.order == mailbox.LIFO {
		last := map[int]int{}
		for _, l := range left {
			if n, ok := last[l.from]; ok && n <= l.n {
				s.t.Errorf("letter %d of sender %d was drained after %d", l.n, l.from, n)
			}
			last[l.from] = l.n
		}
	}
}

// A volumeTotal sums up censuses.
type volumeTotal struct {
	ends    [len(endNames)]uint64
	refused int
}

func (v *volumeTotal) add(c *census) {
	for end := range v.ends {
		v.ends[end] += c.ends[end].Load()
	}
	for from := range c.senders {
		v.refused += c.senders[from].refused
	}
}

func (v *volumeTotal) log(t *testing.T) {
	t.Helper()
	var all uint64
	for _, n := range v.ends {
		all += n
	}
	s := fmt.Sprintf("%d messages were accepted:", all)
	for end, name := range endNames {
		s += fmt.Sprintf(" %d %s", v.ends[end], name)
	}
	t.Logf("%s; %d puts were refused", s, v.refused)
}

// atVolume runs f for each way to stop, order and policy, as often and for as many letters as makes the volume.
func atVolume[S ~string](t *testing.T, stops []S, f func(*testing.T, *storm, S)) {
	const halves = 2 // Mailbox and Owned
	share := volume / halves / len(stops) / len(kinds) / len(policies)
	rounds := min(12, max(1, share/10_000))
	n := 0
	var total volumeTotal
	for _, how := range stops {
		t.Run(string(how), func(t *testing.T) {
			eachPolicy(t, func(t *testing.T, k kind, policy mailbox.Overflow) {
				for range rounds {
					s := rotate(t, k, policy, n, share/rounds)
					n++
					f(t, s, how)
					total.add(s.census)
				}
			})
		})
	}
	total.log(t)
}

// TestMailboxKeepsAccountAtVolume proves that of very many messages none is lost, none comes twice and none comes out
// of order, however the mailbox is stopped while everybody uses it.
func TestMailboxKeepsAccountAtVolume(t *testing.T) {
	atVolume(t, []stop{byClose, byDrain, byCancel}, func(t *testing.T, s *storm, how stop) {
		s.blow(newMailbox(t, s.config()), how)
	})
}
