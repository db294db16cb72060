package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

func TestReplyCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[question]{New: answerer})
		got, err := ask(context.Background(), ref, func(_ *runtime.Context[question], q question) error {
			q.Send("first")
			q.Send("second")
			q.Fail(errFails)
			if q.TrySend("third") {
				t.Error("TrySend says that a fourth answer counts")
			}
			return nil
		})
		if got != "first" || err != nil {
			t.Errorf("got %q, %v, want first", got, err)
		}
		synctest.Wait()
		// What TrySend reports does not count as late.
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 1, Handled: 1, LateReplies: 2, Actors: 1})
	})
}

// A handler may answer and fail: the answer came first. The runtime's own failing of the ask is not a late reply.
func TestReplyBeforeAFailureCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[question]{New: answerer})
		got, err := ask(context.Background(), ref, func(_ *runtime.Context[question], q question) error {
			q.Send("first")
			return errFails
		})
		if got != "first" || err != nil {
			t.Errorf("got %q, %v, want first", got, err)
		}
		synctest.Wait()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 1, DeadLettered: 1, Failed: 1, Restarts: 1, Actors: 1})
	})
}

func TestReplyAfterTheEndIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[question]{New: answerer})
		kept := make(chan runtime.Reply[string], 1)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := ask(ctx, ref, func(_ *runtime.Context[question], q question) error {
			if !q.Pending() {
				t.Error("the reply is not pending while the asker waits")
			}
			kept <- q.Reply
			return nil
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		late := <-kept
		if late.Pending() || late.TrySend("late") {
			t.Error("the reply is pending after the ask has ended")
		}
		late.Send("late")
		late.Fail(errFails)
		if s := ref.Stats(); s.LateReplies != 2 {
			t.Errorf("%d late replies, want 2", s.LateReplies)
		}

		// The books of a system are kept when the actor is gone.
		ref.Stop()
		<-ref.Done()
		late.Send("very late")
		synctest.Wait()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 1, Handled: 1, LateReplies: 3})
		checkStats(t, system.Stats(), runtime.Stats{Sent: 1, Handled: 1, LateReplies: 3})
	})
}

func TestReplyTrySendTellsWhetherItCounts(t *testing.T) {
	system := newSystem(t)
	ref := spawn(t, system, runtime.Props[question]{New: answerer})
	got, err := ask(context.Background(), ref, func(_ *runtime.Context[question], q question) error {
		if !q.TrySend("yes") || q.Pending() {
			t.Error("the first answer does not count, or leaves the reply pending")
		}
		return nil
	})
	if got != "yes" || err != nil {
		t.Errorf("got %q, %v, want yes", got, err)
	}
}

func TestReplyFailWithNil(t *testing.T) {
	system := newSystem(t)
	ref := spawn(t, system, runtime.Props[question]{New: answerer})
	_, err := ask(context.Background(), ref, func(_ *runtime.Context[question], q question) error {
		q.Fail(nil)
		return nil
	})
	if want := "runtime: Reply.Fail was called with a nil error"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A message that can be asked can be told as well: its reply is the zero one.
func TestReplyOfAToldMessageDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[question]{New: answerer})
		tell(t, ref, question{do: func(_ *runtime.Context[question], q question) error {
			q.Send("nobody")
			q.Fail(errFails)
			if q.TrySend("nobody") || q.Pending() {
				t.Error("somebody waits for the zero Reply")
			}
			return nil
		}}, question{do: func(*runtime.Context[question], question) error { return errFails }})
		synctest.Wait()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 2, Handled: 1, DeadLettered: 1, Failed: 1, Restarts: 1, Actors: 1})
	})
}

// Many answer the same asks at once: each ask gets one answer, and all the others are counted.
func TestReplyFromManyAtOnce(t *testing.T) {
	const answers = 8
	rounds := 100 * scale
	system := newSystem(t)
	ref := spawn(t, system, runtime.Props[question]{New: answerer})
	done := make(chan struct{})
	for range rounds {
		got, err := ask(context.Background(), ref, func(_ *runtime.Context[question], q question) error {
			for range answers {
				go func() { q.Send("yes"); done <- struct{}{} }()
			}
			return nil
		})
		if got != "yes" || err != nil {
			t.Fatalf("got %q, %v, want yes", got, err)
		}
		for range answers {
			<-done
		}
	}
	if late := ref.Stats().LateReplies; late != uint64(rounds*(answers-1)) {
		t.Errorf("%d late replies, want %d", late, rounds*(answers-1))
	}
}

// The other end of a reply is used for one ask after another. One that is late belongs to an ask that is over, and must
// not be taken for the answer to the next, whether that comes before or after it.
func TestReplyThatIsLateDoesNotAnswerTheNextAsk(t *testing.T) {
	system := newSystem(t)
	kept := make(chan runtime.Reply[int])
	ref := spawn(t, system, runtime.Props[runtime.Reply[int]]{New: always(func(_ *runtime.Context[runtime.Reply[int]], r runtime.Reply[int]) error {
		kept <- r
		return nil
	})})
	ask := func(ctx context.Context) (int, error) {
		return runtime.Ask(ctx, ref, func(r runtime.Reply[int]) runtime.Reply[int] { return r })
	}
	const rounds = 200
	contexts, answers := make(chan context.Context), make(chan int)
	go func() { // both asks of a round, one after the other, so that the second has what the first gave back
		defer close(answers)
		for ctx := range contexts {
			if _, err := ask(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("the ask whose context ended returns %v", err)
			}
			n, err := ask(context.Background())
			if err != nil {
				t.Error(err)
			}
			answers <- n
		}
	}()
	for round := range rounds {
		ctx, cancel := context.WithCancel(context.Background())
		contexts <- ctx
		late := <-kept
		cancel()
		next := <-kept // so the first ask is over
		if late.Pending() || late.TrySend(-1) {
			t.Fatal("a reply whose ask is over counts")
		}
		late.Send(-1)
		if !next.Pending() {
			t.Fatal("a late reply ended the next ask")
		}
		next.Send(round)
		if n := <-answers; n != round {
			t.Fatalf("ask %d was answered with %d", round, n)
		}
	}
	close(contexts)
	<-answers
	if late := ref.Stats().LateReplies; late != rounds {
		t.Errorf("%d late replies, want %d", late, rounds)
	}
}
