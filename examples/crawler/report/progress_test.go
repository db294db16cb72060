package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var status = Status{Done: 1234, Known: 2700, Queued: 123, Active: 8, Errors: 2, Records: 512, Rate: 100.3}

func TestLinesComeOnceASecond(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, false, false)
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	p.now = func() time.Time { return now }
	for i := range 26 { // 2.5 s
		s := status
		s.Done += i
		p.Show(s)
		now = now.Add(100 * time.Millisecond)
	}
	p.Finish()
	const want = `    0s 1,234/2,700   100/s  queue   123 active     8 errors     2 records   512
    1s 1,244/2,700   100/s  queue   123 active     8 errors     2 records   512
    2s 1,254/2,700   100/s  queue   123 active     8 errors     2 records   512
    2s 1,259/2,700   100/s  queue   123 active     8 errors     2 records   512
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestLinesFitUntilARestart(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, false, false)
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	p.now = func() time.Time { return now }
	p.Show(status)
	now = now.Add(59*time.Minute + 59*time.Second)
	s := Status{Done: 54_321, Known: 65_432, Queued: 11_111, Active: 1000, Errors: 99_999, Records: 123_456, Rate: 9999}
	p.Show(s)
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(line) - 1; n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	out.Reset()
	s.Restarts = 3
	now = now.Add(time.Second)
	p.Show(s)
	if !strings.HasSuffix(out.String(), " records  123k  restarts 3\n") {
		t.Errorf("no restarts at the end of %q", out.String())
	}
}

func TestFinishPrintsNothingTwice(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, false, false)
	p.Finish()
	if out.Len() != 0 {
		t.Errorf("Finish without a Status printed %q", out.String())
	}
	p = NewProgress(&out, false, false)
	p.Show(status)
	p.Finish()
	p.Finish()
	p.Show(status)
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Errorf("%d lines for one Status:\n%s", n, out.String())
	}
}

func TestQuietPrintsNothing(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var out bytes.Buffer
		p := NewProgress(&out, terminal, true)
		p.Show(status)
		p.Finish()
		if out.Len() != 0 {
			t.Errorf("terminal %t: printed %q", terminal, out.String())
		}
	}
}

// frames returns what a terminal is told between two carriage returns, without what erases the rest of the line.
func frames(out string) []string {
	all := strings.Split(strings.ReplaceAll(out, "\x1b[0K", ""), "\r")
	var drawn []string
	for _, f := range all {
		if f = strings.TrimRight(f, " "); f != "" {
			drawn = append(drawn, f)
		}
	}
	return drawn
}

func TestBarIsDrawnOnceForEachStatus(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, true, false)
	p.Show(Status{})
	p.Show(Status{Done: 1, Known: 1, Rate: 3.21}) // all that is known is done, and yet it goes on
	p.Show(status)
	restarted := status
	restarted.Restarts = 2
	p.Show(restarted)
	want := []string{
		"   0% ░░░░░░░░░░░░░░░░░░░░░░░░░  0/0  0.0/s  queue 0  errors 0",
		" 100% █████████████████████████  1/1  3.2/s  queue 0  errors 0",
		"  45% ███████████░░░░░░░░░░░░░░  1,234/2,700  100/s  queue 123  errors 2",
		"  45% █████░░░░░░░░  1,234/2,700  100/s  queue 123  errors 2  restarts 2",
	}
	if diff := cmp.Diff(want, frames(out.String())); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
	for _, f := range frames(out.String()) {
		if n := utf8.RuneCountInString(f); n > 80 {
			t.Errorf("%d columns: %s", n, f)
		}
	}
}

func TestFinishErasesTheBar(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, true, false)
	p.Show(status)
	p.Finish()
	p.Show(status)
	if !strings.HasSuffix(out.String(), "\x1b[2K\r") {
		t.Errorf("the line is not erased at the end of %q", out.String())
	}
}
