package crawl_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
)

// TestCrawlOfRealPagesEqualsAnIndependentWalk crawls HTML that nobody made for us: the pages of the Go distribution, or
// the folder that TROUPE_CRAWL_TREE names, behind a plain file server.
func TestCrawlOfRealPagesEqualsAnIndependentWalk(t *testing.T) {
	tree := os.Getenv("TROUPE_CRAWL_TREE")
	if tree == "" {
		//lint:ignore SA1019 the tests run where the toolchain that built them is
		tree = filepath.Join(goruntime.GOROOT(), "doc")
	}
	server := httptest.NewServer(http.FileServer(http.Dir(tree)))
	defer server.Close()
	w := walker{base: server.URL, status: map[string]int{}}
	w.walk(server.URL + "/")

	var c collector
	cfg := config(server.URL, &c)
	summary, err := crawl.Run(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, l := range c.links {
		if strings.HasPrefix(l.To, server.URL+"/") {
			got[l.To] = true
		}
	}
	want, wantBroken, gotBroken := map[string]bool{}, map[string]int{}, map[string]int{}
	for address, status := range w.status {
		if w.linked[address] {
			want[address] = true
		}
		if status >= 400 {
			wantBroken[address] = status
		}
	}
	for _, href := range w.unreadable {
		wantBroken[href] = 0
	}
	for _, b := range summary.Broken {
		gotBroken[b.URL] = b.Status
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("addresses, walk- crawl+:\n%s", diff)
	}
	if diff := cmp.Diff(wantBroken, gotBroken); diff != "" {
		t.Errorf("broken links, walk- crawl+:\n%s", diff)
	}
	if summary.Pages != len(w.status) {
		t.Errorf("the crawl fetched %d addresses, the walk %d", summary.Pages, len(w.status))
	}
	t.Logf("%s: %d addresses, %d links, %d broken", tree, summary.Pages, summary.Links, len(gotBroken))
}

// A walker follows links the simplest way there is, and shares no code with the crawler.
type walker struct {
	base   string
	status map[string]int
	linked map[string]bool

	unreadable []string // links that do not parse
}

func (w *walker) walk(start string) {
	w.linked = map[string]bool{}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		address := queue[0]
		if _, seen := w.status[address]; seen {
			continue
		}
		answer, err := client.Get(address)
		if err != nil {
			w.status[address] = 599
			continue
		}
		w.status[address] = answer.StatusCode
		at, _ := url.Parse(address)
		if location := answer.Header.Get("Location"); location != "" {
			queue = append(queue, w.resolve(at, location)...)
		}
		if answer.StatusCode == http.StatusOK && strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			for _, href := range hrefs(answer) {
				for _, link := range w.resolve(at, href) {
					w.linked[link] = true
					queue = append(queue, link)
				}
			}
		}
		answer.Body.Close()
	}
}

// resolve returns the address that href leads to, if that is on the site.
func (w *walker) resolve(at *url.URL, href string) []string {
	u, err := at.Parse(strings.TrimSpace(href))
	if err != nil {
		w.unreadable = append(w.unreadable, href)
		return nil
	}
	if u.Scheme+"://"+u.Host != w.base {
		return nil
	}
	u.Fragment = ""
	if u.Path == "" {
		u.Path = "/"
	}
	return []string{u.String()}
}

func hrefs(answer *http.Response) (all []string) {
	tokens := html.NewTokenizer(answer.Body)
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return all
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			if token.Data != "a" && token.Data != "area" {
				continue
			}
			for _, attr := range token.Attr {
				if attr.Key == "href" {
					all = append(all, attr.Val)
				}
			}
		}
	}
}
