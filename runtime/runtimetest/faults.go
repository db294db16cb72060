package runtimetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"time"

	"github.com/troupe-go/troupe/runtime"
)

// ErrInjected is wrapped by the errors, and is the value of the panics, that Faults inject.
var ErrInjected = errors.New("runtimetest: injected fault")

// Faults make actors fail at chosen rates: see Inject. A rate is the share of the messages, from 0 to 1, before whose handling
// that happens; all rates of messages together must not exceed 1. The fields must not be changed once Inject has been called. All
// methods are safe for concurrent use.
type Faults struct {
	Seed uint64 // of the choices, which follow from it and from the order of the calls

	Error  float64 // the handler returns an error
	Panic  float64 // it panics
	Goexit float64 // it ends its goroutine
	Delay  float64 // it takes DelayFor, and then handles the message
	Hang   float64 // it hangs until its actor is told to stop, and then for HangFor
	Start  float64 // of the starts after the first: Started fails

	DelayFor, HangFor time.Duration

	mu     sync.Mutex
	rand   *rand.Rand
	counts FaultCounts
}

// FaultCounts are how many faults of each kind there were.
type FaultCounts struct{ Error, Panic, Goexit, Delay, Hang, Start uint64 }

// Counts returns how many faults have been injected.
func (f *Faults) Counts() FaultCounts {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts
}

func (f *Faults) validate() error {
	sum := 0.0
	for _, r := range []struct {
		name string
		rate float64
	}{{"Error", f.Error}, {"Panic", f.Panic}, {"Goexit", f.Goexit}, {"Delay", f.Delay}, {"Hang", f.Hang}, {"Start", f.Start}} {
		if !(r.rate >= 0 && r.rate <= 1) {
			return fmt.Errorf("runtimetest: Faults.%s is %v: want a rate from 0 to 1", r.name, r.rate)
		}
		if r.name != "Start" {
			sum += r.rate
		}
	}
	switch {
	case sum > 1:
		return fmt.Errorf("runtimetest: the rates of Faults make %v: want 1 at most", sum)
	case f.DelayFor < 0 || f.HangFor < 0:
		return fmt.Errorf("runtimetest: Faults.DelayFor is %v, and HangFor %v: want 0 or more", f.DelayFor, f.HangFor)
	}
	return nil
}

// Inject makes a Props.New whose behaviours are those of another, and fail as f says. Their hooks are kept; after Become, and in
// messages of Watch and Pipe, nothing is injected any more but in their handling by the behaviour itself. It panics if f is
// not valid.
func Inject[M any](f *Faults, behaviour func() runtime.Actor[M]) func() runtime.Actor[M] {
	if err := f.validate(); err != nil {
		panic(err)
	}
	f.mu.Lock()
	if f.rand == nil {
		f.rand = rand.New(rand.NewPCG(f.Seed, 1))
	}
	f.mu.Unlock()
	started := false
	return func() runtime.Actor[M] {
		a := &faulty[M]{Actor: behaviour(), faults: f, again: started}
		started = true
		return a
	}
}

type faulty[M any] struct {
	runtime.Actor[M]
	faults *Faults
	again  bool
}

// A fault is what happens to one message.
type fault uint8

const (
	noFault fault = iota
	anError
	aPanic
	aGoexit
	aDelay
	aHang
)

func (f *Faults) next() fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.rand.Float64()
	for _, c := range []struct {
		rate  float64
		kind  fault
		count *uint64
	}{{f.Error, anError, &f.counts.Error}, {f.Panic, aPanic, &f.counts.Panic}, {f.Goexit, aGoexit, &f.counts.Goexit},
		{f.Delay, aDelay, &f.counts.Delay}, {f.Hang, aHang, &f.counts.Hang}} {
		if x < c.rate {
			*c.count++
			return c.kind
		}
		x -= c.rate
	}
	return noFault
}

func (f *Faults) failsToStart() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	fails := f.rand.Float64() < f.Start
	if fails {
		f.counts.Start++
	}
	return fails
}

func (a *faulty[M]) Receive(ctx *runtime.Context[M], m M) error {
	switch a.faults.next() {
	case anError:
		return fmt.Errorf("%w: an error", ErrInjected)
	case aPanic:
		panic(ErrInjected)
	case aGoexit:
		goruntime.Goexit()
	case aDelay:
		rest(ctx, a.faults.DelayFor)
	case aHang:
		<-ctx.Done()
		rest(context.WithoutCancel(ctx), a.faults.HangFor)
		return fmt.Errorf("%w: it hung", ErrInjected)
	}
	return a.Actor.Receive(ctx, m)
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (a *faulty[M]) Started(ctx *runtime.Context[M]) error {
	if a.again && a.faults.failsToStart() {
		return fmt.Errorf("%w: a start", ErrInjected)
	}
	if h, ok := a.Actor.(interface {
		Started(*runtime.Context[M]) error
	}); ok {
		return h.Started(ctx)
	}
	return nil
}

func (a *faulty[M]) Restarting(ctx *runtime.Context[M], cause error) {
	if h, ok := a.Actor.(interface {
		Restarting(*runtime.Context[M], error)
	}); ok {
		h.Restarting(ctx, cause)
	}
}

func (a *faulty[M]) Stopped(ctx *runtime.Context[M], cause error) {
	if h, ok := a.Actor.(interface {
		Stopped(*runtime.Context[M], error)
	}); ok {
		h.Stopped(ctx, cause)
	}
}
