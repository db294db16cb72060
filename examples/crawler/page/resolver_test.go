package page

import (
	"net/url"
	"testing"
)

// agrees fails t unless a resolver says of ref what Canonical says.
func agrees(t *testing.T, base *url.URL, ref string) {
	t.Helper()
	want, wantErr := Canonical(base, ref)
	got, err := newResolver(base).resolve([]byte(ref))
	if got != want || (err == nil) != (wantErr == nil) {
		t.Errorf("against %v, %q resolves to %q, %v; Canonical says %q, %v", base, ref, got, err, want, wantErr)
	}
}

func TestResolverAgreesWithCanonical(t *testing.T) {
	for _, at := range []string{
		"http://example.com", "http://example.com/", "http://EXAMPLE.com:80/a/../b/c?d#e", "https://h:8443/a//b/", "http://h/%7e/%2e%2e/x",
		"http://u:p@h/a", "mailto:a@b.c", "", "/relative", "http://h?q", "http:opaque",
	} {
		base, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range []string{
			"", "#", "#x", ".", "./", "./x", "././x", "./#x", "..", "../x", "/", "/x", "//x", "/./x", "/x/.", "/x/..", "/.x", "x/.y", "x//y", ".x",
			"x", "x/", "x/y", "x?", "x?a", "x?a=b", "x?b&a", "x?a=b#c?d", "?a", "/?a=b", "./?a", "a:b", "./a:b", "x%20y", "x y", "~x-y_z.w", "é", " x ", `\x`,
			"x\n/y", "http://other/z", "HTTP://other", "mailto:x", "%zz", "http://h:x/", "...", "x...", "/..x", "./.", "./..", ".//x",
		} {
			agrees(t, base, ref)
		}
	}
}

func FuzzResolverAgreesWithCanonical(f *testing.F) {
	for _, ref := range []string{"", "/a/b", "./c", "../d", "e?f=g", "e?f&g", "h#i", "//j", "k:l", "m%20n"} {
		f.Add("http://example.com/a/b?c=d", ref)
	}
	f.Fuzz(func(t *testing.T, at, ref string) {
		base, err := url.Parse(at)
		if err != nil {
			return
		}
		agrees(t, base, ref)
	})
}
