package runtime

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/troupe-go/troupe/supervisor"
)

// rare is the part of a node that many never need: what Props say beyond the defaults, and what the less common orders and
// events leave behind. It is made when it is needed first, and stays then. What is not marked otherwise is guarded by the
// node's mu.
type rare struct {
	// From the beginning on, and never changed.
	name        string
	restart     supervisor.RestartType
	significant bool
	redeliver   int
	stopTimeout time.Duration // 0: DefaultStopTimeout
	children    supervisor.Config

	again func() (Child, error) // starts another with the same props; nil where they are not kept

	kids     atomic.Pointer[family]
	record   supervisor.Record // used on the siblings' lane alone
	failures uint64            // that were decided on; likewise

	// The control lane, with node.stop.
	cause    error // why, with stop
	raise    error // fail, because of the children
	verdict  verdict
	halt     bool           // for a group restart: give the behaviour up, and report it
	start    bool           // for a group restart: begin anew
	anew     bool           // for a Child.Restart: give the behaviour up, and begin anew
	arrivals []func() error // functions to run on the turn, each making a message

	drain     drain // how far a drain has come
	abandoned bool  // a turn was taken away: the behaviour may be in use for ever
	unborn    bool  // the first start failed
	failure   error // failed: why
	err       error // stopped: why
	counts    Stats // beyond what the body counts
	done      chan struct{}

	std          context.Context // see life.go
	cancel       context.CancelCauseFunc
	patience     *patience // of a stop or halt, with code that does not return
	pipePatience *patience // of a stop, with pipes that do not end
	pipes        map[*pipe]struct{}
	wishes       *wish               // asks that wait for this actor
	tenure       *tenure             // of the present behaviour, once somebody asked
	watchers     map[*watch]struct{} // who watches this actor
	watched      uint64              // how many ever did
	watching     map[*watch]struct{} // whom this actor watches
	timers       map[*Timer]struct{}

	aside any // of the typed part: its *aside[M]
}

// nothingRare is what a node has that never needed any of it. It is only read.
var nothingRare rare

// look returns what n has that is rare, to be read.
func (n *node) look() *rare {
	if r := n.rare.Load(); r != nil {
		return r
	}
	return &nothingRare
}

// rareLocked returns it to be written.
func (n *node) rareLocked() *rare {
	r := n.rare.Load()
	if r == nil {
		r = &rare{}
		n.rare.Store(r)
	}
	return r
}

// record is for the siblings' lane alone.
func (n *node) record() *supervisor.Record {
	n.mu.Lock()
	defer n.mu.Unlock()
	return &n.rareLocked().record
}
