package main

import (
	"flag"
	"testing"

	"github.com/troupe-go/troupe/benchmarks/internal/bench/benchtest"
	"github.com/troupe-go/troupe/benchmarks/internal/patterns"
)

var all = flag.Bool("all", false, "benchmark every row of a section, not just those of -quick")

func BenchmarkMailbox(b *testing.B)  { benchtest.Benchmark(b, mailboxSection, *all) }
func BenchmarkTell(b *testing.B)     { benchtest.Benchmark(b, tellSection, *all) }
func BenchmarkHop(b *testing.B)      { benchtest.Benchmark(b, hopSection, *all) }
func BenchmarkAsk(b *testing.B)      { benchtest.Benchmark(b, askSection, *all) }
func BenchmarkSpawn(b *testing.B)    { benchtest.Benchmark(b, spawnSection, *all) }
func BenchmarkFanout(b *testing.B)   { benchtest.Benchmark(b, fanoutSection, *all) }
func BenchmarkSkynet(b *testing.B)   { benchtest.Benchmark(b, skynetSection, *all) }
func BenchmarkLatency(b *testing.B)  { benchtest.Benchmark(b, latencySection, *all) }
func BenchmarkPatterns(b *testing.B) { benchtest.Benchmark(b, patterns.Section, *all) }
