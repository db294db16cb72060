package runtime_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"testing"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// Whatever fails, in whatever mailbox: each message comes to one end, and those of a sender stay in order.
func TestChaosAtScaleLosesNothingHandlesNothingTwiceAndKeepsOrder(t *testing.T) {
	total := uint32(1_000_000)
	if scale > 1 {
		total = 100_000_000
	}
	if underRace {
		total = 200_000
	}
	goroutines := goruntime.NumGoroutine()
	var shapes []mailbox.Config[stormMessage]
	for overflow := range mailbox.Overflow(5) {
		shapes = append(shapes,
			mailbox.Config[stormMessage]{Capacity: 256, Overflow: overflow},
			mailbox.Config[stormMessage]{Capacity: 256, Overflow: overflow, Order: mailbox.LIFO},
			mailbox.Config[stormMessage]{Capacity: 256, Overflow: overflow, Order: mailbox.Priority, Levels: 3,
				Level: func(m stormMessage) int { return int(m.number % 3) }},
			mailbox.Config[stormMessage]{Capacity: 256, Overflow: overflow, Order: mailbox.Priority,
				Less: func(a, b stormMessage) bool { return a.number%7 < b.number%7 }})
	}
	begun := time.Now()
	var all runtime.Stats
	var kinds [faults]uint64
	each := total / uint32(len(shapes)) / 4
	for i, config := range shapes {
		system := newSystem(t, tireless)
		ended := spawn(t, system, runtime.Props[int]{New: always(func(*runtime.Context[int], int) error { return nil })})
		ended.Stop()
		<-ended.Done()
		s := &storm{t: t, fifo: config.Order == mailbox.FIFO, every: 12, ended: ended}
		system.DeadLetters(func(d runtime.DeadLetter) { s.bury(d.Message.(stormMessage)) })
		s.brew(system, config, i%3, each)
		if err := system.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		got := system.Stats()
		s.check(got)
		if t.Failed() {
			t.Fatalf("with %+v", config)
		}
		all.Sent += got.Sent
		all.Handled += got.Handled
		all.Rejected += got.Rejected
		all.Dropped += got.Dropped
		all.DeadLettered += got.DeadLettered
		all.Failed += got.Failed
		all.Restarts += got.Restarts
		all.Abandoned += got.Abandoned
		all.Redelivered += got.Redelivered
		for f, n := range s.faults {
			kinds[f] += n
		}
	}
	for goruntime.NumGoroutine() > goroutines {
		goruntime.Gosched()
	}
	by := ""
	for f := faultError; f < faults; f++ {
		by += fmt.Sprintf(" %s %d,", faultNames[f], kinds[f])
		if kinds[f] == 0 {
			t.Errorf("no fault of the kind %s", faultNames[f])
		}
	}
	t.Logf("in %v: %+v; faults:%s", time.Since(begun), all, by)
}
