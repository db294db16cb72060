package semaphore

import "github.com/troupe-go/troupe/runtime"

// A Lease is permits that somebody holds. It belongs to the actor that acquired it, but anybody may release it.
type Lease struct {
	pool   runtime.Ref[message]
	n      int
	holder runtime.Holder // zero: a plain goroutine
	// out has one token while the permits are out. Whoever takes it brings them back: Release, or the pool itself when
	// the holder has ended. So they come back once, and Release knows at once, without asking.
	out chan struct{}
}

func newLease(pool runtime.Ref[message], r *request) *Lease {
	l := &Lease{pool: pool, n: r.n, holder: r.holder, out: make(chan struct{}, 1)}
	l.out <- struct{}{}
	return l
}

// take reports whether the caller is the one to bring the permits back.
func (l *Lease) take() bool {
	select {
	case <-l.out:
		return true
	default:
		return false
	}
}

// Release gives the permits back. It never blocks, is safe for concurrent use, and needs no context: it works for
// everybody for as long as the pool does, also while the system drains.
//
// It returns ErrReleased when the permits have come back before: by another Release, or because the holder has ended.
// It returns an error that wraps runtime.ErrStopped when the pool has stopped; then there is nothing to give back to.
func (l *Lease) Release() error {
	if !l.take() {
		return ErrReleased
	}
	return l.pool.TryTell(returned{l})
}
