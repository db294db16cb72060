package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gocolly/colly/v2"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
	"github.com/troupe-go/troupe/examples/crawler/crawl"
	"github.com/troupe-go/troupe/examples/crawler/market"
	"github.com/troupe-go/troupe/examples/crawler/page"
)

// marketTries is how often a page of the market is asked for that answers with a failure.
const marketTries = 4

// marketRow is the crawl of the site that examples/crawler brings along: 700 pages, some of which are slow, fail at first or
// always, lead elsewhere, or are forbidden. Both look for its records, too. It is the slow ones that the last are waited for.
func marketRow() bench.Row {
	r := bench.Row{
		Name: "market", Table: "Crawl of the market", Size: 1, QuickSize: 1, Quick: true,
		Figures: []bench.Figure{
			{Name: "a page", Unit: "µs", Aims: []float64{0.5}},
			{Name: "pages a second", Unit: "1/s", Loose: true},
		},
	}
	for _, c := range []struct {
		name  string
		crawl func(start string)
	}{{collyName, marketWithColly}, {troupeName, marketWithTroupe}} {
		r.Contenders = append(r.Contenders, bench.Contender{Name: c.name, Prepare: func() bench.Runner {
			return bench.Runner{Gauge: func(int) []float64 {
				site := market.New() // a new one each time: it counts requests, and fails by that
				server := &http.Server{Handler: site}
				defer server.Close()
				base := serve(server)
				began := time.Now()
				c.crawl(base + "/")
				took := time.Since(began)
				n := float64(verifyMarket(c.name, site, base))
				return []float64{float64(took.Microseconds()) / n, n / took.Seconds()}
			}}
		}})
	}
	return r
}

// verifyMarket panics unless all pages of the market were asked for, and, by ours, none of the forbidden: colly does not ask
// robots.txt about where a redirect leads. It returns the number of the pages.
func verifyMarket(who string, site *market.Site, base string) int {
	manifest := site.Manifest(base)
	requests := site.Requests()
	for address := range manifest.Pages {
		if requests[address[len(base):]] == 0 {
			panic(fmt.Sprintf("%s did not ask for %s", who, address))
		}
	}
	for _, address := range manifest.Forbidden {
		if who == troupeName && requests[address[len(base):]] > 0 {
			panic(fmt.Sprintf("%s asked for %s, which is forbidden", who, address))
		}
	}
	return len(manifest.Pages)
}

func marketWithTroupe(start string) {
	cfg := troupeConfig(start)
	cfg.Spec = page.DefaultSpec()
	cfg.Body, cfg.Retries, cfg.Backoff = market.BodyLimit, marketTries-1, time.Millisecond
	s := must(crawl.Run(context.Background(), cfg))
	if left, right := s.Identity(); left != right || s.Interrupted {
		panic("the accounts do not balance")
	}
}

// marketWithColly keeps to the site, tries again at once, passes over pages that are too large, and leaves the rest to colly:
// charsets that only the page itself tells, for one, it does not look for.
func marketWithColly(start string) {
	at := must(url.Parse(start))
	c := colly.NewCollector(colly.Async(true), colly.AllowedDomains(at.Hostname()), colly.MaxBodySize(market.BodyLimit))
	c.IgnoreRobotsTxt = false
	c.WithTransport(newTransport())
	if err := c.Limit(&colly.LimitRule{DomainGlob: "*", Parallelism: atOnce}); err != nil {
		panic(err)
	}
	c.OnResponse(func(r *colly.Response) {
		if len(r.Body) == market.BodyLimit {
			r.Body = nil // the page is too large, and would be read as far as it goes
		}
	})
	c.OnHTML("a[href]", func(e *colly.HTMLElement) { _ = e.Request.Visit(e.Attr("href")) })
	spec := page.DefaultSpec()
	c.OnHTML(spec.Item, func(e *colly.HTMLElement) {
		for _, field := range spec.Fields {
			_ = e.ChildText(field.Selector)
		}
	})
	c.OnError(func(r *colly.Response, err error) {
		var visited *colly.AlreadyVisitedError
		tries, _ := r.Ctx.GetAny("tries").(int)
		if errors.As(err, &visited) || r.StatusCode > 0 && r.StatusCode < 500 || tries == marketTries-1 {
			return
		}
		r.Ctx.Put("tries", tries+1)
		_ = r.Request.Retry()
	})
	if err := c.Visit(start); err != nil {
		panic(err)
	}
	c.Wait()
}
