package page

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// Document is what a crawler wants of a page. It is the caller's, and keeps neither the body nor the tree alive.
type Document struct {
	// Title is the text of the first <title>, its whitespace collapsed; "" if there is none.
	Title string

	// Links holds the canonical form of every <a href> and <area href> that resolves to http or https, in order of
	// appearance, duplicates kept, rel=nofollow too. What has another scheme (mailto:, tel:, data:) is left out.
	Links []string

	// Bad holds the hrefs that do not parse, as they were written.
	Bad []string

	// Records holds what the Spec found, in order of appearance.
	Records []Record
}

// Record is one item: the canonical URL of the page that it stood on, and the values in the order of the Spec's fields.
// Whitespace in a value is collapsed to single spaces and trimmed; a field that matches nothing is "".
type Record struct {
	URL    string
	Values []string
}

// Parse reads body as HTML and returns its title, its links and, unless spec is nil, its records. at is where the page was
// fetched from, after redirects; links are relative to it, or to the first <base href> if that resolves to http or https.
//
// The encoding is that of the byte order mark, else of contentType, else of the page's <meta>, else UTF-8 if all of body
// is valid UTF-8, else windows-1252; a <meta> that says windows-1252 of valid UTF-8 is not believed. Malformed HTML is
// read as a browser without scripts reads it, so <noscript> counts. An attribute href or src that a field asks for is
// returned in canonical form where it has one.
//
// It returns an error, and no Document, only for a page nested deeper than 512 elements, which the parser refuses.
// It changes and keeps none of its arguments.
//
// Cost: 20 ms a MiB of running text and 170 ms a MiB of nothing but links on an idle core, linear in body except for
// contrived nesting. The tree takes 3 times the body's size for text, 17 times for links; with what resolving links
// takes, 4 and 40 times are allocated. All but the Document is garbage on return, so bound the body, and how many are
// parsed at once.
func Parse(body []byte, contentType string, at *url.URL, spec *Spec) (*Document, error) {
	root, err := html.ParseWithOptions(decode(body, contentType), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	if at == nil {
		at = new(url.URL)
	}
	tree := goquery.NewDocumentFromNode(root)
	d := &Document{Title: text(firstTitle(tree))}
	base := baseOf(tree, at)
	for _, a := range tree.Find("a[href], area[href]").EachIter() {
		href, _ := a.Attr("href")
		link, err := Canonical(base, href)
		switch {
		case err == nil:
			d.Links = append(d.Links, link)
		case !errors.Is(err, ErrScheme):
			d.Bad = append(d.Bad, href)
		}
	}
	if spec != nil && spec.item != nil {
		d.Records = spec.records(tree, at, base)
	}
	return d, nil
}

// firstTitle skips the titles of inline SVG, which are tooltips.
func firstTitle(tree *goquery.Document) *goquery.Selection {
	return tree.Find("title").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return s.Get(0).Namespace == ""
	}).First()
}

// baseOf returns what links are relative to. Only the first <base href> counts, even if it is no good: HTML has it so.
func baseOf(tree *goquery.Document, at *url.URL) *url.URL {
	href, found := tree.Find("base[href]").First().Attr("href")
	if !found {
		return at
	}
	c, err := Canonical(at, href)
	if err != nil {
		return at
	}
	base, err := url.Parse(c)
	if err != nil {
		return at
	}
	return base
}

func (s *Spec) records(tree *goquery.Document, at, base *url.URL) []Record {
	from, err := Canonical(at, "")
	if err != nil {
		from = at.String()
	}
	var records []Record
	for _, item := range tree.FindMatcher(s.item).EachIter() {
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
		return text(found)
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

func text(s *goquery.Selection) string { return collapse(s.Text()) }

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }
