package barrier_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/barrier"
)

// These are the behaviours that CPython's lock_tests.py tests of its Barrier, one test for each of its own.

const parties = 5

// run runs f in each of the parties, in virtual time, at a barrier for them.
func run(t *testing.T, f func(t *testing.T, b *barrier.Barrier)) {
	synctest.Test(t, func(t *testing.T) {
		b := newBarrier(t, newSystem(t), barrier.Config{Parties: parties, Timeout: 2 * time.Second})
		inEach(func() { f(t, b) })
	})
}

func inEach(f func()) {
	var all sync.WaitGroup
	for range parties {
		all.Go(f)
	}
	all.Wait()
}

func wait(t *testing.T, b *barrier.Barrier) int {
	t.Helper()
	index, err := b.Wait(t.Context())
	if err != nil {
		t.Error(err)
	}
	return index
}

func TestFewerThanOnePartyIsRefused(t *testing.T) {
	system := newSystem(t)
	for _, n := range []int{0, -1} {
		_, err := barrier.New(system, barrier.Config{Parties: n})
		text := fmt.Sprintf("barrier: invalid config: Parties is %d: want 1 or more", n)
		if !errors.Is(err, barrier.ErrConfig) || err.Error() != text {
			t.Errorf("New for %d parties returns %v, want ErrConfig, in the words %q", n, err, text)
		}
	}
}

func TestBarrierIsPassedInLockstep(t *testing.T) {
	for _, passes := range []int{1, 10} {
		t.Run(fmt.Sprint(passes), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBarrier(t, newSystem(t), barrier.Config{Parties: parties})
				if b.Parties() != parties {
					t.Errorf("Parties returns %d, want %d", b.Parties(), parties)
				}
				var before, after atomic.Int64
				inEach(func() {
					for i := range int64(passes) {
						before.Add(1)
						if n := after.Load(); n != i*parties {
							t.Errorf("%d have passed before round %d, want %d", n, i, i*parties)
						}
						wait(t, b)
						after.Add(1)
						if n := before.Load(); n != (i+1)*parties {
							t.Errorf("%d have come after round %d, want %d", n, i, (i+1)*parties)
						}
						wait(t, b)
					}
				})
				wantWaiting(t, b, 0)
				wantBroken(t, b, false)
			})
		})
	}
}

func TestEachPartyGetsAnotherIndex(t *testing.T) {
	indices := make(chan int, parties)
	run(t, func(t *testing.T, b *barrier.Barrier) { indices <- wait(t, b) })
	var seen [parties]bool
	for range parties {
		i := <-indices
		if i < 0 || i >= parties || seen[i] {
			t.Errorf("an index is %d, want each of 0 to %d once", i, parties-1)
			continue
		}
		seen[i] = true
	}
}

func TestActionRunsOnceBeforeAnybodyIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var actions atomic.Int64
		b := newBarrier(t, newSystem(t), barrier.Config{Parties: parties, Action: func() error {
			actions.Add(1)
			return nil
		}})
		inEach(func() {
			wait(t, b)
			if n := actions.Load(); n != 1 {
				t.Errorf("the action has run %d times, want once", n)
			}
		})
	})
}

func TestAbortBreaksTheBarrier(t *testing.T) {
	var passed, failed atomic.Int64
	run(t, func(t *testing.T, b *barrier.Barrier) {
		if wait(t, b) == parties/2 {
			if err := b.Abort(); err != nil {
				t.Error(err)
			}
			wantBroken(t, b, true)
			return
		}
		switch _, err := b.Wait(t.Context()); {
		case err == nil:
			passed.Add(1)
		case errors.Is(err, barrier.ErrBroken):
			failed.Add(1)
		default:
			t.Error(err)
		}
	})
	if passed.Load() != 0 || failed.Load() != parties-1 {
		t.Errorf("%d have passed and %d failed, want %d to fail", passed.Load(), failed.Load(), parties-1)
	}
}

// wantCounts expects that all parties but one have failed, and that then all have passed.
func wantCounts(t *testing.T, passed, failed, again *atomic.Int64) {
	t.Helper()
	if passed.Load() != 0 || failed.Load() != parties-1 || again.Load() != parties {
		t.Errorf("%d have passed, %d failed, and %d passed then, want 0, %d and %d",
			passed.Load(), failed.Load(), again.Load(), parties-1, parties)
	}
}

func TestResetFreesThoseWhoWait(t *testing.T) {
	var passed, failed, again atomic.Int64
	run(t, func(t *testing.T, b *barrier.Barrier) {
		if wait(t, b) == parties/2 {
			synctest.Wait() // until the others are in the barrier
			wantWaiting(t, b, parties-1)
			if err := b.Reset(); err != nil {
				t.Error(err)
			}
		} else {
			switch _, err := b.Wait(t.Context()); {
			case err == nil:
				passed.Add(1)
			case errors.Is(err, barrier.ErrBroken):
				failed.Add(1)
			default:
				t.Error(err)
			}
		}
		wait(t, b)
		again.Add(1)
	})
	wantCounts(t, &passed, &failed, &again)
}

func TestBrokenBarrierCanBeReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		b, other := newBarrier(t, system, barrier.Config{Parties: parties}), newBarrier(t, system, barrier.Config{Parties: parties})
		var passed, failed, again atomic.Int64
		inEach(func() {
			if wait(t, b) == parties/2 {
				if err := b.Abort(); err != nil {
					t.Error(err)
				}
			} else if _, err := b.Wait(t.Context()); err == nil {
				passed.Add(1)
			} else {
				failed.Add(1)
			}
			// All have left it before it is reset, and nobody comes before that.
			if wait(t, other) == parties/2 {
				if err := b.Reset(); err != nil {
					t.Error(err)
				}
			}
			wait(t, other)
			wait(t, b)
			again.Add(1)
		})
		wantCounts(t, &passed, &failed, &again)
	})
}

func TestWaitWhoseTimeIsUpBreaksTheBarrier(t *testing.T) {
	run(t, func(t *testing.T, b *barrier.Barrier) {
		if wait(t, b) == parties/2 {
			<-time.After(time.Second) // one is late
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := b.Wait(ctx); !errors.Is(err, barrier.ErrBroken) {
			t.Errorf("Wait returns %v, want ErrBroken", err)
		}
	})
}

func TestTimeoutIsTheDefaultOfEachWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBarrier(t, newSystem(t), barrier.Config{Parties: 2, Timeout: time.Second / 10})
		begin := time.Now()
		wantErr(t, waitAside(t.Context(), b), barrier.ErrBroken, context.DeadlineExceeded)
		if took := time.Since(begin); took != time.Second/10 {
			t.Errorf("Wait returns after %v, want 100 ms", took)
		}
	})
}

func TestSinglePartyNeverWaits(t *testing.T) {
	b := newBarrier(t, newSystem(t), barrier.Config{Parties: 1})
	for range 2 {
		if index := wait(t, b); index != 0 {
			t.Errorf("the index is %d, want 0", index)
		}
	}
}
