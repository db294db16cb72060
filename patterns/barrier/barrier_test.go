package barrier_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/patterns/barrier"
	"github.com/troupe-go/troupe/runtime"
)

func TestBadConfigsNameFieldFoundAndAccepted(t *testing.T) {
	system := newSystem(t)
	newBarrier(t, system, barrier.Config{Name: "rounds", Parties: 1})
	for _, c := range []struct {
		config barrier.Config
		is     error
		text   string // "": not ours
	}{
		{barrier.Config{}, barrier.ErrConfig, "barrier: invalid config: Parties is 0: want 1 or more"},
		{
			barrier.Config{Name: "a/b", Parties: 1}, barrier.ErrConfig,
			`barrier: invalid config: Name is "a/b": want a name without '/'`,
		},
		{
			barrier.Config{Parties: 1, Timeout: -time.Second}, barrier.ErrConfig,
			"barrier: invalid config: Timeout is -1s: want 0 (none) or more",
		},
		{barrier.Config{Name: "rounds", Parties: 1}, runtime.ErrNameTaken, ""},
	} {
		_, err := barrier.New(system, c.config)
		if !errors.Is(err, c.is) || c.text != "" && err.Error() != c.text {
			t.Errorf("New(%+v) returns %v, want %v, in the words %q", c.config, err, c.is, c.text)
		}
	}
	if _, err := barrier.New(nil, barrier.Config{Parties: 1}); !errors.Is(err, runtime.ErrConfig) {
		t.Errorf("New without a parent returns %v, want runtime.ErrConfig", err)
	}
}

func wantErr(t *testing.T, got <-chan result, wants ...error) {
	t.Helper()
	r := <-got
	for _, want := range wants {
		if !errors.Is(r.err, want) {
			t.Errorf("Wait returns %v, want %v", r.err, want)
		}
	}
}

func TestCancelledPartyBreaksTheBarrierForTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBarrier(t, newSystem(t), barrier.Config{Parties: 4})
		ctx, cancel := context.WithCancel(t.Context())
		patient, gone, other := waitAside(t.Context(), b), waitAside(ctx, b), waitAside(t.Context(), b)
		synctest.Wait()
		wantWaiting(t, b, 3)
		cancel()
		wantErr(t, gone, context.Canceled, barrier.ErrBroken)
		for _, got := range []<-chan result{patient, other} {
			r := <-got
			const text = "barrier: broken: a party gave up: runtime: ask troupe/1: context canceled"
			if !errors.Is(r.err, barrier.ErrBroken) || errors.Is(r.err, context.Canceled) || r.err.Error() != text {
				t.Errorf("Wait returns %v, want %s, which is not about its own context", r.err, text)
			}
		}
		wantBroken(t, b, true)
		wantWaiting(t, b, 0)
		wantErr(t, waitAside(t.Context(), b), barrier.ErrBroken)
	})
}

// To come too late, or not at all, makes no difference for those who wait.
func TestPartyWhoseContextHasEndedBeforeBreaksTheBarrier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBarrier(t, newSystem(t), barrier.Config{Parties: 2})
		first := waitAside(t.Context(), b)
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantErr(t, waitAside(ctx, b), context.Canceled, barrier.ErrBroken)
		wantErr(t, first, barrier.ErrBroken)
	})
}

func TestNoContextIsAnError(t *testing.T) {
	b := newBarrier(t, newSystem(t), barrier.Config{Parties: 1, Timeout: time.Hour})
	var none context.Context
	if _, err := b.Wait(none); err == nil {
		t.Error("Wait without a context returns nil, want an error")
	}
	if _, err := b.Waiting(none); err == nil {
		t.Error("Waiting without a context returns nil, want an error")
	}
	wantBroken(t, b, false)
}

// act is a message that its receiver carries out.
type act func(*runtime.Context[act]) error

func perform(ctx *runtime.Context[act], do act) error { return do(ctx) }

func newActor(t testing.TB, p runtime.Parent, name string) runtime.Ref[act] {
	t.Helper()
	ref, err := runtime.SpawnFunc(p, name, perform)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func tell(t testing.TB, ref runtime.Ref[act], do act) {
	t.Helper()
	if err := ref.Tell(context.Background(), do); err != nil {
		t.Fatal(err)
	}
}

func TestPartyThatEndsBreaksTheBarrier(t *testing.T) {
	fails := func(ref runtime.Ref[act]) { _ = ref.TryTell(func(*runtime.Context[act]) error { panic("on purpose") }) }
	for name, c := range map[string]struct {
		begin func(*barrier.Barrier) act
		end   func(runtime.Ref[act])
	}{
		"its actor stops while it waits": {
			func(b *barrier.Barrier) act {
				return func(ctx *runtime.Context[act]) error {
					_, _ = b.Wait(ctx)
					return nil
				}
			},
			runtime.Ref[act].Stop,
		},
		"its behaviour crashes, and a goroutine of its waits": {
			func(b *barrier.Barrier) act {
				return func(ctx *runtime.Context[act]) error {
					go func() { _, _ = b.Wait(context.WithoutCancel(ctx)) }()
					return nil
				}
			},
			fails,
		},
		"its Pipe stops while it waits": {
			func(b *barrier.Barrier) act {
				return func(ctx *runtime.Context[act]) error {
					runtime.Pipe(ctx, func(ctx context.Context) (int, error) { return b.Wait(ctx) },
						func(int, error) act { return func(*runtime.Context[act]) error { return nil } })
					return nil
				}
			},
			runtime.Ref[act].Stop,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				b := newBarrier(t, system, barrier.Config{Parties: 3})
				ref := newActor(t, system, "party")
				tell(t, ref, c.begin(b))
				other := waitAside(t.Context(), b)
				synctest.Wait()
				wantWaiting(t, b, 2)
				c.end(ref)
				wantErr(t, other, barrier.ErrBroken)
				wantBroken(t, b, true)
			})
		})
	}
}

// One that has passed may end as it likes. It is watched once, however often it came.
func TestEndOfAPartyThatDoesNotWaitBreaksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		b := newBarrier(t, system, barrier.Config{Parties: 2})
		ref := newActor(t, system, "party")
		for range 10 {
			tell(t, ref, func(ctx *runtime.Context[act]) error {
				_, err := b.Wait(ctx)
				return err
			})
			wait(t, b)
		}
		synctest.Wait()
		other := waitAside(t.Context(), b)
		synctest.Wait()
		before := system.Stats().Sent
		ref.Stop()
		synctest.Wait()
		if n := system.Stats().Sent - before; n != 1 {
			t.Errorf("the end of a party that came 10 times made %d messages, want 1", n)
		}
		wantBroken(t, b, false)
		wait(t, b)
		if r := <-other; r.err != nil {
			t.Error(r.err)
		}
	})
}

func TestFailedActionBreaksTheBarrier(t *testing.T) {
	onPurpose := errors.New("on purpose")
	for name, c := range map[string]struct {
		action func() error
		is     error
	}{
		"error":  {func() error { return onPurpose }, onPurpose},
		"panic":  {func() error { panic(onPurpose) }, onPurpose},
		"Goexit": {func() error { goruntime.Goexit(); return nil }, runtime.ErrGoexit},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				failing := true
				b := newBarrier(t, newSystem(t), barrier.Config{Parties: 3, Action: func() error {
					if failing {
						return c.action()
					}
					return nil
				}})
				first, second := waitAside(t.Context(), b), waitAside(t.Context(), b)
				synctest.Wait()
				last := waitAside(t.Context(), b)
				wantErr(t, first, barrier.ErrBroken, c.is)
				wantErr(t, second, barrier.ErrBroken, c.is)
				if name != "Goexit" { // whose goroutine is gone
					wantErr(t, last, barrier.ErrBroken, c.is)
				}
				wantErr(t, waitAside(t.Context(), b), barrier.ErrBroken, c.is)
				failing = false
				if err := b.Reset(); err != nil {
					t.Fatal(err)
				}
				var got []<-chan result
				for range 3 {
					got = append(got, waitAside(t.Context(), b))
				}
				for _, g := range got {
					wantErr(t, g, nil)
				}
			})
		})
	}
}
