package main

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/troupe-go/troupe/benchmarks/internal/bench/benchtest"
	"github.com/troupe-go/troupe/benchmarks/internal/contest"
)

// TestMain overlooks the goroutines of the pool that ants has from the start.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

func TestRowsRun(t *testing.T) { benchtest.Run(t, rivals.Sections) }

func TestRowsOfATableMatch(t *testing.T) { benchtest.Match(t, rivals.Sections, contest.TroupeName) }

// BenchmarkRivals is the command for go test, for profiles and for benchstat: see benchmarks/README.md.
func BenchmarkRivals(b *testing.B) {
	for _, s := range rivals.Sections {
		b.Run(s.Name, func(b *testing.B) { benchtest.Benchmark(b, s, true) })
	}
}
