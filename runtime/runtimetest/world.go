package runtimetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"runtime/debug"
	"strings"
	"testing/synctest"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A World is what a function given to Explore runs in: one seed's way through all that could happen. Its methods may be called
// from that function, from goroutines that Go has started, and from actors.
type World struct {
	// Seed is the number that this way is repeated by.
	Seed uint64

	s       *scheduler
	ctx     context.Context
	cancel  context.CancelFunc
	running int // functions: the one given to Explore, and what it has started with Go; guarded by s.mu, as what follows
	systems []*runtime.System
	steps   int // until it was over, or failed
	failed  []string
	logged  []string
}

const (
	maxSteps = 200_000
	// stuckAfter is how long nothing may happen, in virtual time, until a world counts as stuck. It is more than the longest
	// delay that systems have by themselves.
	stuckAfter = 1000 * time.Hour
)

// System starts a system, all of which is scheduled by the seed. It logs nowhere, unless c says so. When the function given to
// Explore has returned, the system is shut down, and its books are checked.
func (w *World) System(c runtime.Config) *runtime.System {
	c.Scheduler = w.s
	if c.Logger == nil {
		c.Logger = quietLogger()
	}
	system, err := runtime.New(c)
	if err != nil {
		w.Fatalf("System: %v", err)
	}
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.systems = append(w.systems, system)
	return system
}

// Context returns the context for what is not an actor: who waits with it inside the runtime lets others go on. It ends when
// the world is stuck.
func (w *World) Context() context.Context { return w.ctx }

// Go runs f beside everything else, as a goroutine outside of actors. The world lasts until it returns. Where f uses what
// others use, it must do so between calls of the runtime, or Yield: only there another may go on.
func (w *World) Go(f func()) {
	w.s.mu.Lock()
	w.running++
	w.s.mu.Unlock()
	w.s.Go(func() { w.run(f) })
}

// Yield lets others go first, as every call of the runtime does.
func (w *World) Yield() { w.s.Unpark(w.s.Park()) }

// Sleep lets d pass, in virtual time.
func (w *World) Sleep(d time.Duration) {
	token := w.s.Park()
	<-time.After(d)
	w.s.Unpark(token)
}

// Rand returns a source of random numbers that follow from the seed.
func (w *World) Rand() *rand.Rand {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	return rand.New(rand.NewPCG(w.Seed, w.s.rand.Uint64()))
}

// Errorf says that something is wrong. The world goes on.
func (w *World) Errorf(format string, args ...any) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.failed = append(w.failed, fmt.Sprintf(format, args...))
}

// Fatalf says that something is wrong, and ends the calling function. Actors had better use Errorf: to them it is a Goexit.
func (w *World) Fatalf(format string, args ...any) {
	w.Errorf(format, args...)
	goruntime.Goexit()
}

// Logf notes something, which is shown where the world fails.
func (w *World) Logf(format string, args ...any) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	w.logged = append(w.logged, fmt.Sprintf(format, args...))
}

// parker makes a World's context one that tells the scheduler of waits.
type parker struct {
	context.Context
	s *scheduler
}

func (p parker) Value(key any) any {
	if key == (mailbox.ParkerKey{}) {
		return mailbox.Parker(p.s)
	}
	return p.Context.Value(key)
}

func newWorld(seed uint64) *World {
	w := &World{Seed: seed, s: newScheduler(seed)}
	base, cancel := context.WithCancel(context.Background())
	w.ctx, w.cancel = parker{base, w.s}, cancel
	return w
}

// run is a function of the user's.
func (w *World) run(f func()) {
	defer func() {
		if v := recover(); v != nil {
			w.Errorf("panic: %v\n%s", v, debug.Stack())
		}
		w.s.mu.Lock()
		w.running--
		w.s.mu.Unlock()
	}()
	f()
}

// explore is the way of one seed through f. It is called in a bubble of synctest, on its first goroutine.
//
// Where the world is stuck, its context ends, and what goes on by that does so one at a time, as before: the user's code needs no
// locks, ever. What does not end by that either is left behind, waiting for its turn.
func explore(seed uint64, f func(*World), seen func(pick, of int, t task)) *World {
	w := newWorld(seed)
	w.s.seen = seen
	w.Go(func() { f(w) })
	stuck := w.drive(maxSteps)
	shut := 0
	for _, system := range w.systems { // no more can come: whoever could start one has returned, or is stuck
		w.Go(func() {
			if err := system.Shutdown(w.ctx); err != nil && stuck == "" {
				w.Errorf("Shutdown: %v", err)
			}
			shut++
		})
	}
	if stuck == "" {
		stuck = w.drive(maxSteps)
	}
	w.steps, w.s.seen = w.s.steps, nil
	if stuck != "" {
		w.Errorf("%s", stuck)
	}
	w.cancel()
	if left := w.drive(w.s.steps + maxSteps); left == "" {
		w.s.release()
	} else if stuck == "" {
		w.Errorf("after the shutdown: %s", left)
	}
	if shut < len(w.systems) {
		<-time.After(stuckAfter) // abandons what does not end otherwise
	}
	for _, system := range w.systems {
		w.check(system, stuck != "")
	}
	return w
}

// drive lets one after another run until nobody is left who could, and all functions have returned. It returns why it gives up before
// that: nothing goes on, or there is no end after the given number of steps since the world began.
func (w *World) drive(most int) (stuck string) {
	for {
		synctest.Wait()
		if w.s.steps >= most {
			return fmt.Sprintf("no end after %d steps", w.s.steps)
		}
		if w.s.pick() {
			continue
		}
		w.s.mu.Lock()
		over := w.running == 0
		w.s.mu.Unlock()
		if over {
			return ""
		}
		nothing := time.NewTimer(stuckAfter)
		select {
		case <-w.s.came:
			nothing.Stop()
		case <-nothing.C:
			return "stuck: all wait, and nothing is to come\n" + w.whatIs()
		}
	}
}

func (w *World) whatIs() string {
	var b strings.Builder
	for _, system := range w.systems {
		fmt.Fprintf(&b, "%+v\n", system.Stats())
	}
	return b.String()
}

// check looks at the books of a system that has stopped.
func (w *World) check(system *runtime.System, stuck bool) {
	s := system.Stats()
	if s.Sent != s.Rejected+s.Handled+s.Dropped+s.DeadLettered+s.Queued {
		w.Errorf("the counts do not add up: %+v", s)
	}
	if !stuck && (s.Queued > 0 || s.Actors > 0) {
		w.Errorf("after the shutdown there is something left: %+v", s)
	}
}
