package page

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func parse(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestCanonicalIsTheOneSpelling(t *testing.T) {
	base := parse(t, "http://Example.com/a/b/c?q=1#top")
	for _, c := range []struct{ name, ref, want string }{
		{"scheme and host in lower case", "HTTP://EXAMPLE.COM/Path", "http://example.com/Path"},
		{"default port of http", "http://example.com:80/", "http://example.com/"},
		{"default port of https", "https://example.com:443/", "https://example.com/"},
		{"port of the other scheme", "http://example.com:443/", "http://example.com:443/"},
		{"port with leading zeros", "http://example.com:0080/", "http://example.com/"},
		{"empty port", "http://example.com:/", "http://example.com/"},
		{"fragment", "/x#y", "http://example.com/x"},
		{"fragment with a stray percent sign", "/x#100%", "http://example.com/x"},
		{"fragment alone is the page itself", "#top", "http://example.com/a/b/c?q=1"},
		{"nothing is the page itself", "", "http://example.com/a/b/c?q=1"},
		{"empty path", "https://example.com", "https://example.com/"},
		{"empty path before a query", "http://example.com?b&a", "http://example.com/?a&b"},
		{"empty query", "/x?", "http://example.com/x"},
		{"empty query alone drops the page's", "?", "http://example.com/a/b/c"},
		{"empty parameters", "/x?&a=1&&", "http://example.com/x?a=1"},
		{"relative", "d", "http://example.com/a/b/d"},
		{"relative to the host", "//other.org/x", "http://other.org/x"},
		{"dot segments", "../.././x/../y", "http://example.com/y"},
		{"dot segments beyond the root", "/../../x", "http://example.com/x"},
		{"escaped dot segments", "%2e%2E/x", "http://example.com/a/x"},
		{"path case and trailing slash are kept", "/A/b/", "http://example.com/A/b/"},
		{"empty segments are kept", "//example.com//a//b", "http://example.com//a//b"},
		{"parameters by key, then value", "/x?b=2&a=9&a=1&a-b=0", "http://example.com/x?a=1&a=9&a-b=0&b=2"},
		{"equal parameters are kept", "/x?a=1&a=1", "http://example.com/x?a=1&a=1"},
		{"no value is not an empty value", "/x?b=&a", "http://example.com/x?a&b="},
		{"escapes that mean nothing", "/%7Euser?%61=%62", "http://example.com/~user?a=b"},
		{"escapes in upper case", "/%e4?q=%c3%a4", "http://example.com/%E4?q=%C3%A4"},
		{"an escaped slash is no slash", "/a%2fb c", "http://example.com/a%2Fb%20c"},
		{"an escaped separator is none", "/x?b=1%26a=2&a=%3D", "http://example.com/x?a=%3D&b=1%26a=2"},
		{"a stray percent sign in the query", "/x?off=50%", "http://example.com/x?off=50%25"},
		{"plus stays plus", "/x?q=a+b", "http://example.com/x?q=a+b"},
		{"bare characters", `/ä b?q="ö"|`, "http://example.com/%C3%A4%20b?q=%22%C3%B6%22%7C"},
		{"userinfo", "http://user:secret@example.com/", "http://example.com/"},
		{"host beyond ASCII", "http://Bücher.example/", "http://xn--bcher-kva.example/"},
		{"host with an underscore", "http://my_shop.example/", "http://my_shop.example/"},
		{"IPv6", "http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"},
		{"space around, line break inside", " \n/x\n/y\t ", "http://example.com/x/y"},
		{"backslashes before the query", `\x\y?a\b`, "http://example.com/x/y?a%5Cb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Canonical(base, c.ref)
			if err != nil || got != c.want {
				t.Errorf("Canonical(%q) = %q, %v; want %q", c.ref, got, err, c.want)
			}
			if again, err := Canonical(nil, got); err != nil || again != got {
				t.Errorf("Canonical(%q) = %q, %v; want the same", got, again, err)
			}
		})
	}
}

func TestCanonicalLeavesBaseAlone(t *testing.T) {
	base := parse(t, "HTTP://user@EXAMPLE.com:80/a%7e/../b?z&a#f")
	want := *base
	if _, err := Canonical(base, "../x"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, *base, cmp.AllowUnexported(url.Userinfo{})); diff != "" {
		t.Errorf("base changed (-before +after):\n%s", diff)
	}
}

func TestCanonicalRefusesOtherSchemes(t *testing.T) {
	base := parse(t, "http://example.com/")
	for _, ref := range []string{
		"mailto:a@b.c", "javascript:f('%zz')", " java\nscript:x", "JavaScript:void(0)", "tel:+49 30", "data:text/html,%",
		"ftp://example.com/", "file:///etc/passwd", "localhost:8080/x", "about:blank",
	} {
		if got, err := Canonical(base, ref); !errors.Is(err, ErrScheme) {
			t.Errorf("Canonical(%q) = %q, %v; want ErrScheme", ref, got, err)
		}
	}
	if got, err := Canonical(nil, "/x"); !errors.Is(err, ErrScheme) {
		t.Errorf("Canonical of a relative link without a base = %q, %v; want ErrScheme", got, err)
	}
}

func TestCanonicalErrorsQuoteTheReference(t *testing.T) {
	base := parse(t, "http://example.com/")
	for _, c := range []struct{ ref, want string }{
		{"/%zz", `page: link "/%zz": invalid URL escape "%zz"`},
		{"http://[::1", `page: link "http://[::1": missing ']' in host`},
		{"http://h:port/", `page: link "http://h:port/": invalid port ":port" after host`},
		{"http://h:65536/", `page: link "http://h:65536/": port 65536: want 0 to 65535`},
		{"//::1/x", `page: link "//::1/x": host "::1": want an IPv6 address in brackets`},
		{"http:///x", `page: link "http:///x": no host`},
		{"http:x", `page: link "http:x": no host`},
		{"http://a b/", `page: link "http://a b/": invalid character " " in host name`},
		{"/a\x01b", `page: link "/a\x01b": net/url: invalid control character in URL`},
		{"mailto:x", `page: link "mailto:x": the scheme is not http or https`},
	} {
		_, err := Canonical(base, c.ref)
		if err == nil || err.Error() != c.want {
			t.Errorf("Canonical(%q): %v; want %s", c.ref, err, c.want)
		}
	}
	_, err := Canonical(base, "http://h:x/"+strings.Repeat("long", 1000))
	if err == nil || len(err.Error()) > 300 {
		t.Errorf("the error for a long reference has %d bytes; want it cut", len(err.Error()))
	}
}

// params draws query parameters, some of them escaped, some equal.
func params() *rapid.Generator[[]string] {
	part := rapid.StringMatching(`[a-c%~+ä]{0,2}(%[27][0-9a-fE])?`)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		return part.Draw(t, "key") + rapid.SampledFrom([]string{"", "="}).Draw(t, "sep") + part.Draw(t, "value")
	}), 0, 6)
}

func TestParameterOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps := params().Draw(t, "params")
		shuffled := slices.Clone(ps)
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(ps), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		a, errA := Canonical(nil, "http://h/?"+strings.Join(ps, "&"))
		b, errB := Canonical(nil, "http://h/?"+strings.Join(shuffled, "&"))
		if errA != nil || errB != nil || a != b {
			t.Fatalf("%q (%v) and %q (%v) of the same parameters", a, errA, b, errB)
		}
	})
}

func TestParametersKeepTheirMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := strings.Join(params().Draw(t, "params"), "&")
		want, err := url.ParseQuery(raw)
		if err != nil {
			t.Skip("a stray percent sign has no meaning to keep")
		}
		c, err := Canonical(nil, "http://h/?"+raw)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := url.ParseQuery(u.RawQuery)
		if err != nil {
			t.Fatal(err)
		}
		for _, values := range []url.Values{want, got} {
			for _, v := range values {
				slices.Sort(v)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q became %q (-want +got):\n%s", raw, c, diff)
		}
	})
}

func TestFragmentDoesNotMatter(t *testing.T) {
	base := parse(t, "http://example.com/a/b?c#d")
	rapid.Check(t, func(t *rapid.T) {
		ref := rapid.StringMatching(`(https?://[a-z]{1,3})?(/[a-zA-Z.%]{0,4}){0,3}(\?[a-z=&]{0,5})?`).Draw(t, "ref")
		fragment := rapid.String().Draw(t, "fragment")
		plain, errPlain := Canonical(base, ref)
		with, errWith := Canonical(base, ref+"#"+fragment)
		if plain != with || (errPlain == nil) != (errWith == nil) {
			t.Fatalf("without: %q, %v; with: %q, %v", plain, errPlain, with, errWith)
		}
	})
}
