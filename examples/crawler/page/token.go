package page

import "bytes"

// A scanner takes a page apart as the HTML standard's tokenizer does. It copies nothing: what it finds are parts of the
// text, which has no zero bytes and no carriage returns.
type scanner struct {
	text []byte
	at   int // the next byte

	// The token that next found.
	token  token
	before span // the text in front of it; after the last token, what is left
	name   span // of an element, as it was written
	tag    span // all of a start tag
	attrs  []attr
	cut    bool // the text ended in the middle of a token
}

type token uint8

const (
	startTag token = iota
	endTag
	other // a comment, a doctype, or what is taken for one
)

// A span is a part of a text.
type span struct{ from, to int }

type attr struct{ key, value span }

func (s *scanner) bytes(p span) []byte { return s.text[p.from:p.to] }

// next finds the next token, and reports whether there is one.
func (s *scanner) next() bool {
	s.before.from = s.at
	for {
		open := bytes.IndexByte(s.text[s.at:], '<')
		if open < 0 || s.at+open+1 >= len(s.text) {
			s.at, s.before.to = len(s.text), len(s.text)
			return false
		}
		s.at += open + 1
		s.before.to = s.at - 1
		c := s.text[s.at]
		if !isLetter(c) && c != '/' && c != '!' && c != '?' {
			continue // this one is text
		}
		if !s.read(c) {
			s.cut = true
			return false
		}
		return true
	}
}

// read reads the token that begins with "<" and c, as far as it goes, and reports whether it ends.
func (s *scanner) read(c byte) bool {
	switch {
	case isLetter(c):
		s.token, s.tag.from = startTag, s.at-1
		s.readName()
		ok := s.readAttributes()
		s.tag.to = s.at
		return ok
	case c == '/':
		s.token = endTag
		s.at++
		if s.at < len(s.text) && isLetter(s.text[s.at]) {
			s.readName()
			return s.readAttributes()
		}
	case c == '!':
		s.at++
		if bytes.HasPrefix(s.text[s.at:], []byte("--")) {
			s.token = other
			s.at += len("--")
			return s.skipComment()
		}
	}
	s.token = other
	return s.skipPast('>')
}

func (s *scanner) skipPast(c byte) bool {
	i := bytes.IndexByte(s.text[s.at:], c)
	s.at += i + 1
	return i >= 0
}

// skipComment skips the rest of one. It ends at the first ">" behind two dashes, or behind two dashes and a "!", or behind
// nothing but dashes.
func (s *scanner) skipComment() bool {
	began := s.at
	for s.skipPast('>') {
		inside := s.text[began : s.at-1]
		if bytes.HasSuffix(inside, []byte("--")) || bytes.HasSuffix(inside, []byte("--!")) || len(inside) == 0 || string(inside) == "-" {
			return true
		}
	}
	return false
}

// rawText reads what is in the element whose start tag was found, up to its end tag, as text; ok is false when that is
// missing, and the text goes on to the end.
func (s *scanner) rawText() (inside span, ok bool) {
	inside.from = s.at
	for {
		i := bytes.Index(s.text[s.at:], []byte("</"))
		if i < 0 {
			s.at = len(s.text)
			return span{inside.from, s.at}, false
		}
		s.at += i + len("</")
		if s.endsHere(s.bytes(s.name)) {
			s.at -= len("</")
			return span{inside.from, s.at}, true
		}
	}
}

// endsHere reports whether here, behind "</", stands name, to its end.
func (s *scanner) endsHere(name []byte) bool {
	rest := s.text[s.at:]
	return len(rest) > len(name) && bytes.EqualFold(rest[:len(name)], name) && (isSpace(rest[len(name)]) || rest[len(name)] == '/' || rest[len(name)] == '>')
}

func (s *scanner) readName() {
	s.name.from = s.at
	for s.at < len(s.text) && !isSpace(s.text[s.at]) && s.text[s.at] != '/' && s.text[s.at] != '>' {
		s.at++
	}
	s.name.to = s.at
}

// readAttributes reads the attributes of a tag and the ">" behind them, and reports whether there is one.
func (s *scanner) readAttributes() bool {
	s.attrs = s.attrs[:0]
	for s.skipSpace() {
		if s.text[s.at] == '>' {
			s.at++
			return true
		}
		key := s.readKey()
		value, ok := s.readValue()
		if !ok {
			return false
		}
		if key.from < key.to {
			s.attrs = append(s.attrs, attr{key, value})
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

// readKey reads an attribute's name. A "=" in front is a part of it.
func (s *scanner) readKey() span {
	began := s.at
	for ; s.at < len(s.text); s.at++ {
		c := s.text[s.at]
		if isSpace(c) || c == '/' || c == '>' || c == '=' && s.at > began {
			break
		}
	}
	return span{began, s.at}
}

// readValue reads an attribute's value, with what stands before it; ok is false when the text ends.
func (s *scanner) readValue() (v span, ok bool) {
	if !s.skipSpace() {
		return v, false
	}
	switch s.text[s.at] {
	case '/':
		s.at++
		return v, true
	case '=':
		s.at++
	default:
		return v, true
	}
	if !s.skipSpace() {
		return v, false
	}
	switch quote := s.text[s.at]; quote {
	case '>':
		return v, true
	case '"', '\'':
		s.at++
		began := s.at
		if !s.skipPast(quote) {
			return v, false
		}
		return span{began, s.at - 1}, true
	}
	began := s.at
	for s.at < len(s.text) && !isSpace(s.text[s.at]) && s.text[s.at] != '>' {
		s.at++
	}
	return span{began, s.at}, s.at < len(s.text)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\f' }
