// Package bench measures contenders side by side, makes ratios of what it finds, and prints them. It knows nothing of what
// is measured: that is a Section, and a Command measures some.
package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"
)

// Exit statuses.
const (
	statusOK          = 0
	statusFailed      = 1
	statusUsage       = 2
	statusInterrupted = 130
)

// A Command measures Sections, and prints what it found.
type Command struct {
	Name     string // begins each line of a complaint
	Usage    string // how it is called, without flags
	About    string // what it measures, for -h
	Title    string // the first words of what it prints
	Sections []Section
}

// Main is the process: an interrupt ends the measuring, and a second one everything.
func (cmd Command) Main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, interrupt := context.WithCancel(context.Background())
	go func() {
		<-signals
		interrupt()
		<-signals
		os.Exit(statusInterrupted)
	}()
	os.Exit(cmd.run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without its process: it returns the exit status, and ends early when ctx does.
func (cmd Command) run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := cmd.parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		fmt.Fprintf(stderr, "%s: %v\n", cmd.Name, err)
		return statusUsage
	}
	var recorded *record
	if o.gate != "" {
		if recorded, err = cmd.readRecord(o.gate, o.plan.quick); err != nil {
			return cmd.failed(stderr, err)
		}
	}
	report, err := cmd.compare(ctx, o, stdout, newProgress(stderr, isTerminal(stderr), len(o.jobs)))
	if o.json != "" {
		err = errors.Join(err, report.writeFile(o.json))
	}
	if o.svg != "" {
		err = errors.Join(err, writeCharts(o.svg, report.Results))
	}
	if err != nil {
		return cmd.failed(stderr, err)
	}
	if !report.Complete {
		fmt.Fprintf(stderr, "%s: interrupted: %d of %d rows were measured\n", cmd.Name, report.measured, len(o.jobs))
		return statusInterrupted
	}
	if o.record != "" {
		err = writeJSON(o.record, recordOf(report))
	}
	if recorded != nil {
		err = recorded.check(report.Results, func(j job) []result {
			fmt.Fprintf(stderr, "%s: %s/%s is measured again\n", cmd.Name, j.section.Name, j.row.Name)
			results, _ := j.measure(ctx, o.plan)
			return results
		})
	}
	if err != nil {
		return cmd.failed(stderr, err)
	}
	return statusOK
}

// failed prints an error, which may have several lines.
func (cmd Command) failed(stderr io.Writer, err error) int {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(stderr, "%s: %s\n", cmd.Name, strings.TrimSpace(line))
	}
	return statusFailed
}

// compare measures the jobs one after the other, and prints each table as soon as it is whole, or ctx has ended.
func (cmd Command) compare(ctx context.Context, o *options, stdout io.Writer, p *progress) (report, error) {
	rep := report{Machine: thisMachine(), Began: time.Now(), Rounds: o.plan.rounds, Quick: o.plan.quick}
	if _, err := io.WriteString(stdout, cmd.heading(o, rep.Machine)); err != nil {
		return rep, err
	}
	defer p.finish()
	printed := 0 // of the results
	for i, j := range o.jobs {
		if i == 0 || !o.jobs[i-1].sameSection(j) {
			p.hide()
			if _, err := fmt.Fprintf(stdout, "\n== %s%s\n%s\n", j.section.Name, o.under(j), j.section.About); err != nil {
				return rep, err
			}
		}
		p.show(i, j.row.Name)
		results, ok := j.measure(ctx, o.plan)
		if ok {
			rep.Results = append(rep.Results, results...)
			rep.measured++
		}
		if whole := i+1 == len(o.jobs) || !o.jobs[i+1].sameTable(j); whole || !ok {
			p.hide()
			if err := writeTable(stdout, rep.Results[printed:]); err != nil {
				return rep, err
			}
			printed = len(rep.Results)
		}
		if !ok {
			return rep, nil
		}
	}
	rep.Complete = true
	return rep, nil
}

// under says how many processors a job has, where not all have as many.
func (o *options) under(j job) string {
	if len(o.cpu) == 1 {
		return ""
	}
	return fmt.Sprintf(", GOMAXPROCS %d", j.procs)
}

func (cmd Command) heading(o *options, m machine) string {
	return fmt.Sprintf(`%s: %d rows, %d rounds each, on %s.
ns and allocs (their bytes) are medians, of an operation. The ratios are of times (or of what a figure says): the median
of the rounds, and the lowest and highest. Below 1, the first named is quicker. Only ratios within one run mean something.
`, cmd.Title, len(o.jobs), o.plan.rounds, m)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
