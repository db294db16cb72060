// Package market is a web site to crawl: a market of second-hand homes, made up from word lists and served in-process.
//
// It is there so that a crawler can be shown and tested on something that behaves like the web and yet is known to the
// last link. Eight districts with paginated lists, some five hundred homes, agents and news make up the honest part. The
// rest is what real sites have: cycles, one page under many spellings of its address, redirects that end and redirects
// that do not, broken links, pages that fail twice and then answer, one that always fails, one that cuts the connection,
// slow pages, bodies past any sensible limit, malformed HTML, files that are not HTML, a page in GBK, a part that
// robots.txt forbids, and pages that only a careless crawler finds.
//
// A [Site] is an [net/http.Handler]. Its [Manifest] says what a crawl of it has to find. The manifest is derived from the
// model that the pages are written from, never from their HTML, so it is a second opinion on a crawler's result.
//
// The site is the same in every process: it depends on nothing but this package. What it promises across versions is
// only its kind of content, not the text of any page.
//
// Each [Site] counts the requests it served and lets some pages fail by that count, so two crawls that are to be compared
// need a Site each. It holds about two megabytes and starts no goroutine; there is nothing to close.
package market

import (
	"maps"
	"sync"
)

// BodyLimit is the largest body, in bytes, that a crawler is assumed to accept. Manifest calls a page of more bytes
// "too-large" and expects nothing from it, not even from its beginning. No page is within a megabyte of the limit,
// so that how a crawler rounds it makes no difference.
const BodyLimit = 4 << 20

// A Site is one instance of the market. Its pages never change after New; only the count of requests does.
// All methods are safe for concurrent use.
type Site struct {
	pages map[string]*page // by canonical path and query

	mu       sync.Mutex
	requests map[string]int // by canonical path and query
}

// New makes the site. Two calls give sites that serve the same bytes and have the same manifest. It costs some ten
// milliseconds; pages are rendered when they are asked for.
func New() *Site {
	return &Site{pages: generate(), requests: make(map[string]int)}
}

// Requests returns how many requests were served since New, by canonical path and query: "/list?district=3&page=2",
// with the parameters sorted, however the request spelled it. It counts every GET and HEAD when it arrives, also those that
// were answered with an error or not at all, those for robots.txt, and those for addresses that do not exist.
// The map is the caller's own.
func (s *Site) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.requests)
}

// count notes a request for key and returns how many there were, this one included.
func (s *Site) count(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[key]++
	return s.requests[key]
}
