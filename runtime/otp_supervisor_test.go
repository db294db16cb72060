package runtime_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// under runs f in the handler of a supervisor with the given config. It is used in a bubble.
func under(t *testing.T, c supervisor.Config, f func(ctx *runtime.Context[int], j *journal)) (*runtime.System, runtime.Ref[int], *journal) {
	t.Helper()
	system, j := newSystem(t), &journal{}
	sup := spawn(t, system, runtime.Props[int]{Name: "sup", Restart: supervisor.Temporary, Children: c,
		New: always(func(ctx *runtime.Context[int], m int) error {
			if m == 1 {
				f(ctx, j)
			}
			return nil
		})})
	tell(t, sup, 1)
	synctest.Wait()
	return system, sup, j
}

func lookup(t testing.TB, s *runtime.System, path string) runtime.Ref[string] {
	t.Helper()
	ref, err := runtime.Lookup[string](s, path)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// With an intensity of 2, the third restart within the time stops the supervisor.
func TestOTPThirdRestartStopsTheSupervisorWithIntensityTwo(t *testing.T) {
	for strategy := range supervisor.RestForOne + 1 {
		synctest.Test(t, func(t *testing.T) {
			system, sup, _ := under(t, supervisor.Config{Strategy: strategy, MaxRestarts: 2}, func(ctx *runtime.Context[int], j *journal) {
				spawnHooked(t, ctx, j, "a", supervisor.Permanent)
				spawnHooked(t, ctx, j, "b", supervisor.Permanent)
			})
			a := lookup(t, system, "troupe/sup/a")
			for i := range 3 {
				if err := sup.Err(); err != nil {
					t.Fatalf("the supervisor ended after %d restarts: %v", i, err)
				}
				tell(t, a, "fail")
				synctest.Wait()
			}
			<-sup.Done()
			if err := sup.Err(); err == nil {
				t.Error("the supervisor ended without an error")
			}
		})
	}
}

// The order of the children is that of their first starts, whatever is restarted, and they stop in reverse.
func TestOTPOrderOfChildrenSurvivesRestarts(t *testing.T) {
	for strategy := range supervisor.RestForOne + 1 {
		synctest.Test(t, func(t *testing.T) {
			names := []string{"a", "b", "c", "d"}
			system, sup, j := under(t, supervisor.Config{Strategy: strategy}, func(ctx *runtime.Context[int], j *journal) {
				for _, name := range names {
					spawnHooked(t, ctx, j, name, supervisor.Permanent)
				}
			})
			for _, name := range []string{"c", "a"} {
				tell(t, lookup(t, system, "troupe/sup/"+name), "fail")
				synctest.Wait()
			}
			j.take()
			sup.Stop()
			<-sup.Done()
			j.check(t, "d stops: <nil>", "c stops: <nil>", "b stops: <nil>", "a stops: <nil>")
		})
	}
}

// reluctant fails to start again, as often as it is tried.
type reluctant struct {
	noting
	starts *int
}

func (a *reluctant) Started(*runtime.Context[string]) error {
	if *a.starts++; *a.starts > 1 {
		return errors.New("not again")
	}
	return nil
}

// A child that never starts again keeps its supervisor restarting, not busy: it can be looked at, and stopped, meanwhile, and so can
// its siblings.
func TestOTPHangingRestartLoop(t *testing.T) {
	for strategy := range supervisor.RestForOne + 1 {
		synctest.Test(t, func(t *testing.T) {
			starts := 0
			system, sup, j := under(t, supervisor.Config{Strategy: strategy, MaxRestarts: supervisor.Unlimited,
				Backoff: supervisor.Backoff{Min: time.Second, Max: time.Second}}, func(ctx *runtime.Context[int], j *journal) {
				spawn(t, ctx, runtime.Props[string]{Name: "a", New: func() runtime.Actor[string] { return &reluctant{noting{"a", j}, &starts} }})
				spawnHooked(t, ctx, j, "b", supervisor.Permanent)
			})
			a := lookup(t, system, "troupe/sup/a")
			tell(t, a, "fail")
			elapse(10500 * time.Millisecond)
			if starts < 8 {
				t.Errorf("%d tries to start in ten seconds", starts)
			}
			tell(t, sup, 0)
			synctest.Wait()
			if sup.Stats().Handled != 2 {
				t.Errorf("the supervisor handles nothing meanwhile: %+v", sup.Stats())
			}
			j.take()
			sup.Stop()
			<-sup.Done()
			if a.Err() == nil && a.Stats().Actors != 0 {
				t.Error("the child has not ended")
			}
		})
	}
}

// Children that are restarting are counted, each of them.
func TestOTPCountOfRestartingChildren(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		system := newSystem(t, runtime.Config{Children: supervisor.Config{MaxRestarts: supervisor.Unlimited,
			Backoff: supervisor.Backoff{Min: time.Minute}}})
		j := &journal{}
		var refs []runtime.Ref[string]
		for i := range 5 {
			refs = append(refs, spawnHooked(t, system, j, fmt.Sprint("child-", i), supervisor.Permanent))
		}
		for i, ref := range refs[:3] {
			tell(t, ref, "fail")
			synctest.Wait()
			if got, want := runtime.CountChildren(system), (runtime.Counts{Children: 5, Running: 4 - i, Restarting: i + 1}); got != want {
				t.Errorf("counts: %+v, want %+v", got, want)
			}
		}
		elapse(2 * time.Minute)
		if got, want := runtime.CountChildren(system), (runtime.Counts{Children: 5, Running: 5}); got != want {
			t.Errorf("counts: %+v, want %+v", got, want)
		}
	})
}

// Children without names, started as they are needed, are OTP's simple_one_for_one: one that fails is restarted alone, and too many
// failures of all of them together stop them all.
func TestOTPSimpleOneForOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refs []runtime.Ref[string]
		_, sup, _ := under(t, supervisor.Config{MaxRestarts: 3}, func(ctx *runtime.Context[int], j *journal) {
			for range 10 {
				refs = append(refs, spawnHooked(t, ctx, j, "", supervisor.Permanent))
			}
		})
		for _, ref := range refs[:3] {
			tell(t, ref, "fail")
			synctest.Wait()
		}
		for i, ref := range refs {
			if got, want := ref.Stats().Restarts, uint64(max(0, min(1, 3-i))); got != want {
				t.Errorf("child %d was restarted %d times, want %d", i, got, want)
			}
		}
		tell(t, refs[9], "fail")
		<-sup.Done()
		for i, ref := range refs {
			if ref.Stats().Actors != 0 {
				t.Errorf("child %d outlives its supervisor", i)
			}
		}
	})
}

// A child with no time to stop is abandoned at once, as by brutal_kill; one with all the time there is gets it.
func TestOTPBrutalKillAndInfinity(t *testing.T) {
	for _, c := range []struct {
		timeout   time.Duration
		abandoned uint64
	}{{1, 1}, {math.MaxInt64, 0}} {
		synctest.Test(t, func(t *testing.T) {
			system := newSystem(t)
			returns := make(chan struct{})
			a := spawn(t, system, runtime.Props[string]{StopTimeout: c.timeout,
				New: always(func(*runtime.Context[string], string) error {
					<-time.After(1000 * time.Hour)
					close(returns)
					return nil
				})})
			tell(t, a, "work")
			synctest.Wait()
			began := time.Now()
			a.Stop()
			<-a.Done()
			if got := a.Stats().Abandoned; got != c.abandoned {
				t.Errorf("abandoned %d, want %d", got, c.abandoned)
			}
			if took := time.Since(began); (c.abandoned == 1) != (took < time.Second) {
				t.Errorf("the stop took %v", took)
			}
			<-returns
		})
	}
}

// A supervisor whose children do not start fails to start, and leaves none behind. One that does without a child goes on.
func TestOTPSupervisorWhoseChildDoesNotStart(t *testing.T) {
	for _, ignores := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			system, j := newSystem(t), &journal{}
			_, err := runtime.Spawn(system, runtime.Props[string]{Name: "sup", New: func() runtime.Actor[string] {
				return &overseer{noting{"sup", j}, ignores}
			}})
			if (err == nil) != ignores {
				t.Errorf("Spawn: %v", err)
			}
			synctest.Wait()
			var names []string
			for _, child := range runtime.Children(system) {
				names = append(names, child.Name())
			}
			if ignores != slices.Equal(names, []string{"sup"}) {
				t.Errorf("children: %v", names)
			}
			if !ignores {
				j.check(t, "first starts", "first stops: <nil>")
			}
		})
	}
}

// overseer starts a child, and then one that does not start.
type overseer struct {
	noting
	ignores bool
}

func (a *overseer) Started(ctx *runtime.Context[string]) error {
	if _, err := runtime.Spawn(ctx, runtime.Props[string]{Name: "first", New: func() runtime.Actor[string] { return &noting{"first", a.j} }}); err != nil {
		return err
	}
	_, err := runtime.Spawn(ctx, runtime.Props[string]{Name: "second", New: func() runtime.Actor[string] { return &failingStart{} }})
	if a.ignores {
		return nil
	}
	return err
}

type failingStart struct{ noting }

func (*failingStart) Started(*runtime.Context[string]) error { return errors.New("no start") }

// A hundred times as many children take about a hundred times as long to start and to stop: a tenth of that at least, and ten times
// that at most.
func TestOTPStartingAndStoppingManyChildrenIsLinear(t *testing.T) {
	took := func(children int, how supervisor.RestartType) time.Duration {
		best := time.Duration(math.MaxInt64)
		for range max(1, min(10, 10_000/children)) {
			system := newSystem(t)
			began := time.Now()
			for range children {
				spawn(t, system, runtime.Props[int]{Restart: how, New: always(func(*runtime.Context[int], int) error { return nil })})
			}
			for _, child := range runtime.Children(system) {
				child.Stop()
			}
			for len(runtime.Children(system)) > 0 {
				for _, child := range runtime.Children(system) {
					<-child.Done()
				}
			}
			best = min(best, time.Since(began))
		}
		return best
	}
	for _, how := range []supervisor.RestartType{supervisor.Permanent, supervisor.Temporary} {
		few, many := took(1000, how), took(100_000, how)
		for tries := 4; many > 1000*few && tries > 0; tries-- { // the machine may have been busy with something else
			many = min(many, took(100_000, how))
		}
		if many > 1000*few {
			t.Errorf("%s: 1,000 children took %v, and 100,000 took %v", how, few, many)
		}
	}
}
