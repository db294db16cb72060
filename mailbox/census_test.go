package mailbox_test

import (
	"fmt"
	"math"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A census is a ledger for very many letters: one bit for each, whatever became of it. Each sender numbers its letters
// without a gap and sends one again until it was accepted, so what was accepted is told by one number per sender.
type census struct {
	t       *testing.T
	senders []roll
	ends    [len(endNames)]atomic.Uint64
	wrong   atomic.Uint64
}

// The ends that an accepted letter can come to.
const (
	taken = iota
	dropped
	drained   // by Drain
	abandoned // returned by Abandon
)

var endNames = [...]string{"taken", "dropped", "drained", "abandoned"}

// A roll has the bits of one sender's letters, in pages that the sender adds before it needs them.
type roll struct {
	pages    [1 << 10]atomic.Pointer[[pageBits / 32]uint32]
	accepted int // letters 0 to accepted-1 were
	refused  int // puts that returned an error
}

const pageBits = 1 << 15

func newCensus(t *testing.T, senders int) *census {
	return &census{t: t, senders: make([]roll, senders)}
}

// next returns the number of the next letter of this sender. It reports false when no more can be told apart.
func (c *census) next(from int) (n int, ok bool) {
	r := &c.senders[from]
	n = r.accepted
	if n%pageBits == 0 {
		if n/pageBits == len(r.pages) {
			return 0, false
		}
		r.pages[n/pageBits].CompareAndSwap(nil, new([pageBits / 32]uint32))
	}
	return n, true
}

// enter notes what became of letters.
func (c *census) enter(end int, ls ...letter) {
	for _, l := range ls {
		page := c.senders[l.from].pages[l.n/pageBits].Load()
		if page == nil {
			c.errorf("letter %d of sender %d was %s, and never sent", l.n, l.from, endNames[end])
			continue
		}
		bit := uint32(1) << (l.n % 32)
		if atomic.OrUint32(&page[l.n%pageBits/32], bit)&bit != 0 {
			c.errorf("letter %d of sender %d was %s, and came to an end before", l.n, l.from, endNames[end])
		}
	}
	c.ends[end].Add(uint64(len(ls)))
}

// errorf fails the test, but says so of a few letters only.
func (c *census) errorf(format string, args ...any) {
	c.t.Helper()
	switch n := c.wrong.Add(1); {
	case n < 10:
		c.t.Errorf(format, args...)
	case n == 10:
		c.t.Error("and so on")
	}
}

// audit fails the test unless each letter that was accepted came to one end, each other to none, and the mailbox has
// counted the same. Nobody may use it any more.
func (c *census) audit(s mailbox.Stats) {
	c.t.Helper()
	var accepted, refused uint64
	for from := range c.senders {
		r := &c.senders[from]
		accepted += uint64(r.accepted)
		refused += uint64(r.refused)
		for n := range len(r.pages) * pageBits {
			page := r.pages[n/pageBits].Load()
			if page == nil {
				if n < r.accepted {
					c.errorf("letter %d of sender %d was accepted before it was numbered", n, from)
				}
				break
			}
			ended := page[n%pageBits/32]&(1<<(n%32)) != 0
			if ended != (n < r.accepted) {
				c.errorf("letter %d of sender %d: came to an end %v, was accepted %v", n, from, ended, n < r.accepted)
			}
		}
	}
	if s.Put != accepted || s.Taken != c.ends[taken].Load() || s.Dropped != c.ends[dropped].Load() ||
		s.Rejected != refused || s.Len != 0 || s.Held != 0 || s.InHand != 0 {
		c.t.Errorf("%+v, but %d were accepted, %d refused, and by the letters: %v", s, accepted, refused, c)
	}
	if left := c.ends[drained].Load() + c.ends[abandoned].Load(); s.Put != s.Taken+s.Dropped+left {
		c.t.Errorf("%+v: %d were left", s, left)
	}
}

// String says how the letters ended.
func (c *census) String() (s string) {
	for end, name := range endNames {
		s += fmt.Sprintf(", %d %s", c.ends[end].Load(), name)
	}
	return s[2:]
}

// balanced returns what is wrong with the counts of a mailbox in use, of which Drain may have returned some.
func balanced(s mailbox.Stats, capacity int, draining *atomic.Bool) error {
	if capacity == mailbox.Unbounded {
		capacity = math.MaxInt
	}
	if s.Len < 0 || s.Len > capacity || s.HighWater > capacity {
		return fmt.Errorf("%+v: the capacity is %d", s, capacity)
	}
	out := s.Taken + s.Dropped + uint64(s.Len) + uint64(s.Held)
	if s.Put < out || s.Put > out && !draining.Load() {
		return fmt.Errorf("%+v: %d put, %d accounted for", s, s.Put, out)
	}
	return nil
}
