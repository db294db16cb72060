package crawl

import (
	"context"
	"net/url"
	"time"

	"github.com/temoto/robotstxt"

	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/patterns/semaphore"
	"github.com/troupe-go/troupe/runtime"
)

// A host is the politeness actor of one host. Nobody sends it a request without asking here first: it answers an enter
// when the request may be made, at the rate that the host and the user allow, or with errForbidden or unreachableError.
type host struct {
	ref     runtime.Ref[hostMessage]
	permits *semaphore.Pool // for requests at once
}

type hostMessage interface{ hostMessage() }

// enter asks for one request's turn.
type enter struct {
	runtime.Reply[struct{}]
	path  string
	again bool // not the first try: robots.txt was asked already
}

type (
	robotsRead struct {
		rules *robotstxt.RobotsData
		err   error
	}
	turn struct{} // somebody's turn has come
)

func (enter) hostMessage()      {}
func (robotsRead) hostMessage() {}
func (turn) hostMessage()       {}

// hostState outlives the behaviours.
type hostState struct {
	cfg     *Config
	read    func(context.Context) (*robotstxt.RobotsData, error)
	reading bool
	rules   *robotstxt.RobotsData // nil until robots.txt was read
	err     error                 // why it could not be read
	gap     time.Duration         // between two requests
	next    time.Time             // when the next one may be made
	queue   []enter
}

func spawnHost(p runtime.Parent, cfg *Config, name string, read func(context.Context) (*robotstxt.RobotsData, error)) (*host, error) {
	permits, err := semaphore.New(p, semaphore.Config{Name: "permits " + name, Permits: min(cfg.PerHost, cfg.Workers)})
	if err != nil {
		return nil, err
	}
	state := &hostState{cfg: cfg, read: read}
	// Unbounded, because all who ask are stashed until robots.txt was read. They are no more than there are permits.
	box := mailbox.Config[hostMessage]{Capacity: mailbox.Unbounded}
	actor := props(cfg, "host "+name, box, func() runtime.Actor[hostMessage] { return state })
	actor.Inline = true // an enter that need not wait costs as much as a call
	ref, err := runtime.Spawn(p, actor)
	if err != nil {
		return nil, err
	}
	return &host{ref, permits}, nil
}

// Started picks up where the behaviour before left off: timers are its own and ended with it.
func (h *hostState) Started(ctx *runtime.Context[hostMessage]) error {
	switch {
	case h.rules == nil && !h.cfg.Robots:
		h.obey(robotsRead{rules: &robotstxt.RobotsData{}})
	case h.rules == nil && !h.reading:
		h.reading = true
		runtime.Pipe(ctx, h.read, func(rules *robotstxt.RobotsData, err error) hostMessage {
			return robotsRead{rules, err}
		})
	}
	h.wait(ctx)
	return nil
}

func (h *hostState) Receive(ctx *runtime.Context[hostMessage], m hostMessage) error {
	switch m := m.(type) {
	case robotsRead:
		h.obey(m)
		ctx.Unstash()
	case enter:
		if h.rules == nil {
			return ctx.Stash()
		}
		if h.err != nil {
			m.Fail(unreachableError{h.err})
			return nil
		}
		if !m.again && !h.rules.TestAgent(m.path, h.cfg.Agent) {
			m.Fail(errForbidden)
			return nil
		}
		h.queue = append(h.queue, m)
		if len(h.queue) == 1 {
			h.wait(ctx)
		}
	case turn:
		h.serve()
		h.wait(ctx)
	}
	return nil
}

// obey takes the rules over.
func (h *hostState) obey(m robotsRead) {
	h.rules, h.err = m.rules, m.err
	if h.err != nil {
		h.rules = &robotstxt.RobotsData{}
	}
	if h.cfg.Rate > 0 {
		h.gap = time.Duration(min(float64(time.Second)/h.cfg.Rate, float64(longestGap)))
	}
	h.gap = max(h.gap, h.rules.FindGroup(h.cfg.Agent).CrawlDelay)
}

// longestGap is for rates so low that nobody will live to see the second request.
const longestGap = 1 << 62 * time.Nanosecond

// wait arranges for the turn of the first in the queue.
func (h *hostState) wait(ctx *runtime.Context[hostMessage]) {
	if h.rules == nil {
		return
	}
	if h.gap == 0 {
		h.serve()
	}
	if len(h.queue) > 0 {
		ctx.After(time.Until(h.next), turn{})
	}
}

// serve lets in whose turn has come.
func (h *hostState) serve() {
	for len(h.queue) > 0 && (h.gap == 0 || !time.Now().Before(h.next)) {
		first := h.queue[0]
		h.queue = h.queue[1:]
		if first.TrySend(struct{}{}) { // one whose visit was given up does not cost a turn
			h.next = time.Now().Add(h.gap)
		}
	}
}

// enter waits for a permit to make a request, and then for its turn. The other way around, those who have had their turn
// would gather before the permits, and follow each other faster than the rate allows.
func (h *host) enter(ctx context.Context, at *url.URL, again bool) (semaphore.Lease, error) {
	permit, err := h.permits.Acquire(ctx, 1)
	if err != nil {
		return semaphore.Lease{}, err
	}
	_, err = runtime.Ask(ctx, h.ref, func(r runtime.Reply[struct{}]) hostMessage {
		return enter{Reply: r, path: at.RequestURI(), again: again}
	})
	if err != nil {
		_ = permit.Release()
		return semaphore.Lease{}, err
	}
	return permit, nil
}
