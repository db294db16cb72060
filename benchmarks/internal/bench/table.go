package bench

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// writeTable prints results of one table: the labels, then the columns of each contender, then the ratios. Of no
// results it prints nothing.
func writeTable(w io.Writer, results []result) error {
	if len(results) == 0 {
		return nil
	}
	c := columnsOf(results)
	header := c.header(results[0])
	lines := header
	for _, r := range results {
		lines = append(lines, c.cells(r))
	}

	var text bytes.Buffer
	tw := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, line := range lines {
		// The trailing tab makes the last cell part of a column: tabwriter aligns no other.
		fmt.Fprintf(tw, "%s\t\n", strings.Join(line, "\t"))
	}
	_ = tw.Flush() // to memory, which takes all

	if _, err := fmt.Fprintf(w, "\n%s\n", results[0].job.row.Table); err != nil {
		return err
	}
	// A gap wherever the first label changes; tabwriter would align the parts each for itself.
	i := -len(header)
	for line := range strings.Lines(text.String()) {
		gap := ""
		if i > 0 && len(results[0].job.row.Label) > 1 && results[i].job.row.Label[0] != results[i-1].job.row.Label[0] {
			gap = "\n"
		}
		if _, err := fmt.Fprint(w, gap, strings.TrimRight(line, " \n"), "\n"); err != nil {
			return err
		}
		i++
	}
	return nil
}

// columns says which columns a table has beside those that all have.
type columns struct {
	figure bool   // which figure a line is of, with its unit; otherwise all lines are times of an operation
	limit  bool   // what ours should be at most
	aim    []bool // the same of each ratio
}

func columnsOf(results []result) columns {
	c := columns{aim: make([]bool, len(results[0].Ratios))}
	for _, r := range results {
		c.figure = c.figure || r.figure.Name != ""
		c.limit = c.limit || r.figure.Limit > 0
		for i, to := range r.Ratios {
			c.aim[i] = c.aim[i] || to.Aim > 0
		}
	}
	return c
}

// header is who, and in a second line what of it; a table of figures says that in each line.
func (c columns) header(r result) [][]string {
	var names, units []string
	add := func(name, unit string) { names, units = append(names, name), append(units, unit) }
	for _, l := range r.job.row.Label {
		add("", l.Column)
	}
	if c.figure {
		add("", "figure")
	}
	for _, s := range r.Contenders {
		if c.figure {
			add("", s.Name)
		} else {
			add(s.Name, "ns")
			add("", "allocs")
		}
	}
	if c.limit {
		add("", "aim")
	}
	ours := r.Contenders[len(r.Contenders)-1].Name
	for i, to := range r.Ratios {
		add("", ours+" / "+to.To)
		if c.aim[i] {
			add("", "aim")
		}
	}
	if c.figure {
		return [][]string{units}
	}
	return [][]string{names, units}
}

// cells is the line of one result.
func (c columns) cells(r result) []string {
	var line []string
	for _, l := range r.job.row.Label {
		line = append(line, l.Value)
	}
	if c.figure {
		line = append(line, r.figure.Name+", "+r.Unit)
	}
	for _, s := range r.Contenders {
		line = append(line, digits(s.Value))
		if !c.figure {
			line = append(line, allocated(s))
		}
	}
	if c.limit {
		line = append(line, aimed(r.Contenders[len(r.Contenders)-1].Value, r.figure.Limit))
	}
	for i, to := range r.Ratios {
		line = append(line, fmt.Sprintf("%.2f (%.2f..%.2f)", to.Median, to.Min, to.Max))
		if c.aim[i] {
			line = append(line, aimed(to.Median, to.Aim))
		}
	}
	return line
}

// aimed is what was aimed at, and whether it was missed, as far as is shown.
func aimed(found, aim float64) string {
	switch {
	case aim == 0:
		return ""
	case found > aim && digits(found) != digits(aim):
		return digits(aim) + " missed"
	}
	return digits(aim)
}

// allocated is how often a contender allocates for an operation, and how much. What a run allocates for its goroutines
// is a thousandth of that or less, and not shown.
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
	return Comma(int(f + 0.5))
}

// Comma writes n, not negative, with a comma before each group of three digits.
func Comma(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
