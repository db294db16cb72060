package batch_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/batch"
	"github.com/troupe-go/troupe/runtime"
)

func TestBadConfigsNameFieldFoundAndAccepted(t *testing.T) {
	system := newSystem(t)
	type config = batch.Config[int, int]
	newBatcher(t, system, config{Name: "users", Call: double})
	for _, c := range []struct {
		config config
		is     error
		text   string // after what all begin with; "": not ours
	}{
		{config{}, batch.ErrConfig, "Call is nil: want a function"},
		{config{Name: "a/b", Call: double}, batch.ErrConfig, `Name is "a/b": want a name without '/'`},
		{config{Size: -1, Call: double}, batch.ErrConfig, "Size is -1: want 0 (as many as Queue) or more"},
		{config{Delay: -1, Call: double}, batch.ErrConfig, "Delay is -1ns: want 0 (none) or more"},
		{
			config{Queue: -2, Call: double}, batch.ErrConfig,
			"Queue is -2: want 0 (default 1024), mailbox.Unbounded (-1) or more than 0",
		},
		{config{Size: 11, Queue: 10, Call: double}, batch.ErrConfig, "Size is 11: want no more than Queue, which is 10"},
		{config{Parallel: -1, Call: double}, batch.ErrConfig, "Parallel is -1: want 0 (one call at a time) or more"},
		{config{Name: "users", Call: double}, runtime.ErrNameTaken, ""},
	} {
		_, err := batch.New(system, c.config)
		if !errors.Is(err, c.is) || c.text != "" && err.Error() != "batch: invalid config: "+c.text {
			t.Errorf("New returns %v, want %v, in the words %q", err, c.is, c.text)
		}
	}
	if _, err := batch.New(nil, config{Call: double}); !errors.Is(err, runtime.ErrConfig) {
		t.Errorf("New without a parent returns %v, want runtime.ErrConfig", err)
	}
	newBatcher(t, system, config{Size: 5000, Call: double}) // more than the default of Queue, which follows
}

func TestEachAskerGetsItsOwnAnswer(t *testing.T) {
	b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 8, Parallel: 2, Call: double})
	var wg sync.WaitGroup
	for a := range 50 {
		wg.Go(func() {
			for i := range 100 {
				n := 100*a + i
				if got, err := b.Do(t.Context(), n); got != 2*n || err != nil {
					t.Errorf("Do(%d) returns %d, %v, want %d", n, got, err, 2*n)
				}
			}
		})
	}
	wg.Wait()
}

func TestWithoutDelayACallHasWhatPiledUpDuringTheOneBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 10, Call: l.call})
		got := ask(t.Context(), b, 1, 1)
		l.wantCall(t, 1, 1) // at once, and alone
		got = append(got, ask(t.Context(), b, 2, 7)...)
		l.wantNoCall(t)
		wantStats(t, b, batch.Stats{Waiting: 6, Calling: 1, Calls: 1, Requests: 1})
		l.let()
		l.wantCall(t, 2, 7)
		got = append(got, ask(t.Context(), b, 8, 30)...)
		l.let()
		l.wantCall(t, 8, 17) // no more than Size
		l.let()
		l.wantCall(t, 18, 27)
		l.let()
		l.wantCall(t, 28, 30)
		l.let()
		wantDoubled(t, got, 1)
		synctest.Wait()
		wantStats(t, b, batch.Stats{Calls: 5, Requests: 30})
	})
}

func TestDelayCountsFromTheFirstRequestOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 10, Delay: time.Second, Call: l.call})
		begin := time.Now()
		after := func(d time.Duration) {
			t.Helper()
			<-time.After(time.Until(begin.Add(d)))
			synctest.Wait()
		}
		got := ask(t.Context(), b, 1, 1)
		after(900 * time.Millisecond)
		got = append(got, ask(t.Context(), b, 2, 2)...)
		l.wantNoCall(t)
		after(999 * time.Millisecond)
		l.wantNoCall(t)
		after(1000 * time.Millisecond)
		l.wantCall(t, 1, 2)

		// What comes during a call has its Delay from its own arrival, also when the call takes longer than that.
		after(1500 * time.Millisecond)
		got = append(got, ask(t.Context(), b, 3, 3)...)
		after(2000 * time.Millisecond)
		l.let()
		l.wantNoCall(t)
		after(2499 * time.Millisecond)
		l.wantNoCall(t)
		after(2500 * time.Millisecond)
		l.wantCall(t, 3, 3)
		got = append(got, ask(t.Context(), b, 4, 5)...)
		after(4000 * time.Millisecond)
		l.let()
		l.wantCall(t, 4, 5)
		l.let()
		wantDoubled(t, got, 1)
	})
}

func TestFullBatchDoesNotWaitForDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 3, Delay: time.Hour, Call: l.call})
		got := ask(t.Context(), b, 1, 2)
		l.wantNoCall(t)
		got = append(got, ask(t.Context(), b, 3, 10)...)
		for first := 1; first <= 7; first += 3 {
			l.wantCall(t, first, first+2)
			l.let()
		}
		l.wantNoCall(t) // of the last one, which waits for others
		wantDoubled(t, got[:9], 1)
		<-time.After(time.Hour)
		l.wantCall(t, 10, 10)
		l.let()
		wantDoubled(t, got[9:], 10)
	})
}

func TestFlushCallsWhatWaitsNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 10, Delay: time.Hour, Call: l.call})
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
		got := ask(t.Context(), b, 1, 3)
		l.wantNoCall(t)
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
		l.wantCall(t, 1, 3)
		// While a call is under way, it holds for the next.
		got = append(got, ask(t.Context(), b, 4, 5)...)
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
		l.let()
		l.wantCall(t, 4, 5)
		got = append(got, ask(t.Context(), b, 6, 6)...)
		l.let()
		l.wantNoCall(t)
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
		l.wantCall(t, 6, 6)
		l.let()
		wantDoubled(t, got, 1)
	})
}

func TestNoMoreThanParallelCallsAreUnderWay(t *testing.T) {
	for _, delay := range []time.Duration{0, time.Hour} {
		t.Run(fmt.Sprint(delay), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 2, Delay: delay, Parallel: 3, Call: l.call})
				var got []<-chan result
				for first := 1; first <= 5; first += 2 {
					last := first
					if delay > 0 {
						last++ // or else it would wait for another
					}
					got = append(got, ask(t.Context(), b, first, last)...)
					l.wantCall(t, first, last)
				}
				more := ask(t.Context(), b, 7, 12)
				l.wantNoCall(t)
				s, err := b.Stats(t.Context())
				if err != nil || s.Calling != 3 || s.Waiting != 6 {
					t.Errorf("stats are %+v, %v, want 3 calls, and 6 requests that wait", s, err)
				}
				l.let()
				l.wantCall(t, 7, 8)
				l.let()
				l.wantCall(t, 9, 10)
				close(l.open)
				l.wantCall(t, 11, 12)
				wantDoubled(t, more, 7)
				for _, g := range got {
					if r := <-g; r.err != nil {
						t.Error(r.err)
					}
				}
			})
		})
	}
}

func TestTryDoIsRefusedAtOnceWhileQueueRequestsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 2, Queue: 2, Call: l.call})
		got := ask(t.Context(), b, 1, 1)
		l.wantCall(t, 1, 1)
		tried := make(chan result, 1)
		go func() {
			res, err := b.TryDo(t.Context(), 2)
			tried <- result{res, err}
		}()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		gone := doAside(ctx, b, 3)
		synctest.Wait()
		if _, err := b.TryDo(t.Context(), 0); err != mailbox.ErrFull {
			t.Errorf("TryDo returns %v, want ErrFull", err)
		}
		// Do waits in line.
		more := ask(t.Context(), b, 3, 4)
		wantStats(t, b, batch.Stats{Waiting: 4, Calling: 1, Calls: 1, Requests: 1})
		cancel()
		wantErr(t, []<-chan result{gone}, context.Canceled)
		if _, err := b.TryDo(t.Context(), 0); err != mailbox.ErrFull {
			t.Errorf("TryDo returns %v, want ErrFull", err)
		}
		l.let()
		l.wantCall(t, 2, 3) // what was given up is not among them
		l.let()
		l.wantCall(t, 4, 4)
		l.let()
		wantDoubled(t, append(append(got, tried), more...), 1)
	})
}

func TestNoContextIsAnError(t *testing.T) {
	b := newBatcher(t, newSystem(t), batch.Config[int, int]{Call: double})
	var none context.Context
	if _, err := b.Do(none, 1); err == nil {
		t.Error("Do without a context returns nil, want an error")
	}
	if _, err := b.Stats(none); err == nil {
		t.Error("Stats without a context returns nil, want an error")
	}
	if err := b.Drain(none); !errors.Is(err, batch.ErrConfig) {
		t.Errorf("Drain without a context returns %v, want ErrConfig", err)
	}
	wantStats(t, b, batch.Stats{})
}
