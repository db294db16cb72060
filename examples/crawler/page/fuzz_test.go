package page

import (
	"net/url"
	"testing"
)

func FuzzCanonicalIsIdempotent(f *testing.F) {
	for _, ref := range []string{
		"", "/", "?", "#", "..", "a/./b/../../../c", "//h", "HTTP://U:p@H:080/%2e%2E/%7e?b=%%34%31&a#f", "http://[::1%25eth0]:0/",
		"http://ｅｘａｍｐｌｅ.com", "http://ẞ.example/", "http://%E4%BD%A0/", "http:/x", "x:y", `\\h\p?\`, "/a%2Fb c", "?%", "/\x00", "/\xff",
		"http://h/;p?;q", "http://h:99999", "*", "./a:b", "http://h?x=[1]&y={2}",
	} {
		f.Add("http://example.com/a/b?c=d", ref)
		f.Add("https://h/%2e%2e/é b?z&y", ref)
	}
	f.Fuzz(func(t *testing.T, at, ref string) {
		base, err := url.Parse(at)
		if err != nil {
			base = nil
		}
		c, err := Canonical(base, ref)
		if err != nil {
			return
		}
		isCanonical(t, base, c)
	})
}

func FuzzParseNeverPanicsAndLinksAreCanonical(f *testing.F) {
	for _, body := range []string{
		"", "<", "<a href=x>", "<base href=http://other/d/><a href=e>", "<base href=mailto:x><area href=../y>", "\xef\xbb\xbf<title>t",
		"\xff\xfe<\x00a\x00 \x00h\x00r\x00e\x00f\x00=\x00x\x00>\x00", "<meta charset=gbk><a href='?\xd6\xd0'>\xd6\xd0</a>",
		"<div class=home><b class=title>x<div class=home><i class=price>1", "<table><a href=1><tr><a href=2>", "<a href='%zz'><a href='#'>",
		"<svg><title>s</title><a href=x></svg><title>t</title>", "<template><a href=x></template><noscript><a href=y>",
	} {
		f.Add([]byte(body), "text/html", "http://example.com/a/b")
		f.Add([]byte(body), "text/html; charset=utf-16", "")
	}
	spec := DefaultSpec()
	f.Fuzz(func(t *testing.T, body []byte, contentType, at string) {
		base, err := url.Parse(at)
		if err != nil {
			base = nil
		}
		IsHTML(contentType, body)
		d, err := Parse(body, contentType, base, spec)
		if err != nil {
			return
		}
		for _, link := range d.Links {
			isCanonical(t, base, link)
		}
		for _, r := range d.Records {
			if len(r.Values) != len(spec.Fields) {
				t.Errorf("a record of %d values; want %d", len(r.Values), len(spec.Fields))
			}
		}
	})
}

// isCanonical fails t unless c is its own canonical form against any base, and absolute.
func isCanonical(t *testing.T, base *url.URL, c string) {
	t.Helper()
	for _, b := range []*url.URL{nil, base} {
		if again, err := Canonical(b, c); err != nil || again != c {
			t.Errorf("Canonical(%q) = %q, %v; want the same", c, again, err)
		}
	}
	u, err := url.Parse(c)
	if err != nil {
		t.Fatalf("%q does not parse: %v", c, err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path == "" || u.User != nil || u.Fragment != "" || u.ForceQuery {
		t.Errorf("%q is not canonical", c)
	}
}
