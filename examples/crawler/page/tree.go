package page

import (
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// walk finds what there is to find in a tree. Selectors would do it in three walks, after having been compiled.
func walk(root *html.Node) *findings {
	f := &findings{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.A, atom.Area:
			if href, found := attribute(n, "href"); found {
				f.hrefs = append(f.hrefs, []byte(href))
			}
		case atom.Base:
			if href, found := attribute(n, "href"); found && !f.based {
				f.base, f.based = href, true
			}
		case atom.Title:
			// That of an inline SVG is a tooltip.
			if !f.titled && n.Namespace == "" {
				f.title, f.titled = textOf(n), true
			}
		}
	}
	return f
}

func attribute(n *html.Node, key string) (value string, found bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func (s *Spec) records(root *html.Node, at, base *url.URL) []Record {
	from, err := Canonical(at, "")
	if err != nil {
		from = at.String()
	}
	var records []Record
	for _, item := range goquery.NewDocumentFromNode(root).FindMatcher(s.item).EachIter() {
		values := make([]string, len(s.fields))
		for i, sel := range s.fields {
			// Not goquery.SingleMatcher: it finds one in each child of the item.
			values[i] = value(item.FindMatcher(sel).First(), s.Fields[i].Attr, base)
		}
		records = append(records, Record{URL: from, Values: values})
	}
	return records
}

func value(found *goquery.Selection, attr string, base *url.URL) string {
	if attr == "" {
		return collapse(found.Text())
	}
	v := found.AttrOr(attr, "")
	if v != "" && (attr == "href" || attr == "src") {
		// A relative address is of no use away from its page; in canonical form it can be looked up among the links.
		if c, err := Canonical(base, v); err == nil {
			return c
		}
	}
	return collapse(v)
}
