package mailbox

import (
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A lock is held for tens of nanoseconds, while the cache lines that it guards take longer than that to travel between two
// processors. So the quickest way to move many messages is not to hand the lock over at each of them: who finds it taken
// steps back for long enough that whoever is at it gets many messages in.
//
// A sync.Mutex does the opposite. Where goroutines wait for a processor it does not spin but puts them to sleep, and
// one that has slept for a millisecond is handed the lock while it is asleep still, so that all others queue up behind
// it. With 64 producers on two processors a message took two to three times as long. It also looks before it locks and
// after it has unlocked, which takes 3 of the 20 ns of a put and a get.
//
// The zero value is unlocked. A lock must not be copied.
type lock struct{ held atomic.Uint32 }

func (l *lock) Lock() {
	if !l.held.CompareAndSwap(0, 1) {
		l.contend()
	}
}

func (l *lock) Unlock() { l.held.Store(0) }

const (
	stepBack  = 3 * time.Microsecond // worth a hundred messages of who holds the lock
	maxYields = 16                   // ends a step back where no time passes, as in testing/synctest
	patient   = 64                   // steps back before a goroutine sleeps
)

// lines are where goroutines sleep that wait for a lock that is held for long: by a Less that takes its time, or on a
// thread that the system has stopped. They are *lock -> *sync.Mutex, and there is none as long as all goes well.
var lines sync.Map

// contend locks a lock that was taken.
func (l *lock) contend() {
	for range patient {
		standBack()
		if l.held.CompareAndSwap(0, 1) {
			return
		}
	}
	mine, _ := lines.LoadOrStore(l, new(sync.Mutex))
	line := mine.(*sync.Mutex)
	line.Lock()
	defer line.Unlock()
	for !l.held.CompareAndSwap(0, 1) { // one of those who wait keeps looking
		standBack()
	}
	lines.CompareAndDelete(l, mine) // the others pass through, and newcomers begin anew
}

// standBack lets others go on for a moment.
func standBack() {
	until := now() + stepBack
	for range maxYields {
		goruntime.Gosched()
		if now() >= until {
			return
		}
	}
}
