package bench

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// measured makes a result of one ratio to the channel.
func measured(row string, ratios float64) result {
	return result{Section: "s", Row: row, Ratios: []ratio{{To: "channel", spread: spread{Median: ratios}}}}
}

func TestGateFailsWhenARatioIsMoreThanTwiceTheRecorded(t *testing.T) {
	rec := &record{Ratios: map[string]float64{"s/a": 0.5, "s/b": 0.25}}
	for _, tt := range []struct {
		name  string
		found float64   // of a; b is as recorded
		again []float64 // what a is when it is measured again
		want  string
		tries int
	}{
		{"as recorded", 0.5, nil, "", 0},
		{"at the limit", 1, nil, "", 0},
		{"a stall", 1.01, []float64{0.6}, "", 1},
		{"two stalls", 3, []float64{2, 1}, "", 2},
		{"a regression", 3, []float64{2, 1.5, 2}, "s/a: the ratio to channel is 1.500 at best, recorded is 0.500, the limit 1.000", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tries := 0
			err := rec.check([]result{measured("b", 0.25), measured("a", tt.found)}, func(job) []result {
				tries++
				// The row's other figures come along, and are not at issue.
				return []result{measured("b", 9), measured("a", tt.again[tries-1])}
			})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want || tries != tt.tries {
				t.Errorf("after %d tries the error is %q, want %d and %q", tries, got, tt.tries, tt.want)
			}
		})
	}
}

func TestGateHasALineForEachRow(t *testing.T) {
	rec := &record{Ratios: map[string]float64{"s/a": 0.1, "s/b": 0.2, "s/c": 1}}
	bad := []result{measured("a", 1), measured("b", 1), measured("c", 1)}
	err := rec.check(bad, func(job) []result { return bad })
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("the error is %v, want a line for each of two rows", err)
	}
}

func TestGateOverlooksLooseFigures(t *testing.T) {
	loose := measured("a", 100)
	loose.figure.Loose = true
	rec := recordOf(report{Quick: true, Results: []result{loose, measured("b", 2)}})
	if diff := cmp.Diff(&record{Quick: true, Ratios: map[string]float64{"s/b": 2}}, rec); diff != "" {
		t.Errorf("the record is not as wanted (-want +got):\n%s", diff)
	}
	if err := rec.check([]result{loose}, nil); err != nil {
		t.Errorf("a loose figure failed: %v", err)
	}
}

// TestRecordMustHaveTheRowsThereAre says how to get one that does.
func TestRecordMustHaveTheRowsThereAre(t *testing.T) {
	rec := &record{Quick: true, Ratios: map[string]float64{"s/a": 1, "s/gone": 1}}
	how := "record anew with: go run ./benchmarks -quick -record r.json"
	for _, tt := range []struct {
		quick bool
		rows  []string
		want  string
	}{
		{true, []string{"s/a", "s/gone"}, ""},
		{true, []string{"s/a", "s/gone", "s/new"}, "s/new is not recorded in r.json: " + how},
		{true, []string{"s/a"}, "s/gone is recorded in r.json, but there is no such row any more: " + how},
		{false, []string{"s/a", "s/gone"}, "r.json was recorded with -quick=true, and this is -quick=false: record anew with: go run ./benchmarks -record r.json"},
	} {
		got := ""
		if err := rec.covers("r.json", tt.quick, "go run ./benchmarks", tt.rows); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("of %q the error is %q, want %q", tt.rows, got, tt.want)
		}
	}
}

// TestGateEndsTheCommand runs it on one row with a record that no machine can fulfil, and one that each does.
func TestGateEndsTheCommand(t *testing.T) {
	for _, tt := range []struct {
		ratio  float64
		status int
		want   string
	}{
		{0, statusFailed, "recorded is 0.000, the limit 0.000"},
		{1e9, statusOK, ""},
	} {
		rec := &record{Ratios: map[string]float64{}}
		for _, key := range tiny.gated(false) {
			rec.Ratios[key] = tt.ratio
		}
		path := filepath.Join(t.TempDir(), "r.json")
		if err := writeJSON(path, rec); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr strings.Builder
		args := []string{"-only", "tell", "-run", "senders=1$", "-rounds", "1", "-n", "10", "-gate", path}
		if got := tiny.run(context.Background(), args, &stdout, &stderr); got != tt.status || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("with the ratio %v recorded: status %d and complaint %q, want %d and %q", tt.ratio, got, stderr.String(), tt.status, tt.want)
		}
	}
}

func TestGateWantsAFileOfRecord(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.json")
	if err := os.WriteFile(broken, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "missing.json"), broken} {
		var stdout, stderr strings.Builder
		got := tiny.run(context.Background(), []string{"-quick", "-gate", path}, &stdout, &stderr)
		if got != statusFailed || stdout.Len() > 0 || !strings.Contains(stderr.String(), "want a file that -record has written") {
			t.Errorf("%s: status %d, output %q, complaint %q", path, got, stdout.String(), stderr.String())
		}
	}
}
