package page

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

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
// Cost, on an idle core: without a spec, a page that is nested as it should be is read in one pass, which takes 1 ms a MiB of
// running text and 15 ms a MiB of nothing but links, and allocates a third of the body's size for text, and 8 times for
// links. For records there has to be a tree: 4 and 33 ms, 3 and 24 times. What has to be mended first costs 11 and 80 ms, 4
// and 27 times. It is linear in body except for contrived nesting. All but the Document is garbage on return, so bound the
// body, and how many are parsed at once.
func Parse(body []byte, contentType string, at *url.URL, spec *Spec) (*Document, error) {
	if at == nil {
		at = new(url.URL)
	}
	text, err := decode(body, contentType)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	text = unixLines(text)
	records := spec != nil && spec.item != nil
	if !records {
		if f, ok := scan(text); ok {
			d, _ := f.document(at)
			return d, nil
		}
	}
	root, ok := plant(text)
	if !ok {
		if root, err = html.ParseWithOptions(bytes.NewReader(text), html.ParseOptionEnableScripting(false)); err != nil {
			return nil, fmt.Errorf("page: %w", err)
		}
	}
	f := walk(root)
	d, base := f.document(at)
	if records {
		d.Records = spec.records(root, at, base)
	}
	return d, nil
}

// findings are what stands in a page, as it stands there.
type findings struct {
	title  string
	titled bool   // a <title> was found
	base   string // the first
	based  bool
	hrefs  [][]byte
}

// document resolves what was found. It returns what links are relative to as well: the first <base href>, even if it is
// no good, which is then where the page is. HTML has it so.
func (f *findings) document(at *url.URL) (*Document, *url.URL) {
	base := at
	if f.based {
		base = baseOf(f.base, at)
	}
	d := &Document{Title: collapse(f.title)}
	if len(f.hrefs) == 0 {
		return d, base
	}
	d.Links = make([]string, 0, len(f.hrefs))
	r := newResolver(base)
	for _, h := range f.hrefs {
		link, err := r.resolve(h)
		switch {
		case err == nil:
			d.Links = append(d.Links, link)
		case !errors.Is(err, ErrScheme):
			d.Bad = append(d.Bad, string(h))
		}
	}
	if len(d.Links) == 0 {
		d.Links = nil
	}
	return d, base
}

// unixLines returns text with every line break as a line feed, as HTML has it.
func unixLines(text []byte) []byte {
	if bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
}

func baseOf(href string, at *url.URL) *url.URL {
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

// collapse returns a string of its own: what is kept of a page must not keep the page.
func collapse(s string) string {
	return strings.Clone(strings.Join(strings.Fields(s), " "))
}
