package market

import "strings"

// The Allow comes last and is the longer rule. A crawler has to know that the longest match wins (RFC 9309, 2.2.2),
// whatever the order of the lines is.
const robotsTxt = `# The market of second-hand homes
User-agent: *
Disallow: /private/
Disallow: /search
Allow: /private/open
`

// forbidden reports whether robotsTxt keeps crawlers from the path. It says the same as the text in code, and not by
// parsing it: a parser that misreads the text would agree with itself.
func forbidden(path string) bool {
	if strings.HasPrefix(path, "/private/") {
		return !strings.HasPrefix(path, "/private/open")
	}
	return strings.HasPrefix(path, "/search")
}
