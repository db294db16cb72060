package crawl_test

import (
	"context"
	"io"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
	"github.com/troupe-go/troupe/examples/crawler/market"
	"github.com/troupe-go/troupe/examples/crawler/page"
	"github.com/troupe-go/troupe/examples/crawler/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A visit is what a test sees of a crawl.
type crawled struct {
	summary  *report.Summary
	records  [][]string // url and values, sorted
	kinds    map[string]string
	links    []report.Link
	requests map[string]int
	manifest market.Manifest
}

// collector is both writers of a crawl.
type collector struct {
	records [][]string
	links   []report.Link
}

type recordCollector struct{ *collector }

func (c recordCollector) Write(url string, values []string) error {
	c.records = append(c.records, append([]string{url}, values...))
	return nil
}
func (c recordCollector) Close() error { return nil }

type linkCollector struct{ *collector }

func (c linkCollector) Write(l report.Link) error {
	c.links = append(c.links, l)
	return nil
}
func (c linkCollector) Close() error { return nil }

func config(start string, c *collector) crawl.Config {
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	return crawl.Config{
		Start: start, Depth: -1, Workers: 8, PerHost: 8, Robots: true, Agent: "troupe-test",
		Timeout: time.Minute, Body: market.BodyLimit, Retries: 3, Backoff: time.Millisecond,
		Spec: page.DefaultSpec(), Records: recordCollector{c}, Links: linkCollector{c}, Logger: logger,
	}
}

// crawlMarket crawls a fresh market, with change made to the usual config.
func crawlMarket(t *testing.T, change func(*crawl.Config)) crawled {
	t.Helper()
	site := market.New()
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	var c collector
	cfg := config(server.URL, &c)
	if change != nil {
		change(&cfg)
	}
	summary, err := crawl.Run(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{}
	for _, b := range summary.Broken {
		kinds[b.URL] = b.Kind
	}
	slices.SortFunc(c.records, slices.Compare)
	return crawled{summary, c.records, kinds, c.links, site.Requests(), site.Manifest(server.URL)}
}

// check holds a crawl of the whole market against what the market says of itself.
func check(t *testing.T, got crawled) {
	t.Helper()
	m := got.manifest
	// The manifest leaves out the links that lead to no address at all.
	broken := map[string]string{"http://[::1": "malformed", "%zz": "malformed"}
	kinds := map[string]int{"forbidden": len(m.Forbidden), "malformed": len(broken)}
	links := m.Links + len(broken)
	retries := 0
	for url, p := range m.Pages {
		kinds[p.Kind]++
		switch p.Kind {
		case "ok", "other", "redirect":
		default:
			broken[url] = p.Kind
		}
		want := p.Tries
		if want == 0 {
			want = 4 // the first try and three more
		}
		retries += want - 1
		if n := got.requests[url[len(m.Start)-1:]]; n != want {
			t.Errorf("%s was requested %d times, want %d", url, n, want)
		}
	}
	if diff := cmp.Diff(broken, got.kinds); diff != "" {
		t.Errorf("broken links, want- got+:\n%s", diff)
	}
	for _, url := range m.Forbidden {
		if n := got.requests[url[len(m.Start)-1:]]; n > 0 {
			t.Errorf("%s is forbidden and was requested %d times", url, n)
		}
	}
	if n := len(got.requests); n != len(m.Pages)+1 {
		t.Errorf("%d addresses were requested, want the %d pages and robots.txt", n, len(m.Pages))
	}
	var records [][]string
	for _, r := range m.Records {
		records = append(records, []string{r.URL, r.Title, r.District, r.Price, r.Area})
	}
	slices.SortFunc(records, slices.Compare)
	if diff := cmp.Diff(records, got.records); diff != "" {
		t.Errorf("records, want- got+:\n%s", diff)
	}
	s := got.summary
	counted := maps.Clone(s.Kinds)
	delete(counted, "off-site")
	if diff := cmp.Diff(kinds, counted); diff != "" {
		t.Errorf("kinds, want- got+:\n%s", diff)
	}
	if s.Pages != len(m.Pages) || s.Links != links || s.Records != len(m.Records) || s.Retries != retries {
		t.Errorf("summary says %d pages, %d links, %d records, %d retries; want %d, %d, %d, %d",
			s.Pages, s.Links, s.Records, s.Retries, len(m.Pages), links, len(m.Records), retries)
	}
	if len(got.links) != links {
		t.Errorf("%d links were written, want %d", len(got.links), links)
	}
	if left, right := s.Identity(); left != right || s.Total.Queued != 0 {
		t.Errorf("the accounts do not balance: %+v", s.Total)
	}
}

func TestCrawlOfTheMarketEqualsItsManifest(t *testing.T) {
	got := crawlMarket(t, nil)
	check(t, got)
	if got.summary.Total.DeadLettered != 0 || got.summary.Restarts != 0 {
		t.Errorf("a crawl without chaos has %d dead letters and %d restarts", got.summary.Total.DeadLettered, got.summary.Restarts)
	}
	for _, r := range got.records {
		if r[1] == "" || r[3] == "" {
			t.Errorf("record without title or price: %q", r)
		}
	}
}

// Without records to look for, pages are read in another way.
func TestCrawlWithoutRecordsFindsTheSameLinks(t *testing.T) {
	want := crawlMarket(t, nil)
	got := crawlMarket(t, func(c *crawl.Config) { c.Spec = nil })
	local := func(c crawled) (all []string) { // each market has an address of its own
		for _, l := range c.links {
			all = append(all, strings.ReplaceAll(l.From+" "+l.To+" "+l.Kind, strings.TrimSuffix(c.manifest.Start, "/"), ""))
		}
		slices.Sort(all)
		return all
	}
	if diff := cmp.Diff(local(want), local(got)); diff != "" {
		t.Errorf("links, with records- without+:\n%s", diff)
	}
	if got.summary.Records != 0 {
		t.Errorf("%d records were found that nobody looked for", got.summary.Records)
	}
}

func TestChaosLosesNothing(t *testing.T) {
	got := crawlMarket(t, func(c *crawl.Config) { c.Chaos = 0.2 })
	check(t, got)
	if got.summary.Restarts <= 50 {
		t.Errorf("%d restarts, want more than 50", got.summary.Restarts)
	}
}
