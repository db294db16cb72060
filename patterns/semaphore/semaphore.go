package semaphore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

var (
	// ErrNoPermits is returned by TryAcquire when it would have to wait.
	ErrNoPermits = errors.New("semaphore: not enough permits are free")
	// ErrRange is wrapped by the error of Acquire and TryAcquire when no release could ever satisfy the request: it is
	// for less than one permit, or for more than the pool has.
	ErrRange = errors.New("semaphore: impossible number of permits")
	// ErrReleased is returned by Release when the lease has come back already.
	ErrReleased = errors.New("semaphore: lease was released already")
	// ErrConfig is wrapped by the errors of New and Resize that refuse a value.
	ErrConfig = errors.New("semaphore: invalid config")
)

// A Config says how a pool is.
type Config struct {
	Name    string // of the pool's actor: as Props.Name
	Permits int    // 1 or more
}

func (c Config) validate() error {
	if strings.Contains(c.Name, "/") {
		return fmt.Errorf("%w: Name is %q: want a name without '/'", ErrConfig, c.Name)
	}
	return checkPermits(c.Permits)
}

func checkPermits(n int) error {
	if n < 1 {
		return fmt.Errorf("%w: Permits is %d: want 1 or more", ErrConfig, n)
	}
	return nil
}

// A Pool is a number of permits. All methods are safe for concurrent use.
type Pool struct{ ref runtime.Ref[message] }

// Stats are a pool's figures.
type Stats struct {
	Permits   int    // that the pool has
	Free      int    // that nobody holds; 0 also while more are out than Resize has left
	Waiting   int    // requests that wait
	Leases    int    // that are out
	Reclaimed uint64 // leases that came back without Release, because their holder ended
}

// New starts a pool as an actor under p, with all permits free. It does not block.
//
// It returns an error that wraps ErrConfig if c is wrong, and the errors of runtime.Spawn.
func New(p runtime.Parent, c Config) (*Pool, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	return spawn(p, c.Name, newLedger(c.Permits))
}

// spawn starts the actor. The ledger is made once, and each behaviour goes on with it: restarts lose no permit.
func spawn(p runtime.Parent, name string, l *ledger) (*Pool, error) {
	ref, err := runtime.Spawn(p, runtime.Props[message]{
		Name: name,
		New:  func() runtime.Actor[message] { return l },
		// Each message belongs to a caller that waits for its answer, or to a lease. So there are only so many, and a
		// bound would do nothing but make Release block or fail.
		Mailbox: mailbox.Config[message]{Capacity: mailbox.Unbounded},
		Inline:  true,
	})
	if err != nil {
		return nil, err
	}
	return &Pool{ref}, nil
}

// Acquire takes n permits, all at once. It waits until they are free and nobody is in front, or until ctx ends. Pass a
// handler's context inside a handler, and that of the work inside a Pipe: that is how the pool knows who holds the
// lease, and takes it back when that one ends.
//
// It returns an error that wraps ErrRange, at once, when n is less than 1 or more than the pool has, or later, when
// Resize made it so; one that wraps ctx.Err() when ctx ended first; and one that wraps runtime.ErrStopped when the pool
// is stopped, or the system is stopping and ctx is not that of one of its actors.
func (p *Pool) Acquire(ctx context.Context, n int) (*Lease, error) {
	return p.request(ctx, &request{n: n})
}

// TryAcquire is Acquire that never waits for permits: it returns ErrNoPermits when n are not free, or somebody waits
// in front. It only waits for the pool's answer, which nothing delays.
func (p *Pool) TryAcquire(ctx context.Context, n int) (*Lease, error) {
	return p.request(ctx, &request{n: n, try: true})
}

func (p *Pool) request(ctx context.Context, r *request) (*Lease, error) {
	r.holder, _ = runtime.HolderOf(ctx)
	lease, err := runtime.Ask(ctx, p.ref, func(reply runtime.Reply[*Lease]) message {
		r.Reply = reply
		return r
	})
	if err != nil && !r.try && ctx != nil && ctx.Err() != nil {
		_ = p.ref.TryTell(withdrawn{r}) // fails only when the pool is gone, and all requests with it
	}
	return lease, err
}

// Resize changes the number of permits. With more, those who wait are served as far as they reach. With less, the pool
// waits for leases to come back before it serves anybody: none is taken away. Requests that are now for more than the
// pool has fail with ErrRange.
//
// It returns when the new number holds. It returns an error that wraps ErrConfig when permits is less than 1, and
// otherwise those that Acquire does.
func (p *Pool) Resize(ctx context.Context, permits int) error {
	if err := checkPermits(permits); err != nil {
		return err
	}
	_, err := runtime.Ask(ctx, p.ref, func(r runtime.Reply[struct{}]) message { return resize{r, permits} })
	return err
}

// Stats returns the pool's figures, as they are after all that the caller did before. It returns the errors of Acquire
// when the pool does not answer.
func (p *Pool) Stats(ctx context.Context) (Stats, error) {
	return runtime.Ask(ctx, p.ref, func(r runtime.Reply[Stats]) message { return stats{r} })
}

// Stop stops the pool. It does not wait: see Done. Who waits in Acquire gets an error that wraps runtime.ErrStopped, as
// does everybody afterwards. Leases that are out need not be released any more.
func (p *Pool) Stop() { p.ref.Stop() }

// Done returns a channel that is closed when the pool has stopped.
func (p *Pool) Done() <-chan struct{} { return p.ref.Done() }
