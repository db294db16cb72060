package crawl_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func to(location string) func(http.ResponseWriter, *http.Request) error {
	return answering(302, "Location", location)
}

// A link's kind is that of the page where its redirects end.
func TestRedirects(t *testing.T) {
	pages := pageMap{
		home: linking("/relative", "/absolute", "/chain", "/gone", "/off", "/forbidden", "/self", "/loop", "/into-loop",
			"/bad", "/nowhere", "/script"),
		home + "robots.txt": text("User-agent: *\nDisallow: /secret"),
		home + "relative":   to("page"), home + "absolute": to(home + "page#part"), home + "page": linking(),
		home + "chain": to("/chain2"), home + "chain2": to("/chain3"), home + "chain3": to("/page"),
		home + "gone": to("/none"), home + "off": to("http://other.example/"), home + "forbidden": to("/secret/x"),
		home + "self": to("/self"), home + "loop": to("/loop2"), home + "loop2": to("/loop"), home + "into-loop": to("/loop"),
		home + "bad": to("http://[::1"), home + "nowhere": answering(302), home + "script": to("javascript:void(0)"),
	}
	r := run(t, t.Context(), pages, nil)
	want := map[string]string{
		"relative": "ok", "absolute": "ok", "chain": "ok", "gone": "not-found", "off": "off-site", "forbidden": "forbidden",
		"self": "redirect-loop", "loop": "redirect-loop", "into-loop": "redirect-loop", "bad": "malformed",
		"nowhere": "malformed", "script": "malformed",
	}
	got := map[string]string{}
	for address, kind := range r.kinds {
		got[address[len(home):]] = kind
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("links, want- got+:\n%s", diff)
	}
	for address, times := range r.net.times() {
		if len(times) != 1 {
			t.Errorf("%s was requested %d times", address, len(times))
		}
	}
	if r.Moved != "" {
		t.Errorf("Moved is %q, want nothing", r.Moved)
	}
}

func TestRedirectsWithoutEndAreGivenUp(t *testing.T) {
	pages := pageMap{home: linking("/0")}
	for i := range 100 {
		pages[fmt.Sprint(home, i)] = to(fmt.Sprint("/", i+1))
	}
	r := run(t, t.Context(), pages, nil)
	if want := map[string]int{"ok": 1, "redirect": 20, "redirect-loop": 1}; !maps.Equal(r.Kinds, want) {
		t.Errorf("%v, want %v", r.Kinds, want)
	}
	if r.kinds[home+"0"] != "redirect-loop" {
		t.Errorf("the link is %s, want redirect-loop", r.kinds[home+"0"])
	}
}

func TestStartThatMovedToAnotherHostIsTold(t *testing.T) {
	r := run(t, t.Context(), pageMap{home: to("/x"), home + "x": to("https://www.site.example/")}, nil)
	if want := "https://www.site.example/"; r.Moved != want {
		t.Errorf("Moved is %q, want %q", r.Moved, want)
	}
}
