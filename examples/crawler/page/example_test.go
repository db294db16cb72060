package page_test

import (
	"fmt"
	"log"
	"net/url"

	"github.com/troupe-go/troupe/examples/crawler/page"
)

func ExampleCanonical() {
	base, err := url.Parse("https://example.com/homes/list?page=2")
	if err != nil {
		log.Fatal(err)
	}
	for _, ref := range []string{"../homes/?sort=price&city=Oslo#top", "HTTPS://Example.COM:443/%7Eann", "mailto:ann@example.com"} {
		fmt.Println(page.Canonical(base, ref))
	}
	// Output:
	// https://example.com/homes/?city=Oslo&sort=price <nil>
	// https://example.com/~ann <nil>
	//  page: link "mailto:ann@example.com": the scheme is not http or https
}

func ExampleParse() {
	at, err := url.Parse("https://example.com/homes/")
	if err != nil {
		log.Fatal(err)
	}
	spec, err := page.NewSpec("li", []string{"name=b", "link=a@href"})
	if err != nil {
		log.Fatal(err)
	}
	body := `<title>Homes</title><ul><li><b>Loft</b> <a href="7">more</a><li><b>Barn</b> <a href="9">more</a></ul>`
	doc, err := page.Parse([]byte(body), "text/html; charset=utf-8", at, spec)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(doc.Title, doc.Links)
	for _, r := range doc.Records {
		fmt.Printf("%q\n", r.Values)
	}
	// Output:
	// Homes [https://example.com/homes/7 https://example.com/homes/9]
	// ["Loft" "https://example.com/homes/7"]
	// ["Barn" "https://example.com/homes/9"]
}
