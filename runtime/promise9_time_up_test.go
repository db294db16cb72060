package runtime_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// svShutdownWithin gives a shutdown a second, and checks its error.
func svShutdownWithin(t *testing.T, s *runtime.System, want ...string) time.Duration {
	t.Helper()
	begun := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := s.Shutdown(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown returns %v, want the end of its context", err)
		return time.Since(begun)
	}
	for _, text := range want {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("Shutdown returns %q: want it to say %q", err, text)
		}
	}
	return time.Since(begun)
}

func TestPromise9ShutdownWhoseTimeIsUpAccountsForWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t)
		dead := collectDeadLetters(system)
		blocks := always(func(ctx *runtime.Context[int], _ int) error { <-ctx.Done(); return nil })
		small := mailbox.Config[int]{Capacity: 3}
		var refs []runtime.Ref[int]
		for range 3 {
			ref := spawn(t, system, runtime.Props[int]{Mailbox: small, New: blocks})
			tell(t, ref, 0)
			synctest.Wait()
			tell(t, ref, 1, 2, 3)
			refs = append(refs, ref)
		}
		waiting := make(chan error, 2) // one from outside, and one from inside
		go func() { waiting <- refs[0].Tell(context.Background(), 4) }()
		inside := spawn(t, system, svProps("inside"))
		tell(t, inside, func(ctx *runtime.Context[svJob]) error {
			waiting <- refs[0].Tell(ctx, 4)
			return nil
		})
		synctest.Wait()
		took := svShutdownWithin(t, system, "shutdown of troupe", "9 messages became dead letters", "0 handlers were abandoned")
		if took != time.Second {
			t.Errorf("it took %v: want no more than its second, as all handlers look at their contexts", took)
		}
		for range 2 {
			if err := <-waiting; err == nil {
				t.Error("a tell that waited for room returns nil")
			}
		}
		for _, ref := range refs {
			if ref.Err() == nil {
				t.Errorf("%v: want why it stopped", ref)
			}
		}
		for _, d := range dead.list() {
			if !errors.Is(d.Reason, runtime.ErrStopped) || !strings.Contains(d.Reason.Error(), "time was up") {
				t.Errorf("%+v", d)
			}
		}
		if stats := system.Stats(); len(dead.list()) != 9 || stats.DeadLettered != 9 || stats.Handled != 4 || stats.Rejected != 2 {
			t.Errorf("%+v, and %d published: want 9 dead letters, 4 handled, 2 rejected", stats, len(dead.list()))
		}
	})
}

// A svFailing message wants to know when it is not handled, and takes its time over it.
type svFailing struct{ gate *gate }

func (m svFailing) Fail(error) { m.gate.wait() }

// What hangs is abandoned then, however patient its StopTimeout is.
func TestPromise9ShutdownWhoseTimeIsUpAbandonsWhatHangs(t *testing.T) {
	patient := svPatience(time.Hour)
	for name, hang := range map[string]func(*testing.T, *runtime.System, *gate){
		"handler": func(t *testing.T, s *runtime.System, g *gate) {
			tell(t, spawn(t, s, svProps("a", patient)), func(*runtime.Context[svJob]) error { g.wait(); return nil })
		},
		"handler, after a stop": func(t *testing.T, s *runtime.System, g *gate) {
			ref := spawn(t, s, svProps("a", patient))
			tell(t, ref, func(*runtime.Context[svJob]) error { g.wait(); return nil })
			synctest.Wait()
			ref.Stop()
		},
		"Stopped": func(t *testing.T, s *runtime.System, g *gate) {
			spawn(t, s, svProps("a", patient, svStopped(func(*runtime.Context[svJob]) { g.wait() })))
		},
		"Restarting": func(t *testing.T, s *runtime.System, g *gate) {
			tell(t, spawn(t, s, svProps("a", patient, svRestarting(func(*runtime.Context[svJob]) { g.wait() }))), svFail)
		},
		"Started": func(t *testing.T, s *runtime.System, g *gate) {
			starts := 0
			tell(t, spawn(t, s, svProps("a", patient, svStarted(func(*runtime.Context[svJob]) error {
				if starts++; starts > 1 {
					g.wait()
				}
				return nil
			}))), svFail)
		},
		"Started of a group": func(t *testing.T, s *runtime.System, g *gate) {
			top := spawn(t, s, svProps("top", svChildren(svAllForOne)))
			svSpawn(t, top, svProps("other"))
			starts := 0
			kid := svSpawn(t, top, svProps("a", patient, svStarted(func(*runtime.Context[svJob]) error {
				if starts++; starts > 1 {
					g.wait()
				}
				return nil
			})))
			tell(t, kid, svFail)
		},
		"pipe": func(t *testing.T, s *runtime.System, g *gate) {
			svPipes(t, spawn(t, s, svProps("a", patient)), g.wait, svFail)
		},
		"pipe, after a stop": func(t *testing.T, s *runtime.System, g *gate) {
			ref := spawn(t, s, svProps("a", patient))
			svPipes(t, ref, g.wait, svFail)
			ref.Stop()
		},
		"Decide": func(t *testing.T, s *runtime.System, g *gate) {
			hanging := svDecide(func(error) supervisor.Directive { g.wait(); return supervisor.Restart })
			top := spawn(t, s, svProps("top", svChildren(hanging)))
			tell(t, svSpawn(t, top, svProps("kid")), svFail)
		},
		"Fail of a message": func(t *testing.T, s *runtime.System, g *gate) {
			ref := spawnFunc(t, s, func(ctx *runtime.Context[svFailing], _ svFailing) error { <-ctx.Done(); return nil })
			tell(t, ref, svFailing{g}, svFailing{g})
		},
		"subscriber": func(t *testing.T, s *runtime.System, g *gate) {
			s.DeadLetters(func(runtime.DeadLetter) { g.wait() })
			tell(t, spawn(t, s, svProps("a", patient)), svFail)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				system := newSystem(t)
				g := newGate(t)
				hang(t, system, g)
				synctest.Wait()
				took := svShutdownWithin(t, system, "1 handlers were abandoned")
				if took > 2*time.Second {
					t.Errorf("it took %v", took)
				}
				stats := system.Stats()
				checkIdentity(t, stats)
				if stats.Abandoned != 1 || stats.Queued != 0 || stats.Actors != 0 {
					t.Errorf("%+v: want one abandoned, and nothing left", stats)
				}
			})
		})
	}
}

// A restart that is far off is not waited for then.
func TestPromise9ShutdownWhoseTimeIsUpDuringADelay(t *testing.T) {
	for _, strategy := range []func() svOption{
		func() svOption { return svChildren(svDelayed(svAllForOne)) },
		func() svOption { c := svDelayed(svAllForOne); c.Strategy = 0; return svChildren(c) },
	} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			top := spawn(t, system, svProps("top", strategy()))
			kid := svSpawn(t, top, svProps("kid"))
			svSpawn(t, top, svProps("other"))
			tell(t, kid, svFail, svFail, svFail)
			synctest.Wait()
			if took := svShutdownWithin(t, system, "2 messages became dead letters"); took != time.Second {
				t.Errorf("it took %v, want a second", took)
			}
			svPass(time.Hour) // the delay comes to nothing
		})
	}
}
