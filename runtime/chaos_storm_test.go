package runtime_test

import (
	"context"
	"errors"
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
	faultHang       // the handler of a child hangs until it is abandoned, with messages behind it
	faultStopped    // the Stopped hook of a child panics
	faults
)

var faultNames = [faults]string{
	"none", "error", "panic", "panic(nil)", "Goexit", "Started", "New", "Restarting", "then of Watch", "then of Pipe",
	"hang", "Stopped",
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
	told    uint32 // to its children, as the last of the senders
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
		case faultHang, faultStopped:
			s.lose(ctx, f)
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

// lose spawns a child, sends it messages that it will not handle, and stops it.
func (s *storm) lose(ctx *runtime.Context[stormMessage], f fault) {
	child := &stormChild{f, make(chan struct{}), make(chan struct{})}
	ref := spawn(s.t, ctx, runtime.Props[stormMessage]{
		New:         func() runtime.Actor[stormMessage] { return child },
		StopTimeout: time.Nanosecond,
	})
	for range 3 {
		s.told++
		if err := ref.Tell(ctx, stormMessage{uint32(len(s.last)) - 1, s.told}); err != nil {
			s.t.Error(err)
		}
	}
	<-child.entered
	if f == faultHang {
		ref.Stop()
		defer close(child.release)
	} else {
		close(child.release)
	}
	<-ref.Done()
	if f == faultHang && !errors.Is(ref.Err(), runtime.ErrAbandoned) {
		s.t.Errorf("a child that hangs ended with %v, want ErrAbandoned", ref.Err())
	}
}

// A stormChild fails at its end.
type stormChild struct {
	at               fault
	entered, release chan struct{}
}

func (c *stormChild) Receive(ctx *runtime.Context[stormMessage], _ stormMessage) error {
	close(c.entered)
	<-c.release
	ctx.Stop() // and fail
	return errFails
}

func (c *stormChild) Stopped(*runtime.Context[stormMessage], error) {
	if c.at == faultStopped {
		panic("Stopped")
	}
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
		for range senders + 1 { // the last one is the actor itself
			all = append(all, make(bits, messages/64+1))
		}
		return all
	}
	s.handled, s.dead, s.refused, s.last = room(), room(), room(), make([]uint32, senders+1)
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
	s.beyond = (senders+1)*(len(s.dead[0])*64-1) - senders*int(messages) - int(s.told)
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
