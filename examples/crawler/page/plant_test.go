package page

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// plantAgrees fails t when plant makes another tree of text than the parser, and reports whether it made one.
func plantAgrees(t *testing.T, text string) bool {
	t.Helper()
	text = string(unixLines([]byte(text)))
	got, ok := plant([]byte(text))
	if !ok {
		return false
	}
	want, err := html.ParseWithOptions(strings.NewReader(text), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatalf("a tree is made of %q, of which there is none: %v", text, err)
	}
	if outline(got) != outline(want) {
		t.Errorf("of %q is made\n%s\nand the parser makes\n%s", text, outline(got), outline(want))
	}
	return true
}

// outline spells a tree, without its comments and its doctype; texts that only these keep apart are one. The attributes are
// in order: the parser puts those of some elements into one of its own.
func outline(n *html.Node) string {
	var b strings.Builder
	text := ""
	flush := func() {
		if text != "" {
			fmt.Fprintf(&b, "%q ", text)
		}
		text = ""
	}
	for c := range n.ChildNodes() {
		switch c.Type {
		case html.TextNode:
			text += c.Data
		case html.ElementNode:
			flush()
			attrs := slices.SortedFunc(slices.Values(c.Attr), func(a, b html.Attribute) int { return strings.Compare(a.Key, b.Key) })
			fmt.Fprintf(&b, "<%s %d %q %v: %s> ", c.Data, c.DataAtom, c.Namespace, attrs, outline(c))
		}
	}
	flush()
	return b.String()
}

func TestPlantAgreesWithTheParser(t *testing.T) {
	n := soups()
	random := rand.New(rand.NewPCG(3, 4))
	all := shards()
	made := 0
	for range n {
		body := soup(random, all)
		if random.IntN(2) == 0 {
			body = "<table><tr><td>" + body
		}
		if plantAgrees(t, "<!doctype html><html><head><title>x</title></head><body>"+body) {
			made++
		}
		plantAgrees(t, "<html><head>"+soup(random, all))
		if t.Failed() {
			return
		}
	}
	if made < n/10 {
		t.Errorf("%d trees were made of %d pages, want one in 10 at least", made, n)
	}
}

func TestPlantMakesTreesOfWhatIsNestedWell(t *testing.T) {
	for _, body := range []string{
		"", " ", "x &amp; y", "<p>1<p>2<ul><li>3<li>4</ul>", "<table><tr><td>1<td>2<tr><th>3</table>", "<table><caption>1</caption><tr><td>2</table>",
		"<table> <colgroup><col><thead> <tr><td>1</td></tr> </thead><tbody></table>", "<dl><dt>1<dd>2<p>3<dt>4</dl>", "<pre>\n\n1</pre><textarea>\n&lt;</textarea>",
		"<select><option>1<option>2</select>", "<form><button>1</button><input></form>", "<div class=a CLASS=b id='&lt;&copy'><IMG SRC=x></DIV><my-tag></my-tag>",
		"<script>1 < 2</script><style>x</style><!-- c -->1<!-- d -->2", "<a href=1><div><h2>x</h2></div></a><hr><noscript><p>x</p></noscript>", "<iframe><p></iframe>",
	} {
		for _, end := range []string{"</body></html>\n", "</body> <!-- x -->\n", ""} {
			text := "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8><title>t</title>\n</head>\n<body class=b>\n" + body + end
			if !plantAgrees(t, text) {
				t.Errorf("no tree is made of %q", text)
			}
		}
	}
}

func TestPlantLeavesWhatHasToBeMended(t *testing.T) {
	for _, body := range []string{
		"<table><tr><td><colgroup><script></script></table>", "<table><caption>1<tr><td>2</table>", "<h1><p>1<h2>2</h2></h1>", "<a href=1><a href=2></a></a>",
		"<table>1</table>", "<b><p></b>", "<svg></svg>", "<pre><!-- -->\n</pre>", "<p><b>1<div>2</div></b></p>", "</p>", "<html>", "<li><div><li></div>",
	} {
		if _, ok := plant([]byte("<html><head></head><body>" + body)); ok {
			t.Errorf("a tree is made of %q", body)
		}
	}
	for _, text := range []string{"", "<p>1", "<html><body>", "<html><head></head>", "<html><head>1</head><body>", "<html><head></head><body></body>1", "<html><head></head><body><a"} {
		if _, ok := plant([]byte(text)); ok {
			t.Errorf("a tree is made of %q", text)
		}
	}
}

func FuzzPlantAgreesWithTheParser(f *testing.F) {
	for _, s := range shards() {
		f.Add("<html><head></head><body><ul><li>" + s + "<p><table><tr><td>")
	}
	f.Fuzz(func(t *testing.T, text string) {
		plantAgrees(t, strings.ToValidUTF8(text, ""))
	})
}
