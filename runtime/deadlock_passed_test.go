package runtime_test

import (
	"context"
	goruntime "runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// Ways for a reply handle to go elsewhere than the handler that was asked: whoever has it may answer.

// passedOn has b pass on the handle with which a asks it, and then ask a: whoever has the handle answers.
func passedOn(pass func(k *knot, ctx knotContext, m knotMessage)) func(*testing.T) {
	return func(t *testing.T) {
		k := newKnot(t, "a", "b", "other")
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
		k.run()
		k.checkNone(map[string]error{"a": nil, "b": nil})
	}
}

// later answers after a while, in which the cycle is suspected.
func later(r runtime.Reply[int]) { <-time.After(2 * time.Second); r.Send(1) }

func answers(m knotMessage) knotMessage {
	return knotMessage{m.Reply, func(_ knotContext, m knotMessage) error { later(m.Reply); return nil }}
}

func byTell(k *knot, ctx knotContext, m knotMessage) { _ = k.refs["other"].Tell(ctx, answers(m)) }

func byTryTell(k *knot, _ knotContext, m knotMessage) { _ = k.refs["other"].TryTell(answers(m)) }

// A forwarding takes two handles along: its own, and the one that is passed on.
type forwarding struct {
	runtime.Reply[int]
	Other any
}

func byAsk(k *knot, ctx knotContext, m knotMessage) {
	other := spawnFunc(k.t, k.system, func(_ *runtime.Context[forwarding], r forwarding) error {
		r.Send(1)
		later(r.Other.(runtime.Reply[int]))
		return nil
	})
	_, _ = runtime.Ask(ctx, other, func(r runtime.Reply[int]) forwarding { return forwarding{Reply: r, Other: m.Reply} })
}

func byPipe(_ *knot, ctx knotContext, m knotMessage) {
	runtime.Pipe(ctx, func(context.Context) (int, error) { later(m.Reply); return 0, nil }, func(int, error) knotMessage { return nop })
}

func byGo(after time.Duration) func(*knot, knotContext, knotMessage) {
	return func(_ *knot, _ knotContext, m knotMessage) {
		go func() { <-time.After(after); m.Send(1) }()
	}
}

func byGoTwice(_ *knot, _ knotContext, m knotMessage) { go func() { go later(m.Reply) }() }

func byGoLabelled(k *knot, ctx knotContext, m knotMessage) {
	pprof.Do(ctx, pprof.Labels("a", "b"), func(context.Context) { byGoTwice(k, ctx, m) })
}

// Go's numbers of goroutines do not rise with time: each processor has some in stock. So a goroutine's goroutine is tried again
// while others use numbers up.
func TestGoroutinesGoroutineIsFoundWhateverItsNumber(t *testing.T) {
	var stop atomic.Bool
	var spender sync.WaitGroup
	spender.Go(func() {
		for !stop.Load() {
			for range 100 {
				go func() {}()
			}
			goruntime.Gosched()
		}
	})
	defer spender.Wait()
	defer stop.Store(true)
	for range 500 * scale {
		synctest.Test(t, passedOn(byGoTwice))
		if t.Failed() {
			return
		}
	}
}

func byChild(_ *knot, ctx knotContext, m knotMessage) {
	child, _ := runtime.SpawnFunc(ctx, "", func(knotContext, knotMessage) error { later(m.Reply); return nil })
	_ = child.Tell(ctx, nop)
}

func keptForMessage(t *testing.T) {
	k := newKnot(t, "a", "b", "c")
	var kept runtime.Reply[int]
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		_, err := runtime.Ask(ctx, k.refs["b"], func(r runtime.Reply[int]) knotMessage {
			return knotMessage{r, func(_ knotContext, m knotMessage) error { kept = m.Reply; return nil }}
		})
		return err
	})
	k.run()
	tell(t, k.refs["b"], knotMessage{do: func(ctx knotContext, _ knotMessage) error {
		go later(kept)
		k.note("b", k.ask(ctx, "a"))
		return nil
	}})
	k.checkNone(map[string]error{"a": nil, "b": nil})
}

func keptForTimer(t *testing.T) {
	k := newKnot(t, "a", "b")
	k.handle("a", func(ctx knotContext, _ knotMessage) error {
		_, err := runtime.Ask(ctx, k.refs["b"], func(r runtime.Reply[int]) knotMessage {
			return knotMessage{r, func(ctx knotContext, m knotMessage) error {
				ctx.After(3*time.Second, knotMessage{m.Reply, func(_ knotContext, m knotMessage) error { m.Send(1); return nil }})
				return nil
			}}
		})
		return err
	})
	k.handle("b", func(ctx knotContext, _ knotMessage) error { return nil })
	k.run()
	_ = k.refs["b"].TryTell(knotMessage{do: func(ctx knotContext, _ knotMessage) error {
		derived, end := withTimeout(ctx)
		defer end()
		_ = k.ask(derived, "a")
		return nil
	}})
	k.checkNone(map[string]error{"a": nil, "b": nil})
}
