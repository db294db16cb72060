package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/runtime"
)

// The contenders of the sections about actors, in the order of their columns.
const (
	channelName = "channel"
	protoName   = "Proto.Actor"
	troupeName  = "troupe"
)

// forever is background, under a name that says why: the messages of a benchmark are not given up.
var forever = context.Background()

// newTroupe makes a system and what ends it.
func newTroupe() (*runtime.System, func()) {
	system := must(runtime.New(runtime.Config{}))
	return system, func() {
		if err := system.Shutdown(forever); err != nil {
			panic(err)
		}
	}
}

// spawn makes an actor of a function that does not fail.
func spawn[M any](p runtime.Parent, f func(ctx *runtime.Context[M], m M)) runtime.Ref[M] {
	return must(runtime.SpawnFunc(p, "", func(ctx *runtime.Context[M], m M) error {
		f(ctx, m)
		return nil
	}))
}

// tell is a tell that only a mistake in this program can make fail.
func tell[M any](ctx context.Context, to runtime.Ref[M], m M) {
	if err := to.Tell(ctx, m); err != nil {
		panic(err)
	}
}

// newProto makes a Proto.Actor system that logs nothing, and what ends it. Its idle actors own no goroutine, and go with
// the system.
func newProto() (*actor.ActorSystem, func()) {
	system := actor.NewActorSystem(
		actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }),
		// A dead letter starts a goroutine that stays for this long.
		actor.WithDeadLetterThrottleInterval(time.Millisecond),
	)
	return system, system.Shutdown
}

// protoProps are those of an actor that takes an M, and passes over what the system tells it of its life.
func protoProps[M any](f func(ctx actor.Context, m M)) *actor.Props {
	return actor.PropsFromFunc(func(ctx actor.Context) {
		if m, ok := ctx.Message().(M); ok {
			f(ctx, m)
		}
	})
}
