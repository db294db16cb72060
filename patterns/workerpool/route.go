package workerpool

import (
	"context"
	"errors"
	"slices"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// A roster is what the pool has: its posts, and what counts of those that are no more. Whoever has taken it from the
// pool's channel owns it, for an instant. What it refers to is replaced, never changed, so that it can be read on.
type roster[Req, Res any] struct {
	posts []*post[Req, Res] // that get jobs
	given []*post[Req, Res] // that were given up, and have jobs or a worker still
	next  int               // the post whose turn it is, under RoundRobin

	stopped           bool   // what was queued has failed, and there will be no more
	left              uint64 // jobs that had not begun then
	accepted, dropped uint64 // of posts that are no more
	last              Stats  // the figures at the end
}

// newRoster returns the posts that a new pool begins with.
func (p *Pool[Req, Res]) newRoster() (*roster[Req, Res], error) {
	posts := 1
	switch p.cfg.Dispatch {
	case ByKey:
		var err error
		if p.lanes, err = newLanes(p); err != nil {
			return nil, err
		}
		fallthrough
	case RoundRobin, LeastLoaded:
		posts = p.cfg.Workers
	}
	r := &roster[Req, Res]{}
	for range posts {
		at, err := p.newPost()
		if err != nil {
			return nil, err
		}
		r.posts = append(r.posts, at)
	}
	return r, nil
}

func (p *Pool[Req, Res]) newPost() (at *post[Req, Res], err error) {
	at = newPost[Req, Res]()
	if p.cfg.Dispatch == ByKey {
		at.lanes, err = mailbox.New(mailbox.Config[*lane[Req, Res]]{Capacity: mailbox.Unbounded})
	} else {
		at.jobs, err = mailbox.New(p.cfg.queue(p.dropped))
	}
	return at, err
}

// route hands j to the post whose worker is to do it.
func (p *Pool[Req, Res]) route(ctx context.Context, j job[Req, Res], waits bool) error {
	if p.cfg.Dispatch == ByKey {
		l := p.lanes.of(p.cfg.Key(j.req))
		if err := p.putInto(ctx, l.jobs, j, waits); err != nil {
			return err
		}
		p.offer(l)
		return nil
	}
	for {
		at := p.pick()
		if at == nil {
			return p.stopped()
		}
		err := p.putInto(ctx, at.jobs, j, waits)
		if err == nil {
			at.wake()
			return nil
		}
		if !errors.Is(err, runtime.ErrStopped) || !at.isOver() {
			return err
		} // it was given up meanwhile
	}
}

// pick returns whose turn it is, or who has the least to do; nil when the pool has stopped.
func (p *Pool[Req, Res]) pick() *post[Req, Res] {
	r := <-p.roster
	posts, next, stopped := r.posts, r.next%len(r.posts), r.stopped
	r.next = next + 1
	p.roster <- r
	switch {
	case stopped:
		return nil
	case p.cfg.Dispatch == RoundRobin:
		return posts[next]
	}
	least, load := posts[next], posts[next].load()
	for i := 1; i < len(posts) && load > 0; i++ { // from another one each time, so that equals get equally much
		at := posts[(next+i)%len(posts)]
		if l := at.load(); l < load {
			least, load = at, l
		}
	}
	return least
}

// load returns how many jobs a post with one worker has, as far as one can tell from outside.
func (p *post[Req, Res]) load() int {
	n := p.jobs.Len()
	if len(p.call) == 0 { // its worker is not idle
		n++
	}
	return n
}

// open puts at among those that get jobs.
func (p *Pool[Req, Res]) open(at *post[Req, Res]) {
	r := <-p.roster
	r.posts = append(slices.Clone(r.posts), at)
	if r.stopped {
		at.close()
	}
	p.roster <- r
}

// giveUp has the youngest post get no more jobs. Its worker ends when it has done those that it has.
func (p *Pool[Req, Res]) giveUp() {
	r := <-p.roster
	last := len(r.posts) - 1
	at := r.posts[last]
	r.posts = slices.Clone(r.posts[:last])
	r.given = append(r.given, at)
	p.roster <- r
	close(at.over)
	at.close()
	at.wake()
}

// bury forgets a post that was given up, but for its counts.
func (p *Pool[Req, Res]) bury(at *post[Req, Res]) {
	r := <-p.roster
	defer func() { p.roster <- r }()
	i := slices.Index(r.given, at)
	if i < 0 {
		return
	}
	r.given = slices.Delete(slices.Clone(r.given), i, i+1)
	if at.jobs != nil {
		s := at.jobs.Stats()
		r.accepted += s.Put
		r.dropped += s.Dropped
	}
}

// all returns all posts.
func (p *Pool[Req, Res]) all() []*post[Req, Res] {
	r := <-p.roster
	defer func() { p.roster <- r }()
	return slices.Concat(r.posts, r.given)
}

// queues returns all queues of jobs. It is called by the owner of the roster.
func (p *Pool[Req, Res]) queues(r *roster[Req, Res]) (queues []*mailbox.Mailbox[job[Req, Res]]) {
	for _, at := range slices.Concat(r.posts, r.given) {
		if at.jobs != nil {
			queues = append(queues, at.jobs)
		}
	}
	for _, l := range p.lanes.all {
		queues = append(queues, l.jobs)
	}
	return queues
}

// abandon fails all jobs that wait, and lets no more in. Only the first call does something.
func (p *Pool[Req, Res]) abandon() {
	var left []job[Req, Res]
	r := <-p.roster
	first := !r.stopped
	if first {
		r.stopped = true
		for _, q := range p.queues(r) {
			left = append(left, q.Drain()...)
		}
		r.left = uint64(len(left))
	}
	p.roster <- r
	if !first {
		return
	}
	defer close(p.emptied)
	p.failAll(left)
}

// failAll fails jobs, all of them, also where user code ends the goroutine.
func (p *Pool[Req, Res]) failAll(left []job[Req, Res]) {
	defer func() {
		if len(left) > 0 {
			p.failAll(left)
		}
	}()
	for len(left) > 0 {
		j := left[0]
		left = left[1:]
		p.fail(j, errLeft)
	}
}

func (p *post[Req, Res]) close() {
	if p.lanes != nil {
		p.lanes.Close()
	} else {
		p.jobs.Close()
	}
}
