package market

import (
	"fmt"
	"html"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// style is all the CSS there is. It stands in every page, so that a page that was saved looks like itself.
const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 0 1rem 3rem; color: #222 }
a { color: #1a5a8a; text-decoration: none } a:hover { text-decoration: underline }
nav { border-bottom: 2px solid #1a5a8a; padding: .8rem 0 } nav a { margin-right: 1.2rem; font-weight: 600 }
h1 { font-size: 1.6rem } h2 { font-size: 1.1rem; margin-bottom: .3rem }
article.home { background: #eef4f8; border-radius: .5rem; padding: .2rem 1.2rem 1rem }
.district, .price, .area { margin-right: 1.5rem } .price { font-weight: 600; color: #a33 }
table { border-collapse: collapse } td { border-bottom: 1px solid #ddd; padding: .4rem 1rem .4rem 0 }
ul { padding: 0; list-style: none }
ul.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .6rem }
ul.cards li { border: 1px solid #ddd; border-radius: .4rem; padding: .6rem .8rem } ul.cards small { display: block }
ul.pager li, ul.links li { display: inline-block; margin-right: 1rem }
footer { margin-top: 2rem; border-top: 1px solid #ddd }
`

// A writer collects the HTML of a page. It is written by hand rather than by html/template, which would mend the hrefs
// that are malformed on purpose.
type writer struct {
	strings.Builder
	origin string // scheme and host of the request
}

// printf writes format with its arguments, strings among them escaped.
func (w *writer) printf(format string, args ...any) {
	for i, arg := range args {
		if s, ok := arg.(string); ok {
			args[i] = html.EscapeString(s)
		}
	}
	fmt.Fprintf(w, format, args...)
}

// render writes the document as it is sent to somebody who reached the site by origin, like "http://127.0.0.1:8080".
func (d *document) render(origin string) []byte {
	w := &writer{origin: origin}
	w.document(d)
	text := w.String()
	if d.damage != nil {
		text = d.damage(text)
	}
	if d.charset != "gbk" {
		return []byte(text)
	}
	encoded, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		panic("market: " + d.title + " cannot be written in GBK: " + err.Error())
	}
	return []byte(encoded)
}

func (w *writer) document(d *document) {
	charset := d.charset
	if charset == "" {
		charset = "utf-8"
	}
	w.printf("<!DOCTYPE html>\n<html lang=\"%s\">\n", d.tongue.code)
	w.printf("<head>\n<meta charset=\"%s\">\n<title>%s</title>\n", charset, d.title)
	if d.base != "" {
		w.printf("<base href=\"%s\">\n", d.base)
	}
	w.WriteString("<style>" + style + "</style>\n</head>\n<body>\n<nav>\n")
	for _, l := range d.nav {
		w.link(l)
		w.WriteString("\n")
	}
	w.WriteString("</nav>\n<main>\n")
	w.homes(d)
	for _, s := range d.sections {
		w.section(s)
	}
	w.WriteString("</main>\n<footer>\n")
	for _, l := range d.foot {
		w.link(l)
	}
	w.WriteString("\n</footer>\n</body>\n</html>\n")
}

// homes writes the heading, and the records if there are any.
func (w *writer) homes(d *document) {
	if len(d.homes) == 1 {
		h := d.homes[0]
		class := "home"
		if h.featured {
			class = "home featured"
		}
		w.printf("<article class=\"%s\">\n<h1 class=\"title\">%s</h1>\n<p>", class, h.title)
		w.printf("<span class=\"district\">%s</span>\n<span class=\"price\">%s</span>\n<span class=\"area\">%s</span>",
			h.district.name, h.price, h.area)
		w.WriteString("</p>\n</article>\n")
		return
	}
	w.printf("<h1>%s</h1>\n", d.title)
	if len(d.homes) == 0 {
		return
	}
	w.WriteString("<table>\n")
	for _, h := range d.homes {
		w.printf("<tr class=\"home\"><td class=\"title\">%s</td><td class=\"district\">%s</td>", h.title, h.district.name)
		w.printf("<td class=\"price\">\n  %s\n</td><td class=\"area\">%s</td></tr>\n", h.price, h.area)
	}
	w.WriteString("</table>\n")
}

func (w *writer) section(s section) {
	w.WriteString("<section>\n")
	if s.heading != "" {
		w.printf("<h2>%s</h2>\n", s.heading)
	}
	if s.text != "" {
		w.printf("<p>%s</p>\n", s.text)
	}
	if len(s.links) > 0 {
		w.printf("<ul class=\"%s\">\n", s.class)
		for _, l := range s.links {
			w.WriteString("<li>")
			w.link(l)
			if l.note != "" {
				w.printf(" <small>%s</small>", l.note)
			}
			w.WriteString("</li>\n")
		}
		w.WriteString("</ul>\n")
	}
	w.WriteString("</section>\n")
}

func (w *writer) link(l link) {
	href := l.href
	switch l.origin {
	case fullOrigin:
		href = w.origin + href
	case shoutedOrigin:
		href = strings.ToUpper(w.origin) + href
	case hostOnly:
		_, host, _ := strings.Cut(w.origin, ":")
		href = host + href
	}
	w.printf(`<a href="%s">%s</a>`, href, l.text)
}
