package broadcast_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/broadcast"
	"github.com/troupe-go/troupe/runtime"
)

// Functions panic on every tenth event, or exit, or stall until others go on; some end by themselves, some are ended;
// filters panic; loops break off and begin again. For all that, whoever lasts gets each event once, or knows of it as a dead
// letter or a drop, in each publisher's order.
func TestChaos(t *testing.T) {
	const publishers = 4
	each := stressed(100)
	total := publishers * each
	system := newSystem(t)
	topic := newTopic(t, system, broadcast.Config[int]{Capacity: 32, Replay: 50})

	type party struct {
		name         string
		sink         sink
		failed       int // events on which it panicked or exited
		sub          *broadcast.Subscription
		filterFailed int
	}
	overflows := []mailbox.Overflow{mailbox.Block, mailbox.Block, mailbox.Reject, mailbox.DropNewest, mailbox.DropOldest, mailbox.DropLast}
	var lasting []*party
	for i := range 120 {
		p := &party{name: fmt.Sprint("function ", i)}
		random := rand.New(rand.NewPCG(1, uint64(i)))
		filters := rand.New(rand.NewPCG(2, uint64(i)))
		o := broadcast.Options[int]{Mailbox: mailbox.Config[int]{Capacity: 1 + random.IntN(30), Overflow: overflows[i%len(overflows)]}}
		if i%4 == 0 {
			o.Filter = func(int) bool {
				if filters.IntN(10) == 0 {
					p.filterFailed++
					panic("on purpose")
				}
				return true
			}
		}
		p.sub = onFunc(t, topic, func(ctx *runtime.Context[int], v int) error {
			switch n := random.IntN(200); {
			case n < 20:
				p.failed++
				panic("on purpose")
			case n == 20:
				p.failed++
				goruntime.Goexit()
			case n < 24:
				for range 100 {
					goruntime.Gosched()
				}
			}
			return p.sink.add(ctx, v)
		}, o)
		lasting = append(lasting, p)
	}

	var wg sync.WaitGroup
	over := make(chan struct{})
	for range 4 { // who comes and goes
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-over:
					return
				default:
				}
				left := n % 20
				switch n % 4 {
				case 0:
					for range topic.All(context.Background(), broadcast.Options[int]{Replay: n % 60, Mailbox: mailbox.Config[int]{Capacity: 2}}) {
						if left--; left < 0 {
							break
						}
					}
				case 1: // it ends itself
					sub, err := topic.SubscribeFunc(context.Background(), func(ctx *runtime.Context[int], _ int) error {
						if left--; left < 0 {
							ctx.Stop()
						}
						return nil
					}, broadcast.Options[int]{Replay: n % 60, Mailbox: mailbox.Config[int]{Capacity: 1}})
					if err == nil {
						<-sub.Done()
					}
				case 2: // it is ended, whatever it does
					sub, err := topic.SubscribeFunc(context.Background(), func(ctx *runtime.Context[int], _ int) error {
						<-ctx.Done()
						return nil
					}, broadcast.Options[int]{Replay: n % 60, Mailbox: mailbox.Config[int]{Capacity: 1}})
					if err == nil {
						sub.Cancel()
						<-sub.Done()
					}
				case 3: // an actor that crashes for good
					ref, err := runtime.Spawn(system, runtime.Props[int]{
						New: func() runtime.Actor[int] {
							return runtime.Func[int](func(ctx *runtime.Context[int], _ int) error {
								ctx.Stop()
								panic("on purpose")
							})
						},
						Mailbox: mailbox.Config[int]{Capacity: 1},
					})
					if err != nil {
						t.Error(err)
						return
					}
					if sub, err := topic.SubscribeRef(context.Background(), ref, broadcast.Options[int]{}); err == nil {
						<-sub.Done()
					}
				}
			}
		})
	}
	publishAll(t, topic, publishers, each)
	close(over)
	// Those who come and go wait for events, or for the end.
	if err := topic.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	for _, p := range lasting {
		n := wantOrder(t, p.name, p.sink.got, publishers, each)
		s := statsOf(t, p.sub)
		if int(s.Delivered) != n+p.failed || int(s.Failed) != p.filterFailed || int(s.Delivered+s.Dropped+s.Failed) != total {
			t.Errorf("%s: %d were handled, %d failed, %d in the filter, of %d; stats are %+v", p.name, n, p.failed, p.filterFailed, total, s)
		}
	}
	if s := system.Stats(); s.Sent != s.Rejected+s.Handled+s.Dropped+s.DeadLettered+s.Queued {
		t.Errorf("the books of the system are %+v", s)
	}
}
