package runtime

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
)

// A node is the untyped part of an actor: its place in the tree, its control lane, and the state machine that its turns
// drive (turn.go, decide.go). The typed part, with mailbox and behaviour, is the Context behind body.
//
// Locks: a node's mu may be held when taking the ledger's, its mailbox's or its family's, and nothing else. No two
// nodes' mu are ever held together, and no user code runs under one but the mailbox's Less.
//
// A node fills two cache lines together with what a Context adds to it, and an actor five with its mailbox: 320 bytes. What
// most actors never need is in rare.go.
type node struct {
	kin        *family // the siblings, and whose children they are
	body       body    // nil for the root
	prev, next *node   // siblings in start order; guarded by kin.mu
	marks      marks

	// turn is the number of the turn's holder: it changes when a turn is taken from a goroutine that does not return.
	turn uint8 // guarded by mu; its holder reads it without

	// Guarded by mu.
	state   state
	ordered stopMode
	kids    offspring // whether there are children to wait for

	// So far goes a cache line that senders read and nearly nobody writes. The next one changes with each message.
	rare   atomic.Pointer[rare]
	on     atomic.Pointer[runner] // that the turn runs on, or ran on last; or elsewhere; nil as long as it has not run on any
	number uint64                 // among the siblings; stands in the path of who has no name

	// Guarded by mu.
	selfStop bool // it was not its supervisor that stopped it
	merged   bool // the counts went to the system's ledger
	inUser   bool // the turn is in a hook, or in a function given to Watch or Pipe
	working  bool // the turn is in stepWork, or the actor sleeps since it was
	over     bool // it has stopped, and its name is free

	// The typed part's, and of the turn's holder alone: they are here because they fit.
	handling bool // Receive runs
	stashing bool // and has asked to keep its message
	ahead    bool // there are messages in front, as far as this holder knows: an abandonment may have taken them

	mu sync.Mutex
}

// body is the typed part of an actor. All methods but those marked are called by the holder of the turn alone.
type body interface {
	work(share int, alone bool) outcome // handles up to so many messages, until something else is to be done
	begin(first bool) error             // makes a new behaviour and starts it
	restarting(cause error)             // the Restarting hook of the old behaviour
	stopped(cause error)                // the Stopped hook
	hears() bool                        // whether there is one
	// failMessage deals with the message whose handler failed. It reports false when the turn was lost.
	failMessage(err error) bool
	deadLetterAll(cause error) // empties the mailbox for good
	cancelTimers()
	stay()
	rest() bool
	suspend() bool

	interrupt() bool     // by anybody
	closeMailbox()       // by anybody
	abandonLocked() bool // by the holder of node.mu, to take the turn over; false if no handler runs
	stats() Stats        // by the holder of node.mu
	messageType() string // by anybody
	serving() []handle   // the asks of the message that is being handled; by its handler
	queued(handle) bool  // whether the message of that ask waits; by anybody
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

type stopMode uint8

const (
	noStop   stopMode = iota
	stopSoft          // drain first
	stopNow           // after the current message
	stopKill          // likewise, and at a shutdown whose time is up: with hardly any patience
)

// offspring is what an actor that stops, or is to be started anew, knows of its children.
type offspring uint8

const (
	kidsOpen   offspring = iota // there may be some
	kidsGone                    // there are none left
	kidsBarred                  // there never were any, and must be none
)

type verdict uint8

const (
	noVerdict verdict = iota
	resume
	restart
)

// killPatience is how long code whose context has just ended may take to return when a shutdown's time is up.
const killPatience = 100 * time.Millisecond

func (n *node) sys() *System  { return n.kin.sys }
func (n *node) parent() *node { return n.kin.of }      // nil for the root
func (n *node) name() string  { return n.look().name } // "": unnamed

func (n *node) path() string {
	var names []string
	for ; n.parent() != nil; n = n.parent() {
		name := n.name()
		if name == "" {
			name = strconv.FormatUint(n.number, 10)
		}
		names = append(names, name)
	}
	names = append(names, n.name())
	slices.Reverse(names)
	return strings.Join(names, "/") // in one go: at each level, it would be slow for who stands deep
}

// below reports whether n is ancestor or stands under it.
func (n *node) below(ancestor *node) bool {
	for ; n != nil; n = n.parent() {
		if n == ancestor {
			return true
		}
	}
	return false
}

// order changes what the actor has been told to do, and wakes it to that. Each order is remembered until it is carried
// out, so the control lane needs no room and drops nothing.
func (n *node) order(changeLocked func()) {
	n.mu.Lock()
	if n.state == stopped {
		n.mu.Unlock()
		return
	}
	changeLocked()
	n.mu.Unlock()
	n.wake()
}

// wake makes the actor look at its orders before it begins another message. It reports whether the actor was asleep,
// which one that has stopped never is.
func (n *node) wake() bool {
	n.sys().dispatch.point()
	woke := n.body.interrupt()
	if woke {
		n.sys().dispatch.ready(n, nil)
	}
	return woke
}

func (n *node) log() logrus.FieldLogger { return n.sys().log.WithField("actor", n.path()) }

// place is runner, but for an actor that runs elsewhere.
func (n *node) place() *runner {
	if r := n.on.Load(); r != nil {
		return r
	}
	return elsewhere
}

// runner returns the runner that the turn runs on, or ran on last; nil where that was elsewhere.
func (n *node) runner() *runner {
	if r := n.on.Load(); r != elsewhere {
		return r
	}
	return nil
}

// moveElsewhere notes that the turn runs on no runner.
func (n *node) moveElsewhere() {
	if n.runner() != nil {
		n.on.Store(elsewhere)
	}
}

// family returns the children, to be asked to do something with them; nil when there never were any.
func (n *node) family() *family { return n.look().kids.Load() }

// awaitsVerdict reports whether n has failed, and waits for its supervisor. One that was told to stop does not.
func (n *node) awaitsVerdict() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state == failed && n.ordered < stopNow
}
