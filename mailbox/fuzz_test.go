package mailbox_test

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A tape is the fuzzer's input, read from front to end. Past its end everything is 0.
type tape struct{ bytes []byte }

func (p *tape) next() int {
	if len(p.bytes) == 0 {
		return 0
	}
	b := p.bytes[0]
	p.bytes = p.bytes[1:]
	return int(b)
}

// pick reads one of vs.
func pick[T any](p *tape, vs []T) T { return vs[p.next()%len(vs)] }

// fuzzLevels are numbers of levels at the edges of the words in which a mailbox keeps them. There are never fewer than
// letters have urgencies.
var fuzzLevels = []int{levels, 63, 64, 65, 128, 4095, mailbox.MaxLevels}

// config reads a config: an order, a policy, a capacity, and how many levels there are.
func (p *tape) config() mailbox.Config[letter] {
	k, policy := pick(p, kinds), pick(p, policies)
	c := k.config(policy, pick(p, []int{1, 2, 3, 7, 8, 9, 64, mailbox.Unbounded}))
	if n := pick(p, fuzzLevels); c.Levels > 0 {
		c.Levels, c.Level = n, spread(n)
	}
	return c
}

// spread maps the urgencies of letters to n levels, the first and the last among them, in the same order. Those that
// are out of range stay so, on either side.
func spread(n int) func(letter) int {
	outside := []int{-1, n, math.MinInt, math.MaxInt}
	return func(l letter) int {
		if l.level < 0 {
			return outside[l.n%len(outside)]
		}
		return l.level * (n - 1) / (levels - 1)
	}
}

// ops reads calls until the tape ends, or there are so many that one run takes too long.
func (p *tape) ops(names []string) (ops []op) {
	for len(p.bytes) > 0 && len(ops) < 200 {
		how := 0
		one := op{name: pick(p, names)}
		how = p.next()
		one.times = []int{1, 2, 3, 8, 70}[how/8%5]
		if one.level = how % 8 % (levels + 1); one.level == levels {
			one.level = -1
		}
		ops = append(ops, one)
	}
	return ops
}

// Each call once, so that each is as likely as another. The fuzzer finds out by itself what is worth to be repeated.
var (
	fuzzMailboxCalls = distinct(mailboxCalls, mailboxEnds)
	fuzzOwnedCalls   = distinct(ownedCalls, ownedEnds)
)

func distinct(names ...[]string) []string {
	all := slices.Concat(names...)
	slices.Sort(all)
	return slices.Compact(all)
}

// eachConfig adds a seed for each order and policy, of which after is the rest.
func eachConfig(f *testing.F, after ...byte) {
	for order := range kinds {
		for policy := range policies {
			capacity := byte(order + policy) // all of them, in some combination
			f.Add(append([]byte{byte(order), byte(policy), capacity, byte(policy)}, after...))
		}
	}
}

// script is the tape of these calls. Each is made how many times, and of which urgency, as its place says.
func script(names []string, calls ...string) (bytes []byte) {
	for i, name := range calls {
		call := slices.Index(names, name)
		if call < 0 {
			panic(name)
		}
		bytes = append(bytes, byte(call), byte(8*(i%4)+i%5))
	}
	return bytes
}

// FuzzMailbox proves that a mailbox does what the naive model does, whatever it is told to do.
func FuzzMailbox(f *testing.F) {
	eachConfig(f, script(fuzzMailboxCalls,
		"TryGet", "TryPut", "TryPut", "Put", "TryPut", "TryPut", "PutEnded", "Get", "GetEnded", "Join", "Done", "TryPut",
		"TryPut", "TryPut", "TryGet", "TryPut", "Get", "TryPut", "TryPut", "Done", "Done", "Join", "TryPut", "Close", "Put",
		"TryPut", "Get", "GetEnded", "Drain", "TryGet", "Done", "Join", "Drain", "Close", "TryPut", "Get")...)
	eachConfig(f, script(fuzzMailboxCalls, "Drain", "TryPut", "TryGet", "Join", "Done")...)
	f.Fuzz(func(t *testing.T, bytes []byte) {
		p := &tape{bytes}
		c := p.config()
		runModel(t, c, p.ops(fuzzMailboxCalls))
	})
}

// FuzzOwned is FuzzMailbox for an owned mailbox, of which one goroutine plays all parts.
func FuzzOwned(f *testing.F) {
	eachConfig(f, script(fuzzOwnedCalls,
		"Next", "TryPut", "TryPut", "Put", "TryPut", "Next", "TryPut", "Hold", "Hold", "TryPut", "Waits", "Next", "Settle",
		"Interrupt", "Next", "Next", "Rest", "Hold", "Suspend", "TryPut", "Interrupt", "Next", "Next", "Next", "Waits", "Stay",
		"Next", "Next", "PutEnded", "TryPut", "Hold", "Close", "Put", "Hold", "Waits", "Next", "Drain", "Hold", "Next", "Rest",
		"Interrupt", "Waits")...)
	eachConfig(f, script(fuzzOwnedCalls,
		"TryPut", "TryPut", "TryPut", "Next", "TryPut", "TryPut", "Hold", "Hold", "Interrupt", "Abandon", "Next", "Settle",
		"Hold", "Waits", "Abandon", "TryPut", "Interrupt", "Next")...)
	f.Fuzz(func(t *testing.T, bytes []byte) {
		p := &tape{bytes}
		c := p.config()
		runOwnedModel(t, c, p.ops(fuzzOwnedCalls))
	})
}

var configText = regexp.MustCompile(`^mailbox: invalid config: (Capacity|Order|Overflow|Levels|Level|Less) is .+: want .+$`)

// FuzzConfig proves that New and NewOwned refuse exactly what the docs of Config do not allow, alike and by the name of
// the field; and that whatever they accept takes a message and delivers it.
func FuzzConfig(f *testing.F) {
	for _, capacity := range []int{0, 1, mailbox.Unbounded, -2, math.MinInt, math.MaxInt} {
		for order := range uint8(4) {
			f.Add(capacity, order, order, 0, false, false, false, 0)
			f.Add(capacity, order, 5-order, 0, true, false, true, 0)
			f.Add(capacity, order, order+1, 7, false, true, true, 6)
			f.Add(capacity, order, uint8(255), mailbox.MaxLevels+int(order), false, true, false, -1)
			f.Add(capacity, order, uint8(0), -1, true, true, false, 0)
			f.Add(capacity, order, uint8(1), mailbox.MaxLevels+1, false, true, true, 0)
			f.Add(capacity, order, uint8(4), mailbox.MaxLevels, false, true, false, mailbox.MaxLevels)
		}
	}
	f.Fuzz(func(t *testing.T, capacity int, order, overflow uint8, nLevels int, less, level, onDrop bool, answer int) {
		c := mailbox.Config[int]{
			Capacity: capacity, Order: mailbox.Order(order), Overflow: mailbox.Overflow(overflow), Levels: nLevels,
		}
		if less {
			c.Less = func(a, b int) bool { return a < b }
		}
		if level {
			c.Level = func(int) int { return answer }
		}
		if onDrop {
			c.OnDrop = func(int, error) { t.Error("OnDrop was told of something, and nothing was dropped") }
		}
		good := capacity >= mailbox.Unbounded && order <= uint8(mailbox.Priority) && overflow <= uint8(mailbox.DropLast)
		switch leveled := nLevels >= 1 && nLevels <= mailbox.MaxLevels && level; {
		case c.Order != mailbox.Priority:
			good = good && !less && nLevels == 0 && !level
		case less:
			good = good && nLevels == 0 && !level
		default:
			good = good && leveled
		}

		b, err := mailbox.New(c)
		o, ownedErr := mailbox.NewOwned(c)
		if (b != nil) != good || (o != nil) != good || (err == nil) != good || (ownedErr == nil) != good {
			t.Fatalf("New(%+v) returns %v, and NewOwned %v; want it accepted: %v", c, err, ownedErr, good)
		}
		if !good {
			if !errors.Is(err, mailbox.ErrConfig) || !configText.MatchString(err.Error()) || err.Error() != ownedErr.Error() {
				t.Fatalf("errors %q and %q: want the field, what was found, and what is accepted", err, ownedErr)
			}
			return
		}
		putErr := b.TryPut(7)
		_, ownedPutErr := o.TryPut(7)
		if level && (answer < 0 || answer >= nLevels) {
			wantErr(t, "TryPut", putErr, mailbox.ErrConfig)
			wantErr(t, "Owned.TryPut", ownedPutErr, mailbox.ErrConfig)
			return
		}
		wantErr(t, "TryPut", putErr, nil)
		wantErr(t, "Owned.TryPut", ownedPutErr, nil)
		if n, err := b.TryGet(); n != 7 || err != nil {
			t.Fatalf("TryGet returned %v, %v, want 7", n, err)
		}
		if n, s := o.Next(); n != 7 || s != mailbox.Ready {
			t.Fatalf("Next returned %v, %v, want 7", n, s)
		}
	})
}
