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
	s := scanner{text: text, found: &findings{}}
	for s.next() {
	}
	return s.found, !s.lost
}

// A scanner reads tags as the HTML standard's tokenizer does.
type scanner struct {
	text  []byte
	at    int // the next byte
	found *findings
	nest  nest
	lost  bool // a tree is needed
}

// next reads as far as behind the next tag or comment, and reports whether there was one.
func (s *scanner) next() bool {
	open := bytes.IndexByte(s.text[s.at:], '<')
	if open < 0 || s.at+open+1 >= len(s.text) {
		return false
	}
	s.at += open + 1
	switch c := s.text[s.at]; {
	case isLetter(c):
		return s.start()
	case c == '/':
		s.at++
		return s.end()
	case c == '!':
		s.at++
		if bytes.HasPrefix(s.text[s.at:], []byte("--")) {
			s.at += len("--")
			return s.comment()
		}
		return s.skipPast('>')
	case c == '?':
		return s.skipPast('>')
	}
	return true // it is text
}

func (s *scanner) skipPast(c byte) bool {
	i := bytes.IndexByte(s.text[s.at:], c)
	s.at += i + 1
	return i >= 0
}

// comment skips the rest of one. It ends at the first ">" behind two dashes, or behind two dashes and a "!", or behind
// nothing but dashes.
func (s *scanner) comment() bool {
	began := s.at
	for s.skipPast('>') {
		inside := s.text[began : s.at-1]
		if bytes.HasSuffix(inside, []byte("--")) || bytes.HasSuffix(inside, []byte("--!")) || len(inside) == 0 || string(inside) == "-" {
			return true
		}
	}
	return false
}

// end reads an end tag, of which "</" was read.
func (s *scanner) end() bool {
	if s.at == len(s.text) {
		return false
	}
	if !isLetter(s.text[s.at]) {
		return s.skipPast('>')
	}
	name := s.name()
	if !s.attributes(nil) {
		return false
	}
	s.lost = !s.nest.close(kindOf(name), name)
	return !s.lost
}

// start reads a start tag, of which "<" was read.
func (s *scanner) start() bool {
	began := s.at - 1
	name := s.name()
	k := kindOf(name)
	var value []byte // of the first href
	var has bool
	var wanted func(key, v []byte)
	if k&(anchor|area|base) != 0 {
		wanted = func(key, v []byte) {
			if !has && equalFold(key, "href") {
				value, has = v, true
			}
		}
	}
	if !s.attributes(wanted) {
		return false // the tag does not end, and counts for nothing
	}
	if !s.nest.open(k, name) {
		s.lost = true
		return false
	}
	if has {
		value = attributeText(value, s.text[began:s.at])
		if k&base == 0 {
			s.found.hrefs = append(s.found.hrefs, value)
		} else if !s.found.based {
			s.found.base, s.found.based = string(value), true
		}
	}
	if k&(title|script|raw) != 0 {
		return s.raw(k, name)
	}
	return true
}

// raw reads the text behind the start tag of an element that holds no others, up to its end tag.
func (s *scanner) raw(k kind, name []byte) bool {
	began := s.at
	for end := -1; end < 0; {
		i := bytes.Index(s.text[s.at:], []byte("</"))
		if i < 0 {
			s.at, end = len(s.text), len(s.text)
		} else {
			s.at += i + len("</")
			if s.closes(name) {
				s.at -= len("</")
				end = s.at
			}
		}
	}
	inside := s.text[began:s.at]
	switch {
	case k == title && !s.found.titled:
		s.found.title, s.found.titled = html.UnescapeString(string(inside)), true
	case k == script:
		// Within what looks like a comment, what looks like a script hides the end tag.
		_, hidden, found := bytes.Cut(inside, []byte("<!--"))
		s.lost = found && (bytes.Contains(hidden, []byte("<s")) || bytes.Contains(hidden, []byte("<S")))
	}
	return !s.lost
}

// closes reports whether here, behind "</", stands name, to its end.
func (s *scanner) closes(name []byte) bool {
	rest := s.text[s.at:]
	return len(rest) > len(name) && bytes.EqualFold(rest[:len(name)], name) && (isSpace(rest[len(name)]) || rest[len(name)] == '/' || rest[len(name)] == '>')
}

// name reads the name of a tag.
func (s *scanner) name() []byte {
	began := s.at
	for s.at < len(s.text) && !isSpace(s.text[s.at]) && s.text[s.at] != '/' && s.text[s.at] != '>' {
		s.at++
	}
	return s.text[began:s.at]
}

// attributes reads the attributes of a tag and the ">" behind them, and reports whether there is one. each, which may be
// nil, is told of them as they are written.
func (s *scanner) attributes(each func(key, value []byte)) bool {
	for s.skipSpace() {
		if s.text[s.at] == '>' {
			s.at++
			return true
		}
		key := s.key()
		value, ok := s.value()
		if !ok {
			return false
		}
		if each != nil {
			each(key, value)
		}
	}
	return false
}

// skipSpace reports whether anything follows.
func (s *scanner) skipSpace() bool {
	for s.at < len(s.text) && isSpace(s.text[s.at]) {
		s.at++
	}
	return s.at < len(s.text)
}

// key reads an attribute's name. A "=" in front is a part of it.
func (s *scanner) key() []byte {
	began := s.at
	for ; s.at < len(s.text); s.at++ {
		c := s.text[s.at]
		if isSpace(c) || c == '/' || c == '>' || c == '=' && s.at > began {
			break
		}
	}
	return s.text[began:s.at]
}

// value reads an attribute's value, with what stands before it; ok is false when the text ends.
func (s *scanner) value() (v []byte, ok bool) {
	if !s.skipSpace() {
		return nil, false
	}
	switch s.text[s.at] {
	case '/':
		s.at++
		return nil, true
	case '=':
		s.at++
	default:
		return nil, true
	}
	if !s.skipSpace() {
		return nil, false
	}
	switch quote := s.text[s.at]; quote {
	case '>':
		return nil, true
	case '"', '\'':
		s.at++
		began := s.at
		if !s.skipPast(quote) {
			return nil, false
		}
		return s.text[began : s.at-1], true
	}
	began := s.at
	for s.at < len(s.text) && !isSpace(s.text[s.at]) && s.text[s.at] != '>' {
		s.at++
	}
	return s.text[began:s.at], s.at < len(s.text)
}

// attributeText is what v stands for, the value of the first href in tag.
func attributeText(v, tag []byte) []byte {
	if bytes.IndexByte(v, '&') < 0 && bytes.IndexByte(v, '\r') < 0 {
		return v
	}
	// Which references count in an attribute is an art of its own, in which the tokenizer is at home.
	z := html.NewTokenizer(bytes.NewReader(tag))
	z.Next()
	for more := true; more; {
		var key, value []byte
		if key, value, more = z.TagAttr(); string(key) == "href" {
			return value
		}
	}
	return v
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' }

// equalFold is strings.EqualFold for a name in lower case, of ASCII letters: those of other alphabets that fold to some
// (the Kelvin sign is one) do not count.
func equalFold(b []byte, name string) bool {
	return len(b) == len(name) && strings.EqualFold(string(b), name)
}
