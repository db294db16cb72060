package runtime

import (
	"slices"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/mailbox"
)

// A DeadLetter is a message that was accepted and will not be handled.
//
// A message that has a method Fail(error), such as that of a Reply which it embeds, is told the reason before anybody
// else. One of its own must be quick and must not wait: its actor, or the sender whose message was evicted, waits for it.
type DeadLetter struct {
	Message any
	Target  string // the path of the actor that it was sent to
	// Sender is the path of the actor that sent it, where the runtime knows it, and "" otherwise. A message in a mailbox
	// says nothing of where it is from, because every Tell would have to pay for that. So the sender is known
	//
	//   - of an ask with a handler's context, or one derived from it or from that of a Pipe's work, whose message embeds
	//     its Reply, wherever the message dies, as long as it is the dead letter that ends the ask: not if it was answered
	//     before, or the asker has given up;
	//   - of what a timer, Watch or Pipe makes for an actor that takes no messages any more: it is that actor itself. Once
	//     in the mailbox, such a message is like all others.
	//
	// The sender of a message that was told is never known, not even if it is evicted on arrival.
	Sender string
	// Reason is mailbox.ErrFull for one that an overflow policy evicted; the handler's error, or a *PanicError, for one
	// whose handler failed for good; an error that wraps ErrStopped for one that was left when its actor stopped, and
	// one that wraps ErrAbandoned where the actor's code did not return.
	Reason error
}

// deadLetters publishes dead letters to subscribers and to the log.
type deadLetters struct {
	mu          sync.Mutex
	subscribers []*subscriber
	throttle    throttle
}

// A subscriber has a queue of its own, so that a slow one holds up nobody, and runs only while there is something in
// it. The queue has no bound: no dead letter goes unpublished.
type subscriber struct {
	sys  *System
	tell func(DeadLetter)
	mail *mailbox.Owned[DeadLetter]
}

// DeadLetters subscribes f to the dead letters from now on. f is called for one at a time, in their order, on a
// goroutine of its own, which a shutdown waits for. Its panics are logged. There is no end to a subscription but the
// system's.
func (s *System) DeadLetters(f func(DeadLetter)) {
	s.demand("DeadLetters")
	if f == nil {
		panic("runtime: DeadLetters(nil): want a function")
	}
	mail, err := mailbox.NewOwned(mailbox.Config[DeadLetter]{Capacity: mailbox.Unbounded})
	if err != nil {
		panic(err) // the config is ours
	}
	mail.Rest()
	s.dead.mu.Lock()
	defer s.dead.mu.Unlock()
	s.dead.subscribers = append(s.dead.subscribers, &subscriber{s, f, mail})
}

func (s *System) deadLetter(d DeadLetter) {
	if from := s.failAsk(d.Message, d.Reason); from != nil {
		d.Sender = from.path()
	}
	s.dead.mu.Lock()
	subscribers := slices.Clip(s.dead.subscribers)
	log, unlogged := s.dead.throttle.allow(time.Now())
	s.dead.mu.Unlock()
	for _, sub := range subscribers {
		if wake, _ := sub.mail.TryPut(d); wake {
			s.spawn(sub.run)
		}
	}
	if log {
		entry := s.log.WithFields(logrus.Fields{"actor": d.Target, "cause": d.Reason})
		if d.Sender != "" {
			entry = entry.WithField("sender", d.Sender)
		}
		if unlogged > 0 {
			entry = entry.WithField("unlogged", unlogged)
		}
		entry.Warnf("dead letter: %T", d.Message)
	}
}

func (sub *subscriber) run() {
	done := false
	defer func() {
		if done {
			return
		}
		if v := recover(); v != nil {
			sub.sys.log.WithField("cause", v).Error("a subscriber to dead letters panicked")
		}
		sub.sys.spawn(sub.run) // the rest is still there, also after a Goexit
	}()
	for {
		d, state := sub.mail.Next()
		if state == mailbox.Idle {
			done = true
			return
		}
		sub.tell(d)
	}
}

// A throttle lets so many lines a second through and counts the others.
type throttle struct {
	second   time.Time
	lines    int
	unlogged uint64
}

const deadLetterLines = 10

// allow reports whether to log now, and how many were not logged since it last said so.
func (t *throttle) allow(now time.Time) (ok bool, unlogged uint64) {
	if now.Sub(t.second) >= time.Second {
		t.second, t.lines = now, 0
	}
	if t.lines >= deadLetterLines {
		t.unlogged++
		return false, 0
	}
	t.lines++
	unlogged, t.unlogged = t.unlogged, 0
	return true, unlogged
}
