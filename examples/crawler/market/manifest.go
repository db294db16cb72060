package market

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A Record is a home as it stands in a page, without the white space around each text.
type Record struct {
	Title, District, Price, Area string
	URL                          string // of the page it stands on
}

// A Manifest says what a crawl has to find that begins at Start, keeps to the host, obeys robots.txt, follows <a href>
// and redirects, tries again what fails, and accepts bodies of up to [BodyLimit] bytes. All URLs are absolute and
// canonical.
//
// Canonical means: scheme and host in lower case, no default port, no fragment, dot segments resolved, "/" for an empty
// path, query parameters sorted by key and then by value, no empty query. The case of a path and a slash at its end are
// kept.
type Manifest struct {
	Start string
	// Pages has every URL that such a crawl requests, whatever it answers, except robots.txt.
	Pages map[string]Page
	// Forbidden has, sorted, the URLs that are linked or redirected to and that robots.txt forbids.
	Forbidden []string
	// Records has the homes on all pages of Kind "ok", sorted by URL and then by Title.
	Records []Record
	// Links is the number of <a href> elements on all pages of Kind "ok" that resolve to an http or https URL. It
	// includes repeated links, links to forbidden URLs, links to the page itself and links to other hosts.
	Links int
}

// A Page is what is to be found at one URL.
type Page struct {
	// Kind is what became of the URL:
	//
	//	ok             HTML, to be parsed
	//	other          not HTML, to be counted and not parsed
	//	redirect       a redirect that ends somewhere, be it at an error, a forbidden URL or another host
	//	redirect-loop  a redirect that does not end: part of a loop or leading into one
	//	not-found      404
	//	gone           410
	//	server-error   5xx, however often it is tried
	//	too-large      a body of more than BodyLimit bytes
	//	network        no response at all
	Kind string
	// Status is what the last try is answered with, and 0 for "network".
	Status int
	// Target is where a "redirect" or "redirect-loop" leads, one hop on. It may be another host.
	Target string
	// Tries is how many requests a crawler that makes three or more tries needs. It is 0 for a URL that fails
	// however often it is tried.
	Tries int
	// Depth is the smallest number of links on a way from Start. Following a redirect adds none.
	Depth int
}

// Manifest returns the manifest of the site as seen under base, like "http://127.0.0.1:8080". Base has to be canonical
// and without a slash at its end. The site's own pages do not depend on it: each answers to the host it was asked for.
func (s *Site) Manifest(base string) Manifest {
	m := Manifest{Start: base + "/", Pages: make(map[string]Page)}
	off := make(map[string]bool)
	// One round for each depth. A redirect adds its target to the round it is in, so no page is reached deeper than
	// it need be.
	round := []string{"/"}
	for depth := 0; len(round) > 0; depth++ {
		var next []string
		for i := 0; i < len(round); i++ {
			path := round[i]
			url := absolute(base, path)
			if !strings.HasPrefix(path, "/") {
				continue // another host
			}
			if forbidden(path) {
				off[url] = true
				continue
			}
			if _, seen := m.Pages[url]; seen {
				continue
			}
			page := s.describe(base, path)
			page.Depth = depth
			m.Pages[url] = page
			switch page.Kind {
			case "redirect", "redirect-loop":
				round = append(round, s.pages[path].move.to)
			case "ok":
				doc := s.pages[path].doc
				for l := range doc.links() {
					if l.to != "" {
						m.Links++
						next = append(next, l.to)
					}
				}
				for _, h := range doc.homes {
					m.Records = append(m.Records, h.record(url))
				}
			}
		}
		round = next
	}
	m.Forbidden = slices.Sorted(maps.Keys(off))
	slices.SortFunc(m.Records, func(a, b Record) int {
		return cmp.Or(strings.Compare(a.URL, b.URL), strings.Compare(a.Title, b.Title))
	})
	return m
}

// describe says what is at path, without its depth.
func (s *Site) describe(base, path string) Page {
	p := s.pages[path]
	if p == nil {
		return Page{Kind: "not-found", Status: http.StatusNotFound, Tries: 1}
	}
	tries := 1 + p.trouble.failures
	switch {
	case p.trouble.cut:
		return Page{Kind: "network"}
	case p.trouble.failures == forever:
		return Page{Kind: "server-error", Status: p.trouble.status}
	case p.doc != nil:
		return Page{Kind: "ok", Status: http.StatusOK, Tries: tries}
	case p.file != nil:
		return Page{Kind: "other", Status: http.StatusOK, Tries: tries}
	case p.bulk != nil:
		return Page{Kind: "too-large", Status: http.StatusOK, Tries: tries}
	case p.move != nil:
		kind := "redirect"
		if s.circles(p) {
			kind = "redirect-loop"
		}
		return Page{Kind: kind, Status: p.move.status, Target: absolute(base, p.move.to), Tries: tries}
	}
	return Page{Kind: "gone", Status: http.StatusGone, Tries: tries}
}

// circles reports whether the redirects that begin at p never end. They end at a forbidden page: a crawler does not go on.
func (s *Site) circles(p *page) bool {
	seen := make(map[*page]bool)
	for p != nil && p.move != nil && !forbidden(p.path) {
		if seen[p] {
			return true
		}
		seen[p] = true
		p = s.pages[p.move.to]
	}
	return false
}

// absolute is the URL of a path here; a URL of another host is one already.
func absolute(base, path string) string {
	if strings.HasPrefix(path, "/") {
		return base + path
	}
	return path
}
