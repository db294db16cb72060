package runtime_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"testing"
	"testing/synctest"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// None of these asks has a deadline: where one did not end, its bubble would report a deadlock.

var stopping = runtime.Config{Children: supervisor.Config{
	Decide: func(error) supervisor.Directive { return supervisor.Stop },
}}

func TestPromise8AsksEndWhenTheHandlerFails(t *testing.T) {
	cause := &causeError{"cause"}
	for name, test := range map[string]struct {
		do func(*runtime.Context[question], question) error
		is func(error) bool
	}{
		"error": {
			func(*runtime.Context[question], question) error { return cause },
			func(err error) bool { return err == error(cause) },
		},
		"panic": {
			func(*runtime.Context[question], question) error { panic("no") },
			func(err error) bool {
				var p *runtime.PanicError
				return errors.As(err, &p) && p.Value == "no" && len(p.Stack) > 0 && err.Error() == "panic: no"
			},
		},
		"panic with an error": {
			func(*runtime.Context[question], question) error { panic(cause) },
			func(err error) bool {
				var c *causeError
				return errors.As(err, &c) && c == cause
			},
		},
		"panic with nil": {
			func(*runtime.Context[question], question) error { var none any; panic(none) },
			func(err error) bool {
				var p *goruntime.PanicNilError
				return errors.As(err, &p)
			},
		},
		"Goexit": {
			func(*runtime.Context[question], question) error { goruntime.Goexit(); return nil },
			func(err error) bool { return errors.Is(err, runtime.ErrGoexit) },
		},
	} {
		for _, config := range []runtime.Config{tireless, resuming, stopping} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					system := newSystem(t, config)
					ref := spawn(t, system, runtime.Props[question]{New: answerer})
					if _, err := ask(context.Background(), ref, test.do); !test.is(err) {
						t.Errorf("got %#v", err)
					}
				})
			})
		}
	}
}

type causeError struct{ text string }

func (e *causeError) Error() string { return e.text }

func TestPromise8AsksEndWhenTheActorStops(t *testing.T) {
	for name, stop := range map[string]func(*runtime.System, runtime.Ref[question]){
		"Stop":     func(_ *runtime.System, ref runtime.Ref[question]) { ref.Stop() },
		"Shutdown": func(s *runtime.System, _ runtime.Ref[question]) { _ = s.Shutdown(ended()) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				g := newGate(t)
				ref := spawn(t, system, runtime.Props[question]{New: answerer})
				tell(t, ref, question{do: func(*runtime.Context[question], question) error { g.wait(); return nil }})
				asked := make(chan error)
				for range 3 {
					go func() {
						_, err := ask(context.Background(), ref, answer)
						asked <- err
					}()
				}
				synctest.Wait()
				stopped := make(chan struct{})
				go func() { stop(system, ref); close(stopped) }()
				synctest.Wait()
				g.open()
				for range 3 {
					if err := <-asked; !errors.Is(err, runtime.ErrStopped) {
						t.Errorf("got %v, want ErrStopped", err)
					}
				}
				<-stopped
			})
		})
	}
}

func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// The message was handled, and its reply kept: nothing but the actor's end tells that nobody will answer.
func TestPromise8AsksEndWhenTheActorStopsWithTheReply(t *testing.T) {
	for name, test := range map[string]struct {
		end   func(*runtime.Context[question], question) error
		cause error
	}{
		"stop":    {func(ctx *runtime.Context[question], _ question) error { ctx.Stop(); return nil }, runtime.ErrStopped},
		"failure": {func(*runtime.Context[question], question) error { return errFails }, errFails},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t, stopping)
				ref := spawn(t, system, runtime.Props[question]{New: answerer})
				asked := make(chan error)
				go func() {
					_, err := ask(context.Background(), ref, ignore)
					asked <- err
				}()
				synctest.Wait()
				tell(t, ref, question{do: test.end})
				if err := <-asked; !errors.Is(err, runtime.ErrStopped) || !errors.Is(err, test.cause) {
					t.Errorf("got %v, want ErrStopped and %v", err, test.cause)
				}
			})
		})
	}
}

// What waits behind a failure that ends the actor learns of it too.
func TestPromise8AsksEndWithTheCauseOfTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, stopping)
		g := newGate(t)
		ref := spawn(t, system, runtime.Props[question]{New: answerer})
		tell(t, ref, question{do: func(*runtime.Context[question], question) error { g.wait(); return errFails }})
		asked := make(chan error)
		go func() {
			_, err := ask(context.Background(), ref, answer)
			asked <- err
		}()
		synctest.Wait()
		g.open()
		if err := <-asked; !errors.Is(err, runtime.ErrStopped) || !errors.Is(err, errFails) {
			t.Errorf("got %v, want ErrStopped and the failure", err)
		}
	})
}

// A stashed question is not forgotten either.
func TestPromise8AsksEndWhereTheyAreStashed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		ref := spawn(t, system, runtime.Props[question]{New: answerer})
		asked := make(chan error)
		go func() {
			_, err := ask(context.Background(), ref, func(ctx *runtime.Context[question], _ question) error {
				return ctx.Stash()
			})
			asked <- err
		}()
		synctest.Wait()
		ref.Stop()
		if err := <-asked; !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("got %v, want ErrStopped", err)
		}
	})
}

// A message may have a method Fail of its own, whoever it tells.
type failer struct{ told chan error }

func (f failer) Fail(err error) { f.told <- err }

// A Fail that panics, or ends its goroutine, is its own fault.
type panicker struct{}

func (panicker) Fail(error) { panic("Fail") }

type exiter struct{}

func (exiter) Fail(error) { goruntime.Goexit() }

func TestPromise8AsksEndByAFailMethodOfTheMessagesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, tireless)
		letters := collectDeadLetters(system)
		ref := spawnFunc(t, system, func(_ *runtime.Context[any], m any) error {
			if m == nil {
				return nil
			}
			return errFails
		})
		f := failer{make(chan error, 2)}
		tell[any](t, ref, f, &f, panicker{}, exiter{}, (*failer)(nil), nil)
		synctest.Wait()
		for range 2 {
			if err := <-f.told; err != errFails {
				t.Errorf("told %v, want the failure", err)
			}
		}
		letters.check(t, f, &f, panicker{}, exiter{}, (*failer)(nil))
		checkStats(t, ref.Stats(), runtime.Stats{Sent: 6, Handled: 1, DeadLettered: 5, Failed: 5, Restarts: 5, Actors: 1})
	})
}
