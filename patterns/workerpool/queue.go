package workerpool

import (
	"errors"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A queue is the behaviour of the actor whose mailbox is the pool's queue. It takes a job only when there is a worker
// for it, so that the mailbox's own bound and order are those of the pool.
type queue[Req, Res any] struct {
	hub runtime.Ref[message[Req, Res]]
}

func spawnQueue[Req, Res any](
	p runtime.Parent, c *Config[Req, Res], hub runtime.Ref[message[Req, Res]],
) (runtime.Ref[*job[Req, Res]], error) {
	name := c.Name
	if name != "" {
		name += "-queue"
	}
	return runtime.Spawn(p, runtime.Props[*job[Req, Res]]{
		Name:    name,
		New:     func() runtime.Actor[*job[Req, Res]] { return queue[Req, Res]{hub} },
		Mailbox: mailbox.Config[*job[Req, Res]]{Capacity: c.Queue},
	})
}

// Receive gives j to the hub, and returns when there is a worker for the next job as well.
func (q queue[Req, Res]) Receive(ctx *runtime.Context[*job[Req, Res]], j *job[Req, Res]) error {
	more, err := runtime.Ask(ctx, q.hub, func(r runtime.Reply[bool]) message[Req, Res] { return place[Req, Res]{r, j} })
	if errors.Is(err, runtime.ErrStopped) {
		ctx.Stop() // nobody is left to do the rest
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Stash() // it becomes a dead letter with the rest; an error would be a failure for the supervisor
	case err != nil:
		return err
	case more:
		return nil
	}
	// An error changes nothing: j is the hub's, and if the hub is gone, the next job will show.
	_, _ = runtime.Ask(ctx, q.hub, func(r runtime.Reply[struct{}]) message[Req, Res] { return vacancy[Req, Res]{r} })
	return nil
}
