package workerpool_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/workerpool"
	"github.com/troupe-go/troupe/runtime"
)

type result struct {
	n   int
	err error
}

func asResult(n int, err error) result { return result{n, err} }

// receiver spawns an actor that passes what it gets to a channel.
func receiver(t *testing.T, system *runtime.System, capacity int) (runtime.Ref[result], chan result) {
	t.Helper()
	got := make(chan result, 1<<12)
	ref, err := runtime.Spawn(system, runtime.Props[result]{
		New: func() runtime.Actor[result] {
			return runtime.Func[result](func(_ *runtime.Context[result], r result) error {
				got <- r
				return nil
			})
		},
		Mailbox: mailbox.Config[result]{Capacity: capacity},
	})
	if err != nil {
		t.Fatal(err)
	}
	return ref, got
}

func TestEveryResultBecomesAMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		to, got := receiver(t, system, 1)
		errOdd := errors.New("odd")
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 3, Work: func(_ context.Context, n int) (int, error) {
			switch n % 3 {
			case 1:
				return n, errOdd
			case 2:
				panic(errOdd)
			}
			return n, nil
		}})
		for n := range 30 {
			if err := workerpool.SubmitTo(t.Context(), pool, n, to, asResult); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		done, failed := 0, 0
		for len(got) > 0 {
			switch r := <-got; {
			case r.err == nil && r.n%3 == 0:
				done++
			case errors.Is(r.err, errOdd):
				failed++
			default:
				t.Errorf("a message says %d, %v", r.n, r.err)
			}
		}
		if done != 10 || failed != 20 {
			t.Errorf("%d messages of done jobs came and %d of failed ones, want 10 and 20", done, failed)
		}
		wantStats(t, pool, workerpool.Stats{Workers: 3, Done: 10, Failed: 20, Restarts: 10})
	})
}

// A receiver that is slow holds up the workers, and through the queue the submitters.
func TestFullReceiverHoldsTheWorkersUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		open := make(chan struct{})
		slow, err := runtime.Spawn(system, runtime.Props[result]{
			New: func() runtime.Actor[result] {
				return runtime.Func[result](func(*runtime.Context[result], result) error {
					<-open
					return nil
				})
			},
			Mailbox: mailbox.Config[result]{Capacity: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 2, Work: double})
		for n := range 10 {
			if err := workerpool.SubmitTo(t.Context(), pool, n, slow, asResult); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 2, Busy: 2, Queued: 6, Done: 2})
		close(open)
		synctest.Wait()
		wantStats(t, pool, workerpool.Stats{Workers: 2, Done: 10})
		if n := slow.Stats().Handled; n != 10 {
			t.Errorf("%d messages were handled, want 10", n)
		}
	})
}

func TestResultThatCannotBeDeliveredIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		to, _ := receiver(t, system, 1)
		to.Stop()
		<-to.Done()
		heard := newTold()
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 1, Work: double, OnError: heard.onError})
		for n := range 3 {
			if err := workerpool.SubmitTo(t.Context(), pool, n, to, asResult); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if got := heard.all(t, wraps(runtime.ErrStopped)); !slices.Equal(got, []int{0, 1, 2}) {
			t.Errorf("OnError is told of %v, want all three", got)
		}
		wantStats(t, pool, workerpool.Stats{Workers: 1, Failed: 3})
	})
}

func TestMessagesOfJobsThatAStopHasLeftAreSentToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		to, got := receiver(t, system, mailbox.Unbounded)
		g := newGate()
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 2, Work: g.work})
		for n := range 10 {
			if err := workerpool.SubmitTo(t.Context(), pool, n, to, asResult); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		pool.Stop()
		<-pool.Done()
		synctest.Wait()
		if len(got) != 10 {
			t.Errorf("%d messages came, want one of each job", len(got))
		}
		for len(got) > 0 {
			if r := <-got; !errors.Is(r.err, runtime.ErrStopped) {
				t.Errorf("a message says %v, want ErrStopped", r.err)
			}
		}
	})
}

func TestThenThatPanicsFailsItsJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		to, got := receiver(t, system, 1)
		heard := newTold()
		pool := newPool(t, system, workerpool.Config[int, int]{Workers: 1, Work: double, OnError: heard.onError})
		if err := workerpool.SubmitTo(t.Context(), pool, 1, to, func(int, error) result { panic("on purpose") }); err != nil {
			t.Fatal(err)
		}
		if err := workerpool.SubmitTo(t.Context(), pool, 2, to, asResult); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		var panicked *runtime.PanicError
		if got := heard.all(t, func(err error) bool { return errors.As(err, &panicked) }); !slices.Equal(got, []int{1}) {
			t.Errorf("OnError is told of %v, want job 1", got)
		}
		if r := <-got; r.n != 4 || r.err != nil {
			t.Errorf("the other job's message says %d, %v", r.n, r.err)
		}
	})
}

// Work is done once, whatever becomes of its result.
func TestThenThatPanicsHasNothingTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		to, _ := receiver(t, system, 10)
		calls := 0
		pool := newPool(t, system, workerpool.Config[int, int]{
			Workers: 1, Retries: 3,
			Work: func(context.Context, int) (int, error) { calls++; return 0, nil },
		})
		if err := workerpool.SubmitTo(t.Context(), pool, 1, to, func(int, error) result { panic("on purpose") }); err != nil {
			t.Fatal(err)
		}
		if err := pool.Drain(t.Context()); err != nil || calls != 1 {
			t.Errorf("Drain returns %v, Work was called %d times, want once", err, calls)
		}
	})
}

// The failure of a job whose Work was abandoned is its message, and what Work then returns is none.
func TestAbandonedJobHasOneMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		to, got := receiver(t, system, 10)
		never := make(chan struct{})
		pool := newPool(t, system, workerpool.Config[int, int]{
			Workers: 1,
			Work:    func(_ context.Context, n int) (int, error) { <-never; return n, nil },
		})
		if err := workerpool.SubmitTo(t.Context(), pool, 1, to, asResult); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		pool.Stop()
		<-pool.Done()
		close(never)
		synctest.Wait()
		if len(got) != 1 {
			t.Fatalf("%d messages, want one", len(got))
		}
		if r := <-got; !errors.Is(r.err, runtime.ErrStopped) {
			t.Errorf("the message is %+v, want that the pool stopped", r)
		}
	})
}
