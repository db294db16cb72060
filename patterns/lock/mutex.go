package lock

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

var (
	// ErrLocked is returned by TryLock when it would have to wait.
	ErrLocked = errors.New("lock: somebody else has the lock")
	// ErrUnlocked is returned by Unlock, and by the methods of a Condition, for a hold that does not count: one that was
	// given back before, or taken back when its holder ended, or that is of another lock.
	ErrUnlocked = errors.New("lock: hold is not, or no longer, one of this lock")
	// ErrConfig is wrapped by the errors that refuse a Config or an argument.
	ErrConfig = errors.New("lock: invalid config")

	errStopped = fmt.Errorf("lock: the lock is stopped: %w", runtime.ErrStopped)
	errNil     = fmt.Errorf("%w: ctx is nil: want a context", ErrConfig)
)

// A Config says how a lock is.
type Config struct {
	Name string // of the lock's actor: as Props.Name
}

func (c Config) validate() error {
	if strings.Contains(c.Name, "/") {
		return fmt.Errorf("%w: Name is %q: want a name without '/'", ErrConfig, c.Name)
	}
	return nil
}

// A Mutex is a lock that one at a time holds. All methods are safe for concurrent use.
type Mutex struct {
	// token is the lock itself, as a message: the number of the next hold. It is in the channel while nobody has the
	// lock, and who receives it has. A Go channel hands over to those who wait for it in the order in which they came,
	// and past them nobody finds it in the channel: that is all the fairness there is, and it costs nothing.
	token chan uint64
	// baton has the ledger, for whoever wants to look into it, a few instructions at a time.
	baton chan *ledger
	// waiting has an element for each who waits. Elements of no size take no memory, whatever the capacity.
	waiting chan struct{}

	keeper  runtime.Ref[event]
	stopped <-chan struct{}
}

// Stats are a lock's figures.
type Stats struct {
	Locked    bool
	Waiting   int    // those who wait for the lock, also after a Wait; those who wait for a Notify are not among them
	Depth     int    // of a Reentrant: holds that are out
	Reclaimed uint64 // times that the lock was taken back because its holder ended
}

// NewMutex makes a lock, with an actor under p that watches those who hold it. It does not block.
//
// It returns an error that wraps ErrConfig if c is wrong, and the errors of runtime.Spawn.
func NewMutex(p runtime.Parent, c Config) (*Mutex, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	const first = 1
	m := &Mutex{
		token:   make(chan uint64, 1),
		baton:   make(chan *ledger, 1),
		waiting: make(chan struct{}, 1<<30),
	}
	m.token <- first
	m.baton <- &ledger{hold: first, last: first, watched: make(map[runtime.Holder][]*waiter)}
	keeper, err := spawnKeeper(p, c.Name, m)
	if err != nil {
		return nil, err
	}
	m.keeper, m.stopped = keeper, keeper.Done()
	return m, nil
}

// Lock waits until the caller has the lock, or ctx ends. Those who wait are served in the order in which they came. Pass a
// handler's context inside a handler, and that of the work inside a Pipe: that is how the lock knows who holds it, and
// takes it back when that one ends. An actor that has the lock and asks for it again waits for itself: see Reentrant.
//
// It returns ctx.Err() when ctx ended first, on entry or while it waited, and an error that wraps runtime.ErrStopped when
// the lock is stopped. For a plain goroutine it allocates nothing.
func (m *Mutex) Lock(ctx context.Context) (Hold, error) {
	n, err := m.acquire(ctx)
	if err != nil {
		return Hold{}, err
	}
	return m.enter(ctx, n)
}

// TryLock is Lock that never waits: it returns ErrLocked when somebody has the lock, or waits for it.
func (m *Mutex) TryLock(ctx context.Context) (Hold, error) {
	n, err := m.tryAcquire(ctx)
	if err != nil {
		return Hold{}, err
	}
	return m.enter(ctx, n)
}

// Stats returns the lock's figures, as they are after all that the caller did before. It does not wait for the lock.
func (m *Mutex) Stats() Stats {
	l := <-m.baton
	s := Stats{
		Locked:    len(m.token) == 0,
		Waiting:   len(m.waiting),
		Depth:     len(l.entries),
		Reclaimed: l.reclaimed,
	}
	m.baton <- l
	return s
}

// Stop stops the lock. It does not wait: see Done. Who waits for the lock or for a Notify gets an error that wraps
// runtime.ErrStopped, as does everybody who wants to lock afterwards. Who has the lock may Unlock it, but need not.
func (m *Mutex) Stop() { m.keeper.Stop() }

// Done returns a channel that is closed when the lock has stopped.
func (m *Mutex) Done() <-chan struct{} { return m.stopped }

// check returns what is to be said before anything else.
func (m *Mutex) check(ctx context.Context) error {
	if ctx == nil {
		return errNil
	}
	select {
	case <-m.stopped:
		return errStopped
	default:
		return ctx.Err()
	}
}

func (m *Mutex) acquire(ctx context.Context) (uint64, error) {
	n, err := m.tryAcquire(ctx)
	if err == ErrLocked {
		return m.await(ctx, ctx.Done())
	}
	return n, err
}

func (m *Mutex) tryAcquire(ctx context.Context) (uint64, error) {
	if err := m.check(ctx); err != nil {
		return 0, err
	}
	select {
	case n := <-m.token:
		return n, nil
	default:
		return 0, ErrLocked
	}
}

// await waits for the token. Where ctx is a handler's, the runtime is told, so that what else its goroutine would have run
// goes on elsewhere at once.
func (m *Mutex) await(ctx context.Context, done <-chan struct{}) (uint64, error) {
	m.waiting <- struct{}{}
	defer func() { <-m.waiting }()
	if p, _ := ctx.Value(mailbox.ParkerKey{}).(mailbox.Parker); p != nil {
		defer p.Unpark(p.Park())
	}
	select {
	case n := <-m.token:
		return n, nil
	case <-done:
		return 0, ctx.Err()
	case <-m.stopped:
		return 0, errStopped
	}
}

// enter makes a hold of the token that the caller has received, and notes whose it is, if that can be known.
func (m *Mutex) enter(ctx context.Context, n uint64) (Hold, error) {
	h := Hold{m: m, n: n}
	holder, ok := runtime.HolderOf(ctx)
	if !ok {
		return h, nil
	}
	l := <-m.baton
	known := l.watch(holder)
	l.holder = holder
	m.baton <- l
	return h, m.tell(known, holder)
}

// tell has the keeper watch a holder that it does not watch yet. The holder may have ended by now: the keeper hears of it
// all the same, and takes the lock back.
func (m *Mutex) tell(known bool, holder runtime.Holder) error {
	if known || m.keeper.TryTell(met{holder}) == nil {
		return nil
	}
	return errStopped // so nobody gets the lock any more
}
