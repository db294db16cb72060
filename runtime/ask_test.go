package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A question is a message that says what its handler does with the reply.
type question struct {
	runtime.Reply[string]
	do func(*runtime.Context[question], question) error
}

func ask(
	ctx context.Context, to runtime.Ref[question], do func(*runtime.Context[question], question) error,
) (string, error) {
	return runtime.Ask(ctx, to, func(r runtime.Reply[string]) question { return question{r, do} })
}

// answerer is a behaviour that does what its messages say.
func answerer() runtime.Actor[question] {
	return runtime.Func[question](func(ctx *runtime.Context[question], q question) error { return q.do(ctx, q) })
}

func answer(_ *runtime.Context[question], q question) error {
	q.Send("yes")
	return nil
}

func ignore(*runtime.Context[question], question) error { return nil }

func TestAskIsAnswered(t *testing.T) {
	system := newSystem(t)
	ref := spawn(t, system, runtime.Props[question]{New: answerer})
	if got, err := ask(context.Background(), ref, answer); got != "yes" || err != nil {
		t.Errorf("got %q, %v, want yes", got, err)
	}
	refused := errors.New("refused")
	got, err := ask(context.Background(), ref, func(_ *runtime.Context[question], q question) error {
		q.Fail(refused)
		return nil
	})
	if got != "" || err != refused {
		t.Errorf("got %q, %v, want the error given to Fail, as it is", got, err)
	}
}

// From a goroutine, after the handler has returned; and by another actor, to which the reply was passed on.
func TestAskIsAnsweredLaterAndElsewhere(t *testing.T) {
	system := newSystem(t)
	ref := spawn(t, system, runtime.Props[question]{New: answerer})
	got, err := ask(context.Background(), ref, func(_ *runtime.Context[question], q question) error {
		go q.Send("later")
		return nil
	})
	if got != "later" || err != nil {
		t.Errorf("got %q, %v, want later", got, err)
	}
	other := spawn(t, system, runtime.Props[question]{New: answerer})
	passOn := func(do func(*runtime.Context[question], question) error) func(*runtime.Context[question], question) error {
		return func(ctx *runtime.Context[question], q question) error {
			return other.Tell(ctx, question{q.Reply, do})
		}
	}
	if got, err := ask(context.Background(), ref, passOn(answer)); got != "yes" || err != nil {
		t.Errorf("got %q, %v, want yes from the other", got, err)
	}
	_, err = ask(context.Background(), ref, passOn(func(*runtime.Context[question], question) error { return errFails }))
	if !errors.Is(err, errFails) {
		t.Errorf("got %v, want the failure of the other", err)
	}
}

func TestAskEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[question]{New: answerer})
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		began := time.Now()
		_, err := ask(ctx, ref, ignore)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 3*time.Second {
			t.Errorf("after %v: %v, want DeadlineExceeded after 3s", time.Since(began), err)
		}
		if want := "runtime: ask " + ref.Path() + ": context deadline exceeded"; err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if _, err = ask(ctx, ref, answer); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with an ended context: %v, want DeadlineExceeded", err)
		}
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 2, Rejected: 1, Handled: 1, Actors: 1})
	})
}

// An asker that is an actor is woken by its own stop, when it asks with its handler's context.
func TestAskEndsWhenTheAskerIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[question]{New: answerer})
		var got error
		asker := spawn(t, system, runtime.Props[act]{New: performer})
		tell(t, asker, func(ctx *runtime.Context[act]) error {
			_, got = ask(ctx, ref, ignore)
			return nil
		})
		synctest.Wait()
		asker.Stop()
		<-asker.Done()
		if !errors.Is(got, context.Canceled) {
			t.Errorf("got %v, want Canceled", got)
		}
	})
}

func TestAskAtAFullMailbox(t *testing.T) {
	for policy, want := range map[mailbox.Overflow]error{
		mailbox.Block:      context.DeadlineExceeded,
		mailbox.Reject:     mailbox.ErrFull,
		mailbox.DropNewest: mailbox.ErrFull, // its message was the one dropped
	} {
		t.Run(policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				g := newGate(t)
				ref := spawn(t, system, runtime.Props[question]{
					New: answerer, Mailbox: mailbox.Config[question]{Capacity: 1, Overflow: policy},
				})
				wait := func(*runtime.Context[question], question) error { g.wait(); return nil }
				tell(t, ref, question{do: wait})
				synctest.Wait()
				tell(t, ref, question{do: ignore})
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				defer cancel()
				if _, err := ask(ctx, ref, answer); !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			})
		})
	}
}

func TestAskWhoseMessageIsEvictedEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate(t)
		ref := spawn(t, system, runtime.Props[question]{
			New: answerer, Mailbox: mailbox.Config[question]{Capacity: 1, Overflow: mailbox.DropOldest},
		})
		tell(t, ref, question{do: func(*runtime.Context[question], question) error { g.wait(); return nil }})
		synctest.Wait()
		evicted := make(chan error)
		go func() {
			_, err := ask(context.Background(), ref, answer)
			evicted <- err
		}()
		synctest.Wait()
		tell(t, ref, question{do: ignore})
		if err := <-evicted; !errors.Is(err, mailbox.ErrFull) {
			t.Errorf("got %v, want ErrFull", err)
		}
	})
}

func TestAskThatCannotBeSent(t *testing.T) {
	system := newSystem(t)
	ref := spawn(t, system, runtime.Props[question]{New: answerer})
	if _, err := runtime.Ask[string](context.Background(), ref, nil); !errors.Is(err, runtime.ErrConfig) {
		t.Errorf("nil request: %v, want ErrConfig", err)
	}
	var none context.Context
	if _, err := ask(none, ref, answer); err == nil {
		t.Error("nil context: want an error")
	}
	if _, err := ask(context.Background(), runtime.Ref[question]{}, answer); !errors.Is(err, runtime.ErrStopped) {
		t.Errorf("zero Ref: %v, want ErrStopped", err)
	}
	ref.Stop()
	<-ref.Done()
	_, err := ask(context.Background(), ref, answer)
	if want := "runtime: stopped: " + ref.Path(); !errors.Is(err, runtime.ErrStopped) || err.Error() != want {
		t.Errorf("stopped actor: %v\nwant           %s", err, want)
	}
}

// The request function runs before anything is sent; its panic is the asker's.
func TestAskWhoseRequestPanics(t *testing.T) {
	system := newSystem(t)
	ref := spawn(t, system, runtime.Props[question]{New: answerer})
	func() {
		defer func() {
			if v := recover(); v != "request" {
				t.Errorf("recovered %v, want the panic of request", v)
			}
		}()
		_, _ = runtime.Ask(context.Background(), ref, func(runtime.Reply[string]) question { panic("request") })
	}()
	checkStats(t, ref.Stats(), runtime.Stats{Actors: 1})
}
