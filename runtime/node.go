package runtime

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/supervisor"
)

// A node is the untyped part of an actor: its place in the tree, its control lane, and the state machine that its turns
// drive (turn.go, decide.go). The typed part, with mailbox and behaviour, is the cell behind body.
//
// Locks: a node's mu may be held when taking the ledger's, its mailbox's or its family's, and nothing else. No two
// nodes' mu are ever held together, and no user code runs under one but the mailbox's Less.
type node struct {
	sys    *System
	parent *node // nil for the root
	body   body  // nil for the root
	kids   *family
	name   string // "": unnamed, and number stands in its path
	number uint64

	restart     supervisor.RestartType
	significant bool
	stopTimeout time.Duration

	prev, next *node             // siblings in start order; guarded by parent.kids.mu
	record     supervisor.Record // used on the parent's lane alone

	life life
	gate atomic.Bool            // draining: only what its own tree sends is accepted
	pace pace                   // how its turns go
	on   atomic.Pointer[runner] // that its turn runs on, or ran on last; nil where that was elsewhere

	mu       sync.Mutex
	state    state
	orders   orders
	counts   Stats // beyond what the body counts
	merged   bool  // the counts went to the system's ledger
	failure  error // failed: why
	drain    drain // how far a drain has come
	selfStop bool  // it was not its supervisor that stopped it
	err      error // stopped: why
	done     chan struct{}
	pipes    map[*pipe]struct{}
	wishes   *wish               // asks that wait for this actor
	tenure   *tenure             // of the present behaviour, once somebody asked
	watchers map[*watch]struct{} // who watches this actor
	watching map[*watch]struct{} // whom this actor watches

	// turn is the number of the turn's holder: it changes when a turn is taken from a goroutine that does not return.
	turn         uint64    // its holder reads it without mu
	abandoned    bool      // it was: the behaviour may be in use for ever
	unborn       bool      // the first start failed
	inUser       bool      // the turn is in a hook, or in a function given to Watch or Pipe
	working      bool      // the turn is in stepWork, or the actor sleeps since it was
	patience     *patience // of a stop or halt, with code that does not return
	pipePatience *patience // of a stop, with pipes that do not end
}

// body is the typed part of an actor. All methods but those marked are called by the holder of the turn alone.
type body interface {
	work(share int) outcome // handles up to so many messages, until something else is to be done
	begin() error           // makes a new behaviour and starts it
	restarting(cause error) // the Restarting hook of the old behaviour
	stopped(cause error)    // the Stopped hook
	// failMessage deals with the message whose handler failed. It reports false when the turn was lost.
	failMessage(err error) bool
	deadLetterAll(reason error) // empties the mailbox for good
	cancelTimers()
	stay()
	rest() bool
	suspend() bool

	interrupt() bool     // by anybody
	closeMailbox()       // by anybody
	abandonLocked() bool // by the holder of node.mu, to take the turn over; false if no handler runs
	stats() Stats        // by the holder of node.mu
	messageType() string // by anybody, as the next
	supervision() supervisor.Config
}

type state uint8

const (
	starting state = iota // Spawn has not returned
	running
	failed   // waits for what its supervisor decides; its queue waits too
	halting  // is to be started anew; its children are being stopped
	halted   // its old behaviour is gone; waits until it may begin anew
	stopping // its messages are dead letters; waits for its children and pipes
	stopped
)

type drain uint8

const (
	noDrain   drain = iota
	drainOwn        // handles what is queued, its children still at work
	drainKids       // its children drain and stop, last first; what they still send is handled
	drainLast       // its children are gone: handles what they left, then stops
)

// orders is the control lane of an actor: what it has been told to do and has not come to. Each is remembered until it
// is carried out, so the lane needs no room and drops nothing.
type orders struct {
	stop     stopMode
	cause    error // why, with stop
	raise    error // fail, because of the children
	verdict  verdict
	halt     bool // for a group restart: give the behaviour up, and report it
	start    bool // for a group restart: begin anew
	kidsGone bool
	arrivals []func() error // functions to run on the turn, each making a message
}

type stopMode uint8

const (
	noStop   stopMode = iota
	stopSoft          // drain first
	stopNow           // after the current message
	stopKill          // likewise, and at a shutdown whose time is up: with hardly any patience
)

type verdict uint8

const (
	noVerdict verdict = iota
	resume
	restart
)

// killPatience is how long code whose context has just ended may take to return when a shutdown's time is up.
const killPatience = 100 * time.Millisecond

func (n *node) path() string {
	if n.parent == nil {
		return n.name
	}
	name := n.name
	if name == "" {
		name = strconv.FormatUint(n.number, 10)
	}
	return n.parent.path() + "/" + name
}

// below reports whether n is ancestor or stands under it.
func (n *node) below(ancestor *node) bool {
	for ; n != nil; n = n.parent {
		if n == ancestor {
			return true
		}
	}
	return false
}

// order changes the orders and wakes the actor to them.
func (n *node) order(change func(*orders)) {
	n.mu.Lock()
	if n.state == stopped {
		n.mu.Unlock()
		return
	}
	change(&n.orders)
	n.mu.Unlock()
	n.wake()
}

// wake makes the actor look at its orders before it begins another message. It reports whether the actor was asleep,
// which one that has stopped never is.
func (n *node) wake() bool {
	woke := n.body.interrupt()
	if woke {
		n.sys.dispatch.ready(n, nil)
	}
	return woke
}

func (n *node) log() logrus.FieldLogger { return n.sys.log.WithField("actor", n.path()) }

// family returns the children, to be asked to do something with them; nil when there never were any.
func (n *node) family() *family {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.kids
}

// awaitsVerdict reports whether n has failed, and waits for its supervisor. One that was told to stop does not.
func (n *node) awaitsVerdict() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state == failed && n.orders.stop < stopNow
}
