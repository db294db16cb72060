package mailbox_test

import (
	"context"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
)

// An ownerStop is a way to stop a storm of an Owned mailbox.
type ownerStop string

const (
	ownerCloses  ownerStop = "Close"
	ownerDrains  ownerStop = "Drain"
	ownerIsStuck ownerStop = "Abandon" // in its handler, and is abandoned
)

// An ownedStorm is a storm over a mailbox whose owner sleeps and wakes as a runtime's does.
type ownedStorm struct {
	*storm
	o    *mailbox.Owned[letter]
	how  ownerStop
	runs sync.WaitGroup

	stick       atomic.Bool   // the owner is to get stuck in its next message
	stuck, free chan struct{} // closed by the owner when it is stuck, and to free it

	// The owner's.
	seen  arrival
	begun int
	lost  bool
}

// aside is how many messages may be held aside at a time: it is for few.
const aside = 16

// blow has the storm. Sender 0 is a timer, which only holds aside. The others do so too, among their puts, where that
// keeps the order of their messages.
func (s *ownedStorm) blow() {
	s.seen.last = map[[2]int]int{}
	s.stuck, s.free = make(chan struct{}), make(chan struct{})
	s.wake(true) // a new mailbox is awake
	for from := range s.putters {
		s.sending.Go(func() { s.send(from, s.put) })
	}

	<-s.enough
	var left []letter
	switch s.how {
	case ownerCloses:
		s.o.Close()
	case ownerDrains:
		s.wake(s.o.Interrupt())
	case ownerIsStuck:
		s.stick.Store(true)
		<-s.stuck
		if s.o.Interrupt() {
			s.t.Error("the owner was asleep")
		}
		s.draining.Store(true)
		var ok bool
		if left, ok = s.o.Abandon(); !ok {
			s.t.Error("it was not abandoned")
		}
	}
	s.ending.Store(true)
	s.sending.Wait()
	close(s.free)
	s.runs.Wait()
	s.leave(abandoned, left)
	if s.lost != (s.how == ownerIsStuck) {
		s.t.Errorf("the owner found its mailbox lost: %v", s.lost)
	}
	s.audit(s.o.Stats())
}

func (s *ownedStorm) put(l letter, again bool) error {
	var wake bool
	var err error
	switch {
	case l.from == 0:
		for s.o.Stats().Held >= aside && !s.ending.Load() {
			goruntime.Gosched()
		}
		if s.ending.Load() && s.how == ownerCloses {
			return errEnding // because Hold still accepts
		}
		_, wake, err = s.o.Hold(l)
	case s.policy <= mailbox.DropNewest && l.n%8 == 3 && s.o.Stats().Held < aside:
		_, wake, err = s.o.Hold(l)
	case l.n%4 == 0 && !again:
		wake, err = s.o.TryPut(l)
	default:
		wake, err = s.o.Put(context.Background(), l)
	}
	s.wake(wake)
	return err
}

func (s *ownedStorm) wake(yes bool) {
	if yes {
		s.runs.Go(s.own)
	}
}

// own is the owner from when it is woken until it goes to sleep.
func (s *ownedStorm) own() {
	for {
		l, state := s.o.Next()
		switch state {
		case mailbox.Ready:
			if s.begun++; s.begun%512 == 0 {
				if err := balanced(s.o.Stats(), s.capacity, &s.draining); err != nil {
					s.t.Error(err)
				}
			}
			if s.how == ownerIsStuck && s.stick.CompareAndSwap(true, false) {
				close(s.stuck)
				<-s.free
				if s.o.Settle() {
					s.t.Error("the mailbox is the owner's still")
				}
				continue // Abandon has returned this letter
			}
			s.seen.check(s.t, s.k.order, l)
			s.enter(taken, l)
			if s.begun%16 == 0 {
				goruntime.Gosched() // or else it would seldom be stopped with a batch in hand
			}
		case mailbox.Interrupted:
			s.draining.Store(true)
			s.leave(drained, s.o.Drain())
		case mailbox.Empty:
			if s.o.Rest() {
				return
			}
		case mailbox.Idle:
			return
		case mailbox.Lost:
			s.lost = true
			return
		}
	}
}

// leave enters what was left, which must be in the order in which the owner would have begun it.
func (s *ownedStorm) leave(end int, left []letter) {
	for _, l := range left {
		s.seen.check(s.t, s.k.order, l)
	}
	s.enter(end, left...)
}

// TestOwnedKeepsAccountAtVolume is TestMailboxKeepsAccountAtVolume for a mailbox with an owner.
func TestOwnedKeepsAccountAtVolume(t *testing.T) {
	atVolume(t, []ownerStop{ownerCloses, ownerDrains, ownerIsStuck}, func(t *testing.T, s *storm, how ownerStop) {
		o := &ownedStorm{storm: s, how: how}
		o.o = newOwned(t, s.config())
		o.blow()
	})
}
