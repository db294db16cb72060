package runtime_test

import (
	"errors"
	goruntime "runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// noting notes its hooks and messages.
type noting struct {
	name string
	j    *journal
}

func (a *noting) Started(*runtime.Context[string]) error { a.j.add("%s starts", a.name); return nil }
func (a *noting) Restarting(_ *runtime.Context[string], cause error) {
	a.j.add("%s restarts: %v", a.name, cause)
}
func (a *noting) Stopped(_ *runtime.Context[string], cause error) {
	a.j.add("%s stops: %v", a.name, cause)
}
func (a *noting) Receive(_ *runtime.Context[string], m string) error {
	a.j.add("%s: %s", a.name, m)
	if m == "fail" {
		return errors.New("as told")
	}
	return nil
}

func spawnHooked(t testing.TB, p runtime.Parent, j *journal, name string, how supervisor.RestartType) runtime.Ref[string] {
	return spawn(t, p, runtime.Props[string]{Name: name, Restart: how,
		New: func() runtime.Actor[string] { return &noting{name, j} }})
}

func TestChildrenAreListedInStartOrder(t *testing.T) {
	system, j := newSystem(t), &journal{}
	refs := map[string]runtime.Ref[string]{}
	for _, name := range []string{"a", "b", "c"} {
		refs[name] = spawnHooked(t, system, j, name, supervisor.Permanent)
	}
	refs["b"].Stop()
	<-refs["b"].Done()
	for len(runtime.Children(system)) != 2 { // the supervisor hears of the end after everybody else
		goruntime.Gosched()
	}
	all := runtime.Children(system)
	if len(all) != 2 || all[0].Name() != "a" || all[1].Path() != "troupe/c" {
		t.Errorf("children: %v, want a and c", all)
	}
	if got, want := runtime.CountChildren(system), (runtime.Counts{Children: 2, Running: 2}); got != want {
		t.Errorf("counts: %+v, want %+v", got, want)
	}
	if all := runtime.Children(nil); all != nil {
		t.Errorf("the children of nobody: %v", all)
	}
}

func TestChildrenOfAnActorAreSeenByIt(t *testing.T) {
	system := newSystem(t)
	got := make(chan []runtime.Child, 1)
	parent := spawnFunc(t, system, func(ctx *runtime.Context[int], _ int) error {
		for range 3 {
			if _, err := runtime.SpawnFunc(ctx, "", func(*runtime.Context[int], int) error { return nil }); err != nil {
				return err
			}
		}
		got <- runtime.Children(ctx)
		return nil
	})
	tell(t, parent, 1)
	if all := <-got; len(all) != 3 || all[0].State() != runtime.ChildRunning || all[2].Name() != "" {
		t.Errorf("children: %v", all)
	}
}

// A restart that somebody wants keeps the queue, counts as no failure, and leaves the siblings alone. Wanted twice before it
// takes effect, it is one.
func TestRestartOfAChildKeepsItsQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		system := newSystem(t, runtime.Config{Children: supervisor.Config{Strategy: supervisor.AllForOne, MaxRestarts: supervisor.NoRestarts}})
		g := newGate(t)
		a := spawn(t, system, runtime.Props[string]{Name: "a", New: func() runtime.Actor[string] { return &gated{noting{"a", j}, g} }})
		spawnHooked(t, system, j, "b", supervisor.Permanent)
		tell(t, a, "wait", "one", "two")
		synctest.Wait()
		child := runtime.Children(system)[0]
		for range 2 {
			if err := child.Restart(); err != nil {
				t.Fatal(err)
			}
		}
		g.open()
		synctest.Wait()
		j.check(t, "a starts", "b starts", "a: wait", "a restarts: <nil>", "a starts", "a: one", "a: two")
		if s := child.Stats(); s.Restarts != 1 || s.Failed != 0 || s.Handled != 3 {
			t.Errorf("stats: %+v", s)
		}
	})
}

// gated waits at its gate for the message "wait".
type gated struct {
	noting
	g *gate
}

func (a *gated) Receive(ctx *runtime.Context[string], m string) error {
	if m == "wait" {
		a.j.add("%s: wait", a.name)
		a.g.wait()
		return nil
	}
	return a.noting.Receive(ctx, m)
}

// A child that waits for its restart is restarted at once, and counts as restarting until then.
func TestRestartOfAChildThatHasFailedDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		system := newSystem(t, runtime.Config{Children: supervisor.Config{Backoff: supervisor.Backoff{Min: time.Hour}}})
		a := spawnHooked(t, system, j, "a", supervisor.Transient)
		tell(t, a, "fail", "next")
		synctest.Wait()
		child := runtime.Children(system)[0]
		if got := runtime.CountChildren(system); got.Restarting != 1 || child.State() != runtime.ChildFailed {
			t.Errorf("counts: %+v, state %v", got, child.State())
		}
		if err := child.Restart(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		j.check(t, "a starts", "a: fail", "a restarts: as told", "a starts", "a: next")
		elapse(2 * time.Hour) // the delay that was begun restarts nothing
		j.check(t)
		if child.State() != runtime.ChildRunning {
			t.Errorf("state %v", child.State())
		}
	})
}

func TestStoppedChildIsStartedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		old := spawnHooked(t, system, j, "a", supervisor.Permanent)
		spawnHooked(t, system, j, "b", supervisor.Permanent)
		child := runtime.Children(system)[0]
		if _, err := child.Again(); !errors.Is(err, runtime.ErrConfig) {
			t.Errorf("Again of a child that runs: %v", err)
		}
		child.Stop()
		<-child.Done()
		synctest.Wait()
		again, err := child.Again()
		if err != nil {
			t.Fatal(err)
		}
		if all := runtime.Children(system); len(all) != 2 || all[1] != again || again.Path() != child.Path() {
			t.Errorf("children: %v, want the new one last", all)
		}
		ref, err := runtime.Lookup[string](system, "troupe/a")
		if err != nil || ref == old {
			t.Fatalf("Lookup finds %v, %v: want the new one", ref, err)
		}
		tell(t, ref, "hello")
		if err := old.Tell(t.Context(), "x"); !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("the old ref: %v", err)
		}
		if _, err := child.Again(); !errors.Is(err, runtime.ErrNameTaken) {
			t.Errorf("Again with the name taken: %v", err)
		}
		synctest.Wait()
		j.check(t, "a starts", "b starts", "a stops: <nil>", "a starts", "a: hello")
	})
}

// The props of a temporary child are not kept, nor those of one without a name.
func TestChildrenThatCannotBeStartedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system, j := newSystem(t), &journal{}
		spawnHooked(t, system, j, "a", supervisor.Temporary)
		spawnHooked(t, system, j, "", supervisor.Permanent)
		for _, child := range runtime.Children(system) {
			if err := child.Restart(); child.Name() == "a" && !errors.Is(err, runtime.ErrConfig) {
				t.Errorf("Restart of a temporary child: %v", err)
			}
			child.Stop()
			<-child.Done()
			if _, err := child.Again(); !errors.Is(err, runtime.ErrConfig) {
				t.Errorf("Again of %s: %v", child, err)
			}
			if err := child.Restart(); !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("Restart of %s: %v", child, err)
			}
		}
		if _, err := (runtime.Child{}).Again(); !errors.Is(err, runtime.ErrConfig) {
			t.Errorf("Again of the zero Child: %v", err)
		}
	})
}

// Restarts that are asked for while children fail, do not start anew, are restarted in groups, and stop, hang nobody.
func TestRestartsOfChildrenRaceWithEverything(t *testing.T) {
	for round := range 100 * scale {
		strategy := supervisor.Strategy(round % 3)
		var backoff supervisor.Backoff
		if round%2 == 1 {
			backoff.Min = 1
		}
		system := newSystem(t, runtime.Config{Children: supervisor.Config{Strategy: strategy, MaxRestarts: supervisor.Unlimited, Backoff: backoff}})
		j := &journal{}
		var refs []runtime.Ref[string]
		for _, name := range []string{"a", "b", "c"} {
			starts := 0
			refs = append(refs, spawn(t, system, runtime.Props[string]{Name: name, Mailbox: mailbox.Config[string]{Capacity: 4},
				New: func() runtime.Actor[string] {
					starts++
					return &startsBut{noting{name, j}, starts%3 == 2}
				}}))
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 10 {
				for _, child := range runtime.Children(system) {
					if err := child.Restart(); err != nil && !errors.Is(err, runtime.ErrStopped) {
						t.Error(err)
					}
				}
			}
		}()
		for i, ref := range refs {
			tell(t, ref, "one", "fail", "two")
			if i == 1 {
				ref.Stop()
			}
		}
		<-done
		for _, ref := range []runtime.Ref[string]{refs[0], refs[2]} { // whatever happened, they go on
			tell(t, ref, "last")
			ref.StopWhenEmpty()
			<-ref.Done()
			if s := ref.Stats(); s.Handled != 3 || s.DeadLettered != 1 {
				t.Errorf("%s with backoff %v: %s has %+v", strategy, backoff.Min, ref.Path(), s)
			}
		}
	}
}
