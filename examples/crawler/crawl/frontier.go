package crawl

import (
	"context"
	"errors"
	"math"
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
		bad   []string // links that do not parse
	}
)

// frontierLevels are the mailbox's; whatever is deeper shares the last.
const frontierLevels = 64

func (begin) level() int    { return 0 }
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
	todo     todo
	level    int // the depth of the visit begun last
	active   int // visits under way
	started  int // visits ever begun that fetch something, as far as is known
	awaiting int // pages whose links are on their way here; below 0 when those came first
	hosts    map[string]*host
	pages    map[string]*entry
	order    []string // the addresses in pages, as they were first seen
	tally    tally
}

// An entry is what is known of one address.
type entry struct {
	depth  int    // of the shortest way here so far
	begun  bool   // its visit, or there is none to begin
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
			f.see(target{address: link, depth: m.depth + 1}, m.address)
		}
		for _, link := range m.bad {
			e := f.entry(link)
			e.kind, e.begun, e.from = kindMalformed, true, append(e.from, m.address)
		}
	case finished:
		f.finish(m)
	}
	f.proceed(ctx)
	return nil
}

// see takes note of an address, and of who links to it. A redirect leads to an address of the same depth.
func (f *frontierState) see(t target, from string) {
	e := f.entry(t.address)
	if t.depth < e.depth && !e.begun {
		e.depth, e.kind = t.depth, f.outside(t)
		if e.kind == "" {
			f.todo.push(t) // where it waits already, further from the start, next passes it over
		}
	}
	if from != "" {
		e.from = append(e.from, from)
	}
}

// entry returns that of address, a new one if need be.
func (f *frontierState) entry(address string) *entry {
	e := f.pages[address]
	if e == nil {
		e = &entry{depth: math.MaxInt}
		f.pages[address] = e
		f.order = append(f.order, address)
	}
	return e
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

// visitsPerWorker is how many visits are under way for each fetcher: while one visit's page is parsed, another's can be
// fetched.
const visitsPerWorker = 2

// proceed begins as many visits as may run at once, and says so when the crawl is over.
func (f *frontierState) proceed(ctx *runtime.Context[frontierMessage]) {
	for f.active < visitsPerWorker*f.cfg.Workers && f.allowed() {
		t, ok := f.next()
		if !ok {
			break
		}
		h, err := f.host(t)
		if err != nil {
			f.lose(t.address)
			continue
		}
		f.active++
		f.started++
		f.visit(ctx, h, t)
	}
	if f.begun && !f.busy() && (f.todo.n == 0 || !f.allowed()) {
		f.begun = false
		f.over.Send(struct{}{})
	}
}

// next takes the next address to visit. With a depth limit, a level is begun when the one before is done: a page that is
// first reached by a detour would otherwise be taken for too deep, or its links would.
func (f *frontierState) next() (target, bool) {
	for f.todo.n > 0 {
		if f.cfg.Depth >= 0 && f.busy() && f.todo.depth() > f.level {
			break
		}
		t := f.todo.pop()
		if e := f.pages[t.address]; !e.begun {
			e.begun, f.level = true, t.depth
			return t, true
		}
	}
	return target{}, false
}

// busy reports whether there is a visit under way, or a page's links are.
func (f *frontierState) busy() bool { return f.active > 0 || f.awaiting != 0 }

// allowed reports whether a further visit may begin.
func (f *frontierState) allowed() bool {
	return f.visitor.interrupted.Err() == nil && (f.cfg.Pages == 0 || f.started < f.cfg.Pages)
}

func (f *frontierState) visit(ctx *runtime.Context[frontierMessage], h *host, t target) {
	self := ctx.Self()
	runtime.Pipe(ctx, func(ctx context.Context) (visited, error) {
		v, err := f.visitor.visit(ctx, h, t)
		if err == nil && v.leads() {
			err = self.Tell(ctx, found{t, v.links, v.bad})
		}
		return v, err
	}, func(v visited, err error) frontierMessage {
		return finished{t, v, err}
	})
}

// leads reports whether the page has links, of which the frontier then hears in a message of their own.
func (v *visited) leads() bool { return len(v.links)+len(v.bad) > 0 }

// lose notes a visit that failed by itself, for example because chaos outlasted all tries. The crawl goes on without.
func (f *frontierState) lose(address string) {
	f.pages[address].kind = kindLost
	f.tally.failed++
}

func (f *frontierState) finish(m finished) {
	f.active--
	if !m.fetched {
		f.started-- // so another may be fetched
	}
	e := f.pages[m.address]
	switch {
	case errors.Is(m.err, errInterrupted):
		return
	case m.err != nil:
		f.lose(m.address)
		return
	}
	if m.leads() {
		f.awaiting++
	}
	to := m.visited.target
	if to != "" && m.moves == mostMoves {
		m.kind, to = kindRedirectLoop, ""
	}
	e.kind, e.status, e.target = m.kind, m.status, to
	f.tally.add(m)
	if to != "" {
		f.see(target{address: to, depth: m.depth, moves: m.moves + 1}, "")
		if e := f.pages[to]; e.via == "" {
			e.via = m.address
		}
	}
}

// mostMoves is how many redirects are followed in a row: as many as browsers follow. Some servers make new ones for ever.
const mostMoves = 20

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
