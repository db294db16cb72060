package page

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// scanAgrees fails t when scan finds something else in text than walk finds in its tree, and reports whether scan found
// anything.
func scanAgrees(t *testing.T, text string) bool {
	t.Helper()
	text = string(unixLines([]byte(text)))
	got, ok := scan([]byte(text))
	if !ok {
		return false
	}
	root, err := html.ParseWithOptions(strings.NewReader(text), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatalf("scan reads %q, of which there is no tree: %v", text, err)
	}
	if want := walk(root); said(got) != said(want) {
		t.Errorf("in %q scan finds\n%s\nand the tree has\n%s", text, said(got), said(want))
	}
	return true
}

func said(f *findings) string {
	return fmt.Sprintf("title %t %q, base %t %q, links %q", f.titled, collapse(f.title), f.based, f.base, f.hrefs)
}

// What a page is made of, for the tests that throw it together.
func shards() []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		all = append(all, "<"+name+">", "</"+name+">")
	}
	for range 30 {
		all = append(all, "<a href=L>", "</a>")
	}
	for range 5 {
		all = append(all, "<p>", "</p>", "<div>", "</div>", "<b>", "</b>", "<td>", "<tr>", "<table>", "</table>", "<li>", "x")
	}
	return append(all, "<area href=L>", "<base href=L>", "<x-y>", "</x-y>", "<span>", "</span>", "<font id=L>", "</font>", "<br/>", "<div/>", "<a href=L/>",
		" ", "\n", "&amp;", "<!--", "-->", "<!-- x -->", "<!---->", "<!-->", "<!--->", "<!--x--!>", "<!x>", "<!DOCTYPE html>", "<?x>", "</>", "</3>", "<3", "<",
		"<![CDATA[", "]]>", "<a\thref=L\n>", "<A HREF='L'>", "<a href=\"L>", "\"", "<a href>", "<a href=>", "<a x href = 'L' href=M>", "<a =href=L>", "<a/href=L>",
		"<a href='&copy;&copy=L&amp;&lt'>", "<a href=L\r\n>", "<a href='\r'>", "\r\n", "<noscript>", "</noscript>", "<i title='<a href=L>'>", "<ruby>", "<rt>", "<rb>", "<u>", "</u>")
}

// soups is how many pages are thrown together for a test.
func soups() int {
	if os.Getenv("TROUPE_STRESS") == "1" {
		return 2_000_000
	}
	return 20_000
}

// soup is a page thrown together: some of its elements are ended where they should be.
func soup(random *rand.Rand, all []string) string {
	var b strings.Builder
	var open []string
	for k := range 1 + random.IntN(25) {
		if len(open) > 0 && random.IntN(2) == 0 {
			name := open[len(open)-1][1:]
			b.WriteString("</" + name[:strings.IndexAny(name, " \t/>")] + ">")
			open = open[:len(open)-1]
			continue
		}
		s := strings.ReplaceAll(all[random.IntN(len(all))], "L", fmt.Sprintf("%d", k))
		switch {
		case strings.HasPrefix(s, "</") && random.IntN(10) > 0:
			continue
		case len(s) > 2 && s[0] == '<' && isLetter(s[1]) && random.IntN(20) > 0:
			open = append(open, s)
		}
		b.WriteString(s)
	}
	return b.String()
}

// Of most pages that are thrown together scan says that they need a tree; of all others it must be right.
func TestScanAgreesWithTheTree(t *testing.T) {
	n := soups()
	random := rand.New(rand.NewPCG(1, 2))
	all := shards()
	begin := []string{"", "<table><tr><td>", "<ul><li><a href=0>"}
	read := 0
	for range n {
		if scanAgrees(t, begin[random.IntN(len(begin))]+soup(random, all)) {
			read++
		}
		if t.Failed() {
			return
		}
	}
	if read < n/5 {
		t.Errorf("scan read %d of %d pages, want one in 5 at least", read, n)
	}
}

func TestScanReadsWhatIsNestedWell(t *testing.T) {
	for _, text := range []string{
		"", "x", "<!DOCTYPE html><html><head><title>A &amp; B</title><base href=/b/></head><body><a href=1>1</a></body></html>",
		"<ul><li><a href=1>1</a><li><p>x<p><a href=2>2</a></ul><a href=3>", "<p><a href=1><b>x</b><img></a><div><a href=2><h2>x</h2><p>y</p></a></div>",
		"<table><caption><a href=0></a></caption><tr><td><a href=1>1</a><td>x<tr><th><p>x</p></table><a href=2></a>",
		"<script>if (a < b) '<a href=1>'</script><style>a</style><textarea><a href=1></textarea><a href=2></a>",
		"<script><!-- \nx()\n//--></script><a href=2></a><!-- <a href=1> -->", "<noscript><a href=1>x</a></noscript>", "<a href=1>x<a href=2>y</a>",
		"<dl><dt>x<dd><a href=1></a></dl><select><option>1<option>2</select><my-link><a href=1></a></my-link>",
		strings.Repeat("<div>", 400) + "<a href=1>",
	} {
		if !scanAgrees(t, text) {
			t.Errorf("scan does not read %q", text)
		}
	}
}

func TestScanLeavesWhatHasToBeMended(t *testing.T) {
	for _, text := range []string{
		"<p><a href=1><div>x</div></a>", "<b><p></b>", "<table><a href=1></a></table>", "<svg><title>x</title></svg>", "<a href=1><p>x</a>",
		"<table><tr><td><col><a href=1></a>", "<h2><a href=1><h4><h6></h6></h4></a>", "<p><option></option><a href=1><div></div></a>",
		"<select><noscript><a href=1><input></a>", "<div></span>", strings.Repeat("<div>", 600), "a\x00b", "<script><!--<script></script>--></script>",
	} {
		if _, ok := scan([]byte(text)); ok {
			t.Errorf("scan reads %.100q", text)
		}
	}
}

func FuzzScanAgreesWithTheTree(f *testing.F) {
	f.Add("<title>t</title><base href=b><p><a href='1&amp;2'>x</a><table><tr><td><a href=2>")
	f.Add("<!--x--><script>y</script><ul><li><a href=3><b>z</b></a></ul>")
	for _, s := range shards() {
		f.Add(s + "<a href=1><p><a href=2>")
	}
	f.Fuzz(func(t *testing.T, text string) {
		scanAgrees(t, string(bytes.ToValidUTF8([]byte(text), nil)))
	})
}
