package semaphore

import (
	"container/list"
	"fmt"

	"github.com/troupe-go/troupe/runtime"
)

// A ledger is the behaviour of a pool's actor: who holds what, and who waits. It outlives restarts.
type ledger struct {
	permits   int
	used      int       // more than permits after a Resize to less, until enough has come back
	leases    int       // that are out
	waiting   list.List // of *request, in the order of arrival
	reclaimed uint64

	// held is the leases of each holder that is known. A holder is watched once, when it is first met, and forgotten
	// when it ends: a watch cannot be taken back, so forgetting it with its last lease would only mean to watch it again.
	held map[runtime.Holder]map[*Lease]struct{}
}

func newLedger(permits int) *ledger {
	return &ledger{permits: permits, held: make(map[runtime.Holder]map[*Lease]struct{})}
}

// A message is something that happened, and knows what follows from it for the ledger.
type message interface {
	apply(ctx *runtime.Context[message], l *ledger)
}

// Receive never blocks, so that no Release waits.
func (l *ledger) Receive(ctx *runtime.Context[message], m message) error {
	m.apply(ctx, l)
	return nil
}

// A request is an Acquire or a TryAcquire.
type request struct {
	runtime.Reply[*Lease]
	n      int
	try    bool
	holder runtime.Holder
	place  *list.Element // among those that wait
}

func (r *request) apply(ctx *runtime.Context[message], l *ledger) {
	if r.n < 1 || r.n > l.permits {
		r.Fail(l.rangeError(r.n))
		return
	}
	r.place = l.waiting.PushBack(r)
	l.serve(ctx)
	if r.try && r.place != nil {
		l.leave(r)
		r.Fail(ErrNoPermits)
	}
}

func (l *ledger) rangeError(n int) error {
	return fmt.Errorf("%w: %d were asked for: want 1 to %d", ErrRange, n, l.permits)
}

func (l *ledger) leave(r *request) {
	l.waiting.Remove(r.place)
	r.place = nil
}

// serve grants the first request, as long as there are permits for it. Nobody overtakes it, or big requests would
// starve among small ones.
func (l *ledger) serve(ctx *runtime.Context[message]) {
	for l.waiting.Len() > 0 {
		first := l.waiting.Front().Value.(*request)
		if first.n > l.permits-l.used {
			return
		}
		l.leave(first)
		l.grant(ctx, first)
	}
}

// grant gives r its permits, unless its asker has given up: TrySend knows for sure.
func (l *ledger) grant(ctx *runtime.Context[message], r *request) {
	lease := newLease(ctx.Self(), r)
	if !r.TrySend(lease) {
		return
	}
	l.used += r.n
	l.leases++
	if r.holder == (runtime.Holder{}) {
		return
	}
	leases, known := l.held[r.holder]
	if !known {
		leases = make(map[*Lease]struct{})
		l.held[r.holder] = leases
		holder := r.holder // r would be kept alive for as long as its holder
		runtime.WatchHolder(ctx, holder, func(error) message { return ended{holder} })
	}
	leases[lease] = struct{}{}
}

// withdrawn is what becomes of a request whose context ended. Without it, those behind would wait for permits that
// nobody wants any more.
type withdrawn struct{ r *request }

func (m withdrawn) apply(ctx *runtime.Context[message], l *ledger) {
	if m.r.place != nil {
		l.leave(m.r)
		l.serve(ctx)
	}
}

// returned is a lease whose Release took the token.
type returned struct{ lease *Lease }

func (m returned) apply(ctx *runtime.Context[message], l *ledger) {
	delete(l.held[m.lease.holder], m.lease)
	l.takeBack(m.lease)
	l.serve(ctx)
}

func (l *ledger) takeBack(lease *Lease) {
	l.used -= lease.n
	l.leases--
}

// ended is a holder that crashed or stopped.
type ended struct{ holder runtime.Holder }

func (m ended) apply(ctx *runtime.Context[message], l *ledger) {
	for lease := range l.held[m.holder] {
		if lease.take() { // or else its Release is on its way
			l.takeBack(lease)
			l.reclaimed++
		}
	}
	delete(l.held, m.holder)
	l.serve(ctx)
}

type resize struct {
	runtime.Reply[struct{}]
	permits int
}

func (m resize) apply(ctx *runtime.Context[message], l *ledger) {
	l.permits = m.permits
	for e := l.waiting.Front(); e != nil; {
		r := e.Value.(*request)
		e = e.Next()
		if r.n > l.permits {
			l.leave(r)
			r.Fail(l.rangeError(r.n))
		}
	}
	l.serve(ctx)
	m.Send(struct{}{})
}

type stats struct{ runtime.Reply[Stats] }

func (m stats) apply(_ *runtime.Context[message], l *ledger) {
	m.Send(Stats{
		Permits:   l.permits,
		Free:      max(l.permits-l.used, 0),
		Waiting:   l.waiting.Len(),
		Leases:    l.leases,
		Reclaimed: l.reclaimed,
	})
}
