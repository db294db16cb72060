package bench

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableAlignsAndParts(t *testing.T) {
	line := func(message, producers string, base, other summary, ratios spread) result {
		base.Name, other.Name = "channel", "troupe"
		return result{
			Contenders: []summary{base, other}, Ratios: []ratio{{To: "channel", spread: ratios}},
			job: job{row: Row{Table: "FIFO, Put / Get", Label: []Label{{"message", message}, {"producers", producers}}}},
		}
	}
	var got strings.Builder
	err := writeTable(&got, []result{
		line("8B", "1", summary{Value: 47.96}, summary{Value: 12.04, Allocs: 0.0004, Bytes: 0.4}, spread{0.251, 0.2, 0.3}),
		line("8B", "64", summary{Value: 1234.5}, summary{Value: 100, Allocs: 1, Bytes: 16}, spread{0.08, 0.07, 10}),
		line("any", "1", summary{Value: 5.123}, summary{Value: 5.1}, spread{1, 1, 1}),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `
FIFO, Put / Get
                      channel          troupe
  message  producers       ns  allocs      ns       allocs    troupe / channel
       8B          1     48.0       0    12.0            0   0.25 (0.20..0.30)
       8B         64    1,235       0     100  1.00 (16 B)  0.08 (0.07..10.00)

      any          1     5.12       0    5.10            0   1.00 (1.00..1.00)
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("the table is not as wanted (-want +got):\n%s", diff)
	}
}

func TestTableOfFiguresShowsAims(t *testing.T) {
	line := func(f Figure, base, other, ours, ratio1 float64) result {
		return result{
			Unit: f.Unit, figure: f,
			Contenders: []summary{{Name: "channel", Value: base}, {Name: "Proto.Actor", Value: other}, {Name: "troupe", Value: ours}},
			Ratios:     []ratio{{To: "channel", spread: spread{ratio1, ratio1, ratio1}, Aim: 0.5}, {To: "Proto.Actor", spread: spread{1, 1, 1}}},
			job:        job{row: Row{Table: "Wake-up", Label: []Label{{"work", "wake"}}}},
		}
	}
	var got strings.Builder
	err := writeTable(&got, []result{
		line(Figure{Name: "p50", Unit: "µs"}, 1, 2, 0.4, 0.4),
		line(Figure{Name: "p99", Unit: "µs", Limit: 10}, 1, 2, 20, 20),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `
Wake-up
  work   figure  channel  Proto.Actor  troupe          aim      troupe / channel          aim  troupe / Proto.Actor
  wake  p50, µs     1.00         2.00    0.40                  0.40 (0.40..0.40)         0.50     1.00 (1.00..1.00)
  wake  p99, µs     1.00         2.00    20.0  10.0 missed  20.00 (20.00..20.00)  0.50 missed     1.00 (1.00..1.00)
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("the table is not as wanted (-want +got):\n%s", diff)
	}
}

func TestNoResultsPrintNothing(t *testing.T) {
	var got strings.Builder
	if err := writeTable(&got, nil); err != nil || got.Len() > 0 {
		t.Errorf("printed %q, %v", got.String(), err)
	}
}

func TestDigits(t *testing.T) {
	for f, want := range map[float64]string{0: "0.00", 3.14159: "3.14", 9.996: "10.0", 31.4159: "31.4", 99.96: "100", 314.159: "314", 1234567: "1,234,567"} {
		if got := digits(f); got != want {
			t.Errorf("digits(%v) is %q, want %q", f, got, want)
		}
	}
}
