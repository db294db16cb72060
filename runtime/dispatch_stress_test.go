package runtime_test

import (
	"context"
	"errors"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A mill is actors that send each other on whatever comes in, and do in between what holds a runner up: wait for another
// goroutine, ask, wait for room, compute, fail, end their goroutine, stop.
type mill struct {
	t      *testing.T
	system *runtime.System
	actors []atomic.Pointer[runtime.Ref[grain]] // replaced when one stops
	seed   atomic.Uint64
	left   atomic.Int64 // grains that are still to be begun
	others sync.WaitGroup
}

type grain struct {
	runtime.Reply[int]
	ttl int
}

const millers = 64

func newMill(t *testing.T, messages int) *mill {
	m := &mill{t: t, system: newSystem(t, tireless), actors: make([]atomic.Pointer[runtime.Ref[grain]], millers)}
	m.left.Store(int64(messages))
	for i := range m.actors {
		m.replace(i)
	}
	return m
}

func (m *mill) replace(i int) {
	config := mailbox.Config[grain]{Capacity: []int{1, 4, 64, mailbox.DefaultCapacity}[i%4]}
	if i%8 == 5 {
		config.Order = mailbox.LIFO
	}
	ref, err := runtime.Spawn(m.system, runtime.Props[grain]{
		Mailbox: config, Redeliver: i % 3, Inline: i%16 == 15, New: always(func(ctx *runtime.Context[grain], g grain) error { return m.grind(ctx, i, g) }),
	})
	if err == nil {
		m.actors[i].Store(&ref)
	} else if !errors.Is(err, runtime.ErrStopped) {
		m.t.Error(err)
	}
}

// above returns an actor with a higher number than i. Who waits waits for one of those only, so that there is no cycle.
func (m *mill) above(rnd *rand.Rand, i int) (runtime.Ref[grain], bool) {
	if i+1 >= millers {
		return runtime.Ref[grain]{}, false
	}
	return *m.actors[i+1+rnd.IntN(millers-i-1)].Load(), true
}

func (m *mill) grind(ctx *runtime.Context[grain], i int, g grain) error {
	rnd := rand.New(rand.NewPCG(m.seed.Add(1), uint64(i)))
	inline := i%16 == 15
	defer g.Send(i)
	if g.ttl == 0 || m.left.Add(-1) < 0 {
		return nil
	}
	next := grain{ttl: g.ttl - 1}
	to := *m.actors[rnd.IntN(millers)].Load()
	switch what := rnd.IntN(1000); {
	case what < 700: // on, without waiting
		_ = to.TryTell(next)
	case what < 850 && !inline:
		if up, ok := m.above(rnd, i); ok {
			_ = up.Tell(ctx, next)
		}
	case what < 900 && !inline:
		if up, ok := m.above(rnd, i); ok {
			_, _ = runtime.Ask(ctx, up, func(r runtime.Reply[int]) grain { return grain{r, g.ttl - 1} })
		}
	case what < 930: // fan out
		for range 20 {
			_ = m.actors[rnd.IntN(millers)].Load().TryTell(next)
		}
	case what < 950 && !inline: // tell, and wait for what the runtime does not know of
		_ = to.TryTell(next)
		done := make(chan struct{})
		go func() {
			defer close(done)
			goruntime.Gosched()
		}()
		<-done
	case what < 960: // tell from elsewhere, with this context
		m.others.Go(func() { _ = m.actors[rnd.IntN(millers)].Load().Tell(context.WithoutCancel(ctx), grain{}) })
	case what < 970:
		_ = to.TryTell(next)
		return errors.New("on purpose")
	case what < 975:
		_ = to.TryTell(next)
		panic("on purpose")
	case what < 977 && !inline:
		_ = to.TryTell(next)
		goruntime.Goexit()
	case what < 979:
		ctx.Stop()
		m.others.Go(func() { m.replace(i) })
	case what < 980 && !inline:
		to.StopWhenEmpty()
		goruntime.Gosched()
	default: // compute
		for range rnd.IntN(20000) {
			rnd.Uint64()
		}
		_ = to.TryTell(next)
	}
	return nil
}

// run feeds the mill until it has ground as many messages as it should.
func (m *mill) run() {
	var feeding sync.WaitGroup
	for f := range 4 {
		feeding.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(f), 1))
			for m.left.Load() > 0 {
				i := rnd.IntN(millers)
				ref := *m.actors[i].Load()
				if err := ref.Tell(m.t.Context(), grain{ttl: 50}); errors.Is(err, runtime.ErrStopped) {
					m.replace(i)
				}
				if rnd.IntN(50) == 0 {
					_, _ = runtime.Ask(m.t.Context(), ref, func(r runtime.Reply[int]) grain { return grain{r, 3} })
				}
			}
		})
	}
	feeding.Wait()
	m.others.Wait()
}

// Nobody's wake-up is lost, whatever holds the runners up: or else the shutdown, which is that of newSystem, would not end.
// A million messages take two seconds on two processors, half a minute under the race detector; a hundred million six minutes.
func TestDispatchLosesNoWakeUp(t *testing.T) {
	messages := 1_000_000
	if scale > 1 {
		messages = 100_000_000
	}
	const mills = 4
	for range mills {
		m := newMill(t, messages/mills)
		m.run()
	}
}
