package runtime_test

import (
	"bytes"
	"context"
	"errors"
	goruntime "runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
)

// goroutine returns the "goroutine 123" of the caller.
func goroutine() string {
	b := make([]byte, 64)
	name, _, _ := bytes.Cut(b[:goruntime.Stack(b, false)], []byte(" ["))
	return string(name)
}

func sayGoroutine(_ *runtime.Context[question], q question) error {
	q.Send(goroutine())
	return nil
}

func TestInlineRunsOnTheAskersGoroutineWhenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		for inline, where := range map[bool]string{true: "the asker's", false: "another"} {
			ref := spawn(t, system, runtime.Props[question]{New: answerer, Inline: inline})
			for range 3 {
				got, err := ask(context.Background(), ref, sayGoroutine)
				if err != nil || (got == goroutine()) != inline {
					t.Errorf("Inline %v: ran on %s, %v, want %s: %s", inline, got, err, where, goroutine())
				}
				synctest.Wait()
			}
			// Between asks it is an actor like any other.
			tell(t, ref, question{do: ignore})
			synctest.Wait()
			checkStats(t, ref.Stats(), runtime.Stats{Sent: 4, Handled: 4, Actors: 1})
		}
	})
}

func TestInlineQueuesWhenBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		g := newGate(t)
		ref := spawn(t, system, runtime.Props[question]{New: answerer, Inline: true})
		tell(t, ref, question{do: func(*runtime.Context[question], question) error { g.wait(); return nil }})
		synctest.Wait()
		answered := make(chan string)
		for range 3 {
			go func() {
				got, err := ask(context.Background(), ref, sayGoroutine)
				if err != nil || got == goroutine() {
					t.Errorf("ran on %s, %v, want another goroutine", got, err)
				}
				answered <- got
			}()
		}
		synctest.Wait()
		if queued := ref.Stats().Queued; queued != 4 {
			t.Errorf("%d are queued, want 4", queued)
		}
		g.open()
		for range 3 {
			<-answered
		}
	})
}

// The asker gets its answer, and not all the work that comes after it: what its own message sends, or unstashes.
func TestInlineAskerIsNotKeptForOtherWork(t *testing.T) {
	const more = 1000
	asker, onAskers := "", 0
	count := func() {
		if goroutine() == asker {
			onAskers++
		}
	}
	for name, work := range map[string]struct {
		before, during func(*runtime.Context[question], question) error
	}{
		"sent": {ignore, func(ctx *runtime.Context[question], q question) error {
			var again func(*runtime.Context[question], question) error
			left := more
			again = func(ctx *runtime.Context[question], _ question) error {
				if count(); left == 0 {
					return nil
				}
				left--
				return ctx.Self().TryTell(question{do: again})
			}
			return again(ctx, q)
		}},
		"unstashed": {func(ctx *runtime.Context[question], _ question) error {
			if asker == "" {
				return ctx.Stash()
			}
			count()
			return nil
		}, func(ctx *runtime.Context[question], _ question) error { ctx.Unstash(); return nil }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				ref := spawn(t, system, runtime.Props[question]{New: answerer, Inline: true})
				asker, onAskers = "", 0
				for range more {
					tell(t, ref, question{do: work.before})
				}
				synctest.Wait()
				asker = goroutine()
				_, err := ask(context.Background(), ref, func(ctx *runtime.Context[question], q question) error {
					q.Send("yes")
					return work.during(ctx, q)
				})
				synctest.Wait()
				if err != nil || onAskers > more/2 {
					t.Errorf("%d messages were handled on the asker's goroutine, %v", onAskers, err)
				}
				if s := ref.Stats(); s.Handled != s.Sent || s.Handled < 1+more {
					t.Errorf("%+v: want all to be handled", s)
				}
			})
		})
	}
}

func TestInlineFailureIsTheActorsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, tireless)
		ref := spawn(t, system, runtime.Props[question]{New: answerer, Inline: true})
		_, err := ask(context.Background(), ref, func(*runtime.Context[question], question) error { return errFails })
		if !errors.Is(err, errFails) {
			t.Errorf("got %v, want the failure", err)
		}
		var panicked *runtime.PanicError
		_, err = ask(context.Background(), ref, func(*runtime.Context[question], question) error { panic("no") })
		if !errors.As(err, &panicked) {
			t.Errorf("got %v, want a PanicError", err)
		}
		if got, err := ask(context.Background(), ref, answer); got != "yes" || err != nil {
			t.Errorf("after the failures: got %q, %v", got, err)
		}
		synctest.Wait()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 3, Handled: 1, DeadLettered: 2, Failed: 2, Restarts: 2, Actors: 1})
	})
}

// Goexit ends the goroutine that it is called on, which is the asker's. The actor survives.
func TestInlineGoexitEndsTheAsker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, tireless)
		ref := spawn(t, system, runtime.Props[question]{New: answerer, Inline: true})
		returned, gone := false, make(chan struct{})
		go func() {
			defer close(gone)
			_, _ = ask(context.Background(), ref, func(*runtime.Context[question], question) error {
				goruntime.Goexit()
				return nil
			})
			returned = true
		}()
		<-gone
		if returned {
			t.Error("Ask returned")
		}
		if got, err := ask(context.Background(), ref, answer); got != "yes" || err != nil {
			t.Errorf("after Goexit: got %q, %v", got, err)
		}
		synctest.Wait()
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 2, Handled: 1, DeadLettered: 1, Failed: 1, Restarts: 1, Actors: 1})
	})
}

// One inline actor asks another: a chain of calls. Hooks run there as well, and a stop from inside.
func TestInlineActorsAskEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		last := spawn(t, system, runtime.Props[question]{New: answerer, Inline: true})
		for range 10 {
			next := last
			last = spawn(t, system, runtime.Props[question]{Inline: true, New: func() runtime.Actor[question] {
				return runtime.Func[question](func(ctx *runtime.Context[question], q question) error {
					answer, err := ask(ctx, next, q.do)
					if err != nil {
						return err
					}
					q.Send(answer)
					ctx.Stop()
					return nil
				})
			}})
		}
		if got, err := ask(context.Background(), last, sayGoroutine); got != goroutine() || err != nil {
			t.Errorf("ran on %s, %v, want %s", got, err, goroutine())
		}
		synctest.Wait()
		if actors := system.Stats().Actors; actors != 1 {
			t.Errorf("%d actors are left, want the one that was not stopped", actors)
		}
	})
}

func TestInlineUnderManyAskers(t *testing.T) {
	system := newSystem(t)
	n := 0
	ref := spawn(t, system, runtime.Props[request]{Inline: true, New: always(
		func(_ *runtime.Context[request], m request) error {
			n++
			m.Send(n)
			return nil
		})})
	const askers = 16
	rounds := 200 * scale
	seen := make([][]int, askers)
	var asking sync.WaitGroup
	for i := range askers {
		asking.Go(func() {
			for range rounds {
				got, err := runtime.Ask(context.Background(), ref, func(r runtime.Reply[int]) request {
					return request{Reply: r}
				})
				if err != nil {
					t.Error(err)
				}
				seen[i] = append(seen[i], got)
			}
		})
	}
	asking.Wait()
	sum := 0
	for _, s := range seen {
		for i, got := range s {
			sum += got
			if i > 0 && got <= s[i-1] {
				t.Errorf("an answer of %d after %d", got, s[i-1])
			}
		}
	}
	if total := askers * rounds; sum != total*(total+1)/2 {
		t.Error("not each answer was given once")
	}
}
