package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// writeTable prints results of one table: the labels, then a pair of columns for each contender, then the ratios. Of no
// results it prints nothing.
func writeTable(w io.Writer, results []result) error {
	if len(results) == 0 {
		return nil
	}
	first := results[0]
	var names, units []string
	for _, l := range first.row.label {
		names, units = append(names, ""), append(units, l.column)
	}
	for _, c := range first.Contenders {
		names, units = append(names, c.Name, ""), append(units, "ns", "allocs")
	}
	for _, c := range first.Contenders[1:] {
		names, units = append(names, ""), append(units, c.Name+" / "+first.Baseline)
	}
	lines := [][]string{names, units}
	for _, r := range results {
		lines = append(lines, cells(r))
	}

	var text bytes.Buffer
	tw := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, line := range lines {
		// The trailing tab makes the last cell part of a column: tabwriter aligns no other.
		fmt.Fprintf(tw, "%s\t\n", strings.Join(line, "\t"))
	}
	_ = tw.Flush() // to memory, which takes all

	if _, err := fmt.Fprintf(w, "\n%s\n", first.row.table); err != nil {
		return err
	}
	// A gap wherever the first label changes; tabwriter would align the parts each for itself.
	i := -2 // the header's two lines come before the results
	for line := range strings.Lines(text.String()) {
		gap := ""
		if i > 0 && results[i].row.label[0] != results[i-1].row.label[0] {
			gap = "\n"
		}
		if _, err := fmt.Fprint(w, gap, strings.TrimRight(line, " \n"), "\n"); err != nil {
			return err
		}
		i++
	}
	return nil
}

// cells is the line of one result.
func cells(r result) []string {
	var line []string
	for _, l := range r.row.label {
		line = append(line, l.value)
	}
	for _, c := range r.Contenders {
		line = append(line, digits(c.NS), allocated(c))
	}
	for _, c := range r.Contenders[1:] {
		line = append(line, fmt.Sprintf("%.2f (%.2f..%.2f)", c.Ratio.Median, c.Ratio.Min, c.Ratio.Max))
	}
	return line
}

// allocated is how often a contender allocates for a message, and how much. What a run allocates for its goroutines is
// a thousandth of that or less, and not shown.
func allocated(c summary) string {
	if c.Allocs < 0.005 && c.Bytes < 0.5 {
		return "0"
	}
	return fmt.Sprintf("%.2f (%.0f B)", c.Allocs, c.Bytes)
}

// digits shows three significant digits; more would be noise.
func digits(f float64) string {
	switch {
	case f < 9.995:
		return strconv.FormatFloat(f, 'f', 2, 64)
	case f < 99.95:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return comma(int(f + 0.5))
}

// comma writes n, not negative, with a comma before each group of three digits.
func comma(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
