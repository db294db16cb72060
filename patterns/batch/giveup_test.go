package batch_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/batch"
)

func TestRequestThatWasGivenUpIsNotCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 10, Call: l.call})
		first := ask(t.Context(), b, 1, 1)
		l.wantCall(t, 1, 1)
		ctx, cancel := context.WithCancel(t.Context())
		gone := ask(ctx, b, 100, 120)
		stay := ask(t.Context(), b, 2, 3)
		cancel()
		wantErr(t, gone, context.Canceled)
		synctest.Wait()
		wantStats(t, b, batch.Stats{Waiting: 2, Calling: 1, Calls: 1, Requests: 1})
		l.let()
		l.wantCall(t, 2, 3)
		l.let()
		wantDoubled(t, append(first, stay...), 1)
		wantErr(t, ask(ctx, b, 4, 4), context.Canceled)
		l.wantNoCall(t)
	})
}

func TestBatchThatWasGivenUpAltogetherIsNotCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 10, Delay: time.Second, Call: l.call})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		wantErr(t, ask(ctx, b, 1, 5), context.DeadlineExceeded)
		<-time.After(time.Minute)
		l.wantNoCall(t)
		wantStats(t, b, batch.Stats{})
		got := ask(t.Context(), b, 6, 6)
		<-time.After(time.Second)
		l.wantCall(t, 6, 6)
		l.let()
		wantDoubled(t, got, 6)
	})
}

// Delay counts from the first of those who still wait.
func TestDelayOfOneThatGaveUpIsNotThatOfTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 10, Delay: 10 * time.Second, Call: l.call})
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		gone := ask(ctx, b, 1, 1)
		<-time.After(8 * time.Second)
		got := ask(t.Context(), b, 2, 4)
		wantErr(t, gone, context.DeadlineExceeded) // a second later
		<-time.After(9*time.Second - 1)
		l.wantNoCall(t)
		<-time.After(1)
		l.wantCall(t, 2, 4)
		l.let()
		wantDoubled(t, got, 2)
	})
}

// A Drain waits for no Delay that nobody is in any more, and nor does a shutdown, though it knows no haste.
func TestNobodyWaitsForWhatWasGivenUp(t *testing.T) {
	for _, end := range []string{"Drain", "Shutdown"} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			b := newBatcher(t, system, batch.Config[int, int]{Size: 10, Delay: time.Hour, Call: double})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			wantErr(t, ask(ctx, b, 1, 3), context.DeadlineExceeded)
			began := time.Now()
			var err error
			if end == "Drain" {
				err = b.Drain(t.Context())
			} else {
				err = system.Shutdown(t.Context())
			}
			if took := time.Since(began); err != nil || took != 0 {
				t.Errorf("%s returns %v after %v, want nil at once", end, err, took)
			}
		})
	}
}

// Those who gave up do not count towards Size either.
func TestGivenUpRequestsDoNotFillABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Size: 4, Delay: time.Hour, Call: l.call})
		got := ask(t.Context(), b, 1, 2)
		ctx, cancel := context.WithCancel(t.Context())
		gone := ask(ctx, b, 100, 100)
		cancel()
		wantErr(t, gone, context.Canceled)
		got = append(got, ask(t.Context(), b, 3, 3)...)
		l.wantNoCall(t)
		got = append(got, ask(t.Context(), b, 4, 4)...)
		l.wantCall(t, 1, 4)
		l.let()
		wantDoubled(t, got, 1)
	})
}

func TestDoThatIsGivenUpDuringItsCallReturnsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		b := newBatcher(t, newSystem(t), batch.Config[int, int]{Call: l.call})
		ctx, cancel := context.WithCancel(t.Context())
		got := ask(ctx, b, 1, 1)
		l.wantCall(t, 1, 1)
		cancel()
		wantErr(t, got, context.Canceled)
		more := ask(t.Context(), b, 2, 2)
		l.wantNoCall(t) // the first call goes on: its context is not that of its askers
		l.let()
		l.wantCall(t, 2, 2)
		l.let()
		wantDoubled(t, more, 2)
	})
}
