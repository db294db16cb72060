package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	width       = 80 // columns that everything but an address keeps to
	mostBroken  = 10
	mostSlowest = 5
)

// WriteText writes the summary for a person at a terminal, in one write, whose error it returns. Sections that have
// nothing to say are left out. Lines keep to 80 columns, but an address is never cut: it must survive being copied.
func (s *Summary) WriteText(w io.Writer) error {
	t := &text{}
	s.writeTotals(t)
	s.writeKinds(t)
	s.writeBroken(t)
	s.writeSlowest(t)
	s.writeActors(t)
	s.writeAccounting(t)
	_, err := w.Write(t.Bytes())
	return err
}

// text is a buffer with a Printf, which cannot fail.
type text struct{ bytes.Buffer }

func (t *text) printf(format string, args ...any) { fmt.Fprintf(&t.Buffer, format, args...) }

func (s *Summary) writeTotals(t *text) {
	if s.Interrupted {
		t.printf("Crawl of %s, interrupted after %s\n\n", s.Start, duration(s.Took))
	} else {
		t.printf("Crawled %s in %s\n\n", s.Start, duration(s.Took))
	}
	line := func(name, value, aside string) {
		t.printf("%s\n", strings.TrimRight(fmt.Sprintf("  %-10s %12s   %s", name, value, aside), " "))
	}
	var pageRate, byteRate string
	if seconds := s.Took.Seconds(); seconds > 0 {
		pageRate = rate(float64(s.Pages)/seconds) + " pages/s"
		byteRate = size(float64(s.Bytes)/seconds) + "/s"
	}
	line("pages", count(s.Pages), pageRate)
	line("fetched", size(float64(s.Bytes)), byteRate)
	line("links", count(s.Links), "")
	line("broken", count(len(s.Broken)), "")
	line("records", count(s.Records), "")
	line("retries", count(s.Retries), "")
	line("restarts", count(s.Restarts), "")
}

func (s *Summary) writeKinds(t *text) {
	if len(s.Kinds) == 0 {
		return
	}
	t.printf("\nBy kind\n")
	kinds := slices.SortedFunc(maps.Keys(s.Kinds), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Kinds[b], s.Kinds[a]), cmp.Compare(a, b))
	})
	for _, k := range kinds {
		t.printf("  %-14s %8s\n", k, count(s.Kinds[k]))
	}
}

func (s *Summary) writeBroken(t *text) {
	if len(s.Broken) == 0 {
		return
	}
	t.printf("\nBroken links\n")
	shown := s.Broken[:min(len(s.Broken), mostBroken)]
	label := func(b Broken) string {
		if b.Status == 0 {
			return b.Kind
		}
		return b.Kind + " " + strconv.Itoa(b.Status)
	}
	const from = "linked from"
	wide := len(from)
	for _, b := range shown {
		wide = max(wide, len(label(b)))
	}
	for _, b := range shown {
		t.printf("  %-*s  %s\n", wide, label(b), b.URL)
		if b.From != "" {
			t.printf("  %*s  %s\n", wide, from, b.From)
		}
	}
	if more := len(s.Broken) - len(shown); more > 0 {
		t.printf("  and %s more\n", count(more))
	}
}

func (s *Summary) writeSlowest(t *text) {
	if len(s.Slowest) == 0 {
		return
	}
	t.printf("\nSlowest pages\n")
	for _, p := range s.Slowest[:min(len(s.Slowest), mostSlowest)] {
		t.printf("  %11s  %s\n", duration(p.Took), p.URL)
	}
}

// writeActors writes a table with a column as wide as it must be. The first element of the paths, the name of
// the system, moves into the header if all have it in common: the columns leave little room for the paths.
func (s *Summary) writeActors(t *text) {
	if len(s.Actors) == 0 {
		return
	}
	prefix := commonPrefix(s.Actors)
	rows := [][]string{{prefix, "sent", "rejected", "handled", "dropped", "dead", "queued", "restarts"}}
	row := func(name string, a ActorLine) {
		line := []string{name}
		for _, n := range []uint64{a.Sent, a.Rejected, a.Handled, a.Dropped, a.DeadLettered, a.Queued, a.Restarts} {
			line = append(line, count(n))
		}
		rows = append(rows, line)
	}
	for _, a := range s.Actors {
		row(strings.TrimPrefix(a.Path, prefix), a)
	}
	row("total", s.Total)

	wide := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			wide[i] = max(wide[i], utf8.RuneCountInString(cell))
		}
	}
	room := width - len("  ")
	for _, w := range wide[1:] {
		room -= len("  ") + w
	}
	wide[0] = min(wide[0], max(room, 8))
	t.printf("\nActors\n")
	for _, r := range rows {
		t.printf("  %-*s", wide[0], keepEnd(r[0], wide[0]))
		for i, cell := range r[1:] {
			t.printf("  %*s", wide[i+1], cell)
		}
		t.printf("\n")
	}
}

// commonPrefix returns the first element of the paths, with its slash, if they all have it and something behind it.
func commonPrefix(lines []ActorLine) string {
	first, _, found := strings.Cut(lines[0].Path, "/")
	if !found {
		return ""
	}
	for _, l := range lines {
		if len(l.Path) <= len(first)+1 || !strings.HasPrefix(l.Path, first+"/") {
			return ""
		}
	}
	return first + "/"
}

// keepEnd cuts s from the left to n runes: the end of a path is what tells siblings apart.
func keepEnd(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return "…" + string(r[len(r)-n+1:])
}

// writeAccounting writes the identity with its numbers. It takes more than one line; the "+" go under the "=".
func (s *Summary) writeAccounting(t *text) {
	left, right := s.Identity()
	verdict := "  (exact)"
	if left > right {
		verdict = "  (off by " + count(left-right) + ")"
	} else if left < right {
		verdict = "  (off by " + count(right-left) + ")"
	}
	total := s.Total
	terms := []string{
		"= Rejected " + count(total.Rejected), "+ Handled " + count(total.Handled), "+ Dropped " + count(total.Dropped),
		"+ DeadLettered " + count(total.DeadLettered), "+ Queued " + count(total.Queued) + verdict,
	}
	start := "  Sent " + count(left)
	t.printf("\nAccounting\n%s", start)
	column := len(start)
	for _, term := range terms {
		if column+1+len(term) > width {
			t.printf("\n%*s", len(start), "")
			column = len(start)
		}
		t.printf(" %s", term)
		column += 1 + len(term)
	}
	t.printf("\n")
}
