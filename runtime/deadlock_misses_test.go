package runtime_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// Waits that look like a deadlock and are none, because something ends one of them. None is ever reported.

// missRounds is how often each is tried: what is reported wrongly may take two things in the same instant.
func missRounds() int {
	if os.Getenv("TROUPE_STRESS") == "1" {
		return 100_000
	}
	return 60
}

func TestWhatCanEndIsNoDeadlock(t *testing.T) {
	for name, miss := range map[string]func(*testing.T){
		"one of them is no actor":                  throughOutsider,
		"a wait that has a deadline":               endsBy(withTimeout),
		"a wait that is cancelled":                 endsBy(withCancel),
		"another's wait has a deadline":            othersDeadline,
		"a deadline at the very instant":           deadlineAtTheInstant,
		"a handle passed on by Tell":               passedOn(byTell),
		"a handle passed on by TryTell":            passedOn(byTryTell),
		"a handle passed on in an Ask":             passedOn(byAsk),
		"a handle passed on to a Pipe":             passedOn(byPipe),
		"a handle passed on to a goroutine":        passedOn(byGo(0)),
		"a goroutine that takes its time":          passedOn(byGo(2 * time.Second)),
		"a goroutine's goroutine":                  passedOn(byGoTwice),
		"one with labels of its own":               passedOn(byGoLabelled),
		"a handle passed on to a child":            passedOn(byChild),
		"a handle kept, answered by a message":     keptForMessage,
		"a handle kept, answered by a timer":       keptForTimer,
		"a message stashed":                        stashed,
		"a helper waits, the handler does not":     helperWaits,
		"a context given away":                     contextGivenAway,
		"a chain without a cycle":                  chain,
		"a full mailbox whose actor computes":      computes,
		"one of them is stopped":                   oneIsStopped,
		"one of them stops":                        waitsInStopped,
		"a full mailbox that drops":                inCycleOf(mailbox.Config[knotMessage]{Capacity: 1, Overflow: mailbox.DropOldest}, nil),
		"a full mailbox that rejects":              inCycleOf(mailbox.Config[knotMessage]{Capacity: 1, Overflow: mailbox.Reject}, mailbox.ErrFull),
		"a mailbox without a bound":                inCycleOf(mailbox.Config[knotMessage]{Capacity: mailbox.Unbounded}, nil),
		"one of them fails instead":                failsInstead,
		"one of them waits for a third":            waitsForThird,
		"an answer at the very instant":            answeredAtTheInstant,
		"answered before it asks back":             answeredBefore,
		"a wait with another context is not seen":  withBackground,
		"a child begins elsewhere and is answered": startedIsAnswered,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range missRounds() {
				synctest.Test(t, miss)
				if t.Failed() {
					return
				}
			}
		})
	}
}

// checkNone waits until all is over and checks that nothing was reported, and that the waits ended as they should.
func (k *knot) checkNone(want map[string]error) {
	k.t.Helper()
	elapse(10 * time.Second)
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, err := range want {
		got, over := k.waits[name]
		if !over || !errors.Is(got, err) {
			k.t.Errorf("the wait of %s: %v (over: %t), want %v", name, got, over, err)
		}
	}
	for name, err := range k.waits {
		if _, known := want[name]; !known {
			k.t.Errorf("%s waited, and got %v", name, err)
		}
	}
}

func throughOutsider(t *testing.T) {
	k := newKnot(t, "a", "b")
	outside := make(chan struct{})
	k.handle("a", func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, "b") })
	k.handle("b", func(_ knotContext, _ knotMessage) error { <-outside; return nil })
	go func() {
		<-k.start
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = k.ask(ctx, "a")
		close(outside)
	}()
	k.run()
	k.checkNone(map[string]error{"a": nil, "b": nil})
}

func withTimeout(ctx context.Context) (context.Context, func()) {
	return context.WithTimeout(ctx, 3*time.Second)
}

func withCancel(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	timer := time.AfterFunc(3*time.Second, cancel)
	return ctx, func() { timer.Stop(); cancel() }
}

// endsBy has the wait that closes a cycle end by its context. The other one goes on then.
func endsBy(derive func(context.Context) (context.Context, func())) func(*testing.T) {
	return func(t *testing.T) {
		k := newKnot(t, "a", "b")
		var why error
		k.handle("a", func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, "b") })
		k.handle("b", func(ctx knotContext, _ knotMessage) error {
			derived, end := derive(ctx)
			defer end()
			err := k.ask(derived, "a")
			why = derived.Err()
			return err
		})
		k.fill("b")
		k.run()
		elapse(3 * time.Second)
		k.checkNone(map[string]error{"a": nil, "b": why})
		if why == nil {
			t.Error("b's wait has not ended by its context")
		}
	}
}

func othersDeadline(t *testing.T) {
	k := newKnot(t, "a", "b", "c")
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		return k.askTo(ctx, "b", func(ctx knotContext) error { return nil })
	})
	k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, "c") })
	k.handle("c", func(ctx knotContext, _ knotMessage) error {
		derived, end := withTimeout(ctx)
		defer end()
		return k.tell(derived, "a")
	})
	k.fill("a")
	if err := k.refs["a"].TryTell(nop); err == nil {
		t.Error("a's mailbox has room")
	}
	k.run()
	elapse(3 * time.Second)
	k.checkNone(map[string]error{"a": nil, "b": nil, "c": context.DeadlineExceeded})
}

// An ask ends by its deadline in the instant in which the cycle closes.
func deadlineAtTheInstant(t *testing.T) {
	k := newKnot(t, "a", "b")
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		derived, end := withTimeout(ctx)
		defer end()
		_ = k.ask(derived, "b")
		return nil
	})
	k.handle("b", func(ctx knotContext, _ knotMessage) error {
		<-time.After(3 * time.Second)
		return k.ask(ctx, "a")
	})
	k.run()
	k.checkNone(map[string]error{"a": nil, "b": nil})
}

func stashed(t *testing.T) {
	k := newKnot(t, "a")
	k.actor(k.system, "b", mailbox.Config[knotMessage]{Capacity: 4})
	stash := true
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		_, err := runtime.Ask(ctx, k.refs["b"], func(r runtime.Reply[int]) knotMessage {
			return knotMessage{r, func(ctx knotContext, m knotMessage) error {
				if stash {
					return ctx.Stash()
				}
				m.Send(1)
				return nil
			}}
		})
		return err
	})
	k.run()
	tell(t, k.refs["b"], knotMessage{do: func(ctx knotContext, _ knotMessage) error {
		derived, end := withTimeout(ctx)
		defer end()
		_ = k.ask(derived, "a")
		stash = false
		ctx.Unstash()
		return nil
	}})
	k.checkNone(map[string]error{"a": nil})
}

// A goroutine that the handler has started waits with the handler's context, while the handler goes on.
func helperWaits(t *testing.T) {
	k := newKnot(t, "a", "b")
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		go func() { k.note("helper", k.ask(ctx, "b")) }()
		<-time.After(2 * time.Second)
		return nil
	})
	k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, "a") })
	k.run()
	k.checkNone(map[string]error{"a": nil, "b": nil, "helper": nil})
}

// a gives its context to c, which waits with it, as b does for a: but a does not wait.
func contextGivenAway(t *testing.T) {
	k := newKnot(t, "a", "b", "c")
	given := make(chan context.Context, 1)
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		given <- ctx
		<-time.After(2 * time.Second)
		return nil
	})
	k.handle("c", func(_ knotContext, _ knotMessage) error { return k.ask(<-given, "b") })
	k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, "a") })
	k.run()
	k.checkNone(map[string]error{"a": nil, "b": nil, "c": nil})
}

func chain(t *testing.T) {
	names := namesOf(6)
	k := newKnot(t, names...)
	want := map[string]error{}
	for i, name := range names {
		want[name] = nil
		k.handle(name, func(ctx knotContext, _ knotMessage) error {
			switch {
			case i == len(names)-1:
				<-time.After(3 * time.Second)
				return nil
			case i%2 == 0:
				return k.ask(ctx, names[i+1])
			}
			return k.tell(ctx, names[i+1])
		})
	}
	k.run()
	k.checkNone(want)
}

func computes(t *testing.T) {
	k := newKnot(t, "a", "b")
	k.handle("a", func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, "b") })
	k.handle("b", func(ctx knotContext, _ knotMessage) error {
		<-time.After(2 * time.Second)
		return nil
	})
	k.fill("a", "b")
	k.run()
	k.checkNone(map[string]error{"a": nil, "b": nil})
}

// A stop ends the context of who is stopped, so that is no deadlock any more.
func oneIsStopped(t *testing.T) {
	k := newKnot(t, "a", "b")
	k.handle("a", func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, "b") })
	k.handle("b", func(ctx knotContext, _ knotMessage) error {
		k.refs["a"].Stop()
		return k.ask(ctx, "a")
	})
	k.run()
	elapse(time.Second)
	var d *runtime.DeadlockError
	if errors.As(k.waits["a"], &d) || errors.As(k.waits["b"], &d) {
		t.Errorf("waits: %v", k.waits)
	}
}

type stopHooked struct {
	runtime.Func[knotMessage]
	stopped func(ctx knotContext)
}

func (s stopHooked) Stopped(ctx knotContext, _ error) { s.stopped(ctx) }

// A Stopped hook has a context that has ended, so its ask fails at once, and who waits for it goes on.
func waitsInStopped(t *testing.T) {
	k := newKnot(t, "a")
	k.actorOf(k.system, runtime.Props[knotMessage]{Name: "b", New: func() runtime.Actor[knotMessage] {
		return stopHooked{doAsToldTo, func(ctx knotContext) { k.note("b", k.ask(ctx, "a")) }}
	}})
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		k.refs["b"].Stop()
		return k.ask(ctx, "b")
	})
	k.run()
	elapse(10 * time.Second)
	var d *runtime.DeadlockError
	if len(k.waits) != 2 || errors.As(k.waits["a"], &d) || errors.As(k.waits["b"], &d) {
		t.Errorf("waits: %v, want two, and no deadlock", k.waits)
	}
}

// inCycleOf has two actors tell each other whose mailboxes never have anybody wait.
func inCycleOf(box mailbox.Config[knotMessage], accepted error) func(*testing.T) {
	return func(t *testing.T) {
		k := newKnotOf(t, box, "a", "b")
		k.handle("a", func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, "b") })
		k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, "a") })
		k.fill("a", "b")
		k.run()
		for name, err := range k.waits {
			if err != nil && !errors.Is(err, accepted) {
				t.Errorf("the tell of %s: %v", name, err)
			}
		}
		if len(k.waits) != 2 {
			t.Errorf("not all tells have returned: %v", k.waits)
		}
	}
}

// a fails and is resumed where it would have closed the cycle.
func failsInstead(t *testing.T) {
	k := newKnot(t, "a", "b")
	tell(t, k.refs["a"], knotMessage{do: func(knotContext, knotMessage) error { <-k.start; return errAgain }})
	k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, "a") })
	k.fill("a")
	k.run()
	k.checkNone(map[string]error{"b": nil})
}

func waitsForThird(t *testing.T) {
	k := newKnot(t, "a", "b", "third")
	k.handle("a", func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, "b") })
	k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, "third") })
	k.handle("third", func(knotContext, knotMessage) error { <-time.After(3 * time.Second); return nil })
	k.run()
	k.checkNone(map[string]error{"a": nil, "b": nil, "third": nil})
}

// The handle is answered while b's ask closes what would be a cycle.
func answeredAtTheInstant(t *testing.T) {
	k := newKnot(t, "a", "b", "other")
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		return k.askAndPass(ctx, "b", func(ctx knotContext, r runtime.Reply[int]) {
			go r.Send(1)
			k.note("b", k.ask(ctx, "a"))
		})
	})
	k.run()
	k.checkNone(map[string]error{"a": nil, "b": nil})
}

func answeredBefore(t *testing.T) {
	k := newKnot(t, "a", "b")
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		return k.askAndPass(ctx, "b", func(ctx knotContext, r runtime.Reply[int]) {
			r.Send(1)
			k.note("b", k.ask(ctx, "a"))
		})
	})
	k.run()
	k.checkNone(map[string]error{"a": nil, "b": nil})
}

// askAndPass asks for something that f answers.
func (k *knot) askAndPass(ctx context.Context, to string, f func(ctx knotContext, r runtime.Reply[int])) error {
	_, err := runtime.Ask(ctx, k.refs[to], func(r runtime.Reply[int]) knotMessage {
		return knotMessage{r, func(ctx knotContext, m knotMessage) error { f(ctx, m.Reply); return nil }}
	})
	return err
}

// A handler that waits with a context that is not its own is not seen to wait: the cycle ends by that context alone.
func withBackground(t *testing.T) {
	k := newKnot(t, "a", "b")
	k.handle("a", func(_ knotContext, _ knotMessage) error {
		ctx, cancel := withTimeout(context.Background())
		defer cancel()
		_ = k.ask(ctx, "b")
		return nil
	})
	k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, "a") })
	k.run()
	k.checkNone(map[string]error{"a": nil, "b": nil})
}

// A Started hook runs on the goroutine of the handler that spawns it, and waits for one that does not wait for that.
func startedIsAnswered(t *testing.T) {
	k := newKnot(t, "a", "b")
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		_, err := runtime.Spawn(ctx, runtime.Props[knotMessage]{New: func() runtime.Actor[knotMessage] {
			return hooked{started: func(ctx knotContext) error { return k.ask(ctx, "b") }}
		}})
		return err
	})
	k.handle("b", func(knotContext, knotMessage) error { <-time.After(2 * time.Second); return nil })
	k.run()
	k.checkNone(map[string]error{"a": nil, "b": nil})
}
