package runtime

import (
	"sync/atomic"
	"time"
)

// marks are what is looked at without the lock: at each message that is sent, or each turn.
type marks struct{ w atomic.Uint32 }

const (
	gated       uint32 = 1 << iota // draining: only what its own tree sends is accepted
	lifeEnded                      // its context has ended
	inline                         // Props.Inline
	carries                        // its messages may have reply handles in them
	carriesMore                    // besides one that they embed
	slowTurn                       // from here on: how many quick turns it takes until the actor is quick again
)

func (m *marks) has(mark uint32) bool { return m.w.Load()&mark != 0 }

// set reports whether it was not set before.
func (m *marks) set(mark uint32) bool { return m.w.Or(mark)&mark == 0 }

// How an actor's turns go: one that takes its time, by waiting for something that the runtime does not know of, gets a
// goroutine of its own each time, until it has been quick for a while.
const (
	longTurn   = 100 * time.Microsecond
	quickTurns = 4 // in a row, until an actor is quick again
)

func (m *marks) slow() bool { return m.w.Load() >= slowTurn }

func (m *marks) tookLong() {
	for {
		old := m.w.Load()
		if m.w.CompareAndSwap(old, old%slowTurn+quickTurns*slowTurn) {
			return
		}
	}
}

func (m *marks) took(d time.Duration) {
	if d > longTurn {
		m.tookLong()
		return
	}
	for old := m.w.Load(); old >= slowTurn; old = m.w.Load() {
		if m.w.CompareAndSwap(old, old-slowTurn) {
			return
		}
	}
}
