package crawl

import (
	"errors"
	"math/rand/v2"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/supervisor"
)

// errChaos is what a handler panics with under Config.Chaos.
var errChaos = errors.New("chaos")

// chaosTries is how often a message is tried. At the largest probability, 0.9, one message in 10^13 would still be lost.
const chaosTries = 300

// strike panics with probability p. It comes before any work, so that a message that is tried again is not worked twice.
func strike(p float64) {
	if p > 0 && rand.Float64() < p {
		panic(errChaos)
	}
}

// chaotic is an actor that is struck before each message.
type chaotic[M any] struct {
	runtime.Actor[M]
	p float64
}

func (a chaotic[M]) Receive(ctx *runtime.Context[M], m M) error {
	strike(a.p)
	return a.Actor.Receive(ctx, m)
}

func (a chaotic[M]) Started(ctx *runtime.Context[M]) error {
	if s, ok := a.Actor.(interface {
		Started(*runtime.Context[M]) error
	}); ok {
		return s.Started(ctx)
	}
	return nil
}

// props are those of an actor of the crawl. Its behaviours share what make closes over; a crash loses none of it, and
// no message.
func props[M any](c *Config, name string, box mailbox.Config[M], make func() runtime.Actor[M]) runtime.Props[M] {
	return runtime.Props[M]{
		Name:      name,
		Mailbox:   box,
		New:       func() runtime.Actor[M] { return chaotic[M]{make(), c.Chaos} },
		Redeliver: chaosTries,
	}
}

// supervision restarts without limit and at once.
var supervision = supervisor.Config{MaxRestarts: supervisor.Unlimited}
