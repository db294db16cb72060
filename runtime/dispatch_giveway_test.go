package runtime_test

import (
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/runtime"
)

// What the model found, in the code: an actor that never runs dry gives way to another, and then that and one more wait
// for it, of which the runtime does not know. See explorer.queue. It took some ten thousand rounds on two processors: then
// the test did not end.
func TestActorThatGivesWayIsNotLeftBehind(t *testing.T) {
	system := newSystem(t)
	var asked atomic.Pointer[chan struct{}]
	busy := spawnFunc(t, system, func(ctx *runtime.Context[int], m int) error {
		if asked.Load() != nil {
			close(*asked.Swap(nil))
		}
		return ctx.Self().TryTell(m)
	})
	tell(t, busy, 1)
	tellers := [2]chan runtime.Ref[int]{make(chan runtime.Ref[int]), make(chan runtime.Ref[int])}
	for _, refs := range tellers {
		defer close(refs)
		go func() {
			for ref := range refs {
				tell(t, ref, 1)
			}
		}()
	}
	for range 1000 * scale {
		answered, done := make(chan struct{}), make(chan struct{}, 2)
		var begun atomic.Int32
		var waiting []runtime.Ref[int]
		for _, refs := range tellers {
			// A new one each time: who was found to wait gets a goroutine of its own.
			ref := spawnFunc(t, system, func(*runtime.Context[int], int) error {
				if begun.Add(1) == 2 {
					asked.Store(&answered)
				}
				<-answered // by busy
				done <- struct{}{}
				return nil
			})
			refs <- ref
			waiting = append(waiting, ref)
		}
		for _, ref := range waiting {
			<-done
			ref.Stop()
		}
	}
	busy.Stop()
}
