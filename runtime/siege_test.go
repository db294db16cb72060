package runtime_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A siegeMessage has a number, under which its end is noted; or none, if its actor made it for itself.
type siegeMessage struct {
	runtime.Reply[int]
	number int
	do     func(*runtime.Context[siegeMessage])
}

// The ends that a message may come to. Each is a digit of its own in the sum that is kept of each number.
const (
	siegeHandled  = 1
	siegeDead     = 1 << 8
	siegeRejected = 1 << 16
	siegeAsked    = 1 << 24 // not an end: its asker got an error
)

// A siege is a tree of actors, each held up by its first message, with more behind it, and the book that is kept of the
// messages. Half of the actors are the children of one, the others stand one under the other.
type siege struct {
	t      *testing.T
	system *runtime.System
	hold   *gate // what the actors wait at

	mu   sync.Mutex
	refs []runtime.Ref[siegeMessage]

	ends     []atomic.Uint32 // by number
	next     atomic.Int64
	handled  atomic.Int64  // of those with numbers
	own      atomic.Uint64 // handled ones without
	ownDead  atomic.Uint64
	asked    atomic.Uint64 // asks that ended in an error
	answered atomic.Uint64
	refused  atomic.Uint64 // tells, and spawns
}

const siegeDepth = 500

// siegeActor is the behaviour. It spawns those below it as it starts.
type siegeActor struct {
	s           *siege
	wide, depth int
}

func (a *siegeActor) Started(ctx *runtime.Context[siegeMessage]) error {
	for range a.wide {
		a.s.spawn(ctx, 0, 0)
	}
	if a.depth > 1 {
		a.s.spawn(ctx, 0, a.depth-1)
	}
	return nil
}

func (a *siegeActor) Receive(ctx *runtime.Context[siegeMessage], m siegeMessage) error {
	if m.do != nil {
		m.do(ctx)
	}
	m.Send(m.number)
	if m.number == 0 {
		a.s.own.Add(1)
		return nil
	}
	a.s.ends[m.number].Add(siegeHandled)
	a.s.handled.Add(1)
	return nil
}

func (s *siege) spawn(p runtime.Parent, wide, depth int) {
	ref, err := runtime.Spawn(p, runtime.Props[siegeMessage]{
		New:     func() runtime.Actor[siegeMessage] { return &siegeActor{s, wide, depth} },
		Mailbox: mailbox.Config[siegeMessage]{Capacity: 16},
	})
	if err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refs = append(s.refs, ref)
}

func (s *siege) message(do func(*runtime.Context[siegeMessage])) siegeMessage {
	return siegeMessage{number: int(s.next.Add(1)), do: do}
}

// tell counts what is refused, for which there may be one reason only.
func (s *siege) tell(ctx context.Context, to runtime.Ref[siegeMessage], m siegeMessage) bool {
	err := to.Tell(ctx, m)
	if err == nil {
		return true
	}
	s.ends[m.number].Add(siegeRejected)
	s.refused.Add(1)
	if !errors.Is(err, runtime.ErrStopped) {
		s.t.Errorf("a tell that the shutdown refuses: %v, want ErrStopped", err)
	}
	return false
}

// ask is answered, or refused: then the message has a digit for what became of it, or none if it was not taken.
func (s *siege) ask(ctx context.Context, to runtime.Ref[siegeMessage]) bool {
	m := s.message(nil)
	v, err := runtime.Ask(ctx, to, func(r runtime.Reply[int]) siegeMessage { m.Reply = r; return m })
	switch {
	case err == nil && v == m.number:
		s.answered.Add(1)
		return true
	case err == nil:
		s.t.Errorf("the ask %d is answered with %d", m.number, v)
	case !errors.Is(err, runtime.ErrStopped):
		s.t.Errorf("an ask that the shutdown ends: %v, want ErrStopped", err)
	}
	s.asked.Add(1)
	s.ends[m.number].Add(siegeAsked) // it may be a dead letter that is still to be published
	return false
}

func (s *siege) bury(d runtime.DeadLetter) {
	switch m := d.Message.(siegeMessage); {
	case !errors.Is(d.Reason, runtime.ErrStopped):
		s.t.Errorf("dead letter with the reason %v, want ErrStopped", d.Reason)
	case m.number == 0:
		s.ownDead.Add(1)
	default:
		s.ends[m.number].Add(siegeDead)
	}
}

// check is for when the system has stopped: each message has come to one end, and is counted there.
func (s *siege) check() runtime.Stats {
	s.t.Helper()
	var want runtime.Stats
	wrong, twice := 0, uint64(0)
	sent := int(s.next.Load())
	for number := 1; number <= sent; number++ {
		end := s.ends[number].Load()
		if end == siegeAsked {
			end = siegeRejected
		}
		switch end &^= siegeAsked; end {
		case siegeHandled:
			want.Handled++
		case siegeDead:
			want.DeadLettered++
		case siegeRejected:
			want.Rejected++
		case siegeHandled + siegeDead: // its handler was abandoned, and has come to its end all the same
			want.DeadLettered++
			twice++
		default:
			if wrong++; wrong < 10 {
				s.t.Errorf("message %d: %#x: want one end", number, end)
			}
		}
	}
	got := s.system.Stats()
	want.Handled += s.own.Load()
	want.DeadLettered += s.ownDead.Load()
	want.Sent = want.Handled + want.DeadLettered + want.Rejected
	want.LateReplies = got.LateReplies
	want.Abandoned = got.Abandoned
	checkStats(s.t, got, want)
	if twice > got.Abandoned {
		s.t.Errorf("%d messages were handled and dead-lettered, while %d handlers were abandoned", twice, got.Abandoned)
	}
	if wrong > 0 {
		s.t.Errorf("%d of %d messages came to none, or more than one end", wrong, sent)
	}
	return got
}
