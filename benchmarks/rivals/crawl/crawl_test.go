package main

import (
	"testing"

	"github.com/troupe-go/troupe/benchmarks/internal/bench/benchtest"
)

func TestMain(m *testing.M) {
	if runChild() {
		return
	}
	m.Run()
}

func TestSectionsRun(t *testing.T)   { benchtest.Run(t, sections()) }
func TestSectionsMatch(t *testing.T) { benchtest.Match(t, sections(), troupeName) }

// BenchmarkCrawl is for profiles: an operation is a whole crawl.
func BenchmarkCrawl(b *testing.B) {
	for _, fields := range []bool{false, true} {
		for who, crawl := range crawlers {
			name := who + "/links"
			if fields {
				name = who + "/records"
			}
			b.Run(name, func(b *testing.B) {
				s := newSite()
				defer s.server.Close()
				b.ReportAllocs()
				for b.Loop() {
					crawl(s.start(), fields)
				}
				b.ReportMetric(float64(b.N*sitePages)/b.Elapsed().Seconds(), "pages/s")
			})
		}
	}
}
