package runtime_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

type badContext struct {
	ctx  context.Context
	is   []error
	text string
}

// badContexts are those that nothing may be sent with, whether there is room or not.
func badContexts(t *testing.T) map[string]badContext {
	caused, cancel := context.WithCancelCause(context.Background())
	cancel(errFails)
	past, stop := context.WithDeadline(context.Background(), time.Unix(0, 0))
	child, stopChild := context.WithTimeout(ended(), time.Hour)
	t.Cleanup(func() { stop(); stopChild() })
	cancelled := []error{context.Canceled}
	return map[string]badContext{
		"nil":                  {nil, nil, "mailbox: the context is nil: want context.Background() or another"},
		"cancelled":            {ended(), cancelled, "context canceled"},
		"cancelled by a cause": {caused, cancelled, "context canceled"},
		"past its deadline":    {past, []error{context.DeadlineExceeded}, "context deadline exceeded"},
		"child of a cancelled": {child, cancelled, "context canceled"},
	}
}

// A bad context fails a tell and an ask on entry, under each policy, with room and without: the message was not taken,
// nothing was evicted for it, and the sender has it back as an error.
func TestBadContextIsRefusedOnEntry(t *testing.T) {
	for name, bad := range badContexts(t) {
		for policy := mailbox.Block; policy <= mailbox.DropLast; policy++ {
			for _, full := range []bool{false, true} {
				t.Run(fmt.Sprint(name, " ", policy, " full ", full), func(t *testing.T) {
					left := runtime.Stats{Sent: 2, Rejected: 2, Actors: 1}
					if full {
						left.Sent, left.Queued = 4, 2
					}
					unharmed(t, left, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
						g := newGate(t)
						b := spawn(t, s, runtime.Props[question]{Name: "b", New: answerer,
							Mailbox: mailbox.Config[question]{Capacity: 1, Overflow: policy}})
						if full {
							wait := question{do: func(*runtime.Context[question], question) error { g.wait(); return nil }}
							tell(t, b, wait)
							synctest.Wait()
							tell(t, b, wait)
						}
						unheard := question{do: func(*runtime.Context[question], question) error { t.Error("it was handled"); return nil }}
						wantText(t, "Tell", b.Tell(bad.ctx, unheard), "runtime: tell troupe/b: "+bad.text, bad.is...)
						_, err := ask(bad.ctx, b, unheard.do)
						wantText(t, "Ask", err, "runtime: ask troupe/b: "+bad.text, bad.is...)
						if errors.Is(err, errFails) {
							t.Error("it is the cause, and ctx.Err() was promised")
						}
					})
				})
			}
		}
	}
}

// That an actor is gone is the better reason, because it is one for good.
func TestBadContextToWhoIsGone(t *testing.T) {
	for name, bad := range badContexts(t) {
		t.Run(name, func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 2, Rejected: 2}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
				b := spawn(t, s, runtime.Props[question]{Name: "b", New: answerer})
				b.Stop()
				<-b.Done()
				wantText(t, "Tell", b.Tell(bad.ctx, question{}), "runtime: stopped: troupe/b", runtime.ErrStopped)
				_, err := ask(bad.ctx, b, answer)
				wantText(t, "Ask", err, "runtime: stopped: troupe/b", runtime.ErrStopped)

				var zero runtime.Ref[question]
				wantText(t, "Tell of the zero Ref", zero.Tell(bad.ctx, question{}), "runtime: stopped", runtime.ErrStopped)
				_, err = ask(bad.ctx, zero, answer)
				wantText(t, "Ask of the zero Ref", err, "runtime: stopped", runtime.ErrStopped)
			})
		})
	}
}

// Every method of the zero Ref does what that of an actor does that has stopped, and counts nowhere.
func TestZeroRefInEveryCall(t *testing.T) {
	unharmed(t, runtime.Stats{Sent: 2, Handled: 2}, func(t *testing.T, s *runtime.System, ref runtime.Ref[act]) {
		var zero runtime.Ref[question]
		wantText(t, "Tell", zero.Tell(t.Context(), question{}), "runtime: stopped", runtime.ErrStopped)
		wantText(t, "TryTell", zero.TryTell(question{}), "runtime: stopped", runtime.ErrStopped)
		asked := func(runtime.Reply[string]) question { t.Error("request was called"); return question{} }
		_, err := runtime.Ask(t.Context(), zero, asked)
		wantText(t, "Ask", err, "runtime: stopped", runtime.ErrStopped)
		_, err = runtime.Ask[string](t.Context(), zero, nil)
		wantText(t, "Ask without a request", err, "runtime: stopped", runtime.ErrStopped)
		for range 2 {
			zero.Stop()
			zero.StopWhenEmpty()
			<-zero.Done()
		}
		if zero.Err() != nil || zero.Path() != "" || zero.String() != "" || zero.Stats() != (runtime.Stats{}) {
			t.Errorf("Err %v, Path %q, String %q, Stats %+v", zero.Err(), zero.Path(), zero.String(), zero.Stats())
		}
		told := false
		tell(t, ref, func(x *runtime.Context[act]) error {
			runtime.Watch(x, zero, func(cause error) act {
				if cause != nil {
					t.Errorf("it ended with %v", cause)
				}
				return func(*runtime.Context[act]) error { told = true; return nil }
			})
			return nil
		})
		synctest.Wait()
		if !told {
			t.Error("who watches it is not told")
		}
	})
}

// A request that makes no message, for whatever reason, has sent nothing.
func TestAskWithoutAMessage(t *testing.T) {
	type request = func(runtime.Reply[string]) question
	for name, tt := range map[string]struct {
		request request
		panics  any
	}{
		"panics":               {func(runtime.Reply[string]) question { panic("request") }, "request"},
		"panics with an error": {func(runtime.Reply[string]) question { panic(errFails) }, "it fails"},
		"answers and panics":   {func(r runtime.Reply[string]) question { r.Send("early"); panic("request") }, "request"},
		"keeps the handle and panics": {func(r runtime.Reply[string]) question {
			go r.Send("late") // there is nobody left to get it
			panic("request")
		}, "request"},
	} {
		t.Run(name, func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 1, Handled: 1, Actors: 1}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
				b := spawn(t, s, runtime.Props[question]{Name: "b", New: answerer})
				if v := recovered(func() { _, _ = runtime.Ask(t.Context(), b, tt.request) }); v != tt.panics {
					t.Errorf("panicked with %v, want what request did", v)
				}
				synctest.Wait()
				if got, err := ask(t.Context(), b, answer); got != "yes" || err != nil {
					t.Errorf("the next ask got %q, %v", got, err)
				}
			})
		})
	}
	t.Run("nil", func(t *testing.T) {
		var none context.Context
		unharmed(t, runtime.Stats{Actors: 1}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
			b := spawn(t, s, runtime.Props[question]{Name: "b", New: answerer})
			_, err := runtime.Ask[string](t.Context(), b, nil)
			wantText(t, "Ask", err, invalid+"the request function of Ask is nil: want one that makes the message", runtime.ErrConfig)
			_, err = runtime.Ask[string](none, b, nil)
			wantText(t, "Ask without a context too", err, invalid+"the request function of Ask is nil: want one that makes the message", runtime.ErrConfig)
		})
	})
	t.Run("ends its goroutine", func(t *testing.T) {
		unharmed(t, runtime.Stats{Actors: 1}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
			b := spawn(t, s, runtime.Props[question]{Name: "b", New: answerer})
			over := make(chan struct{})
			go func() {
				defer close(over)
				_, err := runtime.Ask(context.Background(), b, func(runtime.Reply[string]) question { goruntime.Goexit(); return question{} })
				t.Errorf("Ask returned %v", err)
			}()
			<-over
		})
	})
}

// The zero Reply is that of a message that was told: nothing that is done with it counts anywhere.
func TestZeroReplyInEveryCall(t *testing.T) {
	calls := map[string]func(runtime.Reply[string]){
		"Send": func(r runtime.Reply[string]) { r.Send("yes") }, "Fail": func(r runtime.Reply[string]) { r.Fail(errFails) },
		"Fail(nil)": func(r runtime.Reply[string]) { r.Fail(nil) },
		"TrySend": func(r runtime.Reply[string]) {
			if r.TrySend("yes") {
				panic("it counts")
			}
		},
		"Pending": func(r runtime.Reply[string]) {
			if r.Pending() {
				panic("somebody waits")
			}
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			unharmed(t, runtime.Stats{Sent: 1, Handled: 1, Actors: 1}, func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
				call(runtime.Reply[string]{})
				b := spawn(t, s, runtime.Props[question]{New: answerer})
				tell(t, b, question{do: func(_ *runtime.Context[question], q question) error { call(q.Reply); return nil }})
			})
		})
	}
}

// A level that there is not, is the sender's mistake: the message is rejected, by whatever way it was sent.
func TestLevelOutOfRangeIsItsSendersError(t *testing.T) {
	for _, level := range []int{-1, 3, 4, 1 << 20, -1 << 20} {
		t.Run(fmt.Sprint(level), func(t *testing.T) {
			want := fmt.Sprintf(" troupe/b: mailbox: invalid config: Level returned %d: want 0 to 2", level)
			unharmed(t, runtime.Stats{Sent: 4, Rejected: 3, Handled: 1, Actors: 1},
				func(t *testing.T, s *runtime.System, _ runtime.Ref[act]) {
					type letter struct {
						runtime.Reply[string]
						level int
					}
					b := spawn(t, s, runtime.Props[letter]{Name: "b", New: always(func(*runtime.Context[letter], letter) error { return nil }),
						Mailbox: mailbox.Config[letter]{Order: mailbox.Priority, Levels: 3, Level: func(l letter) int { return l.level }}})
					wantText(t, "Tell", b.Tell(t.Context(), letter{level: level}), "runtime: tell"+want, mailbox.ErrConfig)
					wantText(t, "TryTell", b.TryTell(letter{level: level}), "runtime: tell"+want, mailbox.ErrConfig)
					_, err := runtime.Ask(t.Context(), b, func(r runtime.Reply[string]) letter { return letter{r, level} })
					wantText(t, "Ask", err, "runtime: ask"+want, mailbox.ErrConfig)
					tell(t, b, letter{level: 2})
				})
		})
	}
}
