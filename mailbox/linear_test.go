package mailbox_test

import (
	"context"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A tally says how much the histories of one order were worth.
type tally struct{ calls, overlapped int }

func (y *tally) add(calls, overlapped int) {
	y.calls += calls
	y.overlapped += overlapped
}

func (y *tally) log(t *testing.T) {
	t.Logf("%d histories, %d calls, another one began during %d of them", histories, y.calls, y.overlapped)
}

func TestMailboxIsLinearizable(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		var y tally
		for seed := range histories {
			h := newHistory(k, seed, false)
			b := newMailbox(t, h.config)
			h.do = func(ctx context.Context, e *event) { doMailbox(ctx, b, e) }
			y.add(h.check(t, seed))
		}
		y.log(t)
	})
}

func doMailbox(ctx context.Context, b *mailbox.Mailbox[letter], e *event) {
	switch e.op {
	case "TryPut":
		e.err = b.TryPut(e.letter)
	case "Put":
		e.err = b.Put(ctx, e.letter)
	case "TryGet":
		e.letter, e.err = b.TryGet()
	case "Get":
		e.letter, e.err = b.Get(ctx)
	case "Len":
		e.n = b.Len()
	case "Stats":
		e.stats = b.Stats()
	case "Close":
		b.Close()
	case "Drain":
		e.left = b.Drain()
	default:
		panic(e.op)
	}
}

// The owner stays awake, so that it can look whenever its script says so, and nobody has to wake it. It is never
// interrupted: a message that it had claimed by then leaves its room at once, but is begun by a later Next.
func TestOwnedIsLinearizable(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		var y tally
		for seed := range histories {
			h := newHistory(k, seed, true)
			o := newOwned(t, h.config)
			o.Stay()
			h.do = func(ctx context.Context, e *event) { doOwned(ctx, o, e) }
			y.add(h.check(t, seed))
		}
		y.log(t)
	})
}

func doOwned(ctx context.Context, o *mailbox.Owned[letter], e *event) {
	switch e.op {
	case "TryPut":
		e.woke, e.err = o.TryPut(e.letter)
	case "Put":
		e.woke, e.err = o.Put(ctx, e.letter)
	case "Hold":
		_, e.woke, e.err = o.Hold(e.letter)
	case "Next":
		e.letter, e.state = o.Next()
	case "Len":
		e.n = o.Len()
	case "Stats":
		e.stats = o.Stats()
	case "Close":
		o.Close()
	case "Drain":
		e.left = o.Drain()
	default:
		panic(e.op)
	}
}
