package runtime

import (
	"fmt"

	"github.com/troupe-go/troupe/supervisor"
)

// A Child is an actor as its parent sees it, whatever messages it takes: to be listed, stopped, restarted and started
// again, as OTP's supervisor functions do. It is a comparable value, and all its methods are safe for concurrent use. None
// of them waits but Again.
type Child struct{ n *node }

// Children returns the children of p that have not ended, in the order in which they were started. From a handler, pass its
// Context to get its actor's children; that may be done from any goroutine. It takes time in proportion to their number.
func Children(p Parent) []Child {
	if p == nil {
		return nil
	}
	parent, _ := p.spawner()
	if parent == nil {
		return nil
	}
	nodes := parent.family().list()
	all := make([]Child, 0, len(nodes))
	for _, n := range nodes {
		if child := (Child{n}); child.State() != ChildStopped { // the family hears of an end after everybody else
			all = append(all, child)
		}
	}
	return all
}

// Counts are how many children an actor has, as by OTP's count_children.
type Counts struct {
	Children    int // that have not ended; of these,
	Running     int // those that handle messages,
	Restarting  int // those that have failed or are being restarted,
	Stopping    int // and those that drain or stop
	Significant int // of all of them
}

// CountChildren counts the children of p by their State. It takes time in proportion to their number, and the counts are
// of different moments where states change meanwhile.
func CountChildren(p Parent) (c Counts) {
	for _, child := range Children(p) {
		switch child.State() {
		case ChildStarting, ChildRunning:
			c.Running++
		case ChildFailed, ChildRestarting:
			c.Restarting++
		case ChildStopping:
			c.Stopping++
		case ChildStopped:
			continue // in this very moment
		}
		c.Children++
		if child.Significant() {
			c.Significant++
		}
	}
	return c
}

// A ChildState says how an actor is.
type ChildState uint8

// The states of a child.
const (
	ChildStarting   ChildState = iota // its Started hook has not returned for the first time
	ChildRunning                      // it handles messages
	ChildFailed                       // it waits for what its supervisor decides, or for a restart's delay to pass
	ChildRestarting                   // its old behaviour is given up, or a new one begins
	ChildStopping                     // it drains or stops
	ChildStopped                      // it has ended for good
)

func (s ChildState) String() string {
	names := [...]string{"starting", "running", "failed", "restarting", "stopping", "stopped"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("ChildState(%d)", uint8(s))
}

// State returns how the child is. The zero Child is stopped.
func (c Child) State() ChildState {
	if c.n == nil {
		return ChildStopped
	}
	c.n.mu.Lock()
	defer c.n.mu.Unlock()
	switch s := c.n.state; {
	case s == stopped:
		return ChildStopped
	case s == stopping, c.n.ordered > noStop:
		return ChildStopping
	case s == halting, s == halted:
		return ChildRestarting
	case s == failed:
		return ChildFailed
	case s == running:
		return ChildRunning
	}
	return ChildStarting
}

// Name returns the child's name among its siblings; "" if it has none.
func (c Child) Name() string {
	if c.n == nil {
		return ""
	}
	return c.n.name()
}

// Path returns the child's path, as Ref.Path does.
func (c Child) Path() string {
	if c.n == nil {
		return ""
	}
	return c.n.path()
}

func (c Child) String() string { return c.Path() }

// RestartType returns Props.Restart.
func (c Child) RestartType() supervisor.RestartType {
	if c.n == nil {
		return supervisor.Temporary
	}
	return c.n.look().restart
}

// Significant returns Props.Significant.
func (c Child) Significant() bool { return c.n != nil && c.n.look().significant }

// Stats returns the counts of the child.
func (c Child) Stats() Stats {
	if c.n == nil {
		return Stats{}
	}
	return c.n.stats()
}

// Stop stops the child as its supervisor does: after its current message, its own children first. It is no end of the
// child's own doing, so that a significant child which is stopped like this ends nobody else. See Done for its end.
func (c Child) Stop() {
	if c.n != nil {
		c.n.stop(stopNow, nil, false)
	}
}

// Done returns a channel that is closed when the child has stopped.
func (c Child) Done() <-chan struct{} {
	if c.n == nil {
		return hasStopped
	}
	return c.n.doneChan()
}

// Err returns why the child stopped: nil while it runs, and after a normal stop.
func (c Child) Err() error {
	if c.n == nil {
		return nil
	}
	c.n.mu.Lock()
	defer c.n.mu.Unlock()
	return c.n.look().err
}

// Restart gives the child a new behaviour, after its current message. It keeps the queue and the stash, runs the hooks
// with a nil cause, and stops the child's own children, as any restart; but it is no failure: no Decide is asked, and it
// does not count against MaxRestarts. A child that has failed and waits for its restart is restarted now, with its failure as
// the cause; where its strategy takes siblings along, those that wait with it begin with it. All others are left alone, and
// wait for nothing. Restarts that are asked for before a new behaviour begins are one, and one that does not start is a failure.
// A handler that does not return within StopTimeout is abandoned, as at a stop, and the child ends with that.
//
// It returns ErrStopped for a child that stops or has stopped, and ErrConfig for a Temporary one, which is never restarted.
func (c Child) Restart() error {
	switch {
	case c.State() >= ChildStopping:
		return stoppedError(c.Path())
	case c.RestartType() == supervisor.Temporary:
		return fmt.Errorf("%w: %s cannot be restarted: it is %s", ErrConfig, c.Path(), supervisor.Temporary)
	}
	c.n.kin.post(event{kind: restartOne, child: c.n})
	return nil
}

// Again starts a child that has stopped, with the same props, under the same name: a new actor, with a new ref (see
// Lookup), as the last of its siblings. It waits for the Started hook, as Spawn does, and calls it on the caller's
// goroutine.
//
// It returns an error that wraps ErrConfig for a child that has not stopped, that is Temporary, or that has no name: the
// props of those are not kept; ErrNameTaken when a sibling has the name by now; and otherwise the errors of Spawn.
func (c Child) Again() (Child, error) {
	if c.n == nil {
		return Child{}, fmt.Errorf("%w: the zero Child cannot be started again", ErrConfig)
	}
	c.n.mu.Lock()
	over, again := c.n.over, c.n.look().again
	c.n.mu.Unlock()
	switch {
	case !over:
		return Child{}, fmt.Errorf("%w: %s cannot be started again: it is %s, want %s", ErrConfig, c.Path(), c.State(), ChildStopped)
	case again == nil:
		return Child{}, fmt.Errorf("%w: %s cannot be started again: want a child with a name that is not %s", ErrConfig, c.Path(),
			supervisor.Temporary)
	}
	return again()
}

// A nodeParent is a Parent of which only the node is known.
type nodeParent struct{ n *node }

func (p nodeParent) spawner() (*node, error) { return p.n, nil }

// keepProps remembers what it takes to start the actor again. Inlined, it would allocate for those who do not call it.
//
//go:noinline
func (c *Context[M]) keepProps(props Props[M]) {
	c.rareLocked().again = func() (Child, error) {
		var p Parent = nodeParent{c.parent()}
		if c.parent().body == nil {
			p = c.sys()
		}
		ref, err := Spawn(p, props)
		if err != nil {
			return Child{}, err
		}
		return Child{&ref.c.node}, nil
	}
}
