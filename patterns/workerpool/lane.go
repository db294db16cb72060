package workerpool

import (
	"hash/maphash"

	"github.com/troupe-go/troupe/mailbox"
)

const (
	laneCount = 128 // more than there mostly are workers, so that each gets about as many; an empty one is some 200 bytes
	laneShare = 32  // jobs of one lane in a row, before its worker turns to another
)

// A lane is a part of the keys, and the queue of their jobs. It is in the hands of one worker at most, or in its post's
// queue, so its jobs are done in order, one after the other. Which worker that is, is decided each time that it gets
// there: so a Resize moves lanes, and none while a job of it is being done.
type lane[Req, Res any] struct {
	number int
	jobs   *mailbox.Mailbox[job[Req, Res]]

	// free has a token while no worker has the lane. Who has put a job into it, and gets the token, gives the lane to one;
	// a worker puts the token back, and looks for jobs again. One of the two sees the other.
	free chan struct{}
}

type lanes[Req, Res any] struct {
	seed maphash.Seed
	all  []*lane[Req, Res]
}

func newLanes[Req, Res any](p *Pool[Req, Res]) (ls lanes[Req, Res], err error) {
	ls.seed = maphash.MakeSeed()
	for n := range laneCount {
		l := &lane[Req, Res]{number: n, free: make(chan struct{}, 1)}
		if l.jobs, err = mailbox.New(p.cfg.queue(p.dropped)); err != nil {
			return ls, err
		}
		l.free <- struct{}{}
		ls.all = append(ls.all, l)
	}
	return ls, nil
}

func (ls *lanes[Req, Res]) of(key any) *lane[Req, Res] {
	return ls.all[maphash.Comparable(ls.seed, key)%laneCount]
}

// waits returns how many jobs wait in lanes.
func (ls *lanes[Req, Res]) waits() (n int) {
	for _, l := range ls.all {
		n += l.jobs.Len()
	}
	return n
}

// offer gives l, which has jobs, to a worker, unless one has it.
func (p *Pool[Req, Res]) offer(l *lane[Req, Res]) {
	select {
	case <-l.free:
		p.assign(l)
	default:
	}
}

// assign gives l to the worker whose it is now.
func (p *Pool[Req, Res]) assign(l *lane[Req, Res]) {
	for {
		r := <-p.roster
		at, stopped := r.posts[l.number%len(r.posts)], r.stopped
		p.roster <- r
		if stopped {
			return
		}
		if at.lanes.TryPut(l) == nil {
			at.wake()
			return
		} // given up meanwhile
	}
}

// nextOfLane is next under ByKey.
func (w *worker[Req, Res]) nextOfLane(in **desk[Req, Res]) (err error) {
	if *in == nil {
		*in = <-w.desk
	}
	d := *in
	for {
		if d.lane == nil {
			if d.lane, err = w.post.lanes.TryGet(); err != nil {
				return err
			}
			d.left = laneShare
		}
		l := d.lane
		if d.left == 0 || w.post.isOver() {
			d.lane = nil
			w.pool.assign(l)
			continue
		}
		if w.job, err = l.jobs.TryGet(); err == nil {
			w.busy = true
			d.left--
			w.putOnDesk(in)
			return nil
		}
		d.lane = nil
		l.free <- struct{}{}
		if l.jobs.Len() > 0 {
			w.pool.offer(l)
		}
	}
}

// putLaneBack is called when the worker has stopped for good.
func (w *worker[Req, Res]) putLaneBack() {
	d := <-w.desk
	l := d.lane
	d.lane = nil
	w.desk <- d
	if l != nil {
		w.pool.assign(l)
	}
}
