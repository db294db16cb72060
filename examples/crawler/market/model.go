package market

import (
	"iter"
	"time"
)

// A page is one address of the site. At most one of doc, file, bulk and move is set and says what the address holds;
// with none of them the page is gone (410). An address that has no page at all is not found (404).
type page struct {
	path    string // canonical path and query
	doc     *document
	file    *file
	bulk    *bulk
	move    *move
	trouble trouble
}

// A document is an HTML page. It is both what render writes and what the manifest counts, which is why the two agree:
// there is no link or record in the HTML that is not in here.
type document struct {
	title    string
	tongue   *tongue
	base     string // the <base href>, or "" for none
	charset  string // "" for UTF-8, announced in the header; "gbk" stands only in the <meta>
	damage   damage // spoils the HTML without changing what a parser makes of it; nil for none
	nav      []link
	homes    []*home // the records: one is an article, several are the rows of a table
	sections []section
	foot     []link
}

// A section is a heading, a paragraph and a list of links, any of which may be empty.
type section struct {
	class   string // of the list: "cards", "pager" or "links"
	heading string
	text    string
	links   []link
}

// A link is an <a href>. The generator says where it leads; how the href spells that is decided afterwards, by a speller.
type link struct {
	to     string // canonical path and query here, or a URL elsewhere; "" if a crawler can make nothing of it
	text   string
	note   string // shown after the link
	origin origin
	href   string
}

// An origin says how much of the site's own scheme and host precedes an href. Only a request tells what they are.
type origin int

const (
	noOrigin      origin = iota // /path
	fullOrigin                  // http://host/path
	shoutedOrigin               // HTTP://HOST/path
	hostOnly                    // //host/path
)

// A file is a body that is not HTML.
type file struct {
	contentType string
	body        []byte
}

// A bulk is a body too large to keep: it is made while it is sent.
type bulk struct {
	size     int
	declared bool // whether Content-Length says so beforehand
}

// A move is a redirect.
type move struct {
	status   int
	location string // as the header has it
	to       string // what that means, as in link
}

// A trouble is what goes wrong, or slowly, before a page answers.
type trouble struct {
	failures   int    // so many requests fail with status; forever for all of them
	status     int    // of a failure
	retryAfter string // header of a failure, if any
	cut        bool   // the connection ends in the middle of the status line
	wait       time.Duration
}

const forever = -1

// failing reports whether the nth request fails, counted from 1.
func (t trouble) failing(n int) bool {
	return t.failures == forever || n <= t.failures
}

// links yields the document's links in the order in which they stand in the HTML.
func (d *document) links() iter.Seq[*link] {
	return func(yield func(*link) bool) {
		groups := [][]link{d.nav}
		for _, s := range d.sections {
			groups = append(groups, s.links)
		}
		for _, links := range append(groups, d.foot) {
			for i := range links {
				if !yield(&links[i]) {
					return
				}
			}
		}
	}
}

// add appends a section of links.
func (d *document) add(class, heading string, links ...link) {
	d.sections = append(d.sections, section{class: class, heading: heading, links: links})
}

// say appends a section of text.
func (d *document) say(heading, text string) {
	d.sections = append(d.sections, section{heading: heading, text: text})
}

// to is a link within the site.
func to(path, text string) link { return link{to: path, text: text} }

// elsewhere is a link to another host. The address has to be canonical.
func elsewhere(url, text string) link { return link{to: url, href: url, text: text} }

// nowhere is a link that a crawler cannot follow: of another scheme, or malformed.
func nowhere(href, text string) link { return link{href: href, text: text} }
