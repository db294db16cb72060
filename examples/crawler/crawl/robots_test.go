package crawl_test

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
)

func TestRobotsTxtDecidesWhatIsFetched(t *testing.T) {
	all := []string{"a/1", "a/2", "b", "caf%C3%A9", "~joe/"}
	for name, tt := range map[string]struct {
		robots func(http.ResponseWriter, *http.Request) error
		want   string // of all, what is fetched
	}{
		"absent":             {answering(404), "a/1 a/2 b caf%C3%A9 ~joe/"},
		"for people only":    {answering(403), "a/1 a/2 b caf%C3%A9 ~joe/"},
		"empty":              {text(""), "a/1 a/2 b caf%C3%A9 ~joe/"},
		"a page":             {linking("/nothing: to see"), "a/1 a/2 b caf%C3%A9 ~joe/"},
		"forbids a folder":   {text("User-agent: *\nDisallow: /a/"), "b caf%C3%A9 ~joe/"},
		"longest rule wins":  {text("User-agent: *\nDisallow: /a/\nAllow: /a/2"), "a/2 b caf%C3%A9 ~joe/"},
		"pattern":            {text("User-agent: *\nDisallow: /*2$"), "a/1 b caf%C3%A9 ~joe/"},
		"for another agent":  {text("User-agent: other\nDisallow: /"), "a/1 a/2 b caf%C3%A9 ~joe/"},
		"for us":             {text("User-agent: *\nDisallow: /\n\nUser-agent: Troupe-Test\nDisallow: /b"), "a/1 a/2 caf%C3%A9 ~joe/"},
		"for two at once":    {text("User-agent: other\nUser-agent: troupe-test\nDisallow: /a\n"), "b caf%C3%A9 ~joe/"},
		"our version":        {text("User-agent: troupe-test/1.0 (any)\nDisallow: /a\n"), "b caf%C3%A9 ~joe/"},
		"bare UTF-8":         {text("User-agent: *\nDisallow: /café"), "a/1 a/2 b ~joe/"},
		"idle escape":        {text("User-agent: *\nDisallow: /%7ejoe"), "a/1 a/2 b caf%C3%A9"},
		"byte order mark":    {text("\ufeffUser-agent: *\r\nDisallow: /a # all of it\r\n"), "b caf%C3%A9 ~joe/"},
		"delay of words":     {text("User-agent: *\nCrawl-delay: soon\nDisallow: /a"), "b caf%C3%A9 ~joe/"},
		"rule before agents": {text("Disallow: /b\nUser-agent: *\nDisallow: /a"), "b caf%C3%A9 ~joe/"},
		"no colons":          {text("User-agent *\nDisallow /a"), "b caf%C3%A9 ~joe/"},
		"empty rule":         {text("User-agent: *\nDisallow:"), "a/1 a/2 b caf%C3%A9 ~joe/"},
	} {
		t.Run(name, func(t *testing.T) {
			pages := pageMap{home: linking(all...), home + "robots.txt": tt.robots}
			for _, p := range all {
				pages[home+p] = linking()
			}
			r := run(t, t.Context(), pages, func(c *crawl.Config) { c.Agent = "troupe-test/1.0 (+http://troupe.example)" })
			var fetched []string
			for _, p := range all {
				if n := len(r.net.times()[home+p]); n == 1 {
					fetched = append(fetched, p)
				} else if n > 1 || r.kinds[home+p] != "forbidden" {
					t.Errorf("%s was requested %d times and is %s", p, n, r.kinds[home+p])
				}
			}
			if got := strings.Join(fetched, " "); got != tt.want {
				t.Errorf("fetched %s, want %s", got, tt.want)
			}
		})
	}
}

func TestRobotsTxtThatForbidsEverythingForbidsTheStart(t *testing.T) {
	for name, robots := range map[string]func(http.ResponseWriter, *http.Request) error{
		"a slash": text("User-agent: *\nDisallow: /"), "a star": text("User-agent: *\nDisallow: *"), "500": answering(500),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := run(t, t.Context(), pageMap{home: linking(), home + "robots.txt": robots}, nil)
				if want := map[string]int{"forbidden": 1}; !maps.Equal(r.Kinds, want) || len(r.net.pages()) != 0 {
					t.Errorf("%v and %d requests, want %v and none", r.Kinds, len(r.net.pages()), want)
				}
			})
		})
	}
}

func TestRobotsTxtIsTriedAgain(t *testing.T) {
	for name, trouble := range map[string]func(http.ResponseWriter, *http.Request) error{
		"500": answering(500), "network": func(http.ResponseWriter, *http.Request) error { return errors.New("cut") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := run(t, t.Context(), pageMap{
					home: linking("/a"), home + "robots.txt": first(2, trouble, text("User-agent: *\nDisallow: /a")),
				}, nil)
				if want := map[string]int{"ok": 1, "forbidden": 1}; !maps.Equal(r.Kinds, want) {
					t.Errorf("%v, want %v", r.Kinds, want)
				}
			})
		})
	}
}

// Not knowing what is forbidden, the crawler leaves the host alone, and says why.
func TestHostWhoseRobotsTxtCannotBeHadIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cut := func(http.ResponseWriter, *http.Request) error { return errors.New("cut") }
		r := run(t, t.Context(), pageMap{home: linking(), home + "robots.txt": cut}, nil)
		if want := map[string]int{"network": 1}; !maps.Equal(r.Kinds, want) || r.Pages != 0 || len(r.Broken) != 1 {
			t.Errorf("%v and %d pages, want %v and none", r.Kinds, r.Pages, want)
		}
		if n := len(r.net.hits); n != 4 {
			t.Errorf("%d requests, want 4 for robots.txt", n)
		}
	})
}

func TestRobotsTxtMayHaveMoved(t *testing.T) {
	r := run(t, t.Context(), pageMap{
		home: linking("/a", "/b"), home + "b": linking(), home + "robots.txt": answering(301, "Location", "http://other.example/r"),
		"http://other.example/r": text("User-agent: *\nDisallow: /a"),
	}, nil)
	if want := map[string]int{"ok": 2, "forbidden": 1}; !maps.Equal(r.Kinds, want) {
		t.Errorf("%v, want %v", r.Kinds, want)
	}
	r = run(t, t.Context(), pageMap{home: linking(), home + "robots.txt": answering(301, "Location", "/robots.txt")}, nil)
	if want := map[string]int{"ok": 1}; !maps.Equal(r.Kinds, want) || len(r.net.hits) != 7 {
		t.Errorf("%v and %d requests, want %v and 7", r.Kinds, len(r.net.hits), want)
	}
}

func TestHosts(t *testing.T) {
	pages := pageMap{
		home:                     linking("HTTP://SITE.example:80/same", "//other.example/a", "//other.example/b", "https://site.example/", "http://site.example:81/"),
		home + "same":            linking(),
		"http://other.example/a": linking(home, "http://third.example/"), "http://other.example/b": linking(),
		"http://other.example/robots.txt": text("User-agent: *\nDisallow: /b"),
		"http://third.example/":           linking(),
	}
	all := map[string]string{
		home: "ok", home + "same": "ok", "http://other.example/a": "ok", "http://other.example/b": "forbidden",
		"https://site.example/": "not-found", "http://site.example:81/": "not-found", "http://third.example/": "ok",
	}
	r := run(t, t.Context(), pages, func(c *crawl.Config) { c.AnyHost = true })
	if diff := cmp.Diff(all, r.kinds); diff != "" {
		t.Errorf("-any-host, want- got+:\n%s", diff)
	}
	robots := 0
	for address := range r.net.times() {
		if strings.HasSuffix(address, "/robots.txt") {
			robots++
		}
	}
	if robots != 5 {
		t.Errorf("%d robots.txt were requested, want one for each of 5 hosts", robots)
	}

	r = run(t, t.Context(), pages, nil)
	same := map[string]string{
		home + "same": "ok", "http://other.example/a": "off-site", "http://other.example/b": "off-site",
		"https://site.example/": "not-found", "http://site.example:81/": "off-site",
	}
	if diff := cmp.Diff(same, r.kinds); diff != "" {
		t.Errorf("one host, want- got+:\n%s", diff)
	}
	for _, address := range slices.Collect(maps.Keys(r.net.times())) {
		if strings.Contains(address, "other") || strings.Contains(address, ":81") {
			t.Errorf("%s was requested", address)
		}
	}
}
