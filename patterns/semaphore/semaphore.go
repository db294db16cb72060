package semaphore

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	// ErrConfig is wrapped by the errors that refuse a Config or an argument.
	ErrConfig = errors.New("semaphore: invalid config")

	errStopped = fmt.Errorf("semaphore: the pool is stopped: %w", runtime.ErrStopped)
	errNil     = fmt.Errorf("%w: ctx is nil: want a context", ErrConfig)
)

// A Config says how a pool is.
type Config struct {
	Name    string // of the pool's actor: as Props.Name
	Permits int    // 1 or more; a million costs no more than a hundred
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

// loose is how many permits may be in a pool's channel. More than a few dozen are hardly ever free while many want one.
const loose = 64

// A Pool is a number of permits. All methods are safe for concurrent use.
type Pool struct {
	// free has permits that nobody holds, as messages: each is the lease that it will be. A Go channel serves those who
	// wait for it in the order in which they came, and past them nobody finds anything in it. So who wants one permit
	// needs nothing else, as long as the pool is not busy.
	free chan Lease
	// ledger is for whoever has received it, for a few instructions in which nothing waits and no code but ours runs. It
	// has what is rare: permits that are not in the channel, those who wait for several, and whose the leases are.
	ledger chan *ledger
	// busy has an element while newcomers must not take from free, because somebody waits in the ledger, or a Resize wants
	// permits back.
	busy chan struct{}
	// more calls who waits at free to the ledger. There is one call while the ledger has permits that nobody waits for there;
	// who has received it goes and gets one.
	more chan struct{}
	// parked has an element for each who waits at free. Elements of no size take no memory, whatever the capacity.
	parked chan struct{}
	// unused has waiters for the next who must wait in the ledger.
	unused chan *waiter
	// never stays nil, see ledger.collect.
	never chan Lease

	keeper  runtime.Ref[event]
	stopped <-chan struct{}
}

// Stats are a pool's figures.
type Stats struct {
	Permits   int    // that the pool has
	Free      int    // that nobody holds; 0 also while more are out than Resize has left
	Waiting   int    // requests that wait
	Leases    int    // that are out
	Reclaimed uint64 // leases that came back without Release, because their holder ended
}

// New makes a pool with all permits free, with an actor under p that watches those who hold some. It does not block.
//
// It returns an error that wraps ErrConfig if c is wrong, and the errors of runtime.Spawn.
func New(p runtime.Parent, c Config) (*Pool, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	pool := &Pool{
		free:   make(chan Lease, loose),
		ledger: make(chan *ledger, 1),
		busy:   make(chan struct{}, 1),
		more:   make(chan struct{}, 1),
		parked: make(chan struct{}, 1<<30),
		unused: make(chan *waiter, loose),
	}
	keeper, err := spawnKeeper(p, c.Name, pool)
	if err != nil {
		return nil, err
	}
	pool.keeper, pool.stopped = keeper, keeper.Done()
	pool.close(newLedger(pool, c.Permits))
	return pool, nil
}

// Acquire takes n permits, all at once. It waits until they are free and nobody is in front, or until ctx ends. Pass a
// handler's context inside a handler, and that of the work inside a Pipe: that is how the pool knows who holds the
// lease, and takes it back when that one ends.
//
// It returns an error that wraps ErrRange, at once, when n is less than 1 or more than the pool has, or later, when
// Resize made it so; ctx.Err() when ctx ended first, on entry or while it waited; and one that wraps runtime.ErrStopped
// when the pool is stopped. For a plain goroutine it allocates nothing.
func (p *Pool) Acquire(ctx context.Context, n int) (Lease, error) {
	l, err := p.acquire(ctx, n)
	if err != nil {
		return Lease{}, err
	}
	return p.lend(ctx, l)
}

// TryAcquire is Acquire that never waits for permits: it returns ErrNoPermits when n are not free, or somebody waits
// in front.
func (p *Pool) TryAcquire(ctx context.Context, n int) (Lease, error) {
	l, err := p.tryAcquire(ctx, n)
	if err != nil {
		return Lease{}, err
	}
	return p.lend(ctx, l)
}

// Resize changes the number of permits, and does not wait. With more, those who wait are served as far as they reach.
// With less, nobody is served until enough leases have come back: none is taken away. Requests that are now for more than
// the pool has fail with ErrRange.
//
// It returns an error that wraps ErrConfig when permits is less than 1, and otherwise those of Acquire.
func (p *Pool) Resize(ctx context.Context, permits int) error {
	if err := checkPermits(permits); err != nil {
		return err
	}
	if err := p.check(ctx); err != nil {
		return err
	}
	g := <-p.ledger
	g.resize(permits)
	p.close(g)
	return nil
}

// Stats returns the pool's figures, as they are after all that the caller did before. While others are at it, each figure
// is one that was true at some moment of the call. It does not wait, and returns the errors of Acquire.
func (p *Pool) Stats(ctx context.Context) (Stats, error) {
	if err := p.check(ctx); err != nil {
		return Stats{}, err
	}
	g := <-p.ledger
	g.settle()
	s := g.stats()
	p.ledger <- g
	return s, nil
}

// Stop stops the pool. It does not wait: see Done. Who waits in Acquire gets an error that wraps runtime.ErrStopped, as
// does everybody afterwards. Leases that are out need not be released any more.
func (p *Pool) Stop() { p.keeper.Stop() }

// Done returns a channel that is closed when the pool has stopped.
func (p *Pool) Done() <-chan struct{} { return p.stopped }
