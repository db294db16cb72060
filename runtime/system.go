package runtime

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/troupe-go/troupe/supervisor"
)

// A Config says how a system is. The zero value works.
type Config struct {
	Name   string             // the first element of every path; "": "troupe"
	Logger logrus.FieldLogger // nil: logrus.StandardLogger()

	// Children is how the system supervises the actors that it spawns. The zero value restarts without limit, at once
	// three times in a row and then with a growing delay from 10 ms to 5 s, because a few bad requests must not stop a
	// service. Where it departs from that, too many restarts or Escalate end the system with the error.
	Children supervisor.Config

	// Scheduler is for tests, and nil elsewhere: see there.
	Scheduler Scheduler
}

// untiring is the zero Config.Children.
var untiring = supervisor.Config{
	MaxRestarts: supervisor.Unlimited,
	Backoff:     supervisor.Backoff{Min: 10 * time.Millisecond, Max: 5 * time.Second, Jitter: 0.5, After: 3},
}

// A System is a tree of actors. All methods are safe for concurrent use.
type System struct {
	heed     atomic.Uint32 // what each Tell looks at: see closing; so what stands near must not change
	log      logrus.FieldLogger
	cfg      supervisor.Config
	root     *node // has no turn: it only is the parent of the actors that the system spawns
	crew     crew
	gone     ledger
	pendings sync.Map // of asks that are over: reflect.Type of the answer -> *pendingPool
	lastAsk  atomic.Pointer[pendingPool]
	kinds    sync.Map // reflect.Type of a message -> *kind
	lastKind atomic.Pointer[kind]
	hidden   atomic.Bool // a reply handle was sent in a field that is not exported
	dead     deadLetters
	dispatch dispatcher
	killed   chan struct{} // closed when the time of a shutdown was up

	mu      sync.Mutex
	err     error
	killing sync.Once
	ending  bool
	stopped chan struct{}
}

// Bits of heed.
const (
	closing   uint32 = 1 << iota // only what comes from inside is accepted
	scheduled                    // there is a Scheduler
)

func (s *System) isClosing() bool { return s.heed.Load()&closing != 0 }

// New starts a system, which runs until Shutdown, or until a failure ends it. An idle system has no goroutine.
//
// It returns an error that wraps ErrConfig if c is wrong.
func New(c Config) (*System, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	if c.Name == "" {
		c.Name = "troupe"
	}
	if c.Logger == nil {
		c.Logger = logrus.StandardLogger()
	}
	if c.Children.IsZero() {
		c.Children = untiring
	}
	s := &System{log: c.Logger, cfg: c.Children, killed: make(chan struct{}), stopped: make(chan struct{})}
	s.crew.ended = make(chan struct{}, 1)
	if s.dispatch.scheduler = c.Scheduler; c.Scheduler != nil {
		s.heed.Or(scheduled)
	}
	s.dispatch.init(&s.crew)
	s.root = &node{kin: &family{sys: s}, state: running}
	s.root.rareLocked().name = c.Name
	return s, nil
}

// validate looks for nil pointers too, because what is made of those fails at the first line that is logged, which may
// be on a goroutine that is nobody's to guard.
func (c *Config) validate() error {
	if err := checkName("Config.Name", c.Name); err != nil {
		return err
	}
	if isNilPointer(c.Logger) {
		return badConfig("Config.Logger", fmt.Sprintf("a nil %T", c.Logger), "a logger, or nil for the standard one")
	}
	if isNilPointer(c.Scheduler) {
		return badConfig("Config.Scheduler", fmt.Sprintf("a nil %T", c.Scheduler), "a Scheduler, or nil for Go's")
	}
	if err := c.Children.Validate(); err != nil {
		return fmt.Errorf("%w: Config.Children: %w", ErrConfig, err)
	}
	return nil
}

// isNilPointer reports whether v is not nil, but a pointer in it is.
func isNilPointer(v any) bool {
	p := reflect.ValueOf(v)
	return p.Kind() == reflect.Pointer && p.IsNil()
}

// isStarted reports whether s is what New returns, and not what somebody has made.
func (s *System) isStarted() bool { return s != nil && s.root != nil }

// demand panics where s is no system: a Wait for a zero one would have no end.
func (s *System) demand(call string) {
	if !s.isStarted() {
		panic("runtime: " + call + " of a nil or zero System: want one from New")
	}
}

func (s *System) spawner() (*node, error) {
	switch {
	case !s.isStarted():
		return nil, errNoParent
	case s.isClosing():
		return s.root, ErrStopped
	}
	return s.root, nil
}

// Shutdown stops the system and waits until it has stopped. Messages and spawns from outside are refused at once with
// ErrStopped. Each actor handles what is queued, lets its children do the same, handles what they still send, and
// stops: children before parents, siblings one after the other, the youngest first. What one actor sends another while
// it drains is accepted until the receiver's turn to stop has come.
//
// When ctx ends first, all contexts of the actors end, what is still queued becomes dead letters, code that does not
// return is abandoned, and Shutdown returns an error that wraps ctx.Err() and says how much was left. Otherwise it
// returns nil. It may be called several times and concurrently; each call waits. Called from a handler, with the
// handler's context, it begins the shutdown and returns nil without waiting, because it would wait for itself. Where
// ctx is nil it returns an error, and the system goes on.
func (s *System) Shutdown(ctx context.Context) error {
	s.demand("Shutdown")
	if ctx == nil {
		return errNoTime
	}
	before := s.Stats()
	s.end(stopSoft)
	if from := sender(ctx); from != nil && from.sys() == s {
		outlive := context.WithoutCancel(ctx)
		cancel := context.CancelFunc(func() {})
		if deadline, ok := ctx.Deadline(); ok {
			outlive, cancel = context.WithDeadline(outlive, deadline)
		}
		s.dispatch.start(func() {
			defer cancel()
			_ = s.await(outlive, before)
		})
		return nil
	}
	return s.await(ctx, before)
}

func (s *System) await(ctx context.Context, before Stats) error {
	if isClosed(s.stopped) {
		return nil
	}
	select {
	case <-s.stopped:
	case <-ctx.Done():
	}
	switch {
	case !isClosed(s.stopped):
		s.kill()
		<-s.stopped
	case ctx.Err() == nil || !isClosed(s.killed): // else another call, whose time was up too, has been quicker
		return nil
	}
	after := s.Stats()
	return fmt.Errorf("runtime: shutdown of %s: %w: %d messages became dead letters, and %d handlers were abandoned",
		s.root.name(), ctx.Err(), after.DeadLettered-before.DeadLettered, after.Abandoned-before.Abandoned)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Wait waits until the system has stopped, and returns the failure that ended it, or nil.
func (s *System) Wait() error {
	s.demand("Wait")
	<-s.stopped
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Stats returns the counts over all actors that ever lived.
func (s *System) Stats() Stats {
	s.demand("Stats")
	for tries := 0; ; tries++ {
		t, actors := s.gone.sum()
		s.root.sumTree(&t)
		// Those of an actor that has ended meanwhile may be in neither sum: look again, unless there is no end to it.
		if _, now := s.gone.sum(); now == actors || tries == maxLooks {
			return t
		}
	}
}

const maxLooks = 16

// fail ends the system with err, the first one counts.
func (s *System) fail(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	s.end(stopNow)
}

// end begins the system's end, or makes it more urgent.
func (s *System) end(mode stopMode) {
	s.heed.Or(closing)
	s.root.children().post(event{kind: stopAll, mode: mode, then: s.childless})
}

// kill ends all that is left. Each actor is told, so that none waits for its turn.
func (s *System) kill() {
	s.killing.Do(func() { close(s.killed) })
	s.root.killTree()
	s.end(stopKill)
}

func (n *node) killTree() {
	for _, child := range n.family().list() {
		child.stop(stopKill, errTimeUp, false)
		child.killTree()
	}
}

// childless is reached when the last actor has stopped. One that was spawned in the same instant is stopped as well.
func (s *System) childless() {
	kids := s.root.children()
	kids.shut()
	if kids.youngest() != nil {
		s.end(stopNow)
		return
	}
	s.mu.Lock()
	ending := s.ending
	s.ending = true
	s.mu.Unlock()
	if !ending {
		s.dispatch.start(s.disband)
	}
}

// disband waits for the goroutines that are on their way out: turns that have ended their actor, and subscribers to dead
// letters, who get the time that handlers get.
func (s *System) disband() {
	defer close(s.stopped)
	defer s.dispatch.close()
	timeout := time.NewTimer(DefaultStopTimeout)
	defer timeout.Stop()
	killed := s.killed
	for s.crew.n.Load() > 0 {
		select {
		case <-s.crew.ended:
		case <-killed:
			timeout.Reset(killPatience)
			killed = nil
		case <-timeout.C:
			left := s.crew.n.Load()
			s.gone.add(Stats{Abandoned: uint64(left)})
			s.log.WithField("goroutines", left).Error("abandoned at the shutdown: did not return in time")
			return
		}
	}
}

// children returns the family of n, made if there is none yet.
func (n *node) children() *family {
	if kids := n.family(); kids != nil {
		return kids
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if kids := n.family(); kids != nil {
		return kids
	}
	kids := &family{sys: n.sys(), of: n, cfg: n.look().children, closed: n.kids == kidsBarred}
	if n.body == nil {
		kids.cfg = n.sys().cfg
	}
	n.rareLocked().kids.Store(kids)
	return kids
}
