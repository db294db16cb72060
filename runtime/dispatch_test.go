package runtime_test

import (
	"context"
	"sync"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// These tests run in real time: in a bubble of synctest each ready actor gets a goroutine at once.

func TestHandlerThatWaitsHoldsNobodyUp(t *testing.T) {
	system := newSystem(t)
	const told = 100
	var others sync.WaitGroup
	others.Add(told)
	receivers := make([]runtime.Ref[int], told)
	for i := range receivers {
		receivers[i] = spawnFunc(t, system, func(*runtime.Context[int], int) error {
			others.Done()
			return nil
		})
	}
	teller := spawnFunc(t, system, func(ctx *runtime.Context[int], _ int) error {
		for _, r := range receivers {
			if err := r.Tell(ctx, 1); err != nil {
				t.Error(err)
			}
		}
		others.Wait() // none of which the runtime knows
		return nil
	})
	tell(t, teller, 1)
	teller.StopWhenEmpty()
	<-teller.Done()
}

// Each of a chain tells the next and waits until that has been handled, so that all wait for the last.
func TestChainOfHandlersThatWaitForWhomTheyTold(t *testing.T) {
	system := newSystem(t)
	const length = 300
	chain := make([]runtime.Ref[chan struct{}], length)
	for i := range chain {
		chain[i] = spawnFunc(t, system, func(ctx *runtime.Context[chan struct{}], done chan struct{}) error {
			if i+1 < length {
				next := make(chan struct{})
				if err := chain[i+1].Tell(ctx, next); err != nil {
					t.Error(err)
				}
				<-next
			}
			close(done)
			return nil
		})
	}
	for range 2 { // the second time they are known to wait
		done := make(chan struct{})
		tell(t, chain[0], done)
		<-done
	}
}

func TestManyThatWaitAreAllAtItAtOnce(t *testing.T) {
	system := newSystem(t)
	const waiters = 1000
	var begun sync.WaitGroup
	var mu sync.Mutex
	finished := sync.NewCond(&mu)
	left := 0
	refs := make([]runtime.Ref[int], waiters)
	for i := range refs {
		refs[i] = spawnFunc(t, system, func(*runtime.Context[int], int) error {
			begun.Done()
			begun.Wait() // for all the others
			mu.Lock()
			defer mu.Unlock()
			if left--; left == 0 {
				finished.Broadcast()
			}
			return nil
		})
	}
	teller := spawnFunc(t, system, func(ctx *runtime.Context[int], _ int) error {
		for _, r := range refs {
			if err := r.Tell(ctx, 1); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	for range 5 {
		begun.Add(waiters)
		mu.Lock()
		left = waiters
		mu.Unlock()
		tell(t, teller, 1)
		mu.Lock()
		for left > 0 {
			finished.Wait()
		}
		mu.Unlock()
	}
}

// A handler's context may be used by others, at any time: while the handler waits, while its runner runs something else,
// and after that has ended.
func TestContextOfAHandlerIsUsedByOtherGoroutines(t *testing.T) {
	system := newSystem(t)
	const rounds = 300
	var handled sync.WaitGroup
	receiver := spawnFunc(t, system, func(*runtime.Context[int], int) error {
		handled.Done()
		return nil
	})
	var others sync.WaitGroup
	lender := spawnFunc(t, system, func(ctx *runtime.Context[int], i int) error {
		begun := make(chan struct{})
		others.Go(func() {
			close(begun)
			for range 10 {
				if err := receiver.Tell(ctx, i); err != nil {
					t.Error(err)
				}
			}
		})
		if i%2 == 0 {
			<-begun
		}
		if i%3 == 0 {
			others.Wait()
		}
		return nil
	})
	handled.Add(10 * rounds)
	for i := range rounds {
		tell(t, lender, i)
	}
	handled.Wait()
	others.Wait()
}

type deeper struct {
	runtime.Reply[int]
	n int
}

func TestAsksFromHandlersGoDeep(t *testing.T) {
	system := newSystem(t)
	const depth = 200
	refs := make([]runtime.Ref[deeper], depth)
	for i := range refs {
		refs[i] = spawnFunc(t, system, func(ctx *runtime.Context[deeper], q deeper) error {
			if i+1 == depth {
				q.Send(q.n)
				return nil
			}
			n, err := runtime.Ask(ctx, refs[i+1], func(r runtime.Reply[int]) deeper { return deeper{r, q.n + 1} })
			q.Send(n)
			return err
		})
	}
	for range 20 {
		n, err := runtime.Ask(t.Context(), refs[0], func(r runtime.Reply[int]) deeper { return deeper{r, 1} })
		if n != depth || err != nil {
			t.Fatalf("%d, %v, want %d", n, err, depth)
		}
	}
}

// A teller that fills the mailbox of somebody on its own list waits for room that only its runner could make.
func TestHandlerFillsTheMailboxOfWhomItTold(t *testing.T) {
	for _, capacity := range []int{1, 16, mailbox.DefaultCapacity} {
		system := newSystem(t)
		const messages = 5000
		var got int
		done := make(chan struct{})
		receiver := spawn(t, system, runtime.Props[int]{
			Mailbox: mailbox.Config[int]{Capacity: capacity},
			New: always(func(_ *runtime.Context[int], m int) error {
				if m != got {
					t.Errorf("message %d, want %d", m, got)
				}
				if got++; got == messages {
					close(done)
				}
				return nil
			}),
		})
		teller := spawnFunc(t, system, func(ctx *runtime.Context[int], n int) error {
			for i := range n {
				if err := receiver.Tell(ctx, i); err != nil {
					t.Error(err)
				}
			}
			return nil
		})
		tell(t, teller, messages)
		<-done
	}
}

// An actor that never runs dry gives way to those that are ready too.
func TestActorThatNeverRunsDryGivesWay(t *testing.T) {
	system := newSystem(t)
	var busy []runtime.Ref[int]
	for range 4 { // more than there are runners, on a small machine
		busy = append(busy, spawnFunc(t, system, func(ctx *runtime.Context[int], m int) error {
			if m > 0 {
				return ctx.Self().TryTell(m)
			}
			return nil
		}))
	}
	for _, b := range busy {
		tell(t, b, 1)
	}
	for range 20 {
		done := make(chan struct{})
		quiet := spawnFunc(t, system, func(*runtime.Context[int], int) error {
			close(done)
			return nil
		})
		tell(t, quiet, 1)
		<-done
	}
	for _, b := range busy {
		b.Stop()
	}
}

// An actor runs on its own system's goroutines, whoever tells it: a system that ends waits for nobody else's handlers.
func TestActorIsToldByOneOfAnotherSystem(t *testing.T) {
	ours, theirs := newSystem(t), newSystem(t)
	begun, gate := make(chan struct{}), newGate(t)
	theirActor := spawnFunc(t, theirs, func(*runtime.Context[int], int) error {
		close(begun)
		gate.wait()
		return nil
	})
	ourActor := spawnFunc(t, ours, func(ctx *runtime.Context[int], m int) error { return theirActor.Tell(ctx, m) })
	tell(t, ourActor, 1)
	<-begun
	if err := ours.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if s := ours.Stats(); s.Abandoned != 0 {
		t.Errorf("the shutdown abandoned %d goroutines: want none, as the handler is that of another system's actor", s.Abandoned)
	}
}
