package runtime_test

import (
	"context"
	"errors"
	"io"
	goruntime "runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"
	logrustest "github.com/sirupsen/logrus/hooks/test"

	"github.com/troupe-go/troupe/runtime"
)

// contextOf returns the context of ref's handlers.
func contextOf(t *testing.T, ref runtime.Ref[act]) *runtime.Context[act] {
	t.Helper()
	got := make(chan *runtime.Context[act], 1)
	tell(t, ref, func(ctx *runtime.Context[act]) error { got <- ctx; return nil })
	return <-got
}

func TestContextEndsAtStopAndNotBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		ctx := contextOf(t, ref)
		alive := func(when string) {
			t.Helper()
			synctest.Wait()
			select {
			case <-ctx.Done():
				t.Errorf("%s: the context is done", when)
			default:
			}
			if ctx.Err() != nil || context.Cause(ctx) != nil {
				t.Errorf("%s: Err is %v, Cause %v", when, ctx.Err(), context.Cause(ctx))
			}
		}
		alive("at first")
		if d, ok := ctx.Deadline(); ok {
			t.Errorf("it has a deadline, %v", d)
		}
		tell(t, ref, fails)
		alive("after a restart")

		g := newGate(t)
		tell(t, ref, func(*runtime.Context[act]) error { g.wait(); return nil })
		ref.StopWhenEmpty()
		alive("while it drains")
		ref.Stop() // although a handler runs
		<-ctx.Done()
		if ctx.Err() != context.Canceled || !errors.Is(context.Cause(ctx), runtime.ErrStopped) {
			t.Errorf("Err is %v, Cause %v, want Canceled and ErrStopped", ctx.Err(), context.Cause(ctx))
		}
		g.open()
		<-ref.Done()
	})
}

// Nobody asked for Done before the end: it is closed all the same.
func TestContextThatIsAskedOnlyAfterItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		ctx := contextOf(t, ref)
		ref.Stop()
		<-ref.Done()
		if err := ctx.Err(); err != context.Canceled {
			t.Errorf("Err is %v, want Canceled", err)
		}
		<-ctx.Done()
		if cause := context.Cause(ctx); !errors.Is(cause, runtime.ErrStopped) {
			t.Errorf("Cause is %v, want ErrStopped", cause)
		}
	})
}

func TestContextIsDerivedFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		ctx := contextOf(t, ref)
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		long, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		context.AfterFunc(ctx, func() { j.add("after") })
		context.AfterFunc(long, func() { j.add("after long") })
		unwanted := context.AfterFunc(ctx, func() { j.add("unwanted") })
		if !unwanted() {
			t.Error("AfterFunc ran while the context had not ended")
		}
		elapse(2 * time.Second)
		if short.Err() != context.DeadlineExceeded || long.Err() != nil || ctx.Err() != nil {
			t.Errorf("after 2s: %v, %v, %v, want the short one to have ended", short.Err(), long.Err(), ctx.Err())
		}
		j.check(t)
		ref.Stop()
		<-ref.Done()
		synctest.Wait()
		if long.Err() != context.Canceled || !errors.Is(context.Cause(long), runtime.ErrStopped) {
			t.Errorf("Err is %v, Cause %v, want Canceled and ErrStopped", long.Err(), context.Cause(long))
		}
		if got := len(j.take()); got != 2 {
			t.Errorf("%d AfterFuncs ran, want 2", got)
		}
	})
}

// The standard package finds its own context behind an actor's, so that no goroutine has to pass the end on.
func TestContextIsDerivedFromWithoutGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		ctx := contextOf(t, ref)
		synctest.Wait()
		before := goruntime.NumGoroutine()
		var all []context.Context
		for range 100 {
			derived, cancel := context.WithCancel(context.WithValue(ctx, errFails, 1))
			defer cancel()
			all = append(all, derived)
		}
		if n := goruntime.NumGoroutine() - before; n > 0 {
			t.Errorf("%d goroutines for 100 derived contexts, want none", n)
		}
		ref.Stop()
		for _, derived := range all {
			<-derived.Done()
		}
	})
}

// A context that outlives its parent's end is the standard library's business; Troupe's part is that values get through.
func TestContextWithoutCancelOutlivesTheActor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[act]{New: performer})
		ctx := context.WithoutCancel(contextOf(t, ref))
		ref.Stop()
		<-ref.Done()
		if ctx.Err() != nil || ctx.Done() != nil {
			t.Error("it has ended")
		}
		if ctx.Value(errFails) != nil {
			t.Error("it has a value that nobody set")
		}
	})
}

func TestContextKnowsItself(t *testing.T) {
	log, hook := logrustest.NewNullLogger()
	log.SetOutput(io.Discard)
	system := newSystem(t, runtime.Config{Name: "shop", Logger: log})
	ref := spawn(t, system, runtime.Props[act]{Name: "orders", New: performer})
	ctx := contextOf(t, ref)
	if ctx.Self() != ref {
		t.Errorf("Self is %v, want %v", ctx.Self(), ref)
	}
	ctx.Log().WithField("n", 1).Info("hello")
	entry := hook.LastEntry()
	if entry == nil || entry.Message != "hello" || entry.Level != logrus.InfoLevel {
		t.Fatalf("logged %v, want hello", entry)
	}
	if entry.Data["actor"] != "shop/orders" || entry.Data["n"] != 1 {
		t.Errorf("logged with %v, want the actor's path", entry.Data)
	}
}
