package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// A svJob is a message that says itself what its actor does with it.
type svJob func(*runtime.Context[svJob]) error

var errSV = errors.New("boom")

func svFail(*runtime.Context[svJob]) error { return errSV }

// A svActor does its jobs, and notes which hooks are called.
type svActor struct {
	name       string
	notes      *journal
	started    func(*runtime.Context[svJob]) error
	restarting func(*runtime.Context[svJob])
	stopped    func(*runtime.Context[svJob])
}

func (a *svActor) Receive(ctx *runtime.Context[svJob], do svJob) error { return do(ctx) }

func (a *svActor) Started(ctx *runtime.Context[svJob]) error {
	a.note("%s starts", a.name)
	if a.started != nil {
		return a.started(ctx)
	}
	return nil
}

func (a *svActor) Restarting(ctx *runtime.Context[svJob], cause error) {
	a.note("%s restarts: %v", a.name, cause)
	if a.restarting != nil {
		a.restarting(ctx)
	}
}

func (a *svActor) Stopped(ctx *runtime.Context[svJob], cause error) {
	a.note("%s stops: %v", a.name, cause)
	if a.stopped != nil {
		a.stopped(ctx)
	}
}

func (a *svActor) note(format string, args ...any) {
	if a.notes != nil {
		a.notes.add(format, args...)
	}
}

// A svOption changes what svProps returns.
type svOption func(*runtime.Props[svJob], *svActor)

// svProps are the props of a svActor, a fresh one for each start.
func svProps(name string, options ...svOption) runtime.Props[svJob] {
	actor := svActor{name: name}
	props := runtime.Props[svJob]{Name: name, New: func() runtime.Actor[svJob] {
		fresh := actor
		return &fresh
	}}
	for _, option := range options {
		option(&props, &actor)
	}
	return props
}

func svNoted(j *journal) svOption {
	return func(_ *runtime.Props[svJob], a *svActor) { a.notes = j }
}

func svChildren(c supervisor.Config) svOption {
	return func(p *runtime.Props[svJob], _ *svActor) { p.Children = c }
}

func svRestart(r supervisor.RestartType) svOption {
	return func(p *runtime.Props[svJob], _ *svActor) { p.Restart = r }
}

func svPatience(d time.Duration) svOption {
	return func(p *runtime.Props[svJob], _ *svActor) { p.StopTimeout = d }
}

func svStarted(f func(*runtime.Context[svJob]) error) svOption {
	return func(_ *runtime.Props[svJob], a *svActor) { a.started = f }
}

func svRestarting(f func(*runtime.Context[svJob])) svOption {
	return func(_ *runtime.Props[svJob], a *svActor) { a.restarting = f }
}

func svStopped(f func(*runtime.Context[svJob])) svOption {
	return func(_ *runtime.Props[svJob], a *svActor) { a.stopped = f }
}

// svSpawn has parent spawn a child.
func svSpawn(t testing.TB, parent runtime.Ref[svJob], props runtime.Props[svJob]) runtime.Ref[svJob] {
	t.Helper()
	var child runtime.Ref[svJob]
	svDo(t, parent, func(ctx *runtime.Context[svJob]) error {
		var err error
		if child, err = runtime.Spawn(ctx, props); err != nil {
			t.Error(err)
		}
		return nil
	})
	return child
}

// svSpawnAll has parent spawn a child of each name, and notes what becomes of them from then on.
func svSpawnAll(t testing.TB, parent runtime.Ref[svJob], j *journal, names ...string) map[string]runtime.Ref[svJob] {
	t.Helper()
	children := map[string]runtime.Ref[svJob]{}
	for _, name := range names {
		children[name] = svSpawn(t, parent, svProps(name, svNoted(j)))
	}
	j.take()
	return children
}

// svDo has an actor do f, and waits until it has, whatever comes of it.
func svDo(t testing.TB, ref runtime.Ref[svJob], f svJob) {
	t.Helper()
	done := make(chan struct{})
	tell(t, ref, func(ctx *runtime.Context[svJob]) error {
		defer close(done)
		return f(ctx)
	})
	<-done
}

// svBlock has ref wait at a gate, and returns the gate once ref does.
func svBlock(t testing.TB, ref runtime.Ref[svJob]) *gate {
	t.Helper()
	g := newGate(t)
	begun := make(chan struct{})
	tell(t, ref, func(*runtime.Context[svJob]) error {
		close(begun)
		g.wait()
		return nil
	})
	<-begun
	return g
}

// svBlockThenFail is svBlock with a failure at the end.
func svBlockThenFail(t testing.TB, ref runtime.Ref[svJob]) *gate {
	t.Helper()
	g := newGate(t)
	begun := make(chan struct{})
	tell(t, ref, func(*runtime.Context[svJob]) error {
		close(begun)
		g.wait()
		return errSV
	})
	<-begun
	return g
}

// svShutdown shuts the system down, without a time limit.
func svShutdown(t testing.TB, s *runtime.System) {
	t.Helper()
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

// svPass lets time pass in a bubble of synctest, and waits for what comes of it.
func svPass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func svEnded(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
