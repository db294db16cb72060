package runtime

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/supervisor"
)

// An Actor is a behaviour: what an actor does with a message. Receive is never called concurrently with itself or with
// the hooks. An error or a panic is a failure, and the supervisor decides what follows from it.
//
// An Actor may have these methods besides; each is called on the actor's turn:
//
//	Started(*Context[M]) error       // once, before the first message, after each start and restart
//	Restarting(*Context[M], error)   // on the old behaviour, before a restart, with the failure, or nil where it only
//	                                 // comes along with a sibling; its children have stopped
//	Stopped(*Context[M], error)      // after the last message, with the cause or nil; its children have stopped
type Actor[M any] interface {
	Receive(ctx *Context[M], msg M) error
}

// Func is a function as an Actor.
type Func[M any] func(ctx *Context[M], msg M) error

// isNone reports whether a is nil, or a Func that is. Any other nil pointer may be a behaviour without a state.
func isNone[M any](a Actor[M]) bool {
	f, ok := a.(Func[M])
	return a == nil || ok && f == nil
}

// Receive calls f.
func (f Func[M]) Receive(ctx *Context[M], msg M) error { return f(ctx, msg) }

// DefaultStopTimeout is what a StopTimeout of 0 means.
const DefaultStopTimeout = 5 * time.Second

// Props say what an actor is. Only New is required.
type Props[M any] struct {
	// Name is unique among siblings, and part of the actor's path. An actor without a name gets a number in its path,
	// and is not found by Lookup.
	Name string

	// New makes a fresh behaviour for each start and restart.
	New func() Actor[M]

	// Mailbox is the actor's mailbox. Its OnDrop is called besides the dead letter that each eviction is.
	Mailbox mailbox.Config[M]

	// Children is how this actor supervises the children it spawns.
	Children supervisor.Config

	// Restart says after which ends the actor is started again. A stop, by whomever, always is final.
	Restart supervisor.RestartType

	// Significant says that the actor's own end may end its parent, as the parent's AutoShutdown says. Every end is its
	// own but a stop by its supervisor.
	Significant bool

	// Redeliver is how many times a message whose handler failed is tried again, by whatever behaviour the supervisor
	// decides on, before it becomes a dead letter. It stays in front of the queue meanwhile.
	Redeliver int

	// StopTimeout is how long a handler or hook may take to return after the actor was told to stop. One that takes
	// longer is abandoned. 0 means DefaultStopTimeout.
	StopTimeout time.Duration

	// Inline promises that the handler never waits. An ask then may run it on the asker's goroutine, and one that calls
	// Goexit ends that.
	Inline bool
}

func (p *Props[M]) validate() error {
	if err := checkName("Props.Name", p.Name); err != nil {
		return err
	}
	switch {
	case p.New == nil:
		return badConfig("Props.New", "nil", "a function that returns an Actor")
	case p.Restart > supervisor.Temporary:
		return badConfig("Props.Restart", uint8(p.Restart), "Permanent, Transient or Temporary")
	case p.Redeliver < 0:
		return badConfig("Props.Redeliver", p.Redeliver, "0 (never) or more")
	case p.StopTimeout < 0:
		return badConfig("Props.StopTimeout", p.StopTimeout, "0 (5s) or more")
	}
	if err := p.Children.Validate(); err != nil {
		return fmt.Errorf("%w: Props.Children: %w", ErrConfig, err)
	}
	return nil
}

// A Parent is who spawns an actor, and supervises it then: a *System, or the *Context of another actor.
type Parent interface {
	// spawner returns the node to spawn under, nil where there is none, and why it refuses.
	spawner() (*node, error)
}

// Spawn starts an actor as a child of p and returns when its Started hook has: nil means that it runs. It calls New and
// Started on the caller's goroutine, and blocks for nothing else.
//
// It returns an error that wraps ErrConfig for props that are wrong, ErrNameTaken when a sibling has the name,
// ErrStopped when p stops, and the error of New or Started when one of them failed: the actor then never was, and its
// supervisor is not asked. It is safe for concurrent use.
func Spawn[M any](p Parent, props Props[M]) (Ref[M], error) {
	if p == nil {
		return Ref[M]{}, errNoParent
	}
	if err := props.validate(); err != nil {
		return Ref[M]{}, err
	}
	parent, refused := p.spawner()
	if parent == nil {
		return Ref[M]{}, refused
	}
	kin := parent.children()
	c, err := newActor(kin, &props)
	if err != nil {
		return Ref[M]{}, err
	}
	early := false
	if refused == nil && props.Name == "" && !kin.isShut() {
		if early, err = c.beginEarly(); err != nil {
			return Ref[M]{}, err
		}
	}
	if refused == nil {
		refused = kin.add(&c.node)
	}
	if refused != nil {
		return Ref[M]{}, fmt.Errorf("%w: spawn %q under %s", refused, props.Name, parent.path())
	}
	if early {
		return Ref[M]{c}, nil
	}
	if err := c.startError(c.runHere(0, stepBegin, workShare)); err != nil {
		return Ref[M]{}, err
	}
	return Ref[M]{c}, nil
}

// SpawnFunc is Spawn with a name and a function for a behaviour, and the defaults for everything else.
func SpawnFunc[M any](p Parent, name string, f func(*Context[M], M) error) (Ref[M], error) {
	if f == nil {
		return Ref[M]{}, badConfig("the function of SpawnFunc", "nil", "a function")
	}
	return Spawn(p, Props[M]{Name: name, New: func() Actor[M] { return Func[M](f) }})
}

func newActor[M any](kin *family, props *Props[M]) (*Context[M], error) {
	c := &Context[M]{make: props.New}
	c.Context = (*life)(&c.node)
	c.kin, c.body = kin, c
	marks := c.sys().kindOf(reflect.TypeFor[M]()).marks
	if props.Inline {
		marks |= inline
	}
	if marks != 0 {
		c.marks.set(marks)
	}
	if props.peculiar() {
		c.rare.Store(&rare{
			name:        props.Name,
			restart:     props.Restart,
			significant: props.Significant,
			redeliver:   props.Redeliver,
			stopTimeout: props.StopTimeout,
			children:    props.Children,
		})
	}
	if props.Name != "" && props.Restart != supervisor.Temporary {
		c.keepProps(*props)
	}
	config := props.Mailbox
	if config.Overflow >= mailbox.DropNewest || config.Less != nil { // a Less that panics evicts what is held aside
		config.OnDrop = c.publishing(config.OnDrop)
	}
	if err := c.mail.Init(config); err != nil {
		return nil, fmt.Errorf("%w: Props.Mailbox: %w", ErrConfig, err)
	}
	return c, nil
}

// beginEarly has the actor begin before anybody knows of it, which takes less time: one whose behaviour has no Started hook
// has nothing to do then that others could see. It reports whether the actor runs now; if not, it has its behaviour.
func (c *Context[M]) beginEarly() (early bool, err error) {
	returned := false
	defer func() {
		if v := recover(); v != nil {
			err = c.startFailed(&PanicError{Value: v, Stack: debug.Stack()})
		} else if !returned {
			_ = c.startFailed(ErrGoexit) // there is nobody to return it to
		}
	}()
	c.behaviour = c.make()
	returned = true
	if isNone(c.behaviour) {
		return false, c.startFailed(errNoBehaviour)
	}
	if _, ok := c.behaviour.(starter[M]); ok {
		return false, nil
	}
	c.state, c.working = running, c.mail.Rest()
	return true, nil
}

// startFailed counts the failure of an actor of which nobody knows.
func (c *Context[M]) startFailed(err error) error {
	c.sys().gone.add(Stats{Failed: 1})
	c.number = c.kin.nextNumber()
	return startError(c.path(), err)
}

// publishing is an OnDrop that makes a dead letter of what the overflow policy evicted. A panic of the user's own, then,
// reaches the sender.
func (c *Context[M]) publishing(then func(M, error)) func(M, error) {
	return func(m M, reason error) {
		c.sys().deadLetter(DeadLetter{Message: m, Target: c.path(), Reason: reason})
		if then != nil {
			then(m, reason)
		}
	}
}

// peculiar reports whether something is to be remembered of p.
func (p *Props[M]) peculiar() bool {
	return p.Name != "" || p.Restart != 0 || p.Significant || p.Redeliver != 0 || p.StopTimeout != 0 ||
		!p.Children.IsZero()
}

// startError returns why the actor did not start, once it is gone again, or nil.
func (n *node) startError(lost bool) error {
	n.mu.Lock()
	err := n.look().failure
	if lost {
		err = n.look().cause // it was abandoned before it had started
	}
	unborn := n.look().unborn || lost
	n.mu.Unlock()
	if !unborn {
		return nil // it runs, or it did and was stopped already
	}
	<-n.doneChan()
	return startError(n.path(), err)
}

func startError(path string, err error) error {
	if errors.Is(err, ErrConfig) {
		return err
	}
	return fmt.Errorf("runtime: start %s: %w", path, err)
}
