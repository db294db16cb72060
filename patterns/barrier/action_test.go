package barrier_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/patterns/barrier"
	"github.com/troupe-go/troupe/runtime"
)

// A stage is a barrier for two whose Action runs until it is told how to end.
type stage struct {
	*barrier.Barrier
	begun chan bool
	end   chan error
}

func newStage(t *testing.T, p runtime.Parent) *stage {
	s := &stage{begun: make(chan bool, 100), end: make(chan error)}
	s.Barrier = newBarrier(t, p, barrier.Config{Parties: 2, Action: func() error {
		s.begun <- true
		return <-s.end
	}})
	return s
}

func (s *stage) wantActions(t *testing.T, n int) {
	t.Helper()
	synctest.Wait()
	if len(s.begun) != n {
		t.Errorf("the Action was begun %d times, want %d", len(s.begun), n)
	}
}

func TestWhoComesWhileTheActionRunsBelongsToTheNextRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, newSystem(t))
		var got []<-chan result
		for range 5 {
			got = append(got, waitAside(t.Context(), s.Barrier))
			synctest.Wait()
		}
		s.wantActions(t, 1)
		wantWaiting(t, s.Barrier, 5)
		for round := range 2 {
			s.end <- nil
			for i := range 2 {
				if r := <-got[2*round+i]; r.err != nil || r.index != i {
					t.Errorf("party %d of round %d gets %d, %v", i, round, r.index, r.err)
				}
			}
			s.wantActions(t, min(2, round+2))
		}
		wantWaiting(t, s.Barrier, 1)
		wantBroken(t, s.Barrier, false)
		if err := s.Abort(); err != nil {
			t.Error(err)
		}
		wantErr(t, got[4], barrier.ErrBroken)
	})
}

// What goes wrong with who came early must not harm a round that is full.
func TestEarlyPartyThatGivesUpBreaksOnlyTheNextRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		s := newStage(t, system)
		first, last := waitAside(t.Context(), s.Barrier), waitAside(t.Context(), s.Barrier)
		s.wantActions(t, 1)
		ctx, cancel := context.WithCancel(t.Context())
		early, gone := waitAside(t.Context(), s.Barrier), waitAside(ctx, s.Barrier)
		synctest.Wait()
		cancel()
		wantErr(t, gone, context.Canceled, barrier.ErrBroken)
		wantErr(t, early, barrier.ErrBroken)
		wantBroken(t, s.Barrier, true)
		if len(first)+len(last) > 0 {
			t.Error("a party of the full round has an answer while the Action runs")
		}
		s.end <- nil
		wantErr(t, first, nil)
		wantErr(t, last, nil)
		wantErr(t, waitAside(t.Context(), s.Barrier), barrier.ErrBroken)
	})
}

func TestPartyThatGivesUpWhileTheActionRunsBreaksItsRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, newSystem(t))
		ctx, cancel := context.WithCancel(t.Context())
		gone := waitAside(ctx, s.Barrier)
		synctest.Wait()
		last := waitAside(t.Context(), s.Barrier)
		s.wantActions(t, 1)
		early := waitAside(t.Context(), s.Barrier)
		synctest.Wait()
		cancel()
		wantErr(t, gone, context.Canceled, barrier.ErrBroken)
		wantErr(t, early, barrier.ErrBroken)
		s.end <- nil
		wantErr(t, last, barrier.ErrBroken)
	})
}

func TestAbortAndResetDoNotWaitForTheAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, newSystem(t))
		first := waitAside(t.Context(), s.Barrier)
		synctest.Wait()
		last := waitAside(t.Context(), s.Barrier)
		s.wantActions(t, 1)
		if err := errors.Join(s.Abort(), s.Reset()); err != nil {
			t.Fatal(err)
		}
		wantErr(t, first, barrier.ErrBroken)
		wantBroken(t, s.Barrier, false)

		// The next round is full, but its Action waits for the end of the first.
		a, b := waitAside(t.Context(), s.Barrier), waitAside(t.Context(), s.Barrier)
		s.wantActions(t, 1)
		s.end <- nil
		wantErr(t, last, barrier.ErrBroken)
		s.wantActions(t, 2)
		s.end <- nil
		wantErr(t, a, nil)
		wantErr(t, b, nil)
	})
}

// The Action runs in the handler of an actor, which is abandoned: its round breaks, and the next one is not held up.
func TestEndOfThePartyThatRunsTheActionBreaksItsRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		s := newStage(t, system)
		first := waitAside(t.Context(), s.Barrier)
		synctest.Wait()
		ref := newActor(t, system, "last")
		last := make(chan error, 1)
		tell(t, ref, func(ctx *runtime.Context[act]) error {
			_, err := s.Wait(ctx)
			last <- err
			return nil
		})
		s.wantActions(t, 1)
		ref.Stop()
		<-ref.Done() // after its StopTimeout
		wantErr(t, first, barrier.ErrBroken)
		if err := s.Reset(); err != nil {
			t.Fatal(err)
		}
		a, b := waitAside(t.Context(), s.Barrier), waitAside(t.Context(), s.Barrier)
		s.wantActions(t, 2)
		s.end <- nil
		s.end <- nil
		wantErr(t, a, nil)
		wantErr(t, b, nil)
		if err := <-last; !errors.Is(err, barrier.ErrBroken) {
			t.Errorf("Wait returns %v to the one that was abandoned, want ErrBroken", err)
		}
	})
}
