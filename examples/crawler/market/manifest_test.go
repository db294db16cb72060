package market

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// kindsOf lists the paths of the manifest by kind.
func kindsOf(m Manifest) map[string][]string {
	kinds := map[string][]string{}
	for _, at := range slices.Sorted(maps.Keys(m.Pages)) {
		kind := m.Pages[at].Kind
		kinds[kind] = append(kinds[kind], strings.TrimPrefix(at, testBase))
	}
	return kinds
}

func TestSiteIsLargeEnough(t *testing.T) {
	m := New().Manifest(testBase)
	kinds := kindsOf(m)
	for kind, paths := range kinds {
		t.Logf("%-14s %d", kind, len(paths))
	}
	t.Logf("pages %d, links %d, records %d, forbidden %d", len(m.Pages), m.Links, len(m.Records), len(m.Forbidden))
	if len(kinds["ok"]) <= 600 {
		t.Errorf("%d pages of HTML, want more than 600", len(kinds["ok"]))
	}
	if m.Links <= 5000 {
		t.Errorf("%d links, want more than 5,000", m.Links)
	}
	// Every home has a page of its own; twelve more share one; one more is in GBK.
	if want := 500 + 12 + 1; len(m.Records) != want {
		t.Errorf("%d records, want %d", len(m.Records), want)
	}
}

// TestEveryOddityIsReachable pins the pages that are odd, because a link that the generator misspells would otherwise
// become one more broken link, unnoticed.
func TestEveryOddityIsReachable(t *testing.T) {
	kinds := kindsOf(New().Manifest(testBase))
	delete(kinds, "ok")
	want := map[string][]string{
		"gone":          {"/home/1000"},
		"network":       {"/tour/live"},
		"server-error":  {"/valuation"},
		"too-large":     {"/archive/everything", "/archive/sized"},
		"redirect-loop": {"/loop/a", "/loop/b", "/loop/c", "/loop/self", "/offers"},
		"not-found": {"/About", "/agent/0", "/home/1007/", "/home/99999", "/list?district=9&page=1", "/news/0",
			"/old-listing.html", "/photos/missing.jpg"},
		"other": {"/brochure.pdf", "/feed.json", "/feed.xml", "/terms.txt"},
		"redirect": {"/account", "/agents", "/brochure", "/go/1", "/go/2", "/go/3", "/old/list", "/old/news", "/old/photos",
			"/partner", "/welcome"},
	}
	for n := 1; n <= photos; n++ {
		want["other"] = append(want["other"], fmt.Sprintf("/photos/%d.jpg", n))
	}
	for n := 1; n <= 8; n++ {
		want["redirect"] = append(want["redirect"], fmt.Sprintf("/list?district=%d", n))
	}
	for id := 1013; id <= 1500; id += 50 {
		want["redirect"] = append(want["redirect"], fmt.Sprintf("/old/home/%d", id))
	}
	for _, paths := range want {
		slices.Sort(paths)
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("odd pages (-want +got):\n%s", diff)
	}
}

func TestPagesThatAreTriedAgain(t *testing.T) {
	var thrice []string
	for at, page := range New().Manifest(testBase).Pages {
		switch page.Tries {
		case 1:
		case 3:
			thrice = append(thrice, strings.TrimPrefix(at, testBase))
		case 0:
			if page.Kind != "network" && page.Kind != "server-error" {
				t.Errorf("%s is %q and never succeeds", at, page.Kind)
			}
		default:
			t.Errorf("%s takes %d tries", at, page.Tries)
		}
	}
	slices.Sort(thrice)
	want := []string{"/agent/5", "/home/1041", "/home/1181", "/home/1261", "/home/1334", "/list?district=3&page=2"}
	if diff := cmp.Diff(want, thrice); diff != "" {
		t.Errorf("pages that fail twice (-want +got):\n%s", diff)
	}
}

func TestTargetsAndDepths(t *testing.T) {
	m := New().Manifest(testBase)
	for from, to := range map[string]string{
		"/old/list":        testBase + "/list?district=2&page=1",
		"/old/photos":      testBase + "/home/1004",
		"/list?district=6": testBase + "/list?district=6&page=1",
		"/account":         testBase + "/private/login",
		"/old/news":        testBase + "/news/0",
		"/loop/self":       testBase + "/loop/self",
		"/partner":         "http://elsewhere.example/partner",
	} {
		if got := m.Pages[testBase+from].Target; got != to {
			t.Errorf("%s leads to %q, want %q", from, got, to)
		}
	}
	for path, depth := range map[string]int{
		"/":               0,
		"/news/24":        1,
		"/site-index":     1,
		"/district/3":     1,
		"/go/1":           2,
		"/go/2":           2,  // only a redirect leads here
		"/welcome/2026":   2,  // and here
		"/news/1":         22, // the latest three are linked from the front, the others one by one
		"/news/0":         2,  // the oldest item links to it, but so does the site index
		"/private/open":   1,
		"/classic/pudong": 2,
	} {
		if got := m.Pages[testBase+path].Depth; got != depth {
			t.Errorf("%s is at depth %d, want %d", path, got, depth)
		}
	}
}

func TestForbiddenAndHiddenPagesAreNoPages(t *testing.T) {
	s := New()
	m := s.Manifest(testBase)
	if len(m.Forbidden) < 500 {
		t.Errorf("%d forbidden URLs, want one for every home and more", len(m.Forbidden))
	}
	for _, at := range m.Forbidden {
		if _, ok := m.Pages[at]; ok {
			t.Errorf("%s is forbidden and a page", at)
		}
	}
	for _, path := range lures {
		if s.pages[path] == nil {
			t.Errorf("%s does not exist", path)
		}
		if _, ok := m.Pages[testBase+path]; ok || slices.Contains(m.Forbidden, testBase+path) {
			t.Errorf("something leads to %s", path)
		}
	}
}

func TestRecordsOfNote(t *testing.T) {
	records := map[string]Record{}
	for _, r := range New().Manifest(testBase).Records {
		records[strings.TrimPrefix(r.URL, testBase)] = r
	}
	for _, special := range []string{`"`, ",", "&", "<", "'"} {
		if r := records["/home/1008"]; !strings.Contains(r.Title, special) {
			t.Errorf("title %q has no %s in it", r.Title, special)
		}
	}
	for _, path := range []string{"/home/1265", "/classic/pudong"} {
		if r := records[path]; r.District != "浦东新区" || !strings.HasSuffix(r.Price, "万元") {
			t.Errorf("%s: %+v is not in Chinese", path, r)
		}
	}
	price, area := regexp.MustCompile(`^\d{1,3}(,\d{3})+ CNY$`), regexp.MustCompile(`^\d+\.[05] m²$`)
	if r := records["/home/1001"]; !price.MatchString(r.Price) || !area.MatchString(r.Area) {
		t.Errorf("price %q and area %q", r.Price, r.Area)
	}
}

func TestTwoSitesAreTheSame(t *testing.T) {
	a, b := New(), New()
	if diff := cmp.Diff(a.Manifest(testBase), b.Manifest(testBase)); diff != "" {
		t.Errorf("manifests differ:\n%s", diff)
	}
	synctest.Test(t, func(t *testing.T) {
		for path, p := range a.pages {
			if p.bulk != nil || p.trouble.cut {
				continue
			}
			one, other := ask(a, path), ask(b, path)
			if !reflect.DeepEqual(one.Header, other.Header) || one.StatusCode != other.StatusCode {
				t.Errorf("%s: answers %d %v and %d %v", path, one.StatusCode, one.Header, other.StatusCode, other.Header)
			}
			if x, y := bodyOf(t, one), bodyOf(t, other); !bytes.Equal(x, y) {
				t.Errorf("%s: bodies differ:\n%s", path, cmp.Diff(x, y))
			}
		}
	})
}
