package bench

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestChartsAreDrawn has two sections, one of them with a baseline of nothing, as a coarse clock reads.
func TestChartsAreDrawn(t *testing.T) {
	of := func(name, row string, base, other, ours float64) result {
		return result{
			Section: name, Row: row, GOMAXPROCS: 2, Unit: "ns", job: job{section: Section{Name: name}, procs: 2},
			Contenders: []summary{{Name: "channel", Value: base}, {Name: "Proto.Actor", Value: other}, {Name: "troupe", Value: ours}},
			Ratios:     []ratio{{To: "channel", spread: spread{Median: quotient(ours, base)}}, {To: "Proto.Actor"}},
		}
	}
	dir := t.TempDir()
	err := writeCharts(dir, []result{
		of("tell", "senders=1", 50, 100, 10),
		of("tell", "senders=2", 50, 1e6, 0.01),
		of("latency", "idle", 0, 3, 1),
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"tell.svg":    {"senders=1", "senders=2", "channel: 50.0 ns", "10.0 ns", "1,000,000 ns", "Proto.Actor", "troupe"},
		"latency.svg": {"idle", "channel: 0.00 ns"},
	} {
		text := svgText(t, filepath.Join(dir, name))
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q: %s", name, part, text)
			}
		}
	}
}

// svgText parses an SVG, and returns what is written in it.
func svgText(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decoder := xml.NewDecoder(f)
	var text strings.Builder
	root := ""
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s is no XML: %v", path, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if root == "" {
				root = token.Name.Local
			}
		case xml.CharData:
			text.Write(token)
		}
	}
	if root != "svg" {
		t.Errorf("%s has the root element %q", path, root)
	}
	return text.String()
}

func TestTicksStayInRange(t *testing.T) {
	var labels []string
	for _, tick := range ratioTicks(0.04, 11) {
		labels = append(labels, tick.Label)
	}
	if got, want := strings.Join(labels, " "), "0.05 0.1 0.2 0.5 1 2 5 10"; got != want {
		t.Errorf("the ticks are %s, want %s", got, want)
	}
}
