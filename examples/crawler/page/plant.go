package page

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plant makes the tree of a page that is nested as it should be, in a third of the parser's time; ok is false when there is
// something in text that takes a parser to understand. But for comments and the doctype, which nobody looks for, the tree
// is the parser's: nothing is left to be mended.
func plant(text []byte) (root *html.Node, ok bool) {
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, false
	}
	p := planter{scanner: scanner{text: text}, source: string(text)}
	p.top = p.node(html.DocumentNode, "")
	root = p.top
	for p.next() {
		if !p.addText() || !p.addToken() {
			return nil, false
		}
	}
	if p.cut || !p.addText() || p.stage < inBody {
		return nil, false
	}
	return root, true
}

// A planter makes a tree of tokens.
type planter struct {
	scanner
	source string // the text once more: the tree is made of its parts
	stage  stage
	open   []branch   // the elements that are open within <body>
	top    *html.Node // the innermost element that is open
	inRaw  bool       // which is one that holds text alone
	counts counts
	nodes  []html.Node // that are to be used
}

// stage is how far a page has come. A page whose head and body are not marked out is left to the parser.
type stage uint8

const (
	inDocument stage = iota
	inHTML
	inHead
	afterHead
	inBody
	afterBody
)

type branch struct {
	node *html.Node
	kind kind
}

// counts are of the elements that are open.
type counts struct{ links, paras, items, forms, buttons int }

func (c *counts) add(b branch, n int) {
	switch {
	case b.kind&anchor != 0:
		c.links += n
	case b.kind&para != 0:
		c.paras += n
	case b.kind&item != 0:
		c.items += n
	case b.node.DataAtom == atom.Form:
		c.forms += n
	case b.node.DataAtom == atom.Button:
		c.buttons += n
	}
}

// addText adds what stands in front of a token, and reports whether it may stand there.
func (p *planter) addText() bool {
	text := p.part(p.before)
	if text == "" {
		return true
	}
	if (p.stage != inBody || p.kind()&tabular != 0) && strings.Trim(text, " \t\n\f") != "" {
		return false
	}
	if p.stage < inHead {
		return true // blanks that are nobody's
	}
	text = html.UnescapeString(text)
	if p.top.DataAtom == atom.Pre && p.top.FirstChild == nil {
		text = withoutNewline(text)
	}
	p.appendText(text)
	return true
}

func (p *planter) appendText(text string) {
	switch last := p.top.LastChild; {
	case text == "":
	case last != nil && last.Type == html.TextNode:
		last.Data += text
	default:
		p.top.AppendChild(p.node(html.TextNode, text))
	}
}

// withoutNewline returns text without the line break that HTML ignores at the beginning of some elements.
func withoutNewline(text string) string {
	return strings.TrimPrefix(strings.TrimPrefix(text, "\r"), "\n")
}

// addToken reports whether the token that was found may stand where it does.
func (p *planter) addToken() bool {
	if p.token == other {
		return p.top.DataAtom != atom.Pre // at whose beginning it would make a difference
	}
	name := p.bytes(p.name)
	k := kindOf(name)
	switch {
	case p.token == endTag && p.inRaw:
		p.inRaw, p.top = false, p.top.Parent
		return true
	case k&ignored != 0:
		return p.addFrame(tagOf(name))
	case p.stage == inHead && !fitsHead(k, name), p.stage != inHead && p.stage != inBody:
		return false
	case p.token == endTag:
		return p.end(k, name)
	}
	return p.start(k, name)
}

// addFrame adds a tag of <html>, <head> or <body>.
func (p *planter) addFrame(tag atom.Atom, name string) bool {
	if len(p.open) > 0 {
		return false
	}
	if p.token == endTag {
		switch {
		case tag == atom.Head && p.stage == inHead:
			p.stage, p.top = afterHead, p.top.Parent
		case tag == atom.Body && p.stage == inBody, tag == atom.Html && p.stage == afterBody:
			p.stage = afterBody
		default:
			return false
		}
		return true
	}
	switch {
	case tag == atom.Html && p.stage == inDocument, tag == atom.Head && p.stage == inHTML, tag == atom.Body && p.stage == afterHead:
		p.stage++
		p.append(tag, name)
		return true
	}
	return false
}

// fitsHead reports whether an element may stand in the head.
func fitsHead(k kind, name []byte) bool {
	return k&(title|script|base) != 0 || equalFold(name, "meta") || equalFold(name, "link") || equalFold(name, "style")
}

// append adds an element for the start tag that was found, and goes into it.
func (p *planter) append(tag atom.Atom, name string) {
	n := p.node(html.ElementNode, name)
	n.DataAtom = tag
	if len(p.attrs) > 0 {
		n.Attr = make([]html.Attribute, 0, len(p.attrs))
	}
	for _, a := range p.attrs {
		key := atom.String(asciiLower(p.bytes(a.key)))
		if _, double := attribute(n, key); double {
			continue
		}
		value := p.part(a.value)
		if strings.IndexByte(value, '&') >= 0 {
			value = string(attributeText(p.bytes(p.tag), key))
		}
		n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
	}
	p.top.AppendChild(n)
	p.top = n
}

// node returns a new one. They are made by the dozen: a page has hundreds.
func (p *planter) node(t html.NodeType, data string) *html.Node {
	if len(p.nodes) == 0 {
		p.nodes = make([]html.Node, 32)
	}
	n := &p.nodes[0]
	p.nodes = p.nodes[1:]
	n.Type, n.Data = t, data
	return n
}

func (p *planter) part(s span) string { return p.source[s.from:s.to] }

// tagOf returns an element's name as trees have it.
func tagOf(name []byte) (atom.Atom, string) {
	name = asciiLower(name)
	if tag := atom.Lookup(name); tag != 0 {
		return tag, tag.String()
	}
	return 0, string(name)
}

// asciiLower returns b with its ASCII letters in lower case, which may be b itself.
func asciiLower(b []byte) []byte {
	if !bytes.ContainsFunc(b, func(r rune) bool { return 'A' <= r && r <= 'Z' }) {
		return b
	}
	b = bytes.Clone(b)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return b
}
