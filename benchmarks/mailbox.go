package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
	"github.com/troupe-go/troupe/mailbox"
)

var mailboxSection = bench.Section{
	Name: "mailbox",
	About: `Time to move one message from a producer to the one consumer of a bounded queue.
Put / batch is mailbox.Owned, the queue of an actor: its owner takes whole batches and is woken when it sleeps.
Put / Get is mailbox.Mailbox, the queue for goroutines, and Put / GetBatch the same, emptied 256 at a
time. Each stands beside a buffered channel of the same capacity, and a priority mailbox beside a mutex and two conds
over container/heap. Alone: one goroutine puts and takes in turn. Fill, empty: it puts 1,000, and then takes them.`,
	Rows: mailboxRows,
}

// A shape is a row of the section, but for the type of its messages.
type shape struct {
	order               string // FIFO, LIFO, Levels or Less
	work                work
	producers, capacity int
	backlog, fill       int
}

// A work is how messages get out of a mailbox.
type work struct{ name, title string }

var (
	batchWork = work{"batch", "Put / batch"}
	getWork   = work{"get", "Put / Get"}
	manyWork  = work{"getbatch", "Put / GetBatch"}
)

const (
	levels = 8

	// A queue with a backlog has room for as many again, so that the producer waits for the consumer now and then, as in
	// any queue, but not at every message.
	backlog         = 1000
	backlogCapacity = 2 * backlog
)

func mailboxRows() []bench.Row {
	var rows []bench.Row
	works := []work{batchWork, manyWork, getWork}
	for _, order := range []string{"FIFO", "LIFO", "Levels", "Less"} {
		for _, w := range works {
			for _, k := range kinds {
				for _, capacity := range []int{1024, 16} {
					for _, producers := range []int{1, 2, 8, 64} {
						s := shape{order: order, work: w, producers: producers, capacity: capacity}
						rows = append(rows, bench.Row{
							Name:       fmt.Sprintf("%s/%s/%s/producers=%d/capacity=%d", order, w.name, k.name, producers, capacity),
							Table:      titles[order] + ", " + w.title,
							Label:      []bench.Label{{Column: "message", Value: k.name}, {Column: "capacity", Value: bench.Comma(capacity)}, {Column: "producers", Value: fmt.Sprint(producers)}},
							Quick:      k.name == "8B" && (producers == 1 || producers == 64) && capacity == 1024,
							Contenders: k.contenders(s),
						})
					}
				}
			}
		}
	}
	for _, w := range works {
		for _, k := range kinds {
			table := fmt.Sprintf("%s with %s queued, %s", titles["Less"], bench.Comma(backlog), w.title)
			for producers, who := range []string{"alone", "1"} { // alone: one goroutine puts and takes
				s := shape{order: "Less", work: w, producers: producers, capacity: backlogCapacity, backlog: backlog}
				rows = append(rows, bench.Row{
					Name:       fmt.Sprintf("Less/%s/%s/producers=%d/backlog=%d", w.name, k.name, producers, backlog),
					Table:      table,
					Label:      []bench.Label{{Column: "message", Value: k.name}, {Column: "producers", Value: who}},
					Quick:      k.name == "8B",
					Contenders: k.contenders(s),
				})
			}
			// What is taken next is mostly what was put last, above. Here each message sinks into the heap and comes up again.
			s := shape{order: "Less", work: w, capacity: backlogCapacity, fill: backlog}
			rows = append(rows, bench.Row{
				Name:       fmt.Sprintf("Less/%s/%s/producers=0/fill=%d", w.name, k.name, backlog),
				Table:      table,
				Label:      []bench.Label{{Column: "message", Value: k.name}, {Column: "producers", Value: "fill, empty"}},
				Quick:      k.name == "8B",
				Contenders: k.contenders(s),
			})
		}
	}
	return rows
}

var titles = map[string]string{
	"FIFO":   "FIFO",
	"LIFO":   "LIFO",
	"Levels": fmt.Sprintf("Priority by Levels (%d)", levels),
	"Less":   "Priority by Less",
}

// kinds are the types of message. An interface holds a pointer to what was allocated beforehand, so that what a row
// allocates is its queue's.
var kinds = []struct {
	name       string
	contenders func(shape) []bench.Contender
}{
	{"8B", of(func(key int64) int64 { return key }, numbers)},
	{"64B", of(func(key int64) words { return words{key} }, urgency[words]{
		func(m words) int { return int(m[0] % levels) },
		func(a, b words) bool { return a[0] < b[0] },
	})},
	{"any", of(func(key int64) any { return &key }, urgency[any]{
		func(m any) int { return int(*m.(*int64) % levels) },
		func(a, b any) bool { return *a.(*int64) < *b.(*int64) },
	})},
}

type words [8]int64

// An urgency is how a type of message is told to be urgent, as a program would write it.
type urgency[M any] struct {
	level func(M) int
	less  func(a, b M) bool
}

var numbers = urgency[int64]{
	func(m int64) int { return int(m % levels) },
	func(a, b int64) bool { return a < b },
}

// of makes the contenders for one type of message, from how it is made of a random key and how urgent it is.
func of[M any](build func(key int64) M, u urgency[M]) func(shape) []bench.Contender {
	return func(s shape) []bench.Contender {
		l := load[M]{producers: s.producers, capacity: s.capacity, backlog: s.backlog, fill: s.fill}
		random := rand.New(rand.NewPCG(1, 2)) // the same keys in every run of the program
		for range 1024 {
			l.messages = append(l.messages, build(random.Int64()))
		}
		return rivals(l, s, u)
	}
}

// rivals returns who takes part in a row, the baseline first.
func rivals[M any](l load[M], s shape, u urgency[M]) []bench.Contender {
	config := mailbox.Config[M]{Capacity: s.capacity}
	var list []bench.Contender
	switch s.order {
	case "FIFO":
		list = []bench.Contender{channel(l)}
	case "LIFO":
		config.Order = mailbox.LIFO
		list = []bench.Contender{channel(l)}
	case "Levels":
		config.Order, config.Levels, config.Level = mailbox.Priority, levels, u.level
		list = []bench.Contender{channel(l), heapContender(l, func(a, b M) bool { return u.level(a) < u.level(b) })}
	case "Less":
		config.Order, config.Less = mailbox.Priority, u.less
		list = []bench.Contender{heapContender(l, config.Less)}
	default:
		panic("benchmarks: there is no order " + s.order)
	}
	switch s.work {
	case batchWork:
		return append(list, owned(l, config))
	case manyWork:
		return append(list, putGetBatch(l, config))
	default:
		return append(list, putGet(l, config))
	}
}

// owned is a mailbox with an owner, which parks on a channel when Next has sent it to sleep. The producer whose put finds
// it asleep wakes it; the channel has room for that, so waking never waits.
func owned[M any](l load[M], config mailbox.Config[M]) bench.Contender {
	return l.contender("troupe", func(l *load[M]) (func(from, to int), func(n int)) {
		ctx := context.Background()
		queue := contest.Must(mailbox.NewOwned(config))
		wake := make(chan struct{}, 1)
		put := func(from, to int) {
			for i := from; i < to; i++ {
				asleep, err := queue.Put(ctx, l.at(i))
				if err != nil {
					panic(err)
				}
				if asleep {
					wake <- struct{}{}
				}
			}
		}
		take := func(n int) {
			for taken := 0; taken < n; {
				m, state := queue.Next()
				switch state {
				case mailbox.Ready:
					l.see(m)
					taken++
				case mailbox.Idle:
					<-wake
				default:
					panic("benchmarks: the owner of an open mailbox found it " + state.String())
				}
			}
		}
		return put, take
	})
}

// putGetBatch takes up to 256 messages at a time into a slice of the consumer's.
func putGetBatch[M any](l load[M], config mailbox.Config[M]) bench.Contender {
	return l.contender("troupe", func(l *load[M]) (func(from, to int), func(n int)) {
		ctx := context.Background()
		queue := contest.Must(mailbox.New(config))
		put := func(from, to int) {
			for i := from; i < to; i++ {
				if err := queue.Put(ctx, l.at(i)); err != nil {
					panic(err)
				}
			}
		}
		into := make([]M, 256)
		take := func(n int) {
			for n > 0 {
				got, err := queue.GetBatch(ctx, into[:min(n, len(into))])
				if err != nil {
					panic(err)
				}
				for _, m := range into[:got] {
					l.see(m)
				}
				n -= got
			}
		}
		return put, take
	})
}

func putGet[M any](l load[M], config mailbox.Config[M]) bench.Contender {
	return l.contender("troupe", func(l *load[M]) (func(from, to int), func(n int)) {
		ctx := context.Background()
		queue := contest.Must(mailbox.New(config))
		put := func(from, to int) {
			for i := from; i < to; i++ {
				if err := queue.Put(ctx, l.at(i)); err != nil {
					panic(err)
				}
			}
		}
		take := func(n int) {
			for range n {
				m, err := queue.Get(ctx)
				if err != nil {
					panic(err)
				}
				l.see(m)
			}
		}
		return put, take
	})
}
