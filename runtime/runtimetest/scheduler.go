package runtimetest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sync"
)

// A scheduler lets one goroutine run at a time, and picks each next one by a random number. It is a runtime.Scheduler.
//
// A goroutine that is picked runs until it ends, or waits for something: here, at Unpark, or elsewhere. When it has come to
// that, synctest.Wait says so. What became ready meanwhile is known by numbers that were given out while one goroutine
// ran, so that the choice does not depend on who came here first.
type scheduler struct {
	mu    sync.Mutex
	rand  *rand.Rand
	lean  lean
	next  uint64
	ready []task // by number
	free  bool   // all may run
	came  chan struct{}
	seen  func(pick, of int, t task) // told of each choice
	steps int
}

// A task is a goroutine that waits for its turn.
type task struct {
	number uint64
	start  func()        // it is to be started, or
	turn   chan struct{} // told
	what   string        // where it waits
}

// A lean is a preference among those that are ready. Uniform choices find what depends on a few of them soon, and long runs of the
// same goroutine, or of the one that has waited longest, what takes one that is delayed for long (see S. Burckhardt et al., A
// randomized scheduler with probabilistic guarantees of finding bugs, 2010).
type lean uint8

const (
	leanNot lean = iota
	leanNewest
	leanOldest
	leans
)

func newScheduler(seed uint64) *scheduler {
	r := rand.New(rand.NewPCG(seed, 0))
	return &scheduler{rand: r, lean: lean(r.IntN(int(leans))), came: make(chan struct{}, 1)}
}

func (s *scheduler) Go(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free {
		go f()
		return
	}
	s.next++
	s.addLocked(task{number: s.next, start: f})
}

func (s *scheduler) Park() (token uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	return s.next
}

func (s *scheduler) Unpark(token uint64) {
	t := task{number: token, turn: make(chan struct{}, 1)}
	s.mu.Lock()
	if s.free {
		s.mu.Unlock()
		return
	}
	s.addLocked(t)
	s.mu.Unlock()
	<-t.turn
}

func (s *scheduler) Float64() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rand.Float64()
}

func (s *scheduler) addLocked(t task) {
	if s.seen != nil {
		t.what = caller()
	}
	at, _ := slices.BinarySearchFunc(s.ready, t.number, func(t task, n uint64) int { return cmp.Compare(t.number, n) })
	s.ready = slices.Insert(s.ready, at, t)
	select {
	case s.came <- struct{}{}:
	default:
	}
}

// pick has one of those that are ready run. It reports whether there was any.
func (s *scheduler) pick() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := len(s.ready)
	if of == 0 {
		return false
	}
	i := 0
	if of > 1 { // where there is no choice, none is made
		i = s.rand.IntN(of)
		if s.lean != leanNot && s.rand.IntN(8) > 0 {
			i = 0
			if s.lean == leanNewest {
				i = of - 1
			}
		}
	}
	t := s.ready[i]
	s.ready = slices.Delete(s.ready, i, i+1)
	s.steps++
	if s.seen != nil {
		s.seen(i, of, t)
	}
	if t.start != nil {
		go t.start()
	} else {
		t.turn <- struct{}{}
	}
	return true
}

// release lets all run that come from now on, as Go's scheduler likes. Nobody is ready.
func (s *scheduler) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = true
}
