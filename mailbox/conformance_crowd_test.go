package mailbox_test

import (
	"errors"
	goruntime "runtime"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// The size of the crowd, as in CPython's suite.
const (
	confWriters = 4
	confReaders = 6
	confSent    = 65_536 / confWriters // by each writer
)

func TestCloseAmidCrowdLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, k kind) { confCrowd(t, k, confEnds[0].end) })
}

func TestDrainAmidCrowdLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, k kind) { confCrowd(t, k, confEnds[1].end) })
}

// confCrowd ends a mailbox while writers, readers and joins are busy with it. Everybody must come to an end by that,
// and every message that a put accepted must have been taken, or be left: once.
func confCrowd(t *testing.T, k kind, end func(*mailbox.Mailbox[letter]) []letter) {
	b := newMailbox(t, k.config(mailbox.Block, mailbox.Unbounded))
	var ready, crowd sync.WaitGroup // ready is when each writer has put its first quarter, and each reader has got one
	ready.Add(confWriters + confReaders)
	halfway := make(chan struct{})
	var once sync.Once

	var accepted [confWriters]int
	for from := range confWriters {
		crowd.Go(func() {
			for n := range confSent {
				if n == confSent/4 {
					ready.Done()
					ready.Wait()
				}
				if err := b.Put(t.Context(), letter{from, n, n % levels}); err != nil {
					confLate(t, err)
					return
				}
				accepted[from]++
				if n == confSent/2 {
					once.Do(func() { close(halfway) })
				}
			}
		})
	}
	var taken [confReaders][]letter
	for i := range confReaders {
		crowd.Go(func() { taken[i] = confRead(t, b, k, &ready) })
	}
	for range 2 {
		crowd.Go(func() {
			ready.Wait()
			if err := b.Join(t.Context()); err != nil {
				t.Error("Join:", err)
			}
		})
	}
	<-halfway
	left := end(b)
	crowd.Wait()

	confLen(t, b, 0)
	out := make([][confSent]int, confWriters)
	for _, ls := range append(taken[:], left) {
		for _, l := range ls {
			out[l.from][l.n]++
		}
	}
	for from, counts := range out {
		for n, count := range counts {
			if want := min(max(accepted[from]-n, 0), 1); count != want {
				t.Fatalf("message %d of writer %d came out %d times, want %d", n, from, count, want)
			}
		}
	}
	wantErr(t, "Join at last", b.Join(t.Context()), nil)
}

// confRead gets one message, waits for the others, and then takes what it can get until there will be none.
func confRead(t *testing.T, b *mailbox.Mailbox[letter], k kind, ready *sync.WaitGroup) (taken []letter) {
	var next [confWriters][levels]int // the number that the writer's next message of this level must have reached
	l, err := b.Get(t.Context())
	ready.Done()
	ready.Wait()
	for ; ; l, err = b.TryGet() {
		if errors.Is(err, mailbox.ErrEmpty) {
			goruntime.Gosched()
			continue
		}
		if err != nil {
			confLate(t, err)
			return taken
		}
		b.Done()
		taken = append(taken, l)
		level := l.level
		switch k.order {
		case mailbox.LIFO:
			continue // the last comes first: no sequence is promised while puts go on
		case mailbox.FIFO:
			level = 0
		}
		if l.n < next[l.from][level] {
			t.Errorf("message %d of writer %d came after %d", l.n, l.from, next[l.from][level]-1)
		}
		next[l.from][level] = l.n + 1
	}
}

func confLate(t *testing.T, err error) {
	if !errors.Is(err, mailbox.ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
}
