// Package contest has what the contenders of several sections share: the systems that they live in, and the counts that
// show that nothing was lost.
package contest

import (
	"context"
	"log/slog"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/troupe-go/troupe/runtime"
)

// The contenders of the sections about actors, in the order of their columns.
const (
	ChannelName = "channel"
	ProtoName   = "Proto.Actor"
	TroupeName  = "troupe"
)

// Forever is background, under a name that says why: the messages of a benchmark are not given up.
var Forever = context.Background()

// Troupe makes a system and what ends it.
func Troupe() (*runtime.System, func()) {
	system := Must(runtime.New(runtime.Config{}))
	return system, func() {
		if err := system.Shutdown(Forever); err != nil {
			panic(err)
		}
	}
}

// Spawn makes an actor of a function that does not fail.
func Spawn[M any](p runtime.Parent, f func(ctx *runtime.Context[M], m M)) runtime.Ref[M] {
	return Must(runtime.SpawnFunc(p, "", func(ctx *runtime.Context[M], m M) error {
		f(ctx, m)
		return nil
	}))
}

// Tell is a tell that only a mistake in this program can make fail.
func Tell[M any](ctx context.Context, to runtime.Ref[M], m M) {
	if err := to.Tell(ctx, m); err != nil {
		panic(err)
	}
}

// Proto makes a Proto.Actor system that logs nothing, and what ends it. Its idle actors own no goroutine, and go with
// the system.
func Proto() (*actor.ActorSystem, func()) {
	system := actor.NewActorSystem(
		actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }),
		// A dead letter starts a goroutine that stays for this long.
		actor.WithDeadLetterThrottleInterval(time.Millisecond),
	)
	return system, system.Shutdown
}

// ProtoProps are those of an actor that takes an M, and passes over what the system tells it of its life.
func ProtoProps[M any](f func(ctx actor.Context, m M)) *actor.Props {
	return actor.PropsFromFunc(func(ctx actor.Context) {
		if m, ok := ctx.Message().(M); ok {
			f(ctx, m)
		}
	})
}

// Must is for what only a mistake in this program can make fail.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
