package runtime_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A fault is a way to fail.
type fault uint8

const (
	noFault fault = iota
	faultError
	faultPanic
	faultNilPanic
	faultGoexit
	faultStarted    // the handler fails, and then the Started hook of the next behaviour
	faultNew        // the handler fails, and then New
	faultRestarting // the handler fails, and then the Restarting hook
	faultWatch      // the function given to Watch panics
	faultPipe       // that given to Pipe does
	faults
)

var faultNames = [faults]string{
	"none", "error", "panic", "panic(nil)", "Goexit", "Started", "New", "Restarting", "then of Watch", "then of Pipe",
}

// A stormMessage is the number-th of its sender, or made by its actor for itself if the number is 0.
type stormMessage struct{ sender, number uint32 }

// A storm is one actor that fails all the time, and the book of its messages: which were handled, dead-lettered, or
// refused is a bit each of every sender's numbers.
type storm struct {
	t       *testing.T
	fifo    bool
	every   uint32 // how many messages go to a fault
	handled []bits // by sender; written by the actor alone
	dead    []bits // written by the subscriber alone
	refused []bits // written by the sender alone
	last    []uint32
	own     uint64
	ownDead uint64
	wrong   atomic.Uint64
	beyond  int // bits that stand for no message
	seen    uint32
	next    fault // what the next behaviour fails at
	faults  [faults]uint64
	ended   runtime.Ref[int]
}

type bits []uint64

func (b bits) set(i uint32) (was bool) {
	was = b[i/64]&(1<<(i%64)) != 0
	b[i/64] |= 1 << (i % 64)
	return was
}

func (b bits) has(i uint32) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (s *storm) make() runtime.Actor[stormMessage] {
	if s.next == faultNew {
		s.next = noFault
		panic("New")
	}
	return s
}

func (s *storm) Started(*runtime.Context[stormMessage]) error {
	if s.next == faultStarted {
		s.next = noFault
		return errFails
	}
	return nil
}

func (s *storm) Restarting(*runtime.Context[stormMessage], error) {
	if s.next == faultRestarting {
		s.next = noFault
		panic("Restarting")
	}
}

func (s *storm) Receive(ctx *runtime.Context[stormMessage], m stormMessage) error {
	if s.seen++; s.seen%s.every == 0 {
		f := 1 + fault(s.seen/s.every)%(faults-1)
		s.faults[f]++
		switch f {
		case faultPanic:
			panic(s.seen)
		case faultNilPanic:
			var none any
			panic(none)
		case faultGoexit:
			goruntime.Goexit()
		case faultWatch:
			runtime.Watch(ctx, s.ended, func(error) stormMessage { panic("then of Watch") })
		case faultPipe:
			runtime.Pipe(ctx, func(context.Context) (int, error) { return 0, nil },
				func(int, error) stormMessage { panic("then of Pipe") })
		default:
			s.next = f
			return errFails
		}
	}
	if m.number == 0 {
		s.own++
		return nil
	}
	if s.handled[m.sender].set(m.number) || s.fifo && m.number <= s.last[m.sender] {
		s.wrong.Add(1)
	}
	s.last[m.sender] = m.number
	return nil
}

func (s *storm) bury(m stormMessage) {
	if m.number == 0 {
		s.ownDead++
	} else if s.dead[m.sender].set(m.number) {
		s.wrong.Add(1)
	}
}

// brew sends so many messages from each of four senders to an actor with the given mailbox, and stops it at the end.
func (s *storm) brew(system *runtime.System, config mailbox.Config[stormMessage], redeliver int, messages uint32) {
	const senders = 4
	room := func() (all []bits) {
		for range senders {
			all = append(all, make(bits, messages/64+1))
		}
		return all
	}
	s.handled, s.dead, s.refused, s.last = room(), room(), room(), make([]uint32, senders)
	s.beyond = senders * (len(s.dead[0])*64 - 1 - int(messages))
	ref := spawn(s.t, system, runtime.Props[stormMessage]{New: s.make, Mailbox: config, Redeliver: redeliver})
	var sending sync.WaitGroup
	for sender := range uint32(senders) {
		sending.Go(func() {
			for number := uint32(1); number <= messages; number++ {
				m := stormMessage{sender, number}
				var err error
				if number%16 == 0 {
					err = ref.TryTell(m)
				} else {
					err = ref.Tell(context.Background(), m)
				}
				if err != nil {
					s.refused[sender].set(number)
					goruntime.Gosched() // or nearly all would be refused
					if !errors.Is(err, mailbox.ErrFull) {
						s.t.Error(err)
					}
				}
			}
		})
	}
	sending.Wait()
	ref.StopWhenEmpty()
	<-ref.Done()
}

// check is for when all is over: each message has come to one end, and is counted there.
func (s *storm) check(got runtime.Stats) {
	s.t.Helper()
	checkIdentity(s.t, got)
	want := runtime.Stats{Handled: s.own, DeadLettered: s.ownDead}
	lost := -s.beyond
	for sender, handled := range s.handled {
		for number := uint32(1); number < uint32(len(handled))*64; number++ {
			h, d, r := handled.has(number), s.dead[sender].has(number), s.refused[sender].has(number)
			switch {
			case h && !d && !r:
				want.Handled++
			case d && !h && !r:
				want.DeadLettered++
			case r && !h && !d:
				want.Rejected++
			case h || d || r:
				s.wrong.Add(1)
			default:
				lost++
			}
		}
	}
	want.Sent = want.Handled + want.DeadLettered + want.Rejected
	sum := runtime.Stats{Sent: got.Sent, Rejected: got.Rejected, Handled: got.Handled, DeadLettered: got.DeadLettered + got.Dropped}
	if sum != want || lost != 0 || s.wrong.Load() > 0 {
		s.t.Errorf("the counts are\n%+v, want\n%+v; %d messages are lost, and %d ended twice, or came out of order", sum, want, lost, s.wrong.Load())
	}
}

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
