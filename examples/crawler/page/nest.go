package page

import "bytes"

// A nest is the elements that are open at some place of a page, the innermost last, as they were written. As long as open
// and close return true, a browser has as many links as there are tags of links, in the same order. What a browser has to
// mend may double a link (one that is open where a paragraph ends goes on behind it, in a link of its own) or move it (out
// of a table, in front of it), and it is not followed here.
type nest struct {
	stack []opened
	paras int  // in the stack; a browser has no others open
	link  bool // an anchor is in the stack
}

type opened struct {
	kind kind
	name []byte
}

// deepest is how deep elements may be nested here. The parser refuses more than 512, with those that it adds itself.
const deepest = 500

// open takes in a start tag, and reports whether all is well.
func (n *nest) open(k kind, name []byte) bool {
	if k&ignored != 0 {
		return true
	}
	switch top := n.top(); {
	case k&hopeless != 0, len(n.stack) == deepest, top&tabular != 0 && !fitsTable(k), top&choice != 0 && k&choice == 0:
		return false
	}
	if k&(section|row|cell) != 0 {
		return n.openPart(k, name)
	}
	if n.link && !n.fitsLink(k) {
		return false
	}
	if k&(block|item) != 0 && n.top()&para != 0 {
		n.pop()
	}
	if k&heading != 0 && n.top()&heading != 0 {
		return false // it ends that, whose end tag then ends another
	}
	if k&item != 0 && n.top()&item != 0 || k&choice != 0 && k&optional != 0 && n.top() == k {
		n.pop()
	}
	if k&anchor != 0 && n.top()&anchor != 0 {
		n.pop()
	}
	if k&(void|title|script|raw) == 0 {
		n.push(k, name)
	}
	return true
}

// fitsTable reports whether k may stand in a table, between its cells. What has no link in it may: it is moved, but nobody looks
// for it.
func fitsTable(k kind) bool {
	return k&(section|row|cell|script|raw) != 0 || k&void != 0 && k&(area|base) == 0
}

// fitsLink reports whether k may stand in the link that is open.
func (n *nest) fitsLink(k kind) bool {
	switch {
	case k&anchor != 0:
		return n.top()&anchor != 0 // which it ends
	case k&block != 0:
		return n.paras == 0
	}
	return k&(inline|void|script|raw) != 0
}

// openPart opens a part of a table, and ends those before it whose end tags were left out.
func (n *nest) openPart(k kind, name []byte) bool {
	in := table // in which it may stand
	if k&cell != 0 {
		in |= section | row
	}
	if k&row != 0 {
		in |= section
	}
	for n.top()&in == 0 {
		if n.top()&optional == 0 {
			return false
		}
		n.pop()
	}
	if k&void == 0 {
		n.push(k, name)
	}
	return true
}

// close takes in an end tag, and reports whether all is well.
func (n *nest) close(k kind, name []byte) bool {
	if k&(ignored|void|title|script|raw) != 0 {
		return true // they were not opened
	}
	for len(n.stack) > 0 {
		last := n.stack[len(n.stack)-1]
		if last.kind == k && bytes.EqualFold(last.name, name) {
			n.pop()
			return true
		}
		if last.kind&optional == 0 || k&sweeps == 0 {
			return false
		}
		n.pop()
	}
	return false
}

func (n *nest) top() kind {
	if len(n.stack) == 0 {
		return 0
	}
	return n.stack[len(n.stack)-1].kind
}

func (n *nest) push(k kind, name []byte) {
	n.stack = append(n.stack, opened{k, name})
	n.link = n.link || k&anchor != 0
	if k&para != 0 {
		n.paras++
	}
}

func (n *nest) pop() {
	k := n.top()
	n.stack = n.stack[:len(n.stack)-1]
	if k&anchor != 0 {
		n.link = false
	}
	if k&para != 0 {
		n.paras--
	}
}
