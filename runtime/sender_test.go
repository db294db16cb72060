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

// senders says who sent the dead letters, in order.
func (l *letters) senders() (paths []string) {
	for _, d := range l.list() {
		paths = append(paths, d.Sender)
	}
	return paths
}

// checkSender wants one dead letter, of the given sender.
func (l *letters) checkSender(t *testing.T, want string) {
	t.Helper()
	if got := l.senders(); len(got) != 1 || got[0] != want {
		t.Errorf("dead letters of %q, want one of %q", got, want)
	}
}

// An asker asks with the contexts that a handler has.
var askingWith = map[string]func(*runtime.Context[act], func(context.Context)){
	"its own context": func(ctx *runtime.Context[act], ask func(context.Context)) { ask(ctx) },
	"a derived context": func(ctx *runtime.Context[act], ask func(context.Context)) {
		short, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		ask(short)
	},
	"the context of a pipe": func(ctx *runtime.Context[act], ask func(context.Context)) {
		runtime.Pipe(ctx, func(ctx context.Context) (int, error) { ask(ctx); return 0, nil },
			func(int, error) act { return fine })
	},
}

// Wherever an ask dies, it is known who asked.
func TestDeadLettersSayWhoAsked(t *testing.T) {
	deaths := map[string]func(t *testing.T, s *runtime.System, ask func(runtime.Ref[svAsked])){
		"its handler fails": func(t *testing.T, s *runtime.System, ask func(runtime.Ref[svAsked])) {
			ask(spawnFunc(t, s, func(*runtime.Context[svAsked], svAsked) error { return errFails }))
		},
		"the actor stops": func(t *testing.T, s *runtime.System, ask func(runtime.Ref[svAsked])) {
			g, taken := newGate(t), false
			ref := spawnFunc(t, s, func(*runtime.Context[svAsked], svAsked) error { taken = true; g.wait(); return nil })
			tell(t, ref, svAsked{})
			synctest.Wait()
			ask(ref)
			ref.Stop()
			g.open()
			if <-ref.Done(); !taken {
				t.Error("nothing was handled")
			}
		},
		"it is evicted on arrival": func(t *testing.T, s *runtime.System, ask func(runtime.Ref[svAsked])) {
			g := newGate(t)
			ref := spawn(t, s, runtime.Props[svAsked]{
				Mailbox: mailbox.Config[svAsked]{Capacity: 1, Overflow: mailbox.DropNewest},
				New:     always(func(*runtime.Context[svAsked], svAsked) error { g.wait(); return nil }),
			})
			tell(t, ref, svAsked{})
			synctest.Wait()
			tell(t, ref, svAsked{})
			ask(ref)
			g.open()
		},
		"it is evicted later": func(t *testing.T, s *runtime.System, ask func(runtime.Ref[svAsked])) {
			g := newGate(t)
			ref := spawn(t, s, runtime.Props[svAsked]{
				Mailbox: mailbox.Config[svAsked]{Capacity: 1, Overflow: mailbox.DropOldest},
				New:     always(func(*runtime.Context[svAsked], svAsked) error { g.wait(); return nil }),
			})
			tell(t, ref, svAsked{})
			synctest.Wait()
			ask(ref)
			tell(t, ref, svAsked{})
			g.open()
		},
	}
	for with, use := range askingWith {
		for death, dies := range deaths {
			t.Run(with+", "+death, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					system := newSystem(t)
					letters := collectDeadLetters(system)
					asker := spawn(t, system, runtime.Props[act]{Name: "asker", New: performer})
					dies(t, system, func(to runtime.Ref[svAsked]) {
						tell(t, asker, func(ctx *runtime.Context[act]) error {
							use(ctx, func(ctx context.Context) {
								if _, err := runtime.Ask(ctx, to, askIt); err == nil {
									t.Error("the ask is answered")
								}
							})
							return nil
						})
						synctest.Wait()
					})
					synctest.Wait()
					letters.checkSender(t, "troupe/asker")
				})
			})
		}
	}
}

func askIt(r runtime.Reply[int]) svAsked { return svAsked{r} }

// An ask that has ended belongs to nobody: its asker may be asking somebody else by then.
func TestDeadLettersDoNotSayWhoAskedOnceTheAskIsOver(t *testing.T) {
	for name, receive := range map[string]func(m svAsked, release func()){
		"answered":               func(m svAsked, _ func()) { m.Send(1) },
		"the asker has given up": func(_ svAsked, giveUp func()) { giveUp() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				letters := collectDeadLetters(system)
				short, giveUp := context.WithCancel(context.Background())
				gone := make(chan struct{})
				to := spawnFunc(t, system, func(_ *runtime.Context[svAsked], m svAsked) error {
					receive(m, giveUp)
					<-gone
					return errFails
				})
				asker := spawn(t, system, runtime.Props[act]{Name: "asker", New: performer})
				tell(t, asker, func(ctx *runtime.Context[act]) error {
					defer close(gone)
					both, cancel := context.WithCancel(ctx)
					defer context.AfterFunc(short, cancel)()
					_, _ = runtime.Ask(both, to, askIt)
					return nil
				})
				synctest.Wait()
				letters.checkSender(t, "")
				giveUp()
			})
		})
	}
}

func TestDeadLettersFromOutsideAndThoseThatWereToldHaveNoSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		letters := collectDeadLetters(system)
		dead := spawnFunc(t, system, func(*runtime.Context[svAsked], svAsked) error { return errFails })
		if _, err := runtime.Ask(context.Background(), dead, askIt); !errors.Is(err, errFails) {
			t.Error(err)
		}
		tell(t, dead, svAsked{})
		tell(t, spawn(t, system, runtime.Props[act]{New: performer}), func(ctx *runtime.Context[act]) error {
			return dead.Tell(ctx, svAsked{})
		})
		synctest.Wait()
		if got := letters.senders(); len(got) != 3 || got[0]+got[1]+got[2] != "" {
			t.Errorf("dead letters of %q, want three of nobody", got)
		}
	})
}

// What Watch and Pipe make for an actor that takes nothing any more is from itself.
func TestDeadLettersThatAnActorMadeForItselfSaySo(t *testing.T) {
	for name, begin := range map[string]func(ctx *runtime.Context[act], until *gate) error{
		"Pipe": func(ctx *runtime.Context[act], until *gate) error {
			runtime.Pipe(ctx, func(context.Context) (int, error) { until.wait(); return 0, nil },
				func(int, error) act { return fine })
			return nil
		},
		"Watch": func(ctx *runtime.Context[act], until *gate) error {
			child, err := runtime.Spawn(ctx, runtime.Props[act]{New: performer})
			runtime.Watch(ctx, child, func(error) act { return fine })
			return errors.Join(err, child.Tell(ctx, func(*runtime.Context[act]) error { until.wait(); return nil }))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				letters := collectDeadLetters(system)
				g := newGate(t)
				ref := spawn(t, system, runtime.Props[act]{Name: "self", New: performer})
				tell(t, ref, func(ctx *runtime.Context[act]) error { return begin(ctx, g) })
				synctest.Wait()
				ref.Stop()
				synctest.Wait()
				g.open()
				<-ref.Done()
				synctest.Wait()
				letters.checkSender(t, "troupe/self")
			})
		})
	}
}

// A context of the user's own that panics when it is asked who it is from costs the asker the sender, and nothing else.
func TestDeadLetterOfAnAskWhoseContextPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		letters := collectDeadLetters(system)
		g := newGate(t)
		broken := &brokenContext{Context: context.Background()}
		dead := spawnFunc(t, system, func(*runtime.Context[svAsked], svAsked) error { g.wait(); return errFails })
		ended := make(chan error)
		go func() {
			_, err := runtime.Ask(broken, dead, askIt)
			ended <- err
		}()
		synctest.Wait() // the asker has parked
		broken.breaks = true
		g.open()
		if err := <-ended; !errors.Is(err, errFails) {
			t.Error(err)
		}
		synctest.Wait()
		letters.checkSender(t, "")
	})
}

type brokenContext struct {
	context.Context
	breaks bool
}

func (c *brokenContext) Value(key any) any {
	if c.breaks {
		panic("Value")
	}
	return c.Context.Value(key)
}
