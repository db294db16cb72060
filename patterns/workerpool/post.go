package workerpool

import (
	"slices"
	"time"

	"github.com/troupe-go/troupe/mailbox"
)

// A post is a queue, and the workers that take from it. Under Shared a pool has one; otherwise each worker has its own.
//
// An idle worker has no goroutine, and is woken by who puts a job into the queue. For no job to be left behind, both sides
// do two things in opposite order: a put is followed by a look for idle workers, and a worker that has found the queue
// empty says that it is idle, and looks at the queue again. One of the two sees the other.
//
// Waking takes a hundred times as long as looking at a channel that is empty. So of those who are idle one is woken at a
// time: it searches, and wakes the next when it has found a job and there are more. However many jobs come in meanwhile,
// their submitters have nothing to do with it. That is how Go's scheduler wakes its threads.
type post[Req, Res any] struct {
	jobs  *mailbox.Mailbox[job[Req, Res]]   // nil under ByKey
	lanes *mailbox.Mailbox[*lane[Req, Res]] // under ByKey: those that have jobs, and that no worker is at

	// call has a token while somebody is idle and nobody searches. Who takes it must wake one.
	call chan struct{}

	// leave has a token for each worker that is one too many and was busy when that was found out.
	leave chan struct{}

	// over is closed when the post is given up: its workers finish what there is, and end.
	over chan struct{}

	// bench is in the channel but while somebody is at it, for an instant: whoever has taken it owns it.
	bench chan *bench[Req, Res]
}

// A bench is where idle workers sit. Each worker that sits there will not look at the queue by itself.
type bench[Req, Res any] struct {
	idle      []*worker[Req, Res] // the one that came last is the next to be woken, so that others can become superfluous
	searching bool                // somebody was woken, and has neither found a job nor come back
}

const many = 1 << 30 // a capacity that is never reached, of channels whose elements take no room

func newPost[Req, Res any]() *post[Req, Res] {
	p := &post[Req, Res]{
		call: make(chan struct{}, 1), leave: make(chan struct{}, many), over: make(chan struct{}),
		bench: make(chan *bench[Req, Res], 1),
	}
	p.bench <- &bench[Req, Res]{}
	return p
}

// waits returns how many jobs, or lanes with jobs, wait for a worker.
func (p *post[Req, Res]) waits() int {
	if p.lanes != nil {
		return p.lanes.Len()
	}
	return p.jobs.Len()
}

// wake is called after each put. It reports whether it has woken somebody.
//
// It looks at the channel's length first, which is not synchronised: that costs a sixth of a receive in vain, and is enough.
// A token that was put there before somebody looked at the queue in vain is seen by who has put something in after that.
func (p *post[Req, Res]) wake() bool { return len(p.call) > 0 && p.rouse() }

func (p *post[Req, Res]) rouse() bool {
	select {
	case <-p.call:
	default:
		return false
	}
	for {
		b := <-p.bench
		last := len(b.idle) - 1
		if last < 0 {
			b.searching = false
			p.bench <- b
			return false
		}
		w := b.idle[last]
		b.idle[last] = nil
		b.idle = b.idle[:last]
		b.searching = true
		p.bench <- b
		if w.ref.TryTell(turn[Req, Res]{w, true}) == nil {
			return true
		} // it has stopped
	}
}

// found ends a search. Submitters that came meanwhile have woken nobody, so the next one is woken for them.
func (p *post[Req, Res]) found() {
	b := <-p.bench
	b.searching = false
	more := len(b.idle) > 0
	p.callLocked(b)
	p.bench <- b
	if more && p.waits() > 0 {
		p.wake()
	}
}

// callLocked is called by the owner of the bench.
func (p *post[Req, Res]) callLocked(b *bench[Req, Res]) {
	if len(b.idle) > 0 && !b.searching {
		select {
		case p.call <- struct{}{}:
		default:
		}
	}
}

// sit has w wait for a job, after a search or not. It reports false when w is one too many and shall end.
func (p *post[Req, Res]) sit(w *worker[Req, Res], searched bool) bool {
	b := <-p.bench
	if searched {
		b.searching = false
	}
	stays := true
	select {
	case <-p.leave:
		stays = false
	default:
		if w.pool.cfg.scales() {
			w.since = time.Now()
		}
		b.idle = append(b.idle, w)
	}
	p.callLocked(b)
	p.bench <- b
	if p.waits() > 0 || p.isOver() {
		p.wake()
	}
	return stays
}

// dismiss sends so many workers away: those that have been idle for longest, and then whoever has done the job that it is
// at.
func (p *post[Req, Res]) dismiss(n int) {
	b := <-p.bench
	sent := b.take(n)
	for range n - len(sent) {
		p.leave <- struct{}{}
	}
	p.bench <- b
	for _, w := range sent {
		w.ref.Stop()
	}
}

// retire sends up to n workers away that have been idle since then. It returns how many.
func (p *post[Req, Res]) retire(n int, then time.Time) int {
	b := <-p.bench
	old := 0
	for old < min(n, len(b.idle)) && !b.idle[old].since.After(then) {
		old++
	}
	sent := b.take(old)
	p.bench <- b
	for _, w := range sent {
		w.ref.Stop()
	}
	return old
}

// take takes up to n workers off the bench, those first that came first. They are woken by nobody any more.
func (b *bench[Req, Res]) take(n int) []*worker[Req, Res] {
	n = min(n, len(b.idle))
	taken := slices.Clone(b.idle[:n])
	b.idle = slices.Delete(b.idle, 0, n)
	return taken
}

// keep takes the dismissal of up to n workers back that have not heard of it yet.
func (p *post[Req, Res]) keep(n int) (kept int) {
	for ; kept < n; kept++ {
		select {
		case <-p.leave:
		default:
			return kept
		}
	}
	return kept
}

// sitting returns how many are idle, and since when the one is that has been so for longest.
func (p *post[Req, Res]) sitting() (n int, since time.Time) {
	b := <-p.bench
	defer func() { p.bench <- b }()
	if n = len(b.idle); n > 0 {
		since = b.idle[0].since
	}
	return n, since
}

// clear forgets all workers: those of a behaviour of the hub that is gone.
func (p *post[Req, Res]) clear() {
	<-p.bench
	p.keep(many)
	p.bench <- &bench[Req, Res]{}
}

func (p *post[Req, Res]) isOver() bool { return isClosed(p.over) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
