package runtime_test

import (
	goruntime "runtime"
	"testing"

	"github.com/troupe-go/troupe/runtime"
)

// An actor that is ended by whoever stops it must not run what comes in at that moment, from a watch, on the lane of its
// family: that would die with it, and the stop would never end.
func TestStopAndArrivalAtOnceDoNotRunUserCodeOnTheLane(t *testing.T) {
	for range 2000 * scale {
		system := newSystem(t, tireless)
		watched := spawn(t, system, runtime.Props[int]{New: idler})
		ready := make(chan struct{})
		parent := spawnFunc(t, system, func(ctx *runtime.Context[int], _ int) error {
			child, err := runtime.SpawnFunc(ctx, "child", func(ctx *runtime.Context[int], _ int) error {
				runtime.Watch(ctx, watched, func(error) int { goruntime.Goexit(); return 0 })
				close(ready)
				return nil
			})
			if err != nil {
				return err
			}
			return child.Tell(ctx, 1)
		})
		tell(t, parent, 1)
		<-ready
		go watched.Stop()
		goruntime.Gosched()
		parent.Stop()
		<-parent.Done()
		_ = system.Shutdown(t.Context())
	}
}

// A becomer tries to choose who comes after it.
type becomer struct {
	generation int
	told       chan int
}

func (b *becomer) Receive(_ *runtime.Context[int], m int) error {
	if m == 0 {
		return errSV
	}
	b.told <- b.generation
	return nil
}

func (b *becomer) Restarting(ctx *runtime.Context[int], _ error) { ctx.Become(&becomer{-1, b.told}) }

func TestRestartMakesNewBehaviourWhateverRestartingBecame(t *testing.T) {
	made, told := 0, make(chan int, 1)
	ref := spawn(t, newSystem(t, tireless), runtime.Props[int]{New: func() runtime.Actor[int] {
		made++
		return &becomer{made, told}
	}})
	tell(t, ref, 0)
	tell(t, ref, 1)
	if n := <-told; n != 2 {
		t.Errorf("after the restart, behaviour %d handles messages, want the second that New made", n)
	}
}

func TestGoexitOfNewCountsAsAFailure(t *testing.T) {
	for _, name := range []string{"named", ""} {
		system := newSystem(t)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = runtime.Spawn(system, runtime.Props[int]{Name: name, New: func() runtime.Actor[int] {
				goruntime.Goexit()
				return nil
			}})
		}()
		<-done
		_ = system.Shutdown(t.Context())
		if s := system.Stats(); s.Failed != 1 || s.Actors != 0 {
			t.Errorf("name %q: %+v: want one failure, and nobody alive", name, s)
		}
	}
}
