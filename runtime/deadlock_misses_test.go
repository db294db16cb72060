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

const longer = 2500 * time.Millisecond // than it takes to look at a suspicion twice

// A miss is a knot that looks like a deadlock to whom looks carelessly. All its waits end; those in fails with that error.
type miss struct {
	actors []string
	tie    func(k *knot)
	fails  map[string]error
}

func (k *knot) tells(from, to string) {
	k.handle(from, func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, to) })
}

func (k *knot) takesLong(name string) {
	k.handle(name, func(knotContext, knotMessage) error { <-time.After(longer); return nil })
}

// passing has b, which is asked by a, pass the handle on, and then ask a, which can answer when it has its own answer.
func passing(pass func(k *knot, ctx knotContext, m knotMessage)) func(k *knot) {
	return func(k *knot) {
		k.handle("a", func(ctx knotContext, _ knotMessage) error {
			_, err := runtime.Ask(ctx, k.refs["b"], func(r runtime.Reply[int]) knotMessage {
				return knotMessage{r, func(ctx knotContext, m knotMessage) error {
					pass(k, ctx, m)
					k.note("b", k.ask(ctx, "a"))
					return nil
				}}
			})
			return err
		})
	}
}

// answerLate has an actor answer after a while the ask whose handle the message took along.
func answerLate(ctx knotContext, m knotMessage) error {
	<-time.After(longer)
	m.Send(1)
	return nil
}

func inCircle(first func(k *knot, ctx context.Context) error) func(k *knot) {
	return func(k *knot) {
		k.handle("a", func(ctx knotContext, _ knotMessage) error { return first(k, ctx) })
		k.tells("b", "a")
		k.fill("a", "b")
	}
}

func withTimeout(f func(k *knot, ctx context.Context) error) func(k *knot, ctx context.Context) error {
	return func(k *knot, ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, longer)
		defer cancel()
		return f(k, ctx)
	}
}

func toB(k *knot, ctx context.Context) error { return k.tell(ctx, "b") }

var misses = map[string]miss{
	"a put in a circle has a deadline": {[]string{"a", "b"}, inCircle(withTimeout(toB)),
		map[string]error{"a": context.DeadlineExceeded}},
	"a put in a circle may be cancelled": {[]string{"a", "b"}, inCircle(func(k *knot, ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(longer, cancel)
		return k.tell(ctx, "b")
	}), map[string]error{"a": context.Canceled}},
	"the put that closes the circle has a deadline": {[]string{"a", "b"}, func(k *knot) {
		k.handle("a", func(ctx knotContext, _ knotMessage) error {
			<-time.After(longer)
			return withTimeout(toB)(k, ctx)
		})
		k.tells("b", "a")
		k.fill("a", "b")
	}, map[string]error{"a": context.DeadlineExceeded}},
	"an ask in a circle has a deadline": {[]string{"a", "b"}, func(k *knot) {
		k.handle("a", func(ctx knotContext, _ knotMessage) error {
			return withTimeout(func(k *knot, ctx context.Context) error { return k.ask(ctx, "b") })(k, ctx)
		})
		k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, "a") })
	}, map[string]error{"a": context.DeadlineExceeded}},
	"an ask back has a deadline": {[]string{"a", "b"}, func(k *knot) {
		k.handle("a", func(ctx knotContext, _ knotMessage) error {
			return k.askTo(ctx, "b", func(ctx knotContext) error {
				return withTimeout(func(k *knot, ctx context.Context) error { return k.ask(ctx, "a") })(k, ctx)
			})
		})
	}, map[string]error{"b": context.DeadlineExceeded}},
	"two deadlines come when the circle closes": {[]string{"a", "b"}, func(k *knot) {
		for from, to := range map[string]string{"a": "b", "b": "a"} {
			k.handle(from, func(ctx knotContext, _ knotMessage) error {
				_ = withTimeout(func(k *knot, ctx context.Context) error { return k.tell(ctx, to) })(k, ctx)
				return nil
			})
		}
		k.fill("a", "b")
	}, nil},
	"a handle went along with Tell": {[]string{"a", "b", "c"}, passing(func(k *knot, ctx knotContext, m knotMessage) {
		m.do = answerLate
		_ = k.refs["c"].Tell(ctx, m)
	}), nil},
	"a handle went along with TryTell": {[]string{"a", "b", "c"}, passing(func(k *knot, _ knotContext, m knotMessage) {
		m.do = answerLate
		_ = k.refs["c"].TryTell(m)
	}), nil},
	"a handle went along under no context": {[]string{"a", "b", "c"}, passing(func(k *knot, _ knotContext, m knotMessage) {
		m.do = answerLate
		_ = k.refs["c"].Tell(context.Background(), m)
	}), nil},
	"a handle went to oneself, later": {[]string{"a", "b"}, func(k *knot) {
		k.handle("a", func(ctx knotContext, _ knotMessage) error {
			_, err := runtime.Ask(ctx, k.refs["b"], func(r runtime.Reply[int]) knotMessage {
				return knotMessage{r, func(ctx knotContext, m knotMessage) error {
					m.do = answerLate
					return ctx.Self().TryTell(m)
				}}
			})
			return err
		})
	}, nil},
	"a handle went to a Pipe": {[]string{"a", "b"}, passing(func(k *knot, ctx knotContext, m knotMessage) {
		runtime.Pipe(ctx, func(context.Context) (int, error) { return 0, answerLate(nil, m) },
			func(int, error) knotMessage { return nop })
	}), nil},
	"a handle went to a goroutine": {[]string{"a", "b"}, passing(func(_ *knot, _ knotContext, m knotMessage) {
		go func() { _ = answerLate(nil, m) }()
	}), nil},
	"a handle went to a goroutine's goroutine": {[]string{"a", "b"}, passing(func(_ *knot, _ knotContext, m knotMessage) {
		go func() {
			done := make(chan struct{})
			go func() { _ = answerLate(nil, m); close(done) }()
			<-done
		}()
	}), nil},
	"a handle went to a child": {[]string{"a", "b"}, passing(func(k *knot, ctx knotContext, m knotMessage) {
		c := k.actor(ctx, "c", mailbox.Config[knotMessage]{})
		m.do = answerLate
		_ = c.Tell(ctx, m)
	}), nil},
	"a handle went along with an ask": {[]string{"a", "b", "c", "d"}, passing(func(k *knot, ctx knotContext, m knotMessage) {
		type both struct {
			runtime.Reply[int]
			Passed runtime.Reply[int]
		}
		relay, err := runtime.SpawnFunc(ctx, "relay", func(_ *runtime.Context[both], b both) error {
			go func() { <-time.After(longer); b.Passed.Send(1) }()
			b.Send(0)
			return nil
		})
		if err == nil {
			_, _ = runtime.Ask(ctx, relay, func(r runtime.Reply[int]) both { return both{r, m.Reply} })
		}
	}), nil},
	"a handle was kept, and a timer answers": {[]string{"a", "b"}, func(k *knot) {
		k.handle("a", func(ctx knotContext, _ knotMessage) error {
			_, err := runtime.Ask(ctx, k.refs["b"], func(r runtime.Reply[int]) knotMessage {
				return knotMessage{r, func(ctx knotContext, m knotMessage) error {
					ctx.After(longer, knotMessage{do: func(knotContext, knotMessage) error { m.Send(1); return nil }})
					return nil
				}}
			})
			return err
		})
		k.fill("a")
		k.handle("c", func(ctx knotContext, _ knotMessage) error { <-time.After(time.Second); return k.tell(ctx, "a") })
	}, nil},
	"it was answered before it asks back": {[]string{"a", "b"}, passing(func(_ *knot, _ knotContext, m knotMessage) { m.Send(1) }), nil},
	"it has failed before it asks back": {[]string{"a", "b"}, passing(func(_ *knot, _ knotContext, m knotMessage) {
		m.Fail(errMiss)
	}), map[string]error{"a": errMiss}},
	"a goroutine of the handler waits, and the handler goes on": {[]string{"a", "b"}, func(k *knot) {
		k.handle("a", func(ctx knotContext, _ knotMessage) error {
			go func() { k.note("helper", k.tell(ctx, "b")) }()
			<-time.After(longer)
			return nil
		})
		k.handle("b", func(ctx knotContext, _ knotMessage) error { <-time.After(time.Second); return k.tell(ctx, "a") })
		k.fill("a", "b")
	}, nil},
	"a goroutine of the handler asks, and the handler goes on": {[]string{"a", "b"}, func(k *knot) {
		k.handle("a", func(ctx knotContext, _ knotMessage) error {
			go func() { k.note("helper", k.ask(ctx, "b")) }()
			<-time.After(longer)
			return nil
		})
		k.handle("b", func(ctx knotContext, _ knotMessage) error { <-time.After(time.Second); return k.ask(ctx, "a") })
	}, nil},
	"another actor waits with the handler's context": {[]string{"a", "b", "c"}, func(k *knot) {
		k.handle("a", func(ctx knotContext, _ knotMessage) error {
			if err := k.refs["c"].Tell(ctx, knotMessage{do: func(knotContext, knotMessage) error { k.note("c", k.tell(ctx, "b")); return nil }}); err != nil {
				return err
			}
			<-time.After(longer)
			return nil
		})
		k.handle("b", func(ctx knotContext, _ knotMessage) error { <-time.After(time.Second); return k.tell(ctx, "a") })
		k.fill("a", "b")
	}, nil},
	"one of them only takes long": {[]string{"a", "b"}, func(k *knot) {
		k.tells("a", "b")
		k.takesLong("b")
		k.fill("b")
	}, nil},
	"a chain has an end": {[]string{"a", "b", "c", "d"}, func(k *knot) {
		k.tells("a", "b")
		k.tells("b", "c")
		k.handle("c", func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, "d") })
		k.takesLong("d")
		k.fill("b", "c")
	}, nil},
	"one from outside is in the circle": {[]string{"a", "b"}, func(k *knot) {
		outside := make(chan struct{})
		k.tells("a", "b")
		k.handle("b", func(knotContext, knotMessage) error { <-outside; return nil })
		k.fill("a", "b")
		go func() {
			<-k.start
			ctx, cancel := context.WithTimeout(context.Background(), longer)
			defer cancel()
			k.note("outside", k.tell(ctx, "a"))
			close(outside)
		}()
	}, map[string]error{"outside": context.DeadlineExceeded}},
	"one of them has been told to stop": {[]string{"a", "b"}, func(k *knot) {
		k.tells("a", "b")
		k.handle("b", func(ctx knotContext, _ knotMessage) error {
			ctx.Stop()
			<-time.After(time.Second)
			return k.tell(ctx, "a")
		})
		k.fill("a", "b")
	}, map[string]error{"a": runtime.ErrStopped, "b": context.Canceled}},
	"one of them is stopped": {[]string{"a", "b"}, func(k *knot) {
		k.handle("a", func(ctx knotContext, _ knotMessage) error { return withTimeout(toB)(k, ctx) })
		k.tells("b", "a")
		k.fill("a", "b")
		time.AfterFunc(time.Second, k.refs["b"].Stop)
	}, map[string]error{"a": runtime.ErrStopped, "b": context.Canceled}},
	"a mailbox drops":   policy(mailbox.DropOldest),
	"a mailbox rejects": policy(mailbox.Reject),
	"a mailbox has no bound": {nil, func(k *knot) {
		for _, name := range []string{"a", "b"} {
			k.actor(k.system, name, mailbox.Config[knotMessage]{Capacity: mailbox.Unbounded})
		}
		k.tells("a", "b")
		k.tells("b", "a")
	}, nil},
	"one of them waits to be restarted": {[]string{"a"}, func(k *knot) {
		k.refs["b"], _ = runtime.Spawn(k.system, runtime.Props[knotMessage]{Name: "b", Mailbox: mailbox.Config[knotMessage]{Capacity: 1},
			New: always(func(ctx knotContext, m knotMessage) error { return m.do(ctx, m) })})
		k.tells("a", "b")
		k.handle("b", func(knotContext, knotMessage) error { return nil })
		tell(k.t, k.refs["b"], knotMessage{do: func(knotContext, knotMessage) error { return errMiss }})
	}, nil},
	"a third one grants what the second has": {[]string{"a", "b", "guard"}, func(k *knot) {
		var waiting runtime.Reply[int]
		k.handle("a", func(ctx knotContext, _ knotMessage) error {
			_, err := runtime.Ask(ctx, k.refs["guard"], func(r runtime.Reply[int]) knotMessage {
				return knotMessage{r, func(_ knotContext, m knotMessage) error { waiting = m.Reply; return nil }}
			})
			return err
		})
		k.handle("b", func(ctx knotContext, _ knotMessage) error {
			<-time.After(longer)
			return k.refs["guard"].Tell(ctx, knotMessage{do: func(knotContext, knotMessage) error { waiting.Send(1); return nil }})
		})
	}, nil},
}

var errMiss = errors.New("a near miss")

// policy is a circle whose mailboxes let nobody wait.
func policy(p mailbox.Overflow) miss {
	return miss{nil, func(k *knot) {
		for from, to := range map[string]string{"a": "b", "b": "a"} {
			k.actor(k.system, from, mailbox.Config[knotMessage]{Capacity: 1, Overflow: p})
			k.handle(from, func(ctx knotContext, _ knotMessage) error {
				if err := k.tell(ctx, to); !errors.Is(err, mailbox.ErrFull) {
					return err
				}
				return nil
			})
		}
		k.fill("a", "b")
	}, nil}
}

// A wait that can still end is never reported.
func TestNearMissesAreNoDeadlocks(t *testing.T) {
	runs := 20
	if scale > 1 {
		runs = 100_000
	}
	for name, m := range misses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range runs {
				synctest.Test(t, m.run)
				if t.Failed() {
					return
				}
			}
		})
	}
}

func (m miss) run(t *testing.T) {
	k := newKnot(t, m.actors...)
	if k.refs["c"].Path() == "" {
		k.actor(k.system, "c", mailbox.Config[knotMessage]{})
	}
	m.tie(k)
	k.run()
	elapse(20 * time.Second)
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.waits) == 0 {
		t.Error("nobody has waited")
	}
	for name, err := range k.waits {
		if !errors.Is(err, m.fails[name]) {
			t.Errorf("the wait of %s: %v, want %v", name, err, m.fails[name])
		}
	}
	for name, err := range m.fails {
		if _, over := k.waits[name]; !over {
			t.Errorf("the wait of %s is not over, want %v", name, err)
		}
	}
}
