package runtime_test

import (
	"context"
	goruntime "runtime"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// An actor waits for its first turn while others are spawned without end, each of which is younger.
func TestNobodyIsPassedForEverByYoungerOnes(t *testing.T) {
	defer goruntime.GOMAXPROCS(goruntime.GOMAXPROCS(1)) // as many runners are at work as there are processors now
	system := newSystem(t)
	const many = 100_000
	var passed atomic.Int64 // by so many
	over, given := make(chan struct{}), make(chan struct{})
	var link func(ctx *runtime.Context[int], _ int) error
	link = func(ctx *runtime.Context[int], _ int) error {
		defer ctx.Stop()
		select {
		case <-over:
			return nil
		default:
		}
		if passed.Add(1) == many {
			close(given)
			return nil
		}
		return spawnFunc(t, system, link).Tell(ctx, 0)
	}
	waits := spawnFunc(t, system, func(*runtime.Context[int], int) error {
		close(over)
		return nil
	})
	seed := spawnFunc(t, system, func(ctx *runtime.Context[int], _ int) error {
		if err := spawnFunc(t, system, link).Tell(ctx, 0); err != nil { // takes the slot
			return err
		}
		return waits.Tell(ctx, 0)
	})
	tell(t, seed, 0)
	select {
	case <-over:
	case <-given:
		t.Errorf("an actor that was ready was passed by %d younger ones", many)
		<-over
	}
	if n := passed.Load(); n > 10_000 {
		t.Errorf("an actor that was ready was passed by %d younger ones: want some hundreds", n)
	}
}

// An actor makes a worker for each of its messages. When it has had its share, those that it has made go first, or it would
// make ever more.
func TestWhoMakesWorkersGivesWayToThem(t *testing.T) {
	defer goruntime.GOMAXPROCS(goruntime.GOMAXPROCS(1))
	system := newSystem(t)
	const jobs = 20_000
	var alive, most, finished atomic.Int64
	done := make(chan struct{})
	maker := spawn(t, system, runtime.Props[int]{
		Mailbox: mailbox.Config[int]{Capacity: mailbox.Unbounded},
		New: always(func(ctx *runtime.Context[int], m int) error {
			if m < 0 {
				for i := range jobs {
					if err := ctx.Self().TryTell(i); err != nil {
						return err
					}
				}
				return nil
			}
			most.Store(max(most.Load(), alive.Add(1)))
			return spawnFunc(t, system, func(worker *runtime.Context[int], _ int) error {
				alive.Add(-1)
				if finished.Add(1) == jobs {
					close(done)
				}
				worker.Stop()
				return nil
			}).Tell(ctx, m)
		}),
	})
	if err := maker.Tell(context.Background(), -1); err != nil {
		t.Fatal(err)
	}
	<-done
	if n := most.Load(); n > 2000 {
		t.Errorf("%d workers waited at once: want a few hundred", n)
	}
}
