package crawl

import (
	"slices"

	"github.com/troupe-go/troupe/examples/crawler/report"
)

// A tally is what the frontier counts as visits end.
type tally struct {
	fetched int
	failed  int
	retries int
	records int
	bytes   int64
	slowest []report.Timing
}

const slowestKept = 5

func (t *tally) add(m finished) {
	if failed(m.kind) {
		t.failed++
	}
	if !m.fetched {
		return
	}
	t.fetched++
	t.retries += m.retries
	t.records += m.records
	t.bytes += m.size
	t.slowest = append(t.slowest, report.Timing{URL: m.address, Took: m.took})
	slices.SortStableFunc(t.slowest, func(a, b report.Timing) int { return int(b.Took - a.Took) })
	t.slowest = t.slowest[:min(len(t.slowest), slowestKept)]
}

// settle decides what can be told only when all is known: what was not come to, and which redirects lead nowhere.
func (f *frontierState) settle() {
	for _, e := range f.pages {
		if e.kind == "" {
			e.kind = kindSkipped
		}
	}
	for _, e := range f.pages {
		if e.kind == kindRedirect && f.endless(e) {
			e.kind = kindRedirectLoop
			f.tally.failed++
		}
	}
}

// endless reports whether following the redirects from e never ends. It marks what it finds in no way, so that each
// address of a loop is judged by itself.
func (f *frontierState) endless(e *entry) bool {
	seen := map[*entry]bool{}
	for e != nil && (e.kind == kindRedirect || e.kind == kindRedirectLoop) {
		if seen[e] {
			return true
		}
		seen[e] = true
		e = f.pages[e.target]
	}
	return false
}

// end returns the address in which the redirects from address end.
func (f *frontierState) end(address string) string {
	for f.pages[address].kind == kindRedirect {
		address = f.pages[address].target
	}
	return address
}

// fill tells s what the frontier knows. It comes after settle.
func (f *frontierState) fill(s *report.Summary) {
	s.Pages, s.Bytes, s.Retries = f.tally.fetched, f.tally.bytes, f.tally.retries
	s.Slowest = f.tally.slowest
	if end := f.end(f.cfg.Start); f.pages[end].kind == kindOffSite {
		s.Moved = end
	}
	s.Kinds = map[string]int{}
	for _, address := range f.order {
		e := f.pages[address]
		s.Kinds[e.kind]++
		s.Links += len(e.from)
		if !failed(e.kind) {
			continue
		}
		broken := report.Broken{URL: address, Kind: e.kind, Status: e.status, From: e.via}
		if len(e.from) > 0 {
			broken.From = e.from[0]
		}
		s.Broken = append(s.Broken, broken)
	}
}

// links returns every link found, with what it leads to in the end, in the order of the addresses.
func (f *frontierState) links() []rows {
	var all []rows
	for _, address := range f.order {
		e, end := f.pages[address], f.pages[f.end(address)]
		var links []report.Link
		for _, from := range e.from {
			links = append(links, report.Link{From: from, To: address, Kind: end.kind, Status: end.status})
		}
		if len(links) > 0 {
			all = append(all, rows{links: links})
		}
	}
	return all
}
