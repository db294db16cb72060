package crawl

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/troupe-go/troupe/examples/crawler/report"
	"github.com/troupe-go/troupe/runtime"
	"github.com/troupe-go/troupe/runtime/runtimetest"
)

// A leaflet is a site to explore the crawl with: by path, where a page's links lead; or, after "->", where the page itself
// does; or, after "!", with which status it answers, the first time only if there is a "?" behind.
type leaflet map[string]string

var explored = leaflet{
	"/":        "/a /b /moved",
	"/a":       "/b /deep /a",
	"/b":       "/a /gone /busy",
	"/moved":   "->/deep",
	"/deep":    "/deeper /",
	"/deeper":  "/b /deepest",
	"/deepest": "",
	"/gone":    "!404",
	"/busy":    "!503?",
}

// A leafletServer is a transport to one.
type leafletServer struct {
	site leaflet
	hits map[string]int // requests, by path
}

// RoundTrip answers at once. In a World nobody else asks meanwhile.
func (l *leafletServer) RoundTrip(r *http.Request) (*http.Response, error) {
	l.hits[r.URL.Path]++
	w := httptest.NewRecorder()
	content, known := l.site[r.URL.Path]
	to, moved := strings.CutPrefix(content, "->")
	status, fails := strings.CutPrefix(content, "!")
	status, once := strings.CutSuffix(status, "?")
	switch {
	case moved:
		http.Redirect(w, r, to, http.StatusFound)
	case !known, fails && !(once && l.hits[r.URL.Path] > 1):
		code := http.StatusNotFound
		_, _ = fmt.Sscan(status, &code)
		w.WriteHeader(code)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if !fails {
			for link := range strings.FieldsSeq(content) {
				fmt.Fprintf(w, `<a href="%s">x</a>`, link)
			}
		}
	}
	return w.Result(), nil
}

// kinds returns what a crawl of at most so many links' depth finds out about each page: a walk of one page after the other.
func (l leaflet) kinds(depth int) (kinds map[string]string, hits map[string]int) {
	kinds, hits = map[string]string{}, map[string]int{}
	type step struct {
		path  string
		depth int
	}
	for todo := []step{{"/", 0}}; len(todo) > 0; {
		s := todo[0]
		todo = todo[1:]
		switch {
		case kinds[s.path] != "":
			continue
		case depth >= 0 && s.depth > depth:
			kinds[s.path] = kindTooDeep
			continue
		}
		content := l[s.path]
		hits[s.path]++
		kinds[s.path] = kindOK
		switch to, moved := strings.CutPrefix(content, "->"); {
		case moved:
			kinds[s.path] = kindRedirect
			todo = append([]step{{to, s.depth}}, todo...) // as deep as what leads there
		case content == "!404":
			kinds[s.path] = kindNotFound
		case content == "!503?":
			hits[s.path]++
		default:
			for link := range strings.FieldsSeq(content) {
				todo = append(todo, step{link, s.depth + 1})
			}
		}
	}
	return kinds, hits
}

// In whatever order pages are fetched, parsed and reported: each is fetched once, the crawl ends, and finds the same. One that is
// interrupted ends too, and has fetched nothing twice.
func TestExploreFrontier(t *testing.T) {
	t.Parallel()
	runtimetest.Explore(t, 200, func(w *runtimetest.World) {
		const base = "http://leaflet.test"
		r := w.Rand()
		server := &leafletServer{explored, map[string]int{}}
		cfg := &Config{
			Start: base + "/", Depth: r.IntN(4) - 1, Workers: 1 + r.IntN(3), PerHost: 1 + r.IntN(3), Agent: "troupe",
			Timeout: time.Minute, Body: 1 << 20, Retries: 1, Transport: server,
		}
		going, stop := context.WithCancel(context.Background())
		defer stop()
		interrupt := r.IntN(4) == 0
		c := &crew{system: w.System(runtime.Config{Name: "crawl", Children: supervision})}
		if err := c.spawn(going, stop, cfg); err != nil {
			w.Fatalf("%v", err)
		}
		w.Go(func() {
			if interrupt {
				for range r.IntN(200) {
					w.Yield()
				}
				stop()
			}
			_, err := runtime.Ask(w.Context(), c.frontier, func(r runtime.Reply[report.Status]) frontierMessage { return status{r} })
			if err != nil {
				w.Errorf("status: %v", err)
			}
		})
		if _, err := runtime.Ask(w.Context(), c.frontier, func(r runtime.Reply[struct{}]) frontierMessage { return begin{r} }); err != nil {
			w.Fatalf("begin: %v", err)
		}
		if _, err := runtime.Ask(w.Context(), c.frontier, func(r runtime.Reply[[]rows]) frontierMessage { return resolve{r} }); err != nil {
			w.Fatalf("resolve: %v", err)
		}
		kinds := map[string]string{}
		for address, e := range c.state.pages {
			kinds[strings.TrimPrefix(address, base)] = e.kind
		}
		want, hits := explored.kinds(cfg.Depth)
		if interrupt {
			for path, n := range server.hits {
				if n > hits[path] {
					w.Errorf("%s was fetched %d times, want %d at most", path, n, hits[path])
				}
			}
			return
		}
		if !maps.Equal(kinds, want) {
			w.Errorf("to a depth of %d it found %v, want %v", cfg.Depth, kinds, want)
		}
		if !maps.Equal(server.hits, hits) {
			w.Errorf("to a depth of %d it fetched %v, want %v", cfg.Depth, server.hits, hits)
		}
	})
}
