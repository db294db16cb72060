package runtime_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// The shapes of deadlocks that are no plain rings.

func putBack(t *testing.T) {
	k := newKnot(t, "a", "b")
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		return k.askTo(ctx, "b", func(ctx knotContext) error { return k.tell(ctx, "a") })
	})
	k.fill("a")
	k.run()
	k.checkDeadlock(byAndBy, "a", "b")
}

// A hooked actor has a Started and a Restarting hook.
type hooked struct {
	started    func(ctx knotContext) error
	restarting func(ctx knotContext)
}

func (h hooked) Receive(ctx knotContext, m knotMessage) error { return m.do(ctx, m) }

func (h hooked) Started(ctx knotContext) error {
	if h.started == nil {
		return nil
	}
	return h.started(ctx)
}

func (h hooked) Restarting(ctx knotContext, _ error) {
	if h.restarting != nil {
		h.restarting(ctx)
	}
}

func startedAsksParent(t *testing.T) {
	k := newKnot(t, "a")
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		_, err := runtime.Spawn(ctx, runtime.Props[knotMessage]{Name: "child", New: func() runtime.Actor[knotMessage] {
			return hooked{started: func(ctx knotContext) error { return k.ask(ctx, "a") }}
		}})
		return err
	})
	k.run()
	k.checkDeadlock(atOnce, "a")
}

var errAgain = errors.New("again")

// hookAsksParent has an actor fail, one of whose hooks then asks its parent, which waits for it.
func hookAsksParent(t *testing.T, hooks func(k *knot) runtime.Actor[knotMessage]) {
	k := &knot{t: t, system: newSystem(t, tireless), start: make(chan struct{}), refs: map[string]knotRef{},
		waits: map[string]error{}, after: map[string]time.Duration{}}
	k.actor(k.system, "a", small)
	tell(t, k.refs["a"], knotMessage{do: func(ctx knotContext, _ knotMessage) error {
		k.actorOf(ctx, runtime.Props[knotMessage]{Name: "b", New: func() runtime.Actor[knotMessage] { return hooks(k) }})
		return nil
	}})
	synctest.Wait()
	tell(t, k.refs["b"], knotMessage{do: func(knotContext, knotMessage) error {
		<-k.start
		return errAgain
	}})
	k.refs["a"].TryTell(knotMessage{do: func(ctx knotContext, _ knotMessage) error {
		k.note("a", k.ask(ctx, "b"))
		return nil
	}})
	synctest.Wait()
	k.run()
	k.checkDeadlock(atOnce, "a", "b")
}

func restartAsksParent(t *testing.T) {
	begun := false
	hookAsksParent(t, func(k *knot) runtime.Actor[knotMessage] {
		return hooked{started: func(ctx knotContext) error {
			if begun {
				k.note("b", k.ask(ctx, "a"))
			}
			begun = true
			return nil
		}}
	})
}

func restartingAsksParent(t *testing.T) {
	hookAsksParent(t, func(k *knot) runtime.Actor[knotMessage] {
		return hooked{restarting: func(ctx knotContext) { k.note("b", k.ask(ctx, "a")) }}
	})
}

func childAsksBack(t *testing.T) {
	k := newKnot(t, "a")
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		k.actor(ctx, "b", small)
		return k.askTo(ctx, "b", func(ctx knotContext) error { return k.ask(ctx, "a") })
	})
	k.run()
	k.checkDeadlock(byAndBy, "a", "b")
}

func derivedContext(derive func(context.Context) context.Context) func(*testing.T) {
	return func(t *testing.T) {
		k := newKnot(t, "a", "b")
		k.handle("a", func(ctx knotContext, _ knotMessage) error { return k.ask(derive(ctx), "b") })
		k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.tell(derive(ctx), "a") })
		k.fill("a")
		k.run()
		k.checkDeadlock(atOnce, "a", "b")
	}
}

// Who is Inline should not wait, but if it does so on the goroutine of who asks it, that is who waits.
func inlineAsksBack(t *testing.T) {
	k := newKnot(t, "a")
	k.actorOf(k.system, runtime.Props[knotMessage]{Name: "inline", Inline: true, Mailbox: small})
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		var inner error
		err := k.askTo(ctx, "inline", func(ctx knotContext) error {
			inner = k.ask(ctx, "a")
			return nil
		})
		return errors.Join(err, inner)
	})
	k.run()
	k.checkDeadlock(atOnce, "a")
}

func redelivered(t *testing.T) {
	k := newKnot(t, "a")
	k.actorOf(k.system, runtime.Props[knotMessage]{Name: "b", Redeliver: 1})
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		failed := false
		_, err := runtime.Ask(ctx, k.refs["b"], func(r runtime.Reply[int]) knotMessage {
			return knotMessage{r, func(ctx knotContext, m knotMessage) error {
				if !failed {
					failed = true
					return errAgain
				}
				k.note("b", k.ask(ctx, "a"))
				m.Send(1)
				return nil
			}}
		})
		return err
	})
	k.run()
	k.checkDeadlock(byAndBy, "a", "b")
}

func becomesAndAsks(t *testing.T) {
	k := newKnot(t, "a", "b")
	for i, name := range []string{"a", "b"} {
		k.handle(name, func(ctx knotContext, _ knotMessage) error {
			ctx.Become(runtime.Func[knotMessage](doAsToldTo))
			return k.ask(ctx, []string{"b", "a"}[i])
		})
	}
	k.run()
	k.checkDeadlock(atOnce, "a", "b")
}

// A goroutine of the handler's that waits for somebody else, and may do so for long, does not hide what the handler does.
func helperWaitsToo(t *testing.T) {
	k := newKnot(t, "a", "b", "slow")
	g := newGate(t)
	helped, first, then := make(chan error), make(chan struct{}), make(chan struct{})
	k.handle("slow", func(knotContext, knotMessage) error { g.wait(); return nil })
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		go func() { helped <- k.ask(ctx, "slow") }()
		<-first
		return k.ask(ctx, "b")
	})
	k.handle("b", func(ctx knotContext, _ knotMessage) error {
		<-then
		return k.ask(ctx, "a")
	})
	k.run()
	close(first)
	synctest.Wait()
	close(then)
	synctest.Wait()
	g.open()
	if err := <-helped; err != nil {
		t.Errorf("the helper: %v", err)
	}
	synctest.Wait()
	delete(k.waits, "slow")
	k.checkDeadlock(byAndBy, "a", "b")
}

func hangsOn(t *testing.T) {
	k := newKnot(t, "a", "b", "asks", "puts")
	k.handle("asks", func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, "a") })
	k.handle("puts", func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, "b") })
	k.handle("a", func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, "b") })
	k.handle("b", func(ctx knotContext, _ knotMessage) error { return k.tell(ctx, "a") })
	k.fill("b")
	k.fill("a")
	k.run()
	k.checkDeadlock(atOnce, "a", "b")
}

func twoCycles(t *testing.T) {
	k := newKnot(t, "a", "b", "c", "d", "e")
	for name, next := range map[string]string{"a": "b", "b": "a", "c": "d", "d": "e", "e": "c"} {
		k.handle(name, func(ctx knotContext, _ knotMessage) error { return k.ask(ctx, next) })
	}
	k.run()
	all := k.deadlocks()
	if len(all) != 2 || len(all[0].Cycle)+len(all[1].Cycle) != 5 || len(k.waits) != 5 {
		t.Errorf("deadlocks: %v, want one of two and one of three; waits: %v", all, k.waits)
	}
	k.checkUsable()
}

// Who was told of a deadlock and tries again makes the same one.
func closedAgain(t *testing.T) {
	const tries = 5
	k := newKnot(t, "a", "b")
	told := 0
	again := func(to string) func(ctx knotContext, _ knotMessage) error {
		return func(ctx knotContext, _ knotMessage) (err error) {
			for range tries {
				var d *runtime.DeadlockError
				if err = k.tell(ctx, to); !errors.As(err, &d) {
					return err
				}
				told++ // by one of the two, the other one waits all the time
			}
			return err
		}
	}
	k.handle("a", again("b"))
	k.handle("b", again("a"))
	k.fill("a", "b")
	k.run()
	if told != tries {
		t.Errorf("of %d deadlocks %d were told", tries, told)
	}
	k.checkDeadlock(atOnce, "a", "b")
}

type (
	embeds  struct{ runtime.Reply[int] }
	sends   interface{ Send(int) }
	exports struct {
		N  int
		To runtime.Reply[int]
	}
	hides struct {
		s  string
		to runtime.Reply[int]
	}
)

// carried has two actors ask each other, with messages that have the handle somewhere.
func carried[M any](message func(runtime.Reply[int]) M, handleIn func(M) runtime.Reply[int]) func(*testing.T) {
	return func(t *testing.T) {
		s := newSystem(t)
		errs := make(chan error, 2)
		begun := false
		var a, b runtime.Ref[M]
		a = spawnFunc(t, s, func(ctx *runtime.Context[M], m M) error {
			if begun {
				handleIn(m).Send(0)
				return nil
			}
			begun = true
			_, err := runtime.Ask(ctx, b, message)
			errs <- err
			return nil
		})
		b = spawnFunc(t, s, func(ctx *runtime.Context[M], m M) error {
			_, err := runtime.Ask(ctx, a, message)
			errs <- err
			handleIn(m).Send(0)
			return nil
		})
		tell(t, a, message(runtime.Reply[int]{}))
		elapse(byAndBy)
		var d *runtime.DeadlockError
		if err := <-errs; !errors.As(err, &d) || len(d.Cycle) != 2 {
			t.Errorf("the one asked first: %v, want a deadlock of two", err)
		}
		if err := <-errs; err != nil {
			t.Errorf("the one who asked first: %v", err)
		}
	}
}

// An unquiet is what a message may refer to: others change it all the time, under its lock.
type unquiet struct {
	mu    sync.Mutex
	named map[string]any
	last  any
	to    []runtime.Reply[int]
	asker runtime.Reply[int]
}

type refers struct {
	runtime.Reply[int]
	state *unquiet
	named map[string]runtime.Reply[int]
	peer  runtime.Ref[refers]
}

// What a message refers to is not read by the runtime: it may be changed meanwhile, which the race detector would see, and a
// map that is written ends the process. Nor does it look into actors, in whose refs it would find all of the system.
func TestWhatMessagesReferToIsLeftAlone(t *testing.T) {
	s := newSystem(t)
	state := &unquiet{named: map[string]any{}}
	named := map[string]runtime.Reply[int]{}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			state.mu.Lock()
			state.named[strconv.Itoa(i%100)], state.last = i, i
			named[strconv.Itoa(i%100)] = runtime.Reply[int]{}
			state.to, state.asker = append(state.to[:0], runtime.Reply[int]{}), runtime.Reply[int]{}
			state.mu.Unlock()
		}
	})
	actor := spawnFunc(t, s, func(ctx *runtime.Context[refers], m refers) error { m.Send(1); return nil })
	for range 2000 * scale {
		m := refers{state: state, named: named, peer: actor}
		tell(t, actor, m)
		if _, err := runtime.Ask(t.Context(), actor, func(r runtime.Reply[int]) refers { m.Reply = r; return m }); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	wg.Wait()
}
