package mailbox_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// A crowd is a mailbox and the goroutines at it. The fuzzer says how many there are and what each does; in which order
// it happens is up to the scheduler, so what is checked holds in every order.
type crowd struct {
	t     *testing.T
	b     *mailbox.Mailbox[letter]
	order mailbox.Order
	ends  *ledger
	sent  []int // by each producer
}

// produce makes one put for each of ways.
func (c *crowd) produce(from int, ways []byte) {
	for n, way := range ways {
		send(c.t, c.b, c.ends, letter{from, n, int(way/4) % levels}, int(way%4))
		if way&64 != 0 {
			goruntime.Gosched()
		}
	}
	c.sent[from] = len(ways)
}

// meddle calls what neither a producer nor a consumer does. At the end of its ways it leaves.
func (c *crowd) meddle(ways []byte, drained *atomic.Bool) {
	for _, way := range ways {
		switch way % 16 {
		case 0:
			c.b.Close()
		case 1:
			drained.Store(true)
			c.ends.enter("drained", c.b.Drain()...)
		case 2, 3:
			if err := c.b.Join(ended()); err != nil && !errors.Is(err, context.Canceled) {
				c.t.Errorf("Join: %v", err)
			}
		case 4, 5:
			if n := c.b.Len(); c.b.Cap() != mailbox.Unbounded && n > c.b.Cap() {
				c.t.Errorf("Len is %d, Cap %d", n, c.b.Cap())
			}
		default:
			goruntime.Gosched()
		}
	}
}

// split cuts what is left of the tape into n equal pieces.
func (p *tape) split(n int) (pieces [][]byte) {
	each := min(len(p.bytes)/n, 100)
	for range n {
		pieces = append(pieces, p.bytes[:each])
		p.bytes = p.bytes[each:]
	}
	return pieces
}

// FuzzConcurrent proves that each letter comes to exactly one end among producers, consumers, and somebody who closes
// and drains, and that Join returns when all that was taken is done.
func FuzzConcurrent(f *testing.F) {
	ways := make([]byte, 120)
	for i := range ways {
		ways[i] = byte(i*i + 3*i + 6) // a mix of all, and seldom a Close
	}
	eachConfig(f, append([]byte{3, 2}, ways...)...)
	eachConfig(f, append([]byte{0, 0}, ways[:40]...)...)
	f.Fuzz(func(t *testing.T, bytes []byte) {
		p := &tape{bytes}
		config := p.config()
		producers, consumers := 1+p.next()%4, 1+p.next()%3
		c := &crowd{t: t, order: config.Order, ends: newLedger(), sent: make([]int, producers)}
		config.OnDrop = func(l letter, _ error) { c.ends.enter("dropped", l) }
		c.b = newMailbox(t, config)
		pieces := p.split(producers + 1)

		var drained atomic.Bool
		var sending, taking, meddling sync.WaitGroup
		for from := range producers {
			sending.Go(func() { c.produce(from, pieces[from]) })
		}
		for i := range consumers {
			taking.Go(func() { consume(t, c.b, c.ends, c.order, i) })
		}
		meddling.Go(func() { c.meddle(pieces[producers], &drained) })
		sending.Wait()
		meddling.Wait()
		c.b.Close()
		taking.Wait()

		s := c.b.Stats()
		for range s.Taken {
			c.b.Done()
		}
		wantErr(t, "Join", c.b.Join(ended()), nil) // it has nothing to wait for
		counts := map[string]uint64{}
		total := 0
		for from, n := range c.sent {
			total += n
			for n := range n {
				ends := c.ends.ends[id{from, n}]
				if len(ends) != 1 {
					t.Fatalf("letter %d of sender %d: %v, want one end", n, from, ends)
				}
				counts[ends[0]]++
			}
		}
		if s.Taken != counts["taken"] || s.Dropped != counts["dropped"] || s.Rejected != counts["rejected"] ||
			s.Put != counts["taken"]+counts["dropped"]+counts["drained"] || s.Len != 0 || len(c.ends.ends) != total ||
			counts["drained"] > 0 && !drained.Load() {
			t.Fatalf("%+v, but by the letters %v", s, counts)
		}
	})
}
