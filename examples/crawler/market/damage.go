package market

import (
	"regexp"
	"strings"
)

// A damage rewrites well-formed HTML into what people write. To an HTML5 parser the page has the same links and the same
// record as before; to a regular expression, or to an XML parser, it has not.
type damage func(string) string

var damages = []damage{unclosed, shouted, nested, feigned, spread, truncated}

// unclosed leaves out end tags, closes a heading with another one's tag, and closes a <div> that never began.
func unclosed(text string) string {
	return strings.NewReplacer(
		"</li>", "", "</p>", "", "</section>", "</div>", "</main>", "", "</article>", "</div></div>", "</h1>", "</h2>",
		"</body>\n</html>\n", "",
	).Replace(text)
}

var (
	tagName   = regexp.MustCompile(`</?[a-z][a-z0-9]*`)
	attribute = regexp.MustCompile(` (class|href|lang)="([^"\s]+)"`)
)

// shouted writes tags and attributes in upper case, takes the quotes off values, adds an attribute that has none, and
// leaves ampersands bare.
func shouted(text string) string {
	text = attribute.ReplaceAllStringFunc(text, func(s string) string {
		name, value, _ := strings.Cut(s, "=")
		return strings.ToUpper(name) + "=" + strings.Trim(value, `"`)
	})
	text = tagName.ReplaceAllStringFunc(text, strings.ToUpper)
	return strings.NewReplacer("<UL ", "<UL COMPACT ", "&amp;", "&").Replace(text)
}

// nested begins every link of a list but the first within the one before it.
func nested(text string) string {
	return strings.ReplaceAll(text, "</a></li>\n<li><a ", " <a ")
}

// feigned adds links that are none: in a comment, in a script, in a text area.
func feigned(text string) string {
	return strings.Replace(text, "<body>", `<body>
<!-- <a href="/hidden/by-comment">gone since spring</a> <article class="home"><h1 class="title">Old</h1></article> -->
<script>document.title += "<a href='/hidden/by-script'>".slice(0, 0);</script>
<textarea hidden><a href="/hidden/by-script">source</a></textarea>`, 1)
}

var value = regexp.MustCompile(`<a href="([^"]*)"`)

// spread puts white space where it makes no difference, the inside of an href included, changes the quotes, and adds an
// anchor that is not a link.
func spread(text string) string {
	text = value.ReplaceAllString(text, "<a\n\thref = ' $1\n'")
	text = strings.ReplaceAll(text, `class="title">`, "class = 'big  title'\n>\n\t")
	return strings.Replace(text, "<main>", `<main><a name="top"></a>`, 1)
}

// truncated ends in the middle of a tag.
func truncated(text string) string {
	return strings.Replace(text, "</body>\n</html>\n", `<p>And also <a href="/hidden/by-truncation" class="mo`, 1)
}
