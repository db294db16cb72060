// Crawl compares the crawler of examples/crawler with colly, and with what one writes by hand.
//
//	cd benchmarks/rivals && go run ./crawl
package main

import (
	"fmt"
	"time"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
)

// What a record is, for those who look for records.
const (
	itemSelector  = ".item"
	nameSelector  = ".name"
	priceSelector = ".price"
)

// A crawler crawls from start to the end.
type crawler func(start string, fields bool) result

type result struct{ pages, links, records int }

const (
	collyName     = "colly"
	collyKeptName = "colly, 8 kept"
	goqueryName   = "by hand, goquery"
	tokenizerName = "by hand, tokenizer"
	troupeName    = "troupe"
)

var crawlers = map[string]crawler{
	collyName:     withColly(false),
	collyKeptName: withColly(true),
	goqueryName:   byHand(withGoquery),
	tokenizerName: byHand(withTokenizer),
	troupeName:    withTroupe,
}

func main() {
	if runChild() {
		return
	}
	bench.Command{
		Name:  "crawl",
		Usage: "go run ./crawl",
		About: `Crawl lets several crawlers crawl the same site, served in this process on loopback: 1,000 pages of 10 KB with 20
links each, 8 requests at once. Each run has to ask for every page once, and find every link.`,
		Title:    "Crawlers",
		Sections: sections(),
	}.Main()
}

const about = `colly is set to Async, a Parallelism of 8 and robots.txt; "8 kept" lets it keep as many connections as it uses, where
its default is two. Those by hand are goroutines and channels, and do nothing else that a crawler should. Troupe's is
examples/crawler as it comes.`

func sections() []bench.Section { return []bench.Section{{Name: "crawl", About: about, Rows: rows}} }

func rows() []bench.Row {
	return []bench.Row{
		row("links", false, []string{collyName, collyKeptName, goqueryName, tokenizerName, troupeName}, []float64{0.5, 0.5, 0, 1 / 0.85}),
		row("records", true, []string{collyName, collyKeptName, goqueryName, troupeName}, []float64{0.5, 0.5, 1 / 0.85}),
		marketRow(),
		memoryRow("memory of links", false, []string{collyName, collyKeptName, goqueryName, tokenizerName, troupeName}, []float64{1, 1}),
		memoryRow("memory of records", true, []string{collyName, collyKeptName, goqueryName, troupeName}, []float64{1, 1}),
	}
}

// row is the speed of a crawl.
func row(name string, fields bool, contenders []string, aims []float64) bench.Row {
	r := bench.Row{
		Name: name, Table: "Crawl of 1,000 pages of 10 KB: " + name, Size: sitePages, QuickSize: sitePages, Quick: true,
		Figures: []bench.Figure{{Name: "a page", Unit: "µs", Aims: aims}, {Name: "pages a second", Unit: "1/s", Loose: true}},
	}
	for _, who := range contenders {
		r.Contenders = append(r.Contenders, bench.Contender{Name: who, Prepare: func() bench.Runner {
			s := newSite()
			return bench.Runner{
				Gauge: func(int) []float64 {
					began := time.Now()
					got := crawlers[who](s.start(), fields)
					took := time.Since(began)
					got.verify(who, fields)
					s.verify(who, exact(who))
					return []float64{float64(took.Microseconds()) / sitePages, sitePages / took.Seconds()}
				},
				End: func() { _ = s.server.Close() },
			}
		}})
	}
	return r
}

// memoryRow is the memory of a process that crawls and does nothing else; the site is served by this one.
func memoryRow(name string, fields bool, contenders []string, aims []float64) bench.Row {
	r := bench.Row{
		Name: name, Table: "Crawl of 1,000 pages of 10 KB: " + name, Size: sitePages, QuickSize: sitePages, Quick: true,
		Figures: []bench.Figure{
			{Name: "the process at most", Unit: "MiB", Aims: aims},
			{Name: "the heap at most", Unit: "MiB", Aims: aims},
			{Name: "allocated for a page", Unit: "KiB", Aims: aims},
			{Name: "allocations for a page", Unit: "1", Aims: aims},
		},
	}
	for _, who := range contenders {
		r.Contenders = append(r.Contenders, bench.Contender{Name: who, Prepare: func() bench.Runner {
			s := newSite()
			return bench.Runner{
				Gauge: func(int) []float64 {
					m := send(errand{who, s.start(), fields})
					s.verify(who, exact(who))
					return []float64{m.RSS, m.Heap, m.Allocated, m.Allocs}
				},
				End: func() { _ = s.server.Close() },
			}
		}})
	}
	return r
}

// exact reports whether who asks for no page twice. Async, colly looks whether it has seen an address and notes it in two
// steps, between which another may do the same: it asks for some pages in a hundred twice.
func exact(who string) bool { return who != collyName && who != collyKeptName }

func (r result) verify(who string, fields bool) {
	want := result{pages: sitePages, links: sitePages * pageLinks}
	if fields {
		want.records = sitePages
	}
	if exact(who) && r != want || r.pages < want.pages || r.links < want.links || r.records < want.records {
		panic(fmt.Sprintf("%s found %+v, want %+v", who, r, want))
	}
}
