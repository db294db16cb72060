// Package benchtest holds tests of sections, and has them measured by go test: what each command that measures needs.
package benchtest

import (
	"math"
	"strings"
	"testing"

	"github.com/troupe-go/troupe/benchmarks/internal/bench"
)

// Run runs each row as the command does, but with few operations, and several times: what a run leaves behind
// must not disturb the next. Each load counts what its receivers got, and panics when that does not add up.
func Run(t *testing.T, sections []bench.Section) {
	for _, s := range sections {
		t.Run(s.Name, func(t *testing.T) {
			for _, r := range s.Rows() {
				for _, c := range r.Contenders {
					ready := c.Prepare()
					for _, n := range []int{1, 20, 1200} {
						if ready.Gauge == nil {
							ready.Once(n)
						} else if n == 20 { // some rows take 50 ms for each
							gaugeOnce(t, r, c.Name, ready, 3)
						}
					}
					ready.Close()
				}
			}
		})
	}
}

func gaugeOnce(t *testing.T, r bench.Row, name string, ready bench.Runner, n int) {
	figures := ready.Gauge(n)
	ready.Rest()
	if len(figures) != len(r.Told()) {
		t.Fatalf("%s: %s tells the figures %v, want %d of them", r.Name, name, figures, len(r.Told()))
	}
	for i, v := range figures {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			t.Errorf("%s: %s tells %v as %s", r.Name, name, v, r.Told()[i].Name)
		}
	}
}

// Match fails unless rows of one table stand together, have the same columns, and are not all left out by -quick. The
// last contender is to be ours.
func Match(t *testing.T, sections []bench.Section, ours string) {
	for _, s := range sections {
		names, tables, quick := map[string]bool{}, map[string]string{}, map[string]bool{}
		last := ""
		for _, r := range s.Rows() {
			for _, f := range r.Told() {
				if names[r.Result(f)] {
					t.Errorf("%s has two rows %s", s.Name, r.Result(f))
				}
				names[r.Result(f)] = true
				if len(f.Aims) >= len(r.Contenders) {
					t.Errorf("%s/%s has %d aims, and %d contenders to compare with", s.Name, r.Name, len(f.Aims), len(r.Contenders)-1)
				}
			}
			columns := ""
			for _, l := range r.Label {
				columns += l.Column + " "
			}
			for _, c := range r.Contenders {
				columns += c.Name + " "
			}
			if before, known := tables[r.Table]; known && (before != columns || last != r.Table) {
				t.Errorf("%s/%s has the columns %s, and comes after table %q; the table's others have %s", s.Name, r.Name, columns, last, before)
			}
			tables[r.Table], last = columns, r.Table
			quick[r.Table] = quick[r.Table] || r.Quick
			if name := r.Contenders[len(r.Contenders)-1].Name; name != ours {
				t.Errorf("%s/%s ends with %s", s.Name, r.Name, name)
			}
			if (r.Size > 0) != (r.QuickSize > 0) || r.Contenders[0].Prepare == nil {
				t.Errorf("%s/%s has the sizes %d and %d", s.Name, r.Name, r.Size, r.QuickSize)
			}
		}
		for table := range tables {
			if !quick[table] {
				t.Errorf("-quick leaves nothing of %q in %s", table, s.Name)
			}
		}
	}
}

// Benchmark is a section of the command, for go test: the rows of -quick, or with all each of them. The last part
// of a name is by=contender, so that benchstat -col /by sets them side by side.
func Benchmark(b *testing.B, s bench.Section, all bool) {
	for _, r := range s.Rows() {
		if !r.Quick && !all {
			continue
		}
		for _, c := range r.Contenders {
			b.Run(r.Name+"/by="+c.Name, func(b *testing.B) {
				ready := c.Prepare()
				defer ready.Close()
				if ready.Gauge != nil {
					gauge(b, r, ready)
					return
				}
				b.ReportAllocs()
				ready.Once(4096) // slots allocated, branches learnt
				b.ResetTimer()
				ready.Run(b.N)
				b.StopTimer()
				ready.Rest()
			})
		}
	}
}

// gauge takes each figure of a row b.N times, at the size of -quick, and reports the mean. The time of an operation says
// nothing about it, and so is not shown.
func gauge(b *testing.B, r bench.Row, ready bench.Runner) {
	sums := make([]float64, len(r.Told()))
	for range b.N {
		for i, v := range ready.Gauge(r.QuickSize) {
			sums[i] += v
		}
		ready.Rest()
	}
	b.ReportMetric(0, "ns/op")
	for i, f := range r.Told() {
		b.ReportMetric(sums[i]/float64(b.N), unit(f))
	}
}

// unit is a figure's name and unit as one word, as go test wants it.
func unit(f bench.Figure) string { return strings.ReplaceAll(f.Name+"-"+f.Unit, " ", "-") }
