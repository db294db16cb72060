package market

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// A speller writes the hrefs. Most are plain; the others lead to the same address by way of a fragment, a full URL, dot
// segments, parameters in another order, or a question mark with nothing behind it.
type speller struct {
	rng *rand.Rand
}

// spell writes the hrefs of a page, if it has any.
func (s *speller) spell(p *page) {
	if p.doc == nil {
		return
	}
	base := p.path
	if p.doc.base != "" {
		base = p.doc.base
	}
	for l := range p.doc.links() {
		if l.href == "" {
			l.origin, l.href = s.href(base, l.to)
		}
	}
}

// href spells the address target as seen from base.
func (s *speller) href(base, target string) (origin, string) {
	path, query, _ := strings.Cut(target, "?")
	origin, path := s.path(base, path)
	return origin, path + s.query(query) + s.fragment()
}

func (s *speller) path(base, path string) (origin, string) {
	base, _, _ = strings.Cut(base, "?")
	up := strings.Repeat("../", strings.Count(base, "/")-1)
	switch s.rng.IntN(24) {
	case 0:
		return noOrigin, "./" + up + path[1:]
	case 1:
		return noOrigin, "./" + up + "district/./.." + path
	case 2:
		return noOrigin, "/home/.." + path
	case 3:
		return noOrigin, "/../." + path // above the root is the root
	case 4:
		return fullOrigin, path
	case 5:
		return shoutedOrigin, path
	case 6:
		return hostOnly, path
	}
	return noOrigin, path
}

func (s *speller) query(query string) string {
	if query == "" {
		if s.rng.IntN(30) == 0 {
			return "?"
		}
		return ""
	}
	if s.rng.IntN(3) > 0 {
		return "?" + query
	}
	pairs := strings.Split(query, "&")
	slices.Reverse(pairs)
	return "?" + strings.Join(pairs, "&")
}

func (s *speller) fragment() string {
	switch s.rng.IntN(12) {
	case 0:
		return "#photos"
	case 1:
		return "#page=2&sort=none" // looks like parameters, and is none of the address
	}
	return ""
}
