package crawl

import (
	"context"
	"net/url"

	"github.com/troupe-go/troupe/examples/crawler/report"
	"github.com/troupe-go/troupe/mailbox"
	"github.com/troupe-go/troupe/runtime"
)

// The frontier knows every address that was ever seen. Its mailbox is ordered by depth: what concerns visits under way
// comes first, and then the links that were found, those nearest to the start before the others.
type frontierMessage interface{ level() int }

type (
	// begin starts the crawl, and is answered when that is over.
	begin struct{ runtime.Reply[struct{}] }
	// halt lets no further visit begin.
	halt struct{}
	// status asks where the crawl stands.
	status struct{ runtime.Reply[report.Status] }
	// resolve, after the end, asks for all links with what they lead to.
	resolve struct{ runtime.Reply[[]rows] }
	// finished is the end of a visit.
	finished struct {
		target
		visited
		err error
	}
	// found are the links of a page.
	found struct {
		target
		links []string
	}
)

// frontierLevels are the mailbox's; whatever is deeper shares the last.
const frontierLevels = 64

func (begin) level() int    { return 0 }
func (halt) level() int     { return 0 }
func (status) level() int   { return 0 }
func (resolve) level() int  { return 0 }
func (finished) level() int { return 1 }
func (f found) level() int  { return min(2+f.depth, frontierLevels-1) }

// frontierState outlives the behaviours.
type frontierState struct {
	cfg      *Config
	visitor  *visitor
	system   *runtime.System
	scope    string // the host of the start
	over     begin
	begun    bool
	halted   bool
	todo     todo
	active   int // visits under way
	started  int // visits ever begun
	awaiting int // pages whose links are on their way here; below 0 when those came first
	hosts    map[string]*host
	pages    map[string]*entry
	order    []string // the addresses in pages, as they were first seen
	tally    tally
}

// An entry is what is known of one address.
type entry struct {
	kind   string // "" until it is known
	status int
	target string   // redirect: where to
	via    string   // an address that redirects here
	from   []string // the pages that link to it, once for each link
}

func spawnFrontier(p runtime.Parent, state *frontierState) (runtime.Ref[frontierMessage], error) {
	return runtime.Spawn(p, props(state.cfg, "frontier", mailbox.Config[frontierMessage]{
		Order:  mailbox.Priority,
		Levels: frontierLevels,
		Level:  frontierMessage.level,
	}, func() runtime.Actor[frontierMessage] { return state }))
}

func (f *frontierState) Receive(ctx *runtime.Context[frontierMessage], m frontierMessage) error {
	switch m := m.(type) {
	case begin:
		f.over, f.begun = m, true
		f.see(target{address: f.cfg.Start}, "")
	case halt:
		f.halted = true
	case status:
		m.Send(f.status())
		return nil
	case resolve:
		f.settle()
		m.Send(f.links())
		return nil
	case found:
		f.awaiting--
		for _, link := range m.links {
			f.see(target{link, m.depth + 1}, m.address)
		}
	case finished:
		f.finish(m)
	}
	f.proceed(ctx)
	return nil
}

// see takes note of an address, and of who links to it. A redirect leads to an address of the same depth.
func (f *frontierState) see(t target, from string) {
	e := f.pages[t.address]
	if e == nil {
		e = &entry{kind: f.outside(t)}
		f.pages[t.address] = e
		f.order = append(f.order, t.address)
		if e.kind == "" {
			f.todo.push(t)
		}
	}
	if from != "" {
		e.from = append(e.from, from)
	}
}

// outside returns why t is not to be visited, or "".
func (f *frontierState) outside(t target) string {
	at, err := url.Parse(t.address)
	switch {
	case err != nil:
		return kindMalformed
	case !f.cfg.AnyHost && at.Host != f.scope:
		return kindOffSite
	case f.cfg.Depth >= 0 && t.depth > f.cfg.Depth:
		return kindTooDeep
	}
	return ""
}

// proceed begins as many visits as may run at once, and says so when the crawl is over.
func (f *frontierState) proceed(ctx *runtime.Context[frontierMessage]) {
	// Twice as many visits as fetchers: while one visit's page is parsed, another's can be fetched.
	for f.todo.n > 0 && f.active < 2*f.cfg.Workers && f.allowed() {
		t := f.todo.pop()
		h, err := f.host(t)
		if err != nil {
			f.lose(t.address)
			continue
		}
		f.active++
		f.started++
		f.visit(ctx, h, t)
	}
	if f.begun && f.active == 0 && f.awaiting == 0 && (f.todo.n == 0 || !f.allowed()) {
		f.begun = false
		f.over.Send(struct{}{})
	}
}

func (f *frontierState) allowed() bool {
	return !f.halted && (f.cfg.Pages == 0 || f.started < f.cfg.Pages)
}

func (f *frontierState) visit(ctx *runtime.Context[frontierMessage], h *host, t target) {
	self := ctx.Self()
	runtime.Pipe(ctx, func(ctx context.Context) (visited, error) {
		v, err := f.visitor.visit(ctx, h, t)
		if err == nil && len(v.links) > 0 {
			err = self.Tell(ctx, found{t, v.links})
		}
		return v, err
	}, func(v visited, err error) frontierMessage {
		return finished{t, v, err}
	})
}

// lose notes a visit that failed by itself: its context ended, or chaos outlasted all tries. The crawl goes on without.
func (f *frontierState) lose(address string) {
	f.pages[address].kind = kindSkipped
	f.tally.lost++
}

func (f *frontierState) finish(m finished) {
	f.active--
	e := f.pages[m.address]
	if m.err != nil {
		f.lose(m.address)
		return
	}
	if len(m.links) > 0 {
		f.awaiting++
	}
	e.kind, e.status, e.target = m.kind, m.status, m.visited.target
	f.tally.add(m)
	if m.visited.target != "" {
		f.see(target{m.visited.target, m.depth}, "")
		if to := f.pages[m.visited.target]; to.via == "" {
			to.via = m.address
		}
	}
}

// host returns the politeness actor of t's host, which is started on first sight.
func (f *frontierState) host(t target) (*host, error) {
	at, err := url.Parse(t.address)
	if err != nil {
		return nil, err
	}
	key := at.Scheme + " " + at.Host
	if h := f.hosts[key]; h != nil {
		return h, nil
	}
	h, err := spawnHost(f.system, f.cfg, key, f.visitor.robots(at))
	if err != nil {
		return nil, err
	}
	f.hosts[key] = h
	return h, nil
}

func (f *frontierState) status() report.Status {
	return report.Status{
		Done: f.tally.fetched, Known: f.tally.fetched + f.active + f.todo.n,
		Queued: f.todo.n, Active: f.active, Errors: f.tally.failed, Records: f.tally.records,
	}
}
