package event_test

import (
	"context"
	"errors"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/troupe-go/troupe/patterns/event"
)

// A call is one operation on an event, as the history of a run has it.
type call string

// An event is a flag: IsSet tells it, and Wait returns only while it is set.
var flagModel = porcupine.Model{
	Init: func() any { return false },
	Step: func(state, input, output any) (bool, any) {
		switch input.(call) {
		case "set":
			return true, true
		case "clear":
			return true, false
		case "wait":
			return state.(bool), state
		default:
			return output == state, state
		}
	},
}

// Each call takes effect at one instant between its begin and its end, whatever is called at the same time.
func TestEventIsLinearizable(t *testing.T) {
	system := newSystem(t)
	for round := range scaled(40, 2000) {
		e := newEvent(t, system)
		if history := mixedCalls(t, e, uint64(round)); !porcupine.CheckOperations(flagModel, history) {
			t.Fatalf("the history of round %d is not that of a flag: %v", round, history)
		}
		e.Stop()
	}
}

// mixedCalls has some goroutines call what chance wants, and one that sets e until they are through: a Wait would hang
// otherwise, after the last Set and a Clear.
func mixedCalls(t *testing.T, e *event.Event, seed uint64) (history []porcupine.Operation) {
	const callers, calls = 5, 15
	begin := time.Now()
	// do performs one call, and adds it to the history unless it was given up, which says nothing of the flag.
	do := func(c int, what call, history *[]porcupine.Operation) {
		op := porcupine.Operation{ClientId: c, Input: what, Call: time.Since(begin).Nanoseconds()}
		var err error
		switch what {
		case "set":
			err = e.Set()
		case "clear":
			err = e.Clear()
		case "is set":
			op.Output, err = e.IsSet(context.Background())
		case "wait":
			err = e.Wait(context.Background())
		case "give up":
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if err = e.Wait(ctx); errors.Is(err, context.Canceled) {
				return
			}
		}
		if err != nil {
			t.Error(err)
		}
		op.Return = time.Since(begin).Nanoseconds()
		*history = append(*history, op)
	}
	var histories [callers][]porcupine.Operation
	var left atomic.Int32
	left.Store(callers)
	for c := range callers {
		go func() {
			defer left.Add(-1)
			random := rand.New(rand.NewPCG(seed, uint64(c)))
			for range calls {
				do(c, []call{"set", "clear", "clear", "is set", "wait", "give up"}[random.IntN(6)], &histories[c])
			}
		}()
	}
	for left.Load() > 0 {
		do(callers, "set", &history)
		goruntime.Gosched()
	}
	for _, h := range histories {
		history = append(history, h...)
	}
	return history
}

// Waiters that give up, setters and clearers go on at the same time: each Wait ends, with nil or for its own context, and
// none that was not given up is forgotten.
func TestNoWaiterHangsOrIsForgottenUnderLoad(t *testing.T) {
	e := newEvent(t, newSystem(t))
	const waiters = 64
	rounds := scaled(200, 1_000_000/waiters)
	var woken, gaveUp atomic.Int64
	var wg sync.WaitGroup
	for w := range waiters {
		wg.Go(func() {
			for round := range rounds {
				ctx, cancel := context.WithCancel(context.Background())
				impatient := (w+round)%3 == 0
				if impatient {
					go cancel() // at the same time as the Set, every so often
				}
				err := e.Wait(ctx)
				cancel()
				switch {
				case err == nil:
					woken.Add(1)
				case impatient && errors.Is(err, context.Canceled):
					gaveUp.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				if err := errors.Join(e.Set(), e.Clear()); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	wg.Wait()
	close(stop)
	<-stopped
	if n := woken.Load() + gaveUp.Load(); n != int64(waiters*rounds) {
		t.Errorf("%d of %d waits are accounted for", n, waiters*rounds)
	}
	t.Logf("%d were woken, %d gave up", woken.Load(), gaveUp.Load())
}
