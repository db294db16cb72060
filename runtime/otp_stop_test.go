package runtime_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// Of many children without names, those that overrun their time to stop are abandoned, each after its own, and the others end
// normally. With 1 ns that is at once.
func TestOTPDynamicChildrenThatOverrunTheirTimeToStop(t *testing.T) {
	for _, timeout := range []time.Duration{1, time.Second} {
		t.Run(timeout.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const children = 10
				hang := make(chan struct{})
				var refs []runtime.Ref[string]
				_, sup, _ := under(t, supervisor.Config{}, func(ctx *runtime.Context[int], _ *journal) {
					for range children {
						refs = append(refs, spawn(t, ctx, runtime.Props[string]{Restart: supervisor.Temporary, StopTimeout: timeout,
							New: always(func(*runtime.Context[string], string) error { <-hang; return nil })}))
					}
				})
				for i := 0; i < children; i += 2 {
					tell(t, refs[i], "hang")
				}
				synctest.Wait()
				began := time.Now()
				sup.Stop()
				<-sup.Done()
				if took, want := time.Since(began), children/2*timeout; took != want || sup.Err() != nil {
					t.Errorf("the supervisor ended after %v with %v, want %v with nil", took, sup.Err(), want)
				}
				for i, ref := range refs {
					if err := ref.Err(); errors.Is(err, runtime.ErrAbandoned) != (i%2 == 0) || i%2 == 1 && err != nil {
						t.Errorf("child %d ended with %v", i, err)
					}
				}
				close(hang)
				synctest.Wait()
			})
		})
	}
}

// While a supervisor waits for the youngest child to stop, the others end by themselves, normally or not: none is restarted, and the
// stop goes on as if nothing had happened.
func TestOTPStopThatRacesWithEndsOfAllKinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		linger := make(chan struct{})
		var youngest runtime.Ref[string]
		type end struct {
			how supervisor.RestartType
			m   string
		}
		refs := map[end]runtime.Ref[string]{}
		_, sup, _ := under(t, supervisor.Config{}, func(ctx *runtime.Context[int], j *journal) {
			for how := range supervisor.Temporary + 1 {
				for _, m := range []string{"end", "fail"} {
					refs[end{how, m}] = spawn(t, ctx, runtime.Props[string]{Name: fmt.Sprint(how, "-", m), Restart: how,
						New: func() runtime.Actor[string] { return &ending{noting{"x", j}} }})
				}
			}
			youngest = spawn(t, ctx, runtime.Props[string]{Name: "youngest", StopTimeout: time.Hour,
				New: func() runtime.Actor[string] { return &lingering{noting{"youngest", j}, linger} }})
		})
		sup.Stop()
		synctest.Wait()
		for e, ref := range refs {
			tell(t, ref, e.m)
		}
		synctest.Wait()
		if svEnded(sup.Done()) || svEnded(youngest.Done()) {
			t.Error("the supervisor does not wait for its youngest child")
		}
		close(linger)
		<-sup.Done()
		if sup.Err() != nil || youngest.Err() != nil {
			t.Errorf("the supervisor ended with %v, its youngest child with %v", sup.Err(), youngest.Err())
		}
		for e, ref := range refs {
			if s := ref.Stats(); !svEnded(ref.Done()) || s.Restarts != 0 || errors.Is(ref.Err(), runtime.ErrAbandoned) {
				t.Errorf("%s that was to %s: %+v, ended with %v", e.how, e.m, s, ref.Err())
			}
		}
	})
}

// lingering waits before it stops.
type lingering struct {
	noting
	until chan struct{}
}

func (a *lingering) Stopped(*runtime.Context[string], error) { <-a.until }

// A supervisor lists and counts a thousand children without names, and a thousand more.
func TestOTPManyChildrenAreListedAndCounted(t *testing.T) {
	system := newSystem(t)
	for thousands := range 2 {
		for range 1000 {
			spawn(t, system, runtime.Props[int]{Restart: supervisor.Temporary, New: always(func(*runtime.Context[int], int) error { return nil })})
		}
		want := 1000 * (thousands + 1)
		if got := runtime.CountChildren(system); got != (runtime.Counts{Children: want, Running: want}) {
			t.Errorf("counts: %+v, want %d", got, want)
		}
	}
	all := runtime.Children(system)
	for i, child := range all {
		if want := fmt.Sprint("troupe/", i+1); child.Path() != want {
			t.Fatalf("child %d is %s, want %s", i, child, want)
		}
		child.Stop()
		<-child.Done()
	}
	if got := runtime.CountChildren(system); len(all) != 2000 || got != (runtime.Counts{}) {
		t.Errorf("%d children; counts after their ends: %+v", len(all), got)
	}
}
