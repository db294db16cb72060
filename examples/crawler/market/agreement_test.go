package market

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// ask gets a page without a network, as somebody who reached the site by the base "http://market.test:8080".
func ask(s *Site, path string) *http.Response {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, testBase+path, nil))
	return w.Result()
}

const testBase = "http://market.test:8080"

// parsed is what an HTML5 parser finds in a page.
type parsed struct {
	links   []string // canonical; "" for an href that is no http or https URL
	records []Record
}

// parse reads a page that stands at the canonical URL self. It knows nothing of the model.
func parse(t *testing.T, self string, body []byte) parsed {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", self, err)
	}
	base, _ := url.Parse(self)
	for n := range root.Descendants() {
		if href, ok := attr(n, "href"); ok && n.Data == "base" {
			base, _ = base.Parse(href)
		}
	}
	var p parsed
	for n := range root.Descendants() {
		if href, ok := attr(n, "href"); ok && n.Data == "a" {
			p.links = append(p.links, resolve(base, href))
		}
		if hasClass(n, "home") {
			p.records = append(p.records, Record{Title: textOf(n, "title"), District: textOf(n, "district"),
				Price: textOf(n, "price"), Area: textOf(n, "area"), URL: self})
		}
	}
	return p
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if n.Type == html.ElementNode && a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func hasClass(n *html.Node, class string) bool {
	value, _ := attr(n, "class")
	return slices.Contains(strings.Fields(value), class)
}

// textOf is the text of the element of the class within n.
func textOf(n *html.Node, class string) string {
	var b strings.Builder
	for each := range n.Descendants() {
		if hasClass(each, class) {
			for inner := range each.Descendants() {
				if inner.Type == html.TextNode {
					b.WriteString(inner.Data)
				}
			}
		}
	}
	return strings.TrimSpace(b.String())
}

// resolve applies the rule for canonical URLs that Manifest states, by way of net/url.
func resolve(base *url.URL, href string) string {
	u, err := base.Parse(strings.TrimSpace(href))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	u.Host = strings.ToLower(u.Host)
	u.Fragment, u.RawFragment, u.ForceQuery = "", "", false
	if u.Path == "" {
		u.Path = "/"
	}
	values := u.Query()
	for _, each := range values {
		slices.Sort(each)
	}
	u.RawQuery = values.Encode()
	return u.String()
}

func TestHTMLHasTheLinksAndRecordsOfTheModel(t *testing.T) {
	// In a bubble the slow pages take no time.
	synctest.Test(t, func(t *testing.T) {
		s := New()
		for path, p := range s.pages {
			if p.doc == nil || p.trouble.cut || p.trouble.failures == forever {
				continue
			}
			for range p.trouble.failures {
				ask(s, path)
			}
			r := ask(s, path)
			body := bodyOf(t, r)
			if p.doc.charset == "gbk" {
				body, _ = simplifiedchinese.GBK.NewDecoder().Bytes(body)
			}
			var want parsed
			for l := range p.doc.links() {
				to := l.to
				if strings.HasPrefix(to, "/") {
					to = testBase + to
				}
				want.links = append(want.links, to)
			}
			for _, h := range p.doc.homes {
				want.records = append(want.records, h.record(testBase+path))
			}
			if got := parse(t, testBase+path, body); !reflect.DeepEqual(want, got) {
				t.Errorf("%s (-model +HTML):\n%s\n%s", path, cmp.Diff(want, got, cmp.AllowUnexported(parsed{})), body)
			}
		}
	})
}

func TestDamageIsVisibleInTheSource(t *testing.T) {
	s := New()
	for i, damage := range damages {
		spoilt := 0
		for path, p := range s.pages {
			if p.doc == nil || p.doc.damage == nil {
				continue
			}
			whole := *p.doc
			whole.damage = nil
			text := string(whole.render(testBase))
			if damage(text) == text {
				t.Errorf("damage %d leaves %s as it was", i, path)
			}
			spoilt++
		}
		if spoilt != len(damages) {
			t.Errorf("%d pages are malformed, want one for each of %d damages", spoilt, len(damages))
		}
	}
}

func TestOneAddressIsSpelledInManyWays(t *testing.T) {
	const shouted, host = "HTTP://MARKET.TEST:8080", "//market.test:8080"
	spellings := map[string]int{}
	for _, p := range New().pages {
		if p.doc == nil || p.doc.damage != nil || p.doc.charset != "" {
			continue
		}
		root, err := html.Parse(bytes.NewReader(p.doc.render(testBase)))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			href, ok := attr(n, "href")
			if !ok || n.Data != "a" {
				continue
			}
			count := func(what string, is bool) {
				if is {
					spellings[what]++
				}
			}
			address, fragment, _ := strings.Cut(href, "#")
			path, query, asked := strings.Cut(address, "?")
			count("plain", strings.HasPrefix(href, "/") && !strings.ContainsAny(href, ".#?"))
			count("fragment", fragment != "" && address != "")
			count("top", fragment != "" && address == "")
			count("empty query", asked && query == "")
			count("parameter order", strings.HasPrefix(query, "page=") && strings.Contains(query, "&district="))
			count("relative", strings.HasPrefix(path, "./"))
			count("dots within", strings.Contains(path, "/../"))
			count("above root", strings.HasPrefix(path, "/../"))
			count("own host", strings.HasPrefix(path, testBase+"/"))
			count("upper-case host", strings.HasPrefix(path, shouted+"/"))
			count("host without scheme", strings.HasPrefix(path, host+"/"))
		}
	}
	for _, what := range []string{"plain", "fragment", "top", "empty query", "parameter order", "relative", "dots within",
		"above root", "own host", "upper-case host", "host without scheme"} {
		if spellings[what] < 20 {
			t.Errorf("%d links are spelled by way of %s, want 20 or more", spellings[what], what)
		}
	}
}
