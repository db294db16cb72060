package main

import (
	"net/http"
	"sync/atomic"

	"github.com/gocolly/colly/v2"
)

// withColly crawls as colly's documentation shows it: robots.txt is heeded, as by Troupe's crawler, each link is visited,
// and colly passes over what it has seen. Its default client keeps two connections to a host and makes the others anew
// for each request; kept lets it keep as many as it uses.
func withColly(kept bool) crawler {
	return func(start string, fields bool) result {
		var r atomicResult
		c := colly.NewCollector(colly.Async(true))
		c.IgnoreRobotsTxt = false
		if kept {
			c.WithTransport(newTransport())
		}
		if err := c.Limit(&colly.LimitRule{DomainGlob: "*", Parallelism: atOnce}); err != nil {
			panic(err)
		}
		c.OnResponse(func(*colly.Response) { r.pages.Add(1) })
		c.OnHTML("a[href]", func(e *colly.HTMLElement) {
			r.links.Add(1)
			_ = e.Request.Visit(e.Attr("href")) // most were visited before
		})
		if fields {
			c.OnHTML(itemSelector, func(e *colly.HTMLElement) {
				if e.ChildText(nameSelector) != "" && e.ChildText(priceSelector) != "" {
					r.records.Add(1)
				}
			})
		}
		if err := c.Visit(start); err != nil {
			panic(err)
		}
		c.Wait()
		return r.result()
	}
}

type atomicResult struct{ pages, links, records atomic.Int64 }

func (r *atomicResult) result() result {
	return result{int(r.pages.Load()), int(r.links.Load()), int(r.records.Load())}
}

// newTransport keeps as many connections as are used.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = atOnce
	return t
}
