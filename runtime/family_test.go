package runtime_test

import (
	"errors"
	"testing"

	"github.com/troupe-go/troupe/runtime"
)

// A child that is about to end holds its parent up until everybody has been told; here that takes a while.
func TestParentRestartsInTheMomentInWhichAChildEnds(t *testing.T) {
	system := newSystem(t)
	const watches = 1000
	for range 5 * scale {
		top := spawn(t, system, svProps(""))
		watcher := spawn(t, system, svProps(""))
		kid := svSpawn(t, top, svProps("kid"))
		told := make(chan struct{}, watches)
		svDo(t, watcher, func(ctx *runtime.Context[svJob]) error {
			for range watches {
				runtime.Watch(ctx, kid, func(error) svJob {
					return func(*runtime.Context[svJob]) error { told <- struct{}{}; return nil }
				})
			}
			return nil
		})
		tell(t, top, func(ctx *runtime.Context[svJob]) error {
			kid.Stop()
			for {
				if _, err := runtime.Spawn(ctx, svProps("kid", svStarted(svFail))); !errors.Is(err, runtime.ErrNameTaken) {
					return errSV // now the kid is ending
				}
			}
		})
		svDo(t, top, func(*runtime.Context[svJob]) error { return nil })
		if !svEnded(kid.Done()) {
			t.Error("the parent has begun again, and its child has not ended")
		}
		for range watches {
			<-told
		}
	}
}
