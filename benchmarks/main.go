// Benchmarks measures what Troupe costs, each thing beside what a Go program would use without it, channels and
// goroutines, and beside Proto.Actor.
//
//	go run ./benchmarks                  everything, in some minutes
//	go run ./benchmarks -quick           the essence, in less than one
//	go run ./benchmarks -h               what else can be asked for
//
// README.md has the method and the figures. A section (such as tell.go) says what is compared; measuring (measure.go), the
// statistics (result.go), the printing (table.go, chart.go) and the gate (gate.go) know nothing of what it is.
package main

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

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, interrupt := context.WithCancel(context.Background())
	go func() {
		<-signals
		interrupt()
		<-signals
		os.Exit(statusInterrupted)
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program without its process: it returns the exit status, and ends early when ctx does.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		fmt.Fprintf(stderr, "benchmarks: %v\n", err)
		return statusUsage
	}
	var recorded *record
	if o.gate != "" {
		if recorded, err = readRecord(o.gate, o.plan.quick); err != nil {
			return failed(stderr, err)
		}
	}
	report, err := compare(ctx, o, stdout, newProgress(stderr, isTerminal(stderr), len(o.jobs)))
	if o.json != "" {
		err = errors.Join(err, report.writeFile(o.json))
	}
	if o.svg != "" {
		err = errors.Join(err, writeCharts(o.svg, report.Results))
	}
	if err != nil {
		return failed(stderr, err)
	}
	if !report.Complete {
		fmt.Fprintf(stderr, "benchmarks: interrupted: %d of %d rows were measured\n", report.measured, len(o.jobs))
		return statusInterrupted
	}
	if o.record != "" {
		err = writeJSON(o.record, recordOf(report))
	}
	if recorded != nil {
		err = recorded.check(report.Results, func(j job) []result {
			fmt.Fprintf(stderr, "benchmarks: %s/%s is measured again\n", j.section.name, j.row.name)
			results, _ := j.measure(ctx, o.plan)
			return results
		})
	}
	if err != nil {
		return failed(stderr, err)
	}
	return statusOK
}

// failed prints an error, which may have several lines.
func failed(stderr io.Writer, err error) int {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(stderr, "benchmarks: %s\n", strings.TrimSpace(line))
	}
	return statusFailed
}

// compare measures the jobs one after the other, and prints each table as soon as it is whole, or ctx has ended.
func compare(ctx context.Context, o *options, stdout io.Writer, p *progress) (report, error) {
	rep := report{Machine: thisMachine(), Began: time.Now(), Rounds: o.plan.rounds, Quick: o.plan.quick}
	if _, err := io.WriteString(stdout, heading(o, rep.Machine)); err != nil {
		return rep, err
	}
	defer p.finish()
	printed := 0 // of the results
	for i, j := range o.jobs {
		if i == 0 || !o.jobs[i-1].sameSection(j) {
			p.hide()
			if _, err := fmt.Fprintf(stdout, "\n== %s%s\n%s\n", j.section.name, o.under(j), j.section.about); err != nil {
				return rep, err
			}
		}
		p.show(i, j.row.name)
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

func heading(o *options, m machine) string {
	return fmt.Sprintf(`Troupe benchmarks: %d rows, %d rounds each, on %s.
ns and allocs (their bytes) are medians, of an operation. The ratios are of times (or of what a figure says): the median
of the rounds, and the lowest and highest. Below 1, the first named is quicker. Only ratios within one run mean something.
`, len(o.jobs), o.plan.rounds, m)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
