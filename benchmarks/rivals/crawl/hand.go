package main

import (
	"io"
	"net/http"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// A reader takes what is wanted out of a page: its links, as they are written, and the number of its records.
type reader func(body io.Reader, fields bool) (hrefs []string, records int)

// A leaf is what a worker has made of a page.
type leaf struct {
	links   []string
	records int
}

// byHand is what one writes in an hour: some goroutines that fetch and parse, and one that knows what was seen. There is
// neither a robots.txt, nor a limit for each host, nor a retry, a time limit or a limit for a page's size; a page that
// fails ends the program.
func byHand(read reader) crawler {
	return func(start string, fields bool) result {
		client := &http.Client{Transport: newTransport()}
		defer client.CloseIdleConnections()
		work, done := make(chan string), make(chan leaf)
		defer close(work)
		for range atOnce {
			go func() {
				for address := range work {
					done <- fetch(client, address, read, fields)
				}
			}()
		}
		seen := map[string]bool{start: true}
		queue := []string{start}
		var r result
		for active := 0; active > 0 || len(queue) > 0; {
			var next string
			var to chan string
			if len(queue) > 0 {
				next, to = queue[0], work
			}
			select {
			case to <- next:
				queue = queue[1:]
				active++
			case l := <-done:
				active--
				r.pages++
				r.links += len(l.links)
				r.records += l.records
				for _, link := range l.links {
					if !seen[link] {
						seen[link] = true
						queue = append(queue, link)
					}
				}
			}
		}
		return r
	}
}

func fetch(client *http.Client, address string, read reader, fields bool) leaf {
	answer := must(client.Get(address))
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		panic(address + ": " + answer.Status)
	}
	hrefs, records := read(answer.Body, fields)
	l := leaf{make([]string, 0, len(hrefs)), records}
	at := answer.Request.URL
	for _, href := range hrefs {
		to := must(at.Parse(href))
		if to.Scheme != "http" || to.Host != at.Host {
			continue
		}
		to.Fragment = ""
		l.links = append(l.links, to.String())
	}
	return l
}

// withGoquery reads the page into a tree.
func withGoquery(body io.Reader, fields bool) (hrefs []string, records int) {
	tree := must(goquery.NewDocumentFromReader(body))
	tree.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
		href, _ := a.Attr("href")
		hrefs = append(hrefs, href)
	})
	if fields {
		tree.Find(itemSelector).Each(func(_ int, item *goquery.Selection) {
			if item.Find(nameSelector).Text() != "" && item.Find(priceSelector).Text() != "" {
				records++
			}
		})
	}
	return hrefs, records
}

// withTokenizer looks at nothing but the start tags of links.
func withTokenizer(body io.Reader, _ bool) (hrefs []string, records int) {
	z := html.NewTokenizer(body)
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				panic(z.Err())
			}
			return hrefs, 0
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if string(name) != "a" {
				continue
			}
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				if string(key) == "href" {
					hrefs = append(hrefs, strings.TrimSpace(string(value)))
					break
				}
			}
		}
	}
}
