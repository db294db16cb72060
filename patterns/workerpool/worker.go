package workerpool

import (
	"context"
	"fmt"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A worker is one worker's behaviour, and what the hub knows of it. It outlives restarts.
type worker[Req, Res any] struct {
	work func(context.Context, Req) (Res, error)
	hub  runtime.Ref[message[Req, Res]]

	// Of the hub alone.
	ref     runtime.Ref[*job[Req, Res]]
	unhook  func() bool // from the hub's context
	retired bool        // gets no more jobs
}

// spawnWorker starts a worker as a child of the hub.
func spawnWorker[Req, Res any](
	ctx *runtime.Context[message[Req, Res]], c *Config[Req, Res],
) (*worker[Req, Res], error) {
	w := &worker[Req, Res]{work: c.Work, hub: ctx.Self()}
	ref, err := runtime.Spawn(ctx, runtime.Props[*job[Req, Res]]{
		New:       func() runtime.Actor[*job[Req, Res]] { return w },
		Mailbox:   mailbox.Config[*job[Req, Res]]{Capacity: 1}, // one that is free has none
		Redeliver: c.Retries,
	})
	if err != nil {
		return nil, err
	}
	w.ref = ref
	// A stop of the hub stops its children one after the other, each with its own time to return. Here all of them
	// hear of it at once.
	w.unhook = context.AfterFunc(ctx, ref.Stop)
	runtime.Watch(ctx, ref, func(error) message[Req, Res] { return gone[Req, Res]{w} })
	return w, nil
}

// Receive does j. A panic leaves the end of j to the runtime, which redelivers it or calls its Fail.
func (w *worker[Req, Res]) Receive(ctx *runtime.Context[*job[Req, Res]], j *job[Req, Res]) error {
	v, err := w.work(ctx, j.req)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", runtime.ErrStopped, err)
	}
	j.end(v, err)
	return nil
}
