package page

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// start adds an element to the body, or to the head, and reports whether it may stand where it does without anything
// being mended. It refuses more than it would have to: what is rare is not worth the words.
func (p *planter) start(k kind, name []byte) bool {
	tag, data := tagOf(name)
	if k&(hopeless|odd) != 0 || len(p.open) == deepest || !p.fits(k, tag) || !p.makeRoom(k, tag) {
		return false
	}
	p.append(tag, data)
	switch {
	case k&void != 0:
		p.top = p.top.Parent
		return true
	case k&(title|script|raw) != 0:
		return p.fill(k, tag)
	}
	p.push(branch{p.top, k})
	return true
}

// fits reports whether an element may stand directly in the one that is open.
func (p *planter) fits(k kind, tag atom.Atom) bool {
	switch in := p.kind(); {
	case tag == atom.Col:
		return p.top.DataAtom == atom.Colgroup
	case k&(section|row|cell) != 0:
		return true // makeRoom will see
	case in&tabular != 0:
		return p.top.DataAtom != atom.Colgroup && (k&script != 0 || tag == atom.Style)
	case in&choice != 0:
		return tag == atom.Option || tag == atom.Optgroup
	case k&choice != 0:
		return tag == atom.Select
	}
	return true
}

// makeRoom ends the elements whose end tags were left out because this one begins, as far as they are innermost, and
// begins those that belong around it. It reports false where more than that would have to be done.
func (p *planter) makeRoom(k kind, tag atom.Atom) bool {
	switch {
	case tag == atom.Col:
		return true
	case k&(section|row|cell) != 0:
		return p.makePart(k, tag)
	case k&anchor != 0:
		return p.counts.links == 0
	case tag == atom.Button:
		return p.counts.buttons == 0
	case tag == atom.Form && p.counts.forms > 0:
		return false
	case tag == atom.Option || tag == atom.Optgroup:
		p.leave(atom.Option)
		if tag == atom.Optgroup {
			p.leave(atom.Optgroup)
		}
		return true
	case k&(block|item|table) == 0 && tag != atom.Form:
		return true
	case k&table == 0: // which a paragraph may hold in the pages of old
		p.leave(atom.P)
	}
	switch {
	case k&heading != 0 && p.kind()&heading != 0:
		return false
	case tag == atom.Li:
		p.leave(atom.Li)
	case k&item != 0:
		p.leave(atom.Dt)
		p.leave(atom.Dd)
	}
	return p.counts.paras == 0 && (k&item == 0 || p.counts.items == 0 || p.kind()&list != 0)
}

// makePart makes room for a part of a table.
func (p *planter) makePart(k kind, tag atom.Atom) bool {
	in := table // in which it may stand
	if k&(row|cell) != 0 && tag != atom.Caption {
		in |= section
		if k&cell != 0 {
			in |= row
		}
	}
	for p.kind()&in == 0 || k&(row|cell) != 0 && p.top.DataAtom == atom.Colgroup {
		if p.kind()&optional == 0 {
			return false
		}
		p.pop()
	}
	if in&section != 0 && p.kind()&table != 0 {
		p.imply(atom.Tbody, section|optional|sweeps)
	}
	if in&row != 0 && p.kind()&section != 0 {
		p.imply(atom.Tr, row|optional|sweeps)
	}
	return true
}

// imply begins an element whose start tag was left out.
func (p *planter) imply(tag atom.Atom, k kind) {
	n := p.node(html.ElementNode, tag.String())
	n.DataAtom = tag
	p.top.AppendChild(n)
	p.top = n
	p.push(branch{n, k})
}

// fill reads the text of an element that holds nothing else.
func (p *planter) fill(k kind, tag atom.Atom) bool {
	inside, ok := p.rawText()
	if !ok || k&script != 0 && hidesEnd(p.bytes(inside)) {
		return false
	}
	text := p.part(inside)
	if k&title != 0 || tag == atom.Textarea {
		text = html.UnescapeString(text)
	}
	if tag == atom.Textarea {
		text = withoutNewline(text)
	}
	p.appendText(text)
	p.inRaw = true
	return true
}

// end ends an element of the body, with those in it whose end tags were left out.
func (p *planter) end(k kind, name []byte) bool {
	for len(p.open) > 0 {
		if equalFold(name, p.top.Data) {
			p.pop()
			return true
		}
		if p.kind()&optional == 0 || k&sweeps == 0 {
			return false
		}
		p.pop()
	}
	return false
}

// kind returns that of the innermost element, and 0 for <body>.
func (p *planter) kind() kind {
	if len(p.open) == 0 {
		return 0
	}
	return p.open[len(p.open)-1].kind
}

// leave ends the innermost element if it is a tag.
func (p *planter) leave(tag atom.Atom) {
	if len(p.open) > 0 && p.top.DataAtom == tag {
		p.pop()
	}
}

func (p *planter) push(b branch) {
	p.open = append(p.open, b)
	p.counts.add(b, 1)
}

func (p *planter) pop() {
	last := len(p.open) - 1
	p.counts.add(p.open[last], -1)
	p.open = p.open[:last]
	p.top = p.top.Parent
}
