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
	// ErrConfig is wrapped by the errors that refuse a Config or an argument.
	ErrConfig = errors.New("semaphore: invalid config")

	errStopped = fmt.Errorf("semaphore: the pool is stopped: %w", runtime.ErrStopped)
	errNil     = fmt.Errorf("%w: ctx is nil: want a context", ErrConfig)
)

// mostLoose is how many permits a pool may have so that they lie in a channel while nobody waits. With more, each request
// goes by the ledger, which only counts them.
const mostLoose = 1024

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
type Pool struct {
	// loose has the permits, as messages: who receives one has it. A Go channel hands over to those who wait for it in the
	// order in which they began to, and past them nobody finds anything in the channel. For requests of one permit, which
	// is most of them, that is all there is to do.
	loose chan permit
	// parked has an element for each who waits at loose. Elements of no size take no memory, whatever the capacity.
	parked chan struct{}

	// baton has the ledger, for whoever has something to do that is not that simple, a few instructions at a time.
	baton chan *ledger
	// closed has an element while the ledger has the permits: newcomers ask there, and who gives back tells it.
	closed chan struct{}
	// debt has an element while permits that come back are to be taken out of circulation.
	debt chan struct{}

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

// New starts a pool with all permits free, and an actor under p that watches those who hold them. It does not block.
//
// It returns an error that wraps ErrConfig if c is wrong, and the errors of runtime.Spawn.
func New(p runtime.Parent, c Config) (*Pool, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	pool := &Pool{
		loose:  make(chan permit, mostLoose),
		parked: make(chan struct{}, 1<<30),
		baton:  make(chan *ledger, 1),
		closed: make(chan struct{}, 1),
		debt:   make(chan struct{}, 1),
	}
	keeper, err := spawnKeeper(p, c.Name, pool)
	if err != nil {
		return nil, err
	}
	pool.keeper, pool.stopped = keeper, keeper.Done()
	l := newLedger(pool, c.Permits)
	l.settle()
	pool.baton <- l
	return pool, nil
}

// Acquire takes n permits, all at once. It waits until they are free and nobody is in front, or until ctx ends. Pass a
// handler's context inside a handler, and that of the work inside a Pipe: that is how the pool knows who holds the
// lease, and takes it back when that one ends.
//
// It returns an error that wraps ErrRange, at once, when n is less than 1 or more than the pool has, or later, when
// Resize made it so; ctx.Err() when ctx ended first, on entry or while it waited; and an error that wraps
// runtime.ErrStopped when the pool is stopped. For a plain goroutine, one permit costs no allocation.
func (p *Pool) Acquire(ctx context.Context, n int) (Lease, error) {
	if err := p.check(ctx); err != nil {
		return Lease{}, err
	}
	if n != 1 || len(p.closed) > 0 {
		return p.request(ctx, n)
	}
	select {
	case one := <-p.loose:
		return p.lease(ctx, one, 1)
	default:
		return p.park(ctx)
	}
}

// TryAcquire is Acquire that never waits for permits: it returns ErrNoPermits when n are not free, or somebody waits in
// front.
func (p *Pool) TryAcquire(ctx context.Context, n int) (Lease, error) {
	if err := p.check(ctx); err != nil {
		return Lease{}, err
	}
	if n == 1 && len(p.closed) == 0 {
		select {
		case one := <-p.loose:
			return p.lease(ctx, one, 1)
		default:
			// The permits may be with the ledger for the moment, which alone knows.
		}
	}
	l := <-p.baton
	one, err := l.take(n)
	l.settle()
	p.baton <- l
	if err != nil {
		return Lease{}, err
	}
	return p.lease(ctx, one, n)
}

// check returns what is to be said before anything else.
func (p *Pool) check(ctx context.Context) error {
	if ctx == nil {
		return errNil
	}
	select {
	case <-p.stopped:
		return errStopped
	default:
		return ctx.Err()
	}
}

// park waits for one permit at loose.
func (p *Pool) park(ctx context.Context) (lease Lease, err error) {
	p.parked <- struct{}{}
	var one permit
	err = wait(ctx, p.stopped, func(done, stopped <-chan struct{}) error {
		select {
		case one = <-p.loose:
			return nil
		case <-done:
			return ctx.Err()
		case <-stopped:
			return errStopped
		}
	})
	<-p.parked
	if len(p.closed) > 0 {
		p.settle() // the ledger may have put a permit there for us that we did not need
	}
	if err != nil {
		return Lease{}, err
	}
	return p.lease(ctx, one, 1)
}

// wait runs a wait. Where ctx is a handler's, the runtime is told, so that what else its goroutine would have run goes on
// elsewhere at once.
func wait(ctx context.Context, stopped <-chan struct{}, until func(done, stopped <-chan struct{}) error) error {
	if p, _ := ctx.Value(mailbox.ParkerKey{}).(mailbox.Parker); p != nil {
		defer p.Unpark(p.Park())
	}
	return until(ctx.Done(), stopped)
}

// Resize changes the number of permits. With more, those who wait are served as far as they reach. With less, the pool
// waits for leases to come back before it serves anybody: none is taken away. Requests that are now for more than the
// pool has fail with ErrRange.
//
// It returns when the new number holds, and does not wait for leases. It returns an error that wraps ErrConfig when permits
// is less than 1, ctx.Err() when ctx has ended, and one that wraps runtime.ErrStopped when the pool is stopped.
func (p *Pool) Resize(ctx context.Context, permits int) error {
	if err := checkPermits(permits); err != nil {
		return err
	}
	if err := p.check(ctx); err != nil {
		return err
	}
	l := <-p.baton
	l.resize(permits)
	l.settle()
	p.baton <- l
	return nil
}

// Stats returns the pool's figures, as they are after all that the caller did before. It does not wait for permits, and
// returns the errors of Acquire.
func (p *Pool) Stats(ctx context.Context) (Stats, error) {
	if err := p.check(ctx); err != nil {
		return Stats{}, err
	}
	l := <-p.baton
	s := l.stats()
	p.baton <- l
	return s, nil
}

// settle has the ledger do what is to be done.
func (p *Pool) settle() {
	l := <-p.baton
	l.settle()
	p.baton <- l
}

// Stop stops the pool. It does not wait: see Done. Who waits in Acquire gets an error that wraps runtime.ErrStopped, as
// does everybody afterwards. Leases that are out need not be released any more.
func (p *Pool) Stop() { p.keeper.Stop() }

// Done returns a channel that is closed when the pool has stopped.
func (p *Pool) Done() <-chan struct{} { return p.stopped }
