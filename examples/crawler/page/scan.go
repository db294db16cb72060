package page

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// scan finds in one pass over text, without a tree, what walk finds in the tree; ok is false when there is something in
// text that takes a tree to understand. A page that is nested as it should be has none of that: what stands in it is what
// stands in its tree.
func scan(text []byte) (f *findings, ok bool) {
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, false // what becomes of it depends on where it stands
	}
	f = &findings{}
	s := scanner{text: text}
	var n nest
	for s.next() {
		name := s.bytes(s.name)
		switch s.token {
		case startTag:
			k := kindOf(name)
			if !n.open(k, name) {
				return nil, false
			}
			if k&(anchor|area|base) != 0 {
				f.take(&s, k)
			}
			if k&(title|script|raw) != 0 && !f.takeRaw(&s, k) {
				return nil, false
			}
		case endTag:
			if !n.close(kindOf(name), name) {
				return nil, false
			}
		}
	}
	return f, true
}

// take notes the href of the tag that s found.
func (f *findings) take(s *scanner, k kind) {
	for _, a := range s.attrs {
		if !equalFold(s.bytes(a.key), "href") {
			continue
		}
		value := s.bytes(a.value)
		if bytes.IndexByte(value, '&') >= 0 {
			value = attributeText(s.bytes(s.tag), "href")
		}
		if k&base == 0 {
			f.hrefs = append(f.hrefs, value)
		} else if !f.based {
			f.base, f.based = string(value), true
		}
		return // a second one does not count
	}
}

// takeRaw reads the text in an element that holds nothing else, and reports whether it was understood.
func (f *findings) takeRaw(s *scanner, k kind) bool {
	inside, _ := s.rawText()
	if k&title != 0 && !f.titled {
		f.title, f.titled = html.UnescapeString(string(s.bytes(inside))), true
	}
	return k&script == 0 || !hidesEnd(s.bytes(inside))
}

// hidesEnd reports whether a script may go on behind what looks like its end: within what looks like a comment, what
// looks like a script hides the end tag.
func hidesEnd(script []byte) bool {
	_, hidden, found := bytes.Cut(script, []byte("<!--"))
	return found && (bytes.Contains(hidden, []byte("<s")) || bytes.Contains(hidden, []byte("<S")))
}

// attributeText returns what the value of an attribute of tag, a start tag, stands for. Which references count in an
// attribute is an art of its own, in which the tokenizer is at home.
func attributeText(tag []byte, key string) []byte {
	z := html.NewTokenizer(bytes.NewReader(tag))
	z.Next()
	for more := true; more; {
		var k, value []byte
		if k, value, more = z.TagAttr(); string(k) == key {
			return value
		}
	}
	return nil
}

// equalFold is strings.EqualFold for a name in lower case, of ASCII letters: those of other alphabets that fold to some
// (the Kelvin sign is one) are longer.
func equalFold(b []byte, name string) bool {
	return len(b) == len(name) && strings.EqualFold(string(b), name)
}
