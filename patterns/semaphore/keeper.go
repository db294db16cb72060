package semaphore

import (
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A keeper is the behaviour of a pool's actor: it takes back what a holder leaves behind that has ended. Nobody waits for
// it, but who waits for what such a holder had.
type keeper struct{ p *Pool }

// An event is something that a keeper is told of.
type event interface {
	apply(*runtime.Context[event], *Pool)
}

func spawnKeeper(p runtime.Parent, name string, pool *Pool) (runtime.Ref[event], error) {
	return runtime.Spawn(p, runtime.Props[event]{
		Name: name,
		New:  func() runtime.Actor[event] { return keeper{pool} },
		// There are two messages for each holder that acquires for the first time. A bound would make Acquire fail.
		Mailbox: mailbox.Config[event]{Capacity: mailbox.Unbounded},
	})
}

func (k keeper) Receive(ctx *runtime.Context[event], e event) error {
	e.apply(ctx, k.p)
	return nil
}

// met is a holder that acquires for the first time.
type met struct{ holder runtime.Holder }

func (e met) apply(ctx *runtime.Context[event], _ *Pool) {
	runtime.WatchHolder(ctx, e.holder, func(error) event { return ended(e) })
}

// ended is a holder that crashed, restarted or stopped, or the work of a Pipe that returned.
type ended struct{ holder runtime.Holder }

func (e ended) apply(_ *runtime.Context[event], p *Pool) {
	g := <-p.ledger
	g.reclaim(e.holder)
	p.close(g)
}
