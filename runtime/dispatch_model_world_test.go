package runtime_test

// A world is one state of the model: all that dispatch.go, runner.go, watchdog.go, wait.go, turn.go, decide.go, stop.go and
// mailbox/owner.go share between goroutines, as far as it has to do with who runs an actor, and where each goroutine is.
// It is comparable, and what nobody can see any more is zeroed, so that equal worlds are equal values.
//
// Actors and runners are numbered from 1 wherever 0 is "none".

const (
	worldActors   = 3
	worldRunners  = 5
	worldWatchers = 3
	worldOthers   = 2 // goroutines outside: tellers, who gives orders, timers

	firstWatcher = worldRunners
	lane         = firstWatcher + worldWatchers // where the supervisor works
	firstOther   = lane + 1
	worldThreads = firstOther + worldOthers
)

type world struct {
	armed, short    bool
	called          bool
	atWork, looking int8
	shared          line
	left            budget // how often each thing may happen still
	actors          [worldActors]worldActor
	runners         [worldRunners]worldRunner
	threads         [worldThreads]thread
}

// A line is a queue of actors: the first is in front, and 0 ends it. It has one place too many, for an actor that is in it
// twice: check finds that before there is another.
type line [worldActors + 1]uint8

func (l *line) push(a uint8) {
	for i, other := range l {
		if other == 0 {
			l[i] = a
			return
		}
	}
}

func (l *line) pop() (a uint8) { return l.takeAt(0) }

func (l *line) takeAt(i int) (a uint8) {
	a = l[i]
	copy(l[i:], l[i+1:])
	l[worldActors] = 0
	return a
}

func (l *line) len() (n int) {
	for n < len(l) && l[n] != 0 {
		n++
	}
	return n
}

type worldActor struct {
	// The mailbox.
	queued, inHand    uint8
	asleep, suspended bool
	interrupted, lost bool
	closed            bool
	state             actorState
	stop, halt        bool // the orders
	restart, start    bool
	kidsGone, arrival bool
	working, inUser   bool
	patience          bool
	abandoned         bool
	turn              uint8
	on                uint8      // runner
	asks              actorState // the supervisor: what to do, having failed or halted
	rescued           bool       // it was behind a held runner; only for what the exploration has come across
}

type actorState uint8

const (
	alive actorState = iota
	failedActor
	haltingActor
	haltedActor
	stoppingActor
	stoppedActor
)

// nobodyNext stands in the slot of a runner that takes nothing.
const nobodyNext = 255

type worldRunner struct {
	next           uint8
	list           line
	closed         bool
	watched, begun bool
	onDuty         bool
	held, looking  bool
	waits, hires   uint8
	first          uint8
	forsaken       bool // and its goroutine may be around
	excused        bool // closed by a wait in this turn; only for check
}

// A thread is a goroutine. Those of the runners have their numbers.
type thread struct {
	at     place
	ret    place // where it goes on after what it calls
	n      uint8 // actor whose turn it has
	turn   uint8
	hook   hook
	run    bool  // the turn is in node.run
	exits  bool  // a Goexit, or a panic in the fast part, is under way
	here   bool  // the turn was taken over from somebody stuck
	torn   bool  // likewise, and its stop had begun
	m      uint8 // actor that it makes ready
	from   uint8 // on this runner
	waits  uint8 // runner that it waits on
	hire   uint8 // of that
	target uint8 // actor that it gives an order
}

type hook uint8

const (
	noHook hook = iota
	workHook
	arriveHook
	restartingHook
	beginHook
	stoppedHook
)

// kind of thing that a play bounds.
type kind uint8

const (
	puts      kind = iota // by an outsider
	lends                 // by an outsider that uses a handler's context
	lentWaits             // likewise: waits inside the runtime
	tells                 // by handlers
	blocks
	waits
	failures
	exits // Goexit
	stops
	halts    // and begins anew: a group restart
	arrivals // functions to run on the turn
	overdues
	children // that are still there when their parent stops or begins anew
	yields   // turns that are given up for others, the share being used up
	rows     // likewise: too many in a row from the slot
	rounds   // looks at the shared list first
	preempts // runners that the watchdog finds held between two steps of their own, not in a handler
	slows    // actors that are known to take their time
	kinds
)

func newWorld(p *play) *world {
	w := &world{left: p.left, short: true}
	for i := range w.actors {
		w.actors[i].asleep = true // after Spawn
	}
	for i := range w.runners {
		w.runners[i].closed, w.runners[i].next = true, nobodyNext
	}
	p.begin(w)
	return w
}

func (w *world) actor(a uint8) *worldActor   { return &w.actors[a-1] }
func (w *world) runner(r uint8) *worldRunner { return &w.runners[r-1] }

func (w *world) take(k kind) bool {
	if w.left[k] == 0 {
		return false
	}
	w.left[k]--
	return true
}

func (r *worldRunner) idle() bool { return r.held || r.waits > 0 }

func (r *worldRunner) behind() bool {
	return r.next != 0 && r.next != nobodyNext || r.list.len() > 0
}

// The mailbox: each is one step, under its lock.

// put reports whether the caller must wake the owner.
func (a *worldActor) put() (wake bool) {
	if a.closed {
		return false
	}
	a.queued++
	if !a.asleep || a.suspended {
		return false
	}
	a.asleep = false
	return true
}

func (a *worldActor) interrupt() (wake bool) {
	a.interrupted = true
	wake = a.asleep
	a.asleep, a.suspended = false, false
	return wake
}

func (a *worldActor) suspend() bool {
	if a.settle(); a.interrupted {
		a.interrupted = false
		return false
	}
	a.asleep, a.suspended = true, true
	return true
}

func (a *worldActor) settle() bool {
	if a.lost {
		return false
	}
	a.inHand = 0
	return true
}

func (a *worldActor) drain() {
	a.queued, a.inHand, a.closed = 0, 0, true
}

// abandon is overdue's section under node.mu. It reports whether the turn was taken.
func (a *worldActor) abandon(newTurn bool) bool {
	if !a.inUser {
		if !a.working || a.inHand == 0 || !a.interrupted || a.lost {
			return false
		}
		a.lost, a.interrupted = true, false
		a.drain()
	}
	if newTurn {
		a.turn++
	}
	a.inUser, a.working, a.abandoned, a.state = false, false, true, stoppingActor
	a.stop, a.arrival = true, false
	return true
}
