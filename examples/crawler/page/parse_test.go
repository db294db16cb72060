package page

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func mustParse(t *testing.T, body, contentType string) *Document {
	t.Helper()
	d, err := Parse([]byte(body), contentType, parse(t, "http://example.com/dir/page?q"), DefaultSpec())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseFindsTitleLinksAndBadHrefs(t *testing.T) {
	d := mustParse(t, `<!doctype html><title> A
		page </title>
		<a href="b#x">1</a> <a href="/c" rel="nofollow">2</a> <a name="anchor">3</a> <a href="b">1 again</a>
		<map><area href="https://other.org"></map>
		<a href="mailto:a@b.c">m</a><a href="javascript:void(0)">j</a><a href="tel:1">t</a><a href="data:,x">d</a>
		<a href="http://h:x/">bad</a> <a href="/50%">bad</a>
		<link href="/style.css"><img src="/i.png"><noscript><a href="/plain">4</a></noscript>`, "text/html")
	want := &Document{
		Title: "A page",
		Links: []string{
			"http://example.com/dir/b", "http://example.com/c", "http://example.com/dir/b", "https://other.org/",
			"http://example.com/plain",
		},
		Bad: []string{"http://h:x/", "/50%"},
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

func TestParseHonoursTheFirstBase(t *testing.T) {
	for _, c := range []struct{ name, head, want string }{
		{"absolute", `<base href="https://cdn.org/x/">`, "https://cdn.org/x/a"},
		{"relative", `<base href="/y/z">`, "http://example.com/y/a"},
		{"the first of two", `<base href="/1/"><base href="/2/">`, "http://example.com/1/a"},
		{"one without href does not count", `<base target="_top"><base href="/2/">`, "http://example.com/2/a"},
		{"another scheme is ignored", `<base href="data:,x"><base href="/2/">`, "http://example.com/dir/a"},
		{"unparsable is ignored", `<base href="http://h:x/">`, "http://example.com/dir/a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := mustParse(t, c.head+`<a href="a">`, "text/html")
			if diff := cmp.Diff([]string{c.want}, d.Links); diff != "" {
				t.Errorf("links (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRecordsInFieldOrder(t *testing.T) {
	d := mustParse(t, `
		<div class="home"><h2 class="title">  Loft
			by the	river </h2><p class="area">70 m²</p><p class="price">1&nbsp;200 €</p><p class="price">sold</p></div>
		<p class="title">outside</p>
		<div class="home"></div>`, "text/html; charset=utf-8")
	want := []Record{
		{"http://example.com/dir/page?q", []string{"Loft by the river", "", "1 200 €", "70 m²"}},
		{"http://example.com/dir/page?q", []string{"", "", "", ""}},
	}
	if diff := cmp.Diff(want, d.Records); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestParseTakesAttributesAndResolvesAddresses(t *testing.T) {
	spec, err := NewSpec("li", []string{"link=a@href", "mail=.m@href", "when=time@datetime", "none=a@title"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse([]byte(`<ul><li><a href="x#y">x</a><a class="m" href="mailto:a@b.c"></a><time datetime=" 2024-05-01 ">May`),
		"text/html", parse(t, "http://example.com/d/"), spec)
	if err != nil {
		t.Fatal(err)
	}
	want := []Record{{"http://example.com/d/", []string{"http://example.com/d/x", "mailto:a@b.c", "2024-05-01", ""}}}
	if diff := cmp.Diff(want, d.Records); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestParseReadsMalformedHTML(t *testing.T) {
	d := mustParse(t, `<a href=one>1<a href='two'>2</b></a><table><a href=three><tr><td></p><div class=home><span class=price>9<title>T</titl`, "text/html")
	want := &Document{
		Title:   "T</titl",
		Links:   []string{"http://example.com/dir/one", "http://example.com/dir/two", "http://example.com/dir/three"},
		Records: []Record{{"http://example.com/dir/page?q", []string{"", "", "9T</titl", ""}}},
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

func TestParseSkipsTitlesOfDrawings(t *testing.T) {
	if d := mustParse(t, `<body><svg><title>tooltip</title></svg><title>page</title>`, "text/html"); d.Title != "page" {
		t.Errorf("Title = %q; want that of the page", d.Title)
	}
}

func TestParseRefusesBottomlessNesting(t *testing.T) {
	_, err := Parse([]byte(strings.Repeat("<div>", 600)), "text/html", nil, nil)
	const want = "page: html: open stack of elements exceeds 512 nodes"
	if err == nil || err.Error() != want {
		t.Errorf("Parse of 600 open elements: %v; want %s", err, want)
	}
}

func TestParseWithoutSpecOrAddress(t *testing.T) {
	for _, spec := range []*Spec{nil, {Item: "a"}} {
		d, err := Parse([]byte(`<a href="x"></a><a href="http://h">`), "text/html", nil, spec)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&Document{Links: []string{"http://h/"}}, d); diff != "" {
			t.Errorf("document (-want +got):\n%s", diff)
		}
	}
}

func TestParseDecodes(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("<title>中文</title>")
	if err != nil {
		t.Fatal(err)
	}
	late := "<!--" + strings.Repeat("-", 2000) + "--><title>"
	utf16 := func(s string) string { return strings.Join(strings.Split(s, ""), "\x00") + "\x00" }
	for _, c := range []struct{ name, contentType, body, want string }{
		{"Content-Type", "text/html; charset=GBK", gbk, "中文"},
		{"meta", "text/html", `<meta charset="gb2312">` + gbk, "中文"},
		{"meta http-equiv", "", `<meta http-equiv="Content-Type" content="text/html; charset=gbk">` + gbk, "中文"},
		{"Content-Type before meta", "text/html; charset=utf-8", `<meta charset="gbk"><title>中</title>`, "中"},
		{"byte order mark before Content-Type", "text/html; charset=gbk", "\xef\xbb\xbf<title>中</title>", "中"},
		{"byte order mark of UTF-16", "text/html", "\xff\xfe" + utf16("<title>x"), "x"},
		{"nothing said, UTF-8", "text/html", "<title>é</title>", "é"},
		{"nothing said, UTF-8 after the first KiB", "text/html", late + "é</title>", "é"},
		{"nothing said, not UTF-8", "text/html", late + "\xe9</title>", "é"},
		{"an unknown charset", "text/html; charset=klingon", "<title>é</title>", "é"},
		{"broken UTF-8", "text/html; charset=utf-8", "<title>a\xffb</title>", "a\ufffdb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := mustParse(t, c.body, c.contentType); d.Title != c.want {
				t.Errorf("Title = %q; want %q", d.Title, c.want)
			}
		})
	}
}

func TestIsHTML(t *testing.T) {
	for _, c := range []struct {
		contentType, body string
		want              bool
	}{
		{"text/html", "", true},
		{"Text/HTML; charset=utf-8", "", true},
		{"text/html; charset", "", true},
		{"application/xhtml+xml", "", true},
		{"text/plain", "<html>", false},
		{"application/pdf", "<html>", false},
		{"nonsense/", "<html>", false},
		{"", "<!DOCTYPE html><p>x", true},
		{" ", "  <html>", true},
		{"", "plain", false},
		{"", "", false},
	} {
		if got := IsHTML(c.contentType, []byte(c.body)); got != c.want {
			t.Errorf("IsHTML(%q, %q) = %t; want %t", c.contentType, c.body, got, c.want)
		}
	}
}

// The numbers in the comment on Parse come from here: B/op over the size of the body.
func BenchmarkParse(b *testing.B) {
	para := "<p>" + strings.Repeat("Some words of running text, as a page has them. ", 10) + `<a href="/some/where?else=1">more</a></p>` + "\n"
	for _, c := range []struct{ name, unit string }{
		{"text", para},
		{"links", `<a href="/p/1">1</a>`},
	} {
		body := []byte(strings.Repeat(c.unit, 1<<20/len(c.unit)))
		at := parse(b, "http://example.com/")
		for _, way := range []struct {
			name, before string
			spec         *Spec
		}{
			{"links", "", nil},
			{"records", "<html><head></head><body>", DefaultSpec()},
			{"mended", "", DefaultSpec()},
		} {
			body := append([]byte(way.before), body...)
			b.Run(c.name+"/"+way.name, func(b *testing.B) {
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Parse(body, "text/html; charset=utf-8", at, way.spec); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
