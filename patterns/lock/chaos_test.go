package lock_test

import (
	"context"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/patterns/lock"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// A section is what only one at a time may be in. Its fields are plain: the race detector sees whoever gets in besides.
type section struct {
	inside, visits int
	broken         atomic.Int64
}

// visit is a stay in the section, which is left also by a panic.
func (s *section) visit(crash bool) {
	s.inside++
	defer func() { s.inside-- }()
	if s.inside != 1 {
		s.broken.Add(1)
	}
	s.visits++
	if s.visits%4 == 0 {
		goruntime.Gosched()
	}
	if crash {
		panic("on purpose")
	}
}

// Actors, Pipes and goroutines want the lock. Of those that can be known to crash, one in ten does so in the section; some
// goroutines give up, and some unlock twice. Nobody ever is in the section besides another, each visit is counted, and in
// the end the lock is free.
func TestLockSurvivesHoldersThatCrash(t *testing.T) {
	const actors, goroutines = 8, 8
	system := newSystem(t, supervisor.Config{MaxRestarts: supervisor.Unlimited})
	m := newMutex(t, system)
	var s section
	var visits, crashes atomic.Int64
	each := volume / (actors + goroutines)
	inSection := func(ctx context.Context, n uint64) {
		hold, err := m.Lock(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		visits.Add(1)
		if n%10 == 0 {
			crashes.Add(1)
		}
		s.visit(n%10 == 0)
		if err := hold.Unlock(); err != nil {
			t.Error(err)
		}
	}
	var left sync.WaitGroup
	for range actors {
		ref := newActor(t, system, "")
		left.Add(each)
		left.Go(func() {
			for range each {
				n := rand.Uint64()
				tell(t, ref, func(ctx *runtime.Context[act]) error {
					defer left.Done()
					if n%16 > 0 {
						inSection(ctx, n)
						return nil
					}
					left.Add(1)
					runtime.Pipe(ctx, func(ctx context.Context) (any, error) {
						defer left.Done()
						inSection(ctx, n>>8)
						return nil, nil
					}, func(any, error) act { return nothing })
					return nil
				})
			}
		})
	}
	for range goroutines {
		left.Go(func() {
			for range each {
				ctx, cancel := context.WithCancel(context.Background())
				if rand.IntN(4) == 0 {
					go cancel()
				}
				hold, err := m.Lock(ctx)
				if err == nil {
					visits.Add(1)
					s.visit(false)
					unlock(t, hold)
					if err := hold.Unlock(); err != lock.ErrUnlocked {
						t.Errorf("the second Unlock returns %v, want ErrUnlocked", err)
					}
				} else if err != context.Canceled {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	left.Wait()
	last := take(t, m) // waits for those that have just crashed
	if s.visits != int(visits.Load()) || s.broken.Load() > 0 {
		t.Errorf("%d visits, of which %d met another: want %d, and none", s.visits, s.broken.Load(), visits.Load())
	}
	wantStats(t, m, lock.Stats{Locked: true, Reclaimed: uint64(crashes.Load())})
	unlock(t, last)
	t.Logf("%d visits, %d crashes", s.visits, crashes.Load())
}

// As many Waits are woken as Notify has chosen, whoever gives up in the same moment. The patient ones see to it that there
// always is one to choose.
func TestNoNotifyIsLostToOneThatGivesUp(t *testing.T) {
	const patient, impatient = 8, 24
	m := newMutex(t, newSystem(t))
	c := lock.NewCondition(m)
	var gaveUp, lost int // with the lock
	for range max(volume/1000, 1) {
		gaveUp = 0
		var hurried, all sync.WaitGroup
		cancels := make([]context.CancelFunc, 0, impatient)
		wait := func(ctx context.Context) {
			hold := take(t, m)
			if err := c.Wait(ctx, hold); err == context.Canceled {
				gaveUp++
			} else if err != nil {
				t.Error(err)
			}
			unlock(t, hold)
		}
		for i := range patient + impatient {
			if i%4 == 0 {
				all.Go(func() { wait(context.Background()) })
				continue
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancels = append(cancels, cancel)
			hurried.Go(func() { wait(ctx) })
		}
		for c.Waiting() < patient+impatient {
			goruntime.Gosched()
		}
		for part := range 2 {
			all.Go(func() {
				for i := part; i < impatient; i += 2 {
					cancels[i]()
				}
			})
		}
		for range patient {
			notify(t, c, m, 1)
		}
		hurried.Wait()
		hold := take(t, m)
		if woken := patient + impatient - gaveUp - c.Waiting(); woken != patient {
			t.Errorf("%d were woken by %d notifies", woken, patient)
		}
		lost += impatient - gaveUp // to the patient ones
		if err := c.NotifyAll(hold); err != nil {
			t.Error(err)
		}
		unlock(t, hold)
		all.Wait()
		if t.Failed() {
			return
		}
	}
	t.Logf("%d of the impatient ones were woken", lost)
}
