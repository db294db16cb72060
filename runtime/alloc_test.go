package runtime_test

import (
	"context"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// With room, and while its actor is at work, telling allocates nothing. The handler passes a token for each message, so
// that the buffers reach their size and stay there.
func TestTellAllocatesNothingInTheSteadyState(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates")
	}
	eachOrder(t, func(t *testing.T, config mailbox.Config[int]) {
		system := newSystem(t)
		entered, leave := make(chan struct{}), make(chan struct{})
		config.Capacity = 64
		ref := spawn(t, system, runtime.Props[int]{Mailbox: config, New: always(func(*runtime.Context[int], int) error {
			entered <- struct{}{}
			<-leave
			return nil
		})})
		ctx := context.Background()
		tell(t, ref, 0)
		<-entered
		for name, send := range map[string]func() error{
			"Tell":    func() error { return ref.Tell(ctx, 1) },
			"TryTell": func() error { return ref.TryTell(1) },
		} {
			allocs := testing.AllocsPerRun(1000, func() {
				for range 20 {
					if err := send(); err != nil {
						t.Fatal(err)
					}
				}
				for range 20 {
					leave <- struct{}{}
					<-entered
				}
			})
			if allocs != 0 {
				t.Errorf("%s: %v allocations for 20 messages, want none", name, allocs)
			}
		}
		leave <- struct{}{}
	})
}

// Refusing must be cheap, because it happens under load.
func TestRefusingAllocatesNothing(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates")
	}
	system := newSystem(t)
	g := newGate(t)
	entered := make(chan struct{})
	ref := spawn(t, system, runtime.Props[int]{Mailbox: mailbox.Config[int]{Capacity: 1},
		New: always(func(*runtime.Context[int], int) error { entered <- struct{}{}; g.wait(); return nil })})
	tell(t, ref, 0)
	<-entered
	tell(t, ref, 1)
	if allocs := testing.AllocsPerRun(1000, func() { _ = ref.TryTell(2) }); allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
	g.open()
	<-entered
}
