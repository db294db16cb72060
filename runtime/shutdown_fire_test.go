package runtime_test

import (
	"context"
	"errors"
	"os"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// layOn returns a siege of so many actors, each of which is held up, with ten messages in all.
func layOn(t *testing.T, actors int) *siege {
	s := &siege{t: t, system: newSystem(t), ends: make([]atomic.Uint32, 10*actors+4_000_000)}
	s.hold = newGate(t)
	s.system.DeadLetters(s.bury)
	s.spawn(s.system, actors/2-1, 0)
	for left := actors - actors/2; left > 0; left -= siegeDepth {
		s.spawn(s.system, 0, min(left, siegeDepth))
	}
	background := context.Background()
	for i, ref := range s.refs {
		s.tell(background, ref, s.message(func(ctx *runtime.Context[siegeMessage]) {
			switch i % 200 {
			case 0:
				ctx.Every(time.Millisecond, siegeMessage{})
				ctx.After(time.Hour, siegeMessage{})
			case 1:
				runtime.Pipe(ctx, func(ctx context.Context) (int, error) { s.wait(ctx); return 0, nil },
					func(int, error) siegeMessage { return siegeMessage{} })
			case 2:
				runtime.Watch(ctx, s.refs[(i+1)%len(s.refs)], func(error) siegeMessage { return siegeMessage{} })
			}
			s.wait(ctx)
		}))
		s.tell(background, ref, s.message(func(ctx *runtime.Context[siegeMessage]) {
			if i%(len(s.refs)/2) == 0 {
				if err := s.system.Shutdown(ctx); err != nil {
					t.Errorf("Shutdown from inside returns %v", err)
				}
			}
		}))
		for range 8 {
			s.tell(background, ref, s.message(nil))
		}
	}
	return s
}

// wait waits until the actors are let go, or their time is up.
func (s *siege) wait(ctx context.Context) {
	select {
	case <-s.hold.opened:
	case <-ctx.Done():
	}
}

// An assault is those who send, ask and spawn while the system is shut down.
type assault struct{ sync.WaitGroup }

// assail has asks and puts wait, and others begin anew again and again until they are refused.
func (s *siege) assail(a *assault) {
	background := context.Background()
	for i := range 100 {
		ref := s.refs[i*len(s.refs)/100]
		a.Go(func() { s.ask(background, ref) })
		a.Go(func() { // some of these wait for room
			for range 10 {
				s.tell(background, ref, s.message(nil))
			}
		})
	}
	for i := range 2 {
		a.Go(func() {
			for n := i; s.tell(background, s.refs[n*7%len(s.refs)], s.message(nil)); n++ {
			}
		})
		a.Go(func() {
			for n := i; s.ask(background, s.refs[n*11%len(s.refs)]); n++ {
			}
		})
		a.Go(func() {
			for {
				_, err := runtime.SpawnFunc(s.system, "", func(*runtime.Context[siegeMessage], siegeMessage) error { return nil })
				if err != nil {
					if !errors.Is(err, runtime.ErrStopped) {
						s.t.Errorf("a spawn that the shutdown refuses: %v, want ErrStopped", err)
					}
					return
				}
			}
		})
	}
}

// fullSiege is the size at which promise 9 has to hold.
func fullSiege() int {
	if os.Getenv("TROUPE_STRESS") == "1" {
		return 100_000
	}
	if underRace {
		return 1_000
	}
	return 10_000
}

// With all the time that it takes, all that was accepted is handled, while everybody sends what they can.
func TestPromise9ShutdownUnderFireHandlesAllThatWasAccepted(t *testing.T) {
	goroutines := goruntime.NumGoroutine()
	begun := time.Now()
	s := layOn(t, fullSiege())
	laid := time.Since(begun)
	var a assault
	s.assail(&a)
	begun = time.Now()
	for range 3 {
		a.Go(func() { svShutdown(t, s.system) })
	}
	s.hold.open()
	svShutdown(t, s.system)
	took := time.Since(begun)
	a.Wait()
	if err := s.system.Wait(); err != nil {
		t.Error(err)
	}
	got := s.check()
	if got.DeadLettered > s.ownDead.Load() || got.Abandoned != 0 {
		t.Errorf("%+v: want nothing dead-lettered that was sent, and nobody abandoned", got)
	}
	for goruntime.NumGoroutine() > goroutines {
		goruntime.Gosched()
	}
	t.Logf("%d actors: laid on in %v, shut down in %v; %d asks answered, %d refused: %+v",
		len(s.refs), laid, took, s.answered.Load(), s.asked.Load(), got)
}

// With too little time, what is left is dead-lettered and counted, exactly; askers and waiting puts are told.
func TestPromise9ShutdownUnderFireAccountsForAllWhenItsTimeIsUp(t *testing.T) {
	for name, held := range map[string]bool{"all are held up": true, "some are done": false} {
		t.Run(name, func(t *testing.T) { timeIsUp(t, held) })
	}
}

// timeIsUp is a shutdown whose time is up while the actors are still held up, or when they have handled some messages.
func timeIsUp(t *testing.T, held bool) {
	goroutines := goruntime.NumGoroutine()
	s := layOn(t, fullSiege())
	var a assault
	s.assail(&a)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	begun := time.Now()
	var waiting sync.WaitGroup
	waiting.Add(3)
	for range 3 {
		a.Go(func() {
			if err := s.system.Shutdown(shutdownContext{ctx, waiting.Done}); !errors.Is(err, context.Canceled) {
				t.Errorf("Shutdown returns %v, want the end of its context", err)
			}
		})
	}
	waiting.Wait() // one that came when all is over would return nil
	if held {
		cancel()
		for s.system.Stats().DeadLettered < uint64(len(s.refs)) {
			goruntime.Gosched()
		}
	}
	before := s.handled.Load()
	s.hold.open()
	for !held && s.handled.Load() < before+int64(len(s.refs))/20 {
		goruntime.Gosched()
	}
	cancel()
	_ = s.system.Wait()
	took := time.Since(begun)
	a.Wait()
	for goruntime.NumGoroutine() > goroutines { // also of those who were abandoned, because there were so many of them
		goruntime.Gosched()
	}
	got := s.check()
	if got.DeadLettered == 0 {
		t.Error("nothing was left: its time was not too short")
	}
	t.Logf("%d actors: shut down in %v; %d asks answered, %d refused: %+v",
		len(s.refs), took, s.answered.Load(), s.asked.Load(), got)
}
