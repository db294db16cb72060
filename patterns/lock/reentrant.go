package lock

import (
	"context"

	"github.com/troupe-go/troupe/runtime"
)

// A Reentrant is a lock that its owner may take again while it has it. All methods are safe for concurrent use.
//
// An actor's behaviour, or the work of a Pipe, is its own owner: it is known by its context. For everybody else, the owner
// is who has the context that Lock returned, or one derived from it: pass that on to what may lock again. To pass it to
// another goroutine is to share the lock with it.
type Reentrant struct{ m *Mutex }

// NewReentrant is NewMutex for a Reentrant.
func NewReentrant(p runtime.Parent, c Config) (*Reentrant, error) {
	m, err := NewMutex(p, c)
	if err != nil {
		return nil, err
	}
	return &Reentrant{m}, nil
}

// Lock returns at once where ctx is the owner's, and otherwise waits as Mutex.Lock does, with the same errors. Each Hold is
// unlocked once, in any order; the last one gives the lock back.
//
// The context that it returns is ctx for an actor and when the lock was taken again, and otherwise one derived from it, for
// which it allocates.
func (r *Reentrant) Lock(ctx context.Context) (context.Context, Hold, error) {
	return r.lock(ctx, r.m.acquire)
}

// TryLock is Lock that never waits: it returns ErrLocked when somebody else has the lock, or waits for it while it is free.
func (r *Reentrant) TryLock(ctx context.Context) (context.Context, Hold, error) {
	return r.lock(ctx, r.m.tryAcquire)
}

// Depth returns how many holds the owner has that ctx belongs to: 0 if that does not have the lock.
func (r *Reentrant) Depth(ctx context.Context) (depth int) {
	if who := r.whose(ctx); who.known() {
		l := <-r.m.baton
		if who.owns(l) {
			depth = len(l.entries)
		}
		r.m.baton <- l
	}
	return depth
}

// Stats returns the lock's figures, as Mutex.Stats does.
func (r *Reentrant) Stats() Stats { return r.m.Stats() }

// Stop stops the lock, as Mutex.Stop does.
func (r *Reentrant) Stop() { r.m.Stop() }

// Done returns a channel that is closed when the lock has stopped.
func (r *Reentrant) Done() <-chan struct{} { return r.m.Done() }

func (r *Reentrant) lock(ctx context.Context, acquire func(context.Context) (uint64, error)) (context.Context, Hold, error) {
	if err := r.m.check(ctx); err != nil {
		return ctx, Hold{}, err
	}
	who := r.whose(ctx)
	if who.known() {
		l := <-r.m.baton
		if who.owns(l) {
			h := l.enter(r.m)
			r.m.baton <- l
			return ctx, h, nil
		}
		r.m.baton <- l
	}
	if _, err := acquire(ctx); err != nil {
		return ctx, Hold{}, err
	}
	// The owner and the first entry are noted at once: in between, another goroutine of the same actor could enter and
	// leave, and give the lock back.
	known := true
	l := <-r.m.baton
	h := l.enter(r.m)
	if l.holder = who.holder; who.isHolder() {
		known = l.watch(who.holder)
	}
	r.m.baton <- l
	if who.isHolder() {
		return ctx, h, r.m.tell(known, who.holder)
	}
	if old, ok := ctx.(*owned); ok && old.r == r {
		ctx = old.Context // or a loop that locks with the context it got the last time would build a chain
	}
	return &owned{ctx, r, h.n}, h, nil
}

// enter adds an entry to the hold that is out.
func (l *ledger) enter(m *Mutex) Hold {
	l.entered++
	l.entries = append(l.entries, l.entered)
	return Hold{m, l.hold, l.entered}
}

// An owner is who a context says that it belongs to.
type owner struct {
	holder runtime.Holder
	n      uint64 // of the hold that the context came with; 0: none
}

func (r *Reentrant) whose(ctx context.Context) (o owner) {
	if ctx == nil {
		return o
	}
	if c, _ := ctx.Value(ownedKey{r}).(*owned); c != nil {
		o.n = c.n
	}
	o.holder, _ = runtime.HolderOf(ctx)
	return o
}

func (o owner) isHolder() bool { return o.holder != (runtime.Holder{}) }
func (o owner) known() bool    { return o.isHolder() || o.n != 0 }

// owns reports whether the lock is o's. The number of a hold that is past never comes again.
func (o owner) owns(l *ledger) bool {
	return o.n == l.hold || o.isHolder() && o.holder == l.holder
}

// owned is the context of who has the lock.
type owned struct {
	context.Context
	r *Reentrant
	n uint64
}

type ownedKey struct{ r *Reentrant }

func (c *owned) Value(key any) any {
	if key == (ownedKey{c.r}) {
		return c
	}
	return c.Context.Value(key)
}
