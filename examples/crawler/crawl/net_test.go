package crawl_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
	"github.com/troupe-go/troupe/examples/crawler/report"
)

// A fakeNet answers requests without a network: in no time, or in as much of a bubble's as the handler takes.
type fakeNet struct {
	serve func(http.ResponseWriter, *http.Request) error // its error is the network's
	began time.Time

	mu     sync.Mutex
	hits   []hit
	active int
	most   int // requests at once
}

type hit struct {
	address string
	agent   string
	at      time.Duration
}

func (n *fakeNet) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	n.hits = append(n.hits, hit{r.URL.String(), r.UserAgent(), time.Since(n.began)})
	n.active++
	n.most = max(n.most, n.active)
	n.mu.Unlock()
	defer func() {
		n.mu.Lock()
		n.active--
		n.mu.Unlock()
	}()
	w := httptest.NewRecorder()
	if err := n.serve(w, r); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// times returns when each address was requested.
func (n *fakeNet) times() map[string][]time.Duration {
	times := map[string][]time.Duration{}
	for _, h := range n.hits {
		times[h.address] = append(times[h.address], h.at)
	}
	return times
}

// pages returns when pages were requested, robots.txt not counted.
func (n *fakeNet) pages() (times []time.Duration) {
	for _, h := range n.hits {
		if h.address != home+"robots.txt" {
			times = append(times, h.at)
		}
	}
	return times
}

// home is where crawls of a fakeNet start.
const home = "http://site.example/"

// A pageMap is pages by address, each a handler of its own. There is nothing else, and no robots.txt unless it is here.
type pageMap map[string]func(http.ResponseWriter, *http.Request) error

func (p pageMap) serve(w http.ResponseWriter, r *http.Request) error {
	if page := p[r.URL.String()]; page != nil {
		return page(w, r)
	}
	http.NotFound(w, r)
	return nil
}

// linking is a page with these links.
func linking(links ...string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "text/html")
		for _, l := range links {
			fmt.Fprintf(w, `<a href="%s">link</a>`, l)
		}
		return nil
	}
}

// after is a page that takes its time, unless the one who asks gives up.
func after(d time.Duration, page func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		select {
		case <-time.After(d):
			return page(w, r)
		case <-r.Context().Done():
			return r.Context().Err()
		}
	}
}

// answering is an answer with this status, and headers given as name, value, name, value.
func answering(status int, headers ...string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, _ *http.Request) error {
		for h := range slices.Chunk(headers, 2) {
			w.Header().Set(h[0], h[1])
		}
		w.WriteHeader(status)
		return nil
	}
}

func text(s string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprint(w, s)
		return nil
	}
}

// wide is a start page with n pages behind it.
func wide(n int, leaf func(http.ResponseWriter, *http.Request) error) pageMap {
	p := pageMap{}
	var links []string
	for i := range n {
		links = append(links, fmt.Sprintf("%s%d", home, i))
		p[links[i]] = leaf
	}
	p[home] = linking(links...)
	return p
}

// A result is what became of a crawl.
type result struct {
	*report.Summary
	net   *fakeNet
	kinds map[string]string // of what is linked to
	took  time.Duration
}

// run crawls the pages. In a bubble it takes virtual time.
func run(t *testing.T, ctx context.Context, pages pageMap, change func(*crawl.Config)) result {
	t.Helper()
	var c collector
	net := &fakeNet{serve: pages.serve, began: time.Now()}
	cfg := config(home, &c)
	cfg.Transport = net
	if change != nil {
		change(&cfg)
	}
	summary, err := crawl.Run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := result{summary, net, map[string]string{}, time.Since(net.began)}
	for _, l := range c.links {
		r.kinds[l.To] = l.Kind
	}
	sum := 0
	for _, n := range r.Kinds {
		sum += n
	}
	if left, right := r.Identity(); left != right || r.Total.Queued != 0 {
		t.Errorf("the accounts do not balance: %+v", r.Total)
	}
	if len(c.links) != r.Links {
		t.Errorf("%d links were written, the summary says %d", len(c.links), r.Links)
	}
	if r.Pages > sum {
		t.Errorf("%d pages of %d addresses: %v", r.Pages, sum, r.Kinds)
	}
	return r
}
