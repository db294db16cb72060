package main

import (
	"flag"
	"strings"
	"testing"
)

var all = flag.Bool("all", false, "benchmark every row of a section, not just those of -quick")

func BenchmarkMailbox(b *testing.B) { benchmark(b, mailboxSection) }
func BenchmarkTell(b *testing.B)    { benchmark(b, tellSection) }
func BenchmarkHop(b *testing.B)     { benchmark(b, hopSection) }
func BenchmarkAsk(b *testing.B)     { benchmark(b, askSection) }
func BenchmarkSpawn(b *testing.B)   { benchmark(b, spawnSection) }
func BenchmarkFanout(b *testing.B)  { benchmark(b, fanoutSection) }
func BenchmarkSkynet(b *testing.B)  { benchmark(b, skynetSection) }
func BenchmarkLatency(b *testing.B) { benchmark(b, latencySection) }

// benchmark is a section of the command, for go test: the rows of -quick, or with -args -all all of them. The last part
// of a name is by=contender, so that benchstat -col /by sets them side by side.
func benchmark(b *testing.B, s section) {
	for _, r := range s.rows() {
		if !r.quick && !*all {
			continue
		}
		for _, c := range r.contenders {
			b.Run(r.name+"/by="+c.name, func(b *testing.B) {
				ready := c.prepare()
				defer ready.close()
				if ready.gauge != nil {
					gauge(b, r, ready)
					return
				}
				b.ReportAllocs()
				ready.once(4096) // slots allocated, branches learnt
				b.ResetTimer()
				ready.run(b.N)
				b.StopTimer()
				ready.rest()
			})
		}
	}
}

// gauge takes each figure of a row b.N times, at the size of -quick, and reports the mean. The time of an operation says
// nothing about it, and so is not shown.
func gauge(b *testing.B, r row, ready runner) {
	sums := make([]float64, len(r.told()))
	for range b.N {
		for i, v := range ready.gauge(r.quickSize) {
			sums[i] += v
		}
		ready.rest()
	}
	b.ReportMetric(0, "ns/op")
	for i, f := range r.told() {
		b.ReportMetric(sums[i]/float64(b.N), unit(f))
	}
}

// unit is a figure's name and unit as one word, as go test wants it.
func unit(f figure) string { return strings.ReplaceAll(f.name+"-"+f.unit, " ", "-") }
