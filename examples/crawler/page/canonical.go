package page

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// ErrScheme is what Canonical returns, wrapped, for a reference that does not resolve to http or https: mailto:,
// javascript:, ftp:, or a relative one without a base.
var ErrScheme = errors.New("the scheme is not http or https")

// Canonical resolves ref against base, as a browser would, and returns the one form under which the URL is known.
//
// Scheme and host are in lower case, the host in its ASCII form; a default port, the userinfo and the fragment are
// gone; dot segments are resolved; an empty path is "/". Query parameters are sorted by key, then by value, in the byte
// order of their escaped form; an empty query and empty parameters are dropped, equal ones are all kept. An escape is
// undone where RFC 3986 says that it means nothing (%7E is ~), and is in upper case elsewhere; what may not stand bare
// is escaped, as UTF-8 whatever the page's encoding. The case of the path and a trailing slash are kept: servers
// tell them apart.
//
// Canonical of its own result is that result, against any base.
//
// Space around ref, and tabs and line breaks inside, are ignored, and a backslash before the query is a slash: HTML
// has it so. A nil base means that ref must be absolute. base is not changed. Canonical returns ErrScheme for what
// is not http or https, and otherwise an error that quotes ref (its first 200 characters) and says what is wrong.
func Canonical(base *url.URL, ref string) (string, error) {
	canonical, err := resolve(base, ref)
	if err != nil {
		// The parser quotes the reference too, after our tidying. Once, as written, is enough.
		if parse, ok := errors.AsType[*url.Error](err); ok {
			err = parse.Err
		}
		return "", fmt.Errorf("page: link %.200q: %w", ref, err)
	}
	return canonical, nil
}

func resolve(base *url.URL, ref string) (string, error) {
	ref = tidy(ref)
	// Asked before parsing, because what follows javascript: or data: need not parse as a URL at all.
	if s := scheme(ref); s != "" && !isHTTP(s) {
		return "", ErrScheme
	}
	r, err := url.Parse(ref)
	if err != nil {
		return "", err
	}
	b := url.URL{}
	if base != nil {
		b = *base
	}
	// The escapes are normalised first on both sides: %2e%2e is a dot segment like any other.
	normalPath(&b)
	normalPath(r)
	u := b.ResolveReference(r)

	u.Scheme = strings.ToLower(u.Scheme)
	if !isHTTP(u.Scheme) {
		return "", ErrScheme
	}
	host, err := normalHost(u)
	if err != nil {
		return "", err
	}
	if u.Path == "" {
		u.Path = "/"
	}
	// Spelled out rather than changed in u: whatever else u carries is not part of the one form.
	one := url.URL{Scheme: u.Scheme, Host: host, Path: u.Path, RawPath: u.RawPath, RawQuery: normalQuery(u.RawQuery)}
	return one.String(), nil
}

// tidy does what HTML does to the value of an href before anyone looks for a scheme in it, and cuts the fragment
// off: it may hold a stray "%", over which the parser would fail.
func tidy(ref string) string {
	ref = strings.TrimFunc(ref, func(r rune) bool { return r <= ' ' })
	ref, _, _ = strings.Cut(ref, "#")
	if strings.ContainsAny(ref, "\t\n\r") {
		ref = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(ref)
	}
	before, query, found := strings.Cut(ref, "?")
	if !strings.Contains(before, `\`) {
		return ref
	}
	before = strings.ReplaceAll(before, `\`, "/")
	if !found {
		return before
	}
	return before + "?" + query
}

// scheme returns what stands before the first ":" of ref if it has the form of a scheme, and "" otherwise.
func scheme(ref string) string {
	before, _, found := strings.Cut(ref, ":")
	if !found {
		return ""
	}
	for i := range len(before) {
		c := before[i] | 0x20
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || !strings.Contains("0123456789+-.", before[i:i+1])) {
			return ""
		}
	}
	return before
}

func isHTTP(scheme string) bool {
	return strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")
}

// normalHost returns the host of u in lower case, in ASCII, with its port unless that is the scheme's own.
func normalHost(u *url.URL) (string, error) {
	host, port := u.Hostname(), u.Port()
	if host == "" {
		return "", errors.New("no host")
	}
	// An ASCII host is left alone, as net/http does: the names that people use, with underscores for one, are not
	// all names that IDNA allows.
	if strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", fmt.Errorf("host %q: %w", host, err)
		}
		host = ascii
	}
	host = strings.ToLower(host)
	if strings.Contains(host, ":") {
		// The parser asks for the brackets only where it sees the scheme, so not in "//::1/x".
		if !strings.HasPrefix(u.Host, "[") {
			return "", fmt.Errorf("host %q: want an IPv6 address in brackets", u.Host)
		}
		host = "[" + host + "]"
	}
	if port == "" {
		return host, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "", fmt.Errorf("port %s: want 0 to 65535", port)
	}
	if u.Scheme == "http" && n == 80 || u.Scheme == "https" && n == 443 {
		return host, nil
	}
	return host + ":" + strconv.FormatUint(n, 10), nil
}

// normalPath gives u the normal spelling of its path. What the path means is not changed.
func normalPath(u *url.URL) {
	// RawPath before EscapedPath: where the path holds a bare space, say, EscapedPath spells it anew from
	// Path, and there a slash and an escaped slash are the same.
	raw := u.RawPath
	if raw == "" {
		raw = u.EscapedPath()
	}
	u.RawPath = NormalEscapes(raw)
}

func normalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	params := strings.Split(NormalEscapes(raw), "&")
	params = slices.DeleteFunc(params, func(p string) bool { return p == "" })
	slices.SortFunc(params, func(a, b string) int {
		// By key before value: as whole strings "a-b=1" would come before "a=2".
		ka, _, _ := strings.Cut(a, "=")
		kb, _, _ := strings.Cut(b, "=")
		if c := strings.Compare(ka, kb); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return strings.Join(params, "&")
}

// NormalEscapes returns s, a path or a query, with its escapes spelled as Canonical spells them. A "%" that begins
// no escape becomes %25, not "%": left bare, it could form an escape with what is unescaped behind it.
func NormalEscapes(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '%' || r >= 0x80 || isBare(byte(r)) }) {
		return s
	}
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(s)+16)
	escape := func(c byte) { b = append(b, '%', hex[c>>4], hex[c&15]) }
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '%' {
			if isBare(c) {
				escape(c)
			} else {
				b = append(b, c)
			}
			continue
		}
		n, err := strconv.ParseUint(s[i+1:min(i+3, len(s))], 16, 8)
		switch {
		case err != nil || i+2 >= len(s):
			escape('%')
			continue
		case isUnreserved(byte(n)):
			b = append(b, byte(n))
		default:
			escape(byte(n))
		}
		i += 2
	}
	return string(b)
}

// isBare reports whether c may not stand in a path or a query without being escaped. The list is that of the URL
// standard of the browsers for paths, and a "|" and a backslash, which net/url would escape anyway.
func isBare(c byte) bool {
	return c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0
}

func isUnreserved(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
