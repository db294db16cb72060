package market

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/net/html/charset"
)

const crawlTries = 4

// A crawl is the plainest crawler there is: one page at a time, breadth first. It shares no code with the model, so
// what it finds is a second opinion on the manifest.
type crawl struct {
	t         *testing.T
	start     *url.URL
	client    http.Client
	rules     map[string]bool // of robots.txt: whether a path with the prefix is allowed
	found     Manifest
	forbidden map[string]bool
}

// readRobots reads the rules. There is one group only, and it is for everybody.
func (c *crawl) readRobots() {
	r, err := c.client.Get(c.start.String() + "robots.txt")
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	c.rules = map[string]bool{"/": true}
	for line := range strings.Lines(string(bodyOf(c.t, r))) {
		name, prefix, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if name == "Allow" || name == "Disallow" {
			c.rules[prefix] = name == "Allow"
		}
	}
}

// allowed goes by the longest rule that matches.
func (c *crawl) allowed(u *url.URL) bool {
	longest := ""
	for prefix := range c.rules {
		if strings.HasPrefix(u.RequestURI(), prefix) && len(prefix) > len(longest) {
			longest = prefix
		}
	}
	return c.rules[longest]
}

func (c *crawl) run() {
	c.readRobots()
	round := []string{c.found.Start}
	for depth := 0; len(round) > 0; depth++ {
		var next []string
		for len(round) > 0 {
			at := round[0]
			round = round[1:]
			u, _ := url.Parse(at)
			if u.Host != c.start.Host {
				continue
			}
			if !c.allowed(u) {
				c.forbidden[at] = true
				continue
			}
			if _, seen := c.found.Pages[at]; seen {
				continue
			}
			page, body := c.fetch(u)
			page.Depth = depth
			c.found.Pages[at] = page
			if page.Kind == "redirect" {
				round = append(round, page.Target)
			}
			if page.Kind == "ok" {
				p := parse(c.t, at, body)
				c.found.Records = append(c.found.Records, p.records...)
				for _, l := range p.links {
					if l != "" {
						c.found.Links++
						next = append(next, l)
					}
				}
			}
		}
		round = next
	}
	for at, page := range c.found.Pages {
		if c.endless(at) {
			page.Kind = "redirect-loop"
			c.found.Pages[at] = page
		}
	}
	for at := range c.forbidden {
		c.found.Forbidden = append(c.found.Forbidden, at)
	}
	slices.Sort(c.found.Forbidden)
	slices.SortFunc(c.found.Records, func(a, b Record) int {
		return cmp.Or(strings.Compare(a.URL, b.URL), strings.Compare(a.Title, b.Title))
	})
}

// endless reports whether more redirects follow each other than there are pages.
func (c *crawl) endless(at string) bool {
	for range len(c.found.Pages) {
		page, ok := c.found.Pages[at]
		if !ok || page.Target == "" {
			return false
		}
		at = page.Target
	}
	return true
}

// fetch tries until the page answers with something else than a 5xx.
func (c *crawl) fetch(u *url.URL) (page Page, body []byte) {
	for try := 1; try <= crawlTries; try++ {
		r, err := c.client.Get(u.String())
		if err != nil {
			page = Page{Kind: "network"}
			continue
		}
		body, err = io.ReadAll(io.LimitReader(r.Body, BodyLimit+1))
		_ = r.Body.Close()
		if err != nil {
			c.t.Errorf("%s: %v", u, err)
		}
		page = Page{Status: r.StatusCode, Tries: try}
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		switch {
		case r.StatusCode >= 500:
			page.Kind, page.Tries = "server-error", 0
			continue
		case r.StatusCode == http.StatusGone:
			page.Kind = "gone"
		case r.StatusCode >= 400:
			page.Kind = "not-found"
		case r.StatusCode >= 300:
			page.Kind, page.Target = "redirect", resolve(u, r.Header.Get("Location"))
		case len(body) > BodyLimit:
			page.Kind = "too-large"
		case kind != "text/html":
			page.Kind = "other"
		default:
			page.Kind = "ok"
			decoded, err := charset.NewReader(bytes.NewReader(body), r.Header.Get("Content-Type"))
			if err != nil {
				c.t.Fatalf("%s: %v", u, err)
			}
			body, _ = io.ReadAll(decoded)
		}
		return page, body
	}
	return page, nil
}

func TestCrawlFindsTheManifest(t *testing.T) {
	site := New()
	server := httptest.NewServer(site)
	defer server.Close()
	start, _ := url.Parse(server.URL + "/")
	c := crawl{t: t, start: start, forbidden: map[string]bool{}}
	c.found = Manifest{Start: start.String(), Pages: map[string]Page{}}
	c.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.run()

	want := site.Manifest(server.URL)
	if diff := gocmp.Diff(want, c.found); diff != "" {
		t.Errorf("the crawl differs from the manifest (-manifest +crawl):\n%s", diff)
	}

	// Every request that was served is accounted for by the manifest, and none is missing.
	requests := map[string]int{"/robots.txt": 1}
	for at, page := range want.Pages {
		tries := page.Tries
		if tries == 0 {
			tries = crawlTries
		}
		requests[strings.TrimPrefix(at, server.URL)] = tries
	}
	if diff := gocmp.Diff(requests, site.Requests()); diff != "" {
		t.Errorf("the requests differ from the manifest (-manifest +requests):\n%s", diff)
	}
}

// TestNetHTTPAgreesOnRedirects follows the redirects with a client that does so by itself.
func TestNetHTTPAgreesOnRedirects(t *testing.T) {
	site := New()
	server := httptest.NewServer(site)
	defer server.Close()
	for at, page := range site.Manifest(server.URL).Pages {
		if page.Target == "" || !strings.HasPrefix(page.Target, server.URL) {
			continue
		}
		r, err := http.Head(at)
		switch {
		case page.Kind == "redirect-loop":
			var failure *url.Error
			if !errors.As(err, &failure) || !strings.Contains(err.Error(), "stopped after 10 redirects") {
				t.Errorf("%s: got error %v, want too many redirects", at, err)
			}
		case err != nil:
			t.Errorf("%s: %v", at, err)
		case r.Request.URL.Path == "" || r.Request.URL.String() == at:
			t.Errorf("%s did not lead elsewhere", at)
		}
	}
}
