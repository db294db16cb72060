package crawl_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
	"github.com/troupe-go/troupe/examples/crawler/page"
	"github.com/troupe-go/troupe/examples/crawler/report"
)

// crawlSite crawls what handler serves over a real connection, and returns the kinds by path.
func crawlSite(t *testing.T, handler http.Handler, change func(*crawl.Config)) (*report.Summary, collector, map[string]string) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	var c collector
	cfg := config(server.URL, &c)
	if change != nil {
		change(&cfg)
	}
	summary, err := crawl.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{}
	for _, l := range c.links {
		kinds[strings.TrimPrefix(l.To, server.URL)] = l.Kind
	}
	return summary, c, kinds
}

func TestBodyLimit(t *testing.T) {
	const limit = 10_000
	// What is in reach of the limit has a link, and one that is past it is never asked for.
	body := func(n int) string { return `<a href="/in">in</a>` + strings.Repeat(" ", n-20) }
	serve := func(mux *http.ServeMux, path, contentType string, n int, declared bool) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			if declared {
				w.Header().Set("Content-Length", strconv.Itoa(n))
			} else {
				_ = http.NewResponseController(w).Flush()
			}
			_, _ = io.WriteString(w, body(n))
		})
	}
	mux := http.NewServeMux()
	serve(mux, "/fits", "text/html", limit, false)
	serve(mux, "/fits-declared", "text/html", limit, true)
	serve(mux, "/large", "text/html", limit+1, false)
	serve(mux, "/large-declared", "text/html", limit+1, true)
	serve(mux, "/file", "application/zip", 1000*limit, true)
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		for err := error(nil); err == nil; {
			_, err = io.WriteString(w, body(limit))
		}
	})
	mux.HandleFunc("/endless-file", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "audio/mpeg")
		for err := error(nil); err == nil; {
			_, err = io.WriteString(w, body(limit))
		}
	})
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, body(1000*limit))
		_ = z.Close()
	})
	want := map[string]string{
		"/fits": "ok", "/fits-declared": "ok", "/large": "too-large", "/large-declared": "too-large", "/file": "other",
		"/endless": "too-large", "/endless-file": "other", "/bomb": "too-large", "/in": "not-found",
	}
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		for path := range want {
			fmt.Fprintf(w, "<a href=%s></a>", path)
		}
	})
	mux.HandleFunc("/robots.txt", http.NotFound)
	summary, _, kinds := crawlSite(t, mux, func(c *crawl.Config) { c.Body = limit })
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("kinds, want- got+:\n%s", diff)
	}
	if summary.Bytes > 20*limit {
		t.Errorf("%d bytes were fetched, want about 15 times the limit at most", summary.Bytes)
	}
}

// A drop is a body of which a byte comes every second, for ever.
type drop struct{ ctx context.Context }

func (d drop) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		p[0] = ' '
		return 1, nil
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}
func (drop) Close() error { return nil }

type dropping struct{ *fakeNet }

func (n dropping) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := n.fakeNet.RoundTrip(r)
	if err == nil && answer.Header.Get("X-Drops") != "" {
		answer.Body, answer.ContentLength = drop{r.Context()}, -1
	}
	return answer, err
}

func TestTimeoutHoldsForTheBodyToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := run(t, t.Context(), pageMap{home: answering(200, "X-Drops", "1", "Content-Type", "text/html")}, func(c *crawl.Config) {
			c.Transport = dropping{c.Transport.(*fakeNet)}
			c.Timeout, c.Retries = 20*time.Second, 0
		})
		if r.Broken[0].Kind != "timeout" || time.Since(began) != 20*time.Second {
			t.Errorf("%s after %v, want timeout after 20 s", r.Broken[0].Kind, time.Since(began))
		}
	})
}

func TestOnlyHTMLIsParsed(t *testing.T) {
	link := `<!DOCTYPE html><a href="/hidden">hidden</a>`
	types := map[string]string{"/html": "text/html; charset=utf-8", "/xhtml": "application/xhtml+xml", "/plain": "text/plain", "/json": "application/json"}
	var asked sync.Map
	_, _, kinds := crawlSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL.Path, true)
		switch contentType := types[r.URL.Path]; {
		case r.URL.Path == "/":
			_, _ = io.WriteString(w, `<!DOCTYPE html><a href="/plain"></a><a href="/json"></a>`)
		case contentType != "":
			w.Header().Set("Content-Type", contentType)
			_, _ = io.WriteString(w, link)
		default:
			http.NotFound(w, r)
		}
	}), nil)
	if want := map[string]string{"/plain": "other", "/json": "other"}; !cmp.Equal(kinds, want) {
		t.Errorf("%v, want %v", kinds, want)
	}
	if _, found := asked.Load("/hidden"); found {
		t.Error("a link in what is no HTML was followed")
	}
}

func TestUserAgentIsSent(t *testing.T) {
	r := run(t, t.Context(), pageMap{home: linking("/x")}, func(c *crawl.Config) { c.Agent = "somebody/2 (me)" })
	for _, h := range r.net.hits {
		if h.agent != "somebody/2 (me)" {
			t.Errorf("%s was asked for by %q", h.address, h.agent)
		}
	}
}

func TestConnectionsAreKept(t *testing.T) {
	var connections sync.Map
	summary, _, _ := crawlSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections.Store(r.RemoteAddr, true)
		if r.URL.Path != "/" {
			http.Error(w, strings.Repeat("not here ", 1000), http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		for i := range 100 {
			fmt.Fprintf(w, "<a href=/%d></a>", i)
		}
	}), func(c *crawl.Config) { c.Workers = 2 })
	n := 0
	connections.Range(func(any, any) bool { n++; return true })
	if n > 4 || summary.Pages != 101 {
		t.Errorf("%d connections for %d pages and 2 workers, want 2 or so", n, summary.Pages)
	}
}

func TestRecordsAreWhatTheSpecSays(t *testing.T) {
	spec, err := page.NewSpec("li", []string{"name=b", "to=a@href"})
	if err != nil {
		t.Fatal(err)
	}
	_, c, kinds := crawlSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<li><b>one</b></li><li><b>two </b><i>!</i></li><a href="http://[::1">half</a>`)
	}), func(c *crawl.Config) { c.Spec = spec })
	if len(c.records) != 2 || !cmp.Equal(c.records[0][1:], []string{"one", ""}) || !cmp.Equal(c.records[1][1:], []string{"two", ""}) {
		t.Errorf("records are %q", c.records)
	}
	if want := map[string]string{"http://[::1": "malformed"}; !cmp.Equal(kinds, want) {
		t.Errorf("links are %v, want %v", kinds, want)
	}
}
