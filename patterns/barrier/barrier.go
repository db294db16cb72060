package barrier

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

var (
	// ErrBroken is wrapped by the error of Wait when somebody gave up, crashed, or called Abort or Reset; it says who or what.
	ErrBroken = errors.New("barrier: broken")
	// ErrConfig is wrapped by the error of New that refuses a Config.
	ErrConfig = errors.New("barrier: invalid config")
)

// A Config says how a barrier is. Only Parties is required.
type Config struct {
	Name    string // of the barrier's actor: as Props.Name
	Parties int    // how many wait for each other: 1 or more

	// Action is run in each round by the party that comes last, on its goroutine, before all are let go. Its error breaks the
	// barrier, and is wrapped by what all of them get; so does its panic, as a *runtime.PanicError.
	Action func() error

	// Timeout is how long each party waits at most, besides its own context. 0 means as long as that lasts.
	Timeout time.Duration
}

func (c Config) validate() error {
	switch {
	case strings.Contains(c.Name, "/"):
		return badConfig("Name", fmt.Sprintf("%q", c.Name), "a name without '/'")
	case c.Parties < 1:
		return badConfig("Parties", c.Parties, "1 or more")
	case c.Timeout < 0:
		return badConfig("Timeout", c.Timeout, "0 (none) or more")
	}
	return nil
}

func badConfig(field string, found any, want string) error {
	return fmt.Errorf("%w: %s is %v: want %s", ErrConfig, field, found, want)
}

// A Barrier is where parties wait for each other. All methods are safe for concurrent use.
type Barrier struct {
	ref runtime.Ref[message]
	cfg Config
}

// New starts a barrier as an actor under p. It does not block.
//
// It returns an error that wraps ErrConfig if c is wrong, and the errors of runtime.Spawn.
func New(p runtime.Parent, c Config) (*Barrier, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	return spawn(p, c, newRound(c))
}

// spawn starts the actor. The round is made once, and each behaviour goes on with it.
func spawn(p runtime.Parent, c Config, r *round) (*Barrier, error) {
	ref, err := runtime.Spawn(p, runtime.Props[message]{
		Name: c.Name,
		New:  func() runtime.Actor[message] { return r },
		// Each message belongs to a caller that waits for its answer, or has just given up, or to a holder; and to an Abort
		// or Reset, of which there are few.
		Mailbox: mailbox.Config[message]{Capacity: mailbox.Unbounded},
		Inline:  true,
	})
	if err != nil {
		return nil, err
	}
	return &Barrier{ref, c}, nil
}

// Wait waits until Parties have called it, and returns the caller's index among them, in the order in which they came: 0 to
// Parties-1. It waits as long as ctx and Timeout last, and gives up then, which breaks the barrier. Pass a handler's
// context inside a handler, and that of the work inside a Pipe: that is how the barrier knows who waits, and notices when
// that one ends.
//
// It returns an error that wraps ErrBroken when the barrier is broken, or breaks meanwhile; one that also wraps
// context.DeadlineExceeded, or ctx.Err(), when it was the caller who gave up; and one that wraps runtime.ErrStopped when the
// barrier is stopped, or the system is stopping and ctx is not that of one of its actors.
func (b *Barrier) Wait(ctx context.Context) (index int, err error) {
	if b.cfg.Timeout > 0 && ctx != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.cfg.Timeout)
		defer cancel()
	}
	p := &party{}
	p.holder, _ = runtime.HolderOf(ctx)
	index, err = runtime.Ask(ctx, b.ref, func(r runtime.Reply[int]) message { return message{Reply: r, verb: arrives, party: p} })
	switch {
	case err == nil && index == acts:
		return b.act(p)
	case err != nil && ctx != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) && !errors.Is(err, ErrBroken):
		return b.giveUp(p, err)
	}
	return index, err
}

// act is for the party that has come last.
func (b *Barrier) act(p *party) (index int, err error) {
	failure := runtime.ErrGoexit // unless the Action returns
	defer func() {
		if v := recover(); v != nil {
			failure = &runtime.PanicError{Value: v, Stack: debug.Stack()}
		}
		index, err = b.settle(message{verb: acted, party: p, err: failure})
	}()
	failure = b.cfg.Action()
	return 0, nil // what is settled
}

// giveUp is for a party whose context has ended, or which could not even come because it has.
func (b *Barrier) giveUp(p *party, why error) (index int, err error) {
	if index, err = b.settle(message{verb: givesUp, party: p, err: why}); err != nil {
		err = fmt.Errorf("%w: %w", err, why)
	}
	return index, err
}

// settle tells the barrier something of a party, and waits until it has decided what becomes of that. It needs no context,
// because nothing delays it, and because there may be none that would do: the party's own has ended, or is not that of an
// actor while the system drains.
func (b *Barrier) settle(m message) (index int, err error) {
	p := m.party
	p.settled = make(chan struct{})
	stopped := b.ref.TryTell(m)
	if stopped == nil {
		select {
		case <-p.settled:
			return p.index, p.err
		case <-b.ref.Done():
			stopped = fmt.Errorf("barrier: %s: %w", b.ref.Path(), runtime.ErrStopped)
		}
	}
	<-b.ref.Done() // from here on what the barrier has decided is there to be read
	select {
	case <-p.settled:
		return p.index, p.err
	default:
	}
	if p.fate == passed { // with all others, before it stopped
		return p.index, nil
	}
	return 0, stopped
}

// Abort breaks the barrier: Wait returns ErrBroken to all who wait, and to whoever calls it until Reset. It does not wait
// until that is done.
//
// It returns an error that wraps runtime.ErrStopped when the barrier has stopped.
func (b *Barrier) Abort() error { return b.ref.TryTell(message{verb: aborts}) }

// Reset makes the barrier as it was at first. Wait returns ErrBroken to all who wait. An Action that runs goes on, without
// an effect; no other begins before it has ended, or the actor of its party has. Reset is like Abort otherwise.
func (b *Barrier) Reset() error { return b.ref.TryTell(message{verb: resets}) }

// Parties returns how many wait for each other.
func (b *Barrier) Parties() int { return b.cfg.Parties }

// Waiting returns how many wait at the moment. It waits only for the barrier's answer, which nothing delays, and returns the
// errors of Wait when there is none.
func (b *Barrier) Waiting(ctx context.Context) (int, error) { return b.ask(ctx, counts) }

// Broken reports whether the barrier is broken. It is like Waiting otherwise.
func (b *Barrier) Broken(ctx context.Context) (bool, error) {
	n, err := b.ask(ctx, looks)
	return n == 1, err
}

func (b *Barrier) ask(ctx context.Context, v verb) (int, error) {
	return runtime.Ask(ctx, b.ref, func(r runtime.Reply[int]) message { return message{Reply: r, verb: v} })
}

// Stop stops the barrier. It does not wait: see Done. Who waits gets an error that wraps runtime.ErrStopped, as does
// everybody afterwards.
func (b *Barrier) Stop() { b.ref.Stop() }

// Done returns a channel that is closed when the barrier has stopped.
func (b *Barrier) Done() <-chan struct{} { return b.ref.Done() }
