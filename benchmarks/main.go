// Benchmarks measures what a message costs in Troupe, each thing beside what a Go program would use without it.
//
//	go run ./benchmarks                  everything, in two to three minutes
//	go run ./benchmarks -quick           the essence, in half a minute
//	go run ./benchmarks -h               what else can be asked for
//
// README.md has the method and the figures. A section (mailbox.go) says what is compared; measuring (measure.go), the
// statistics (result.go) and the printing (table.go) know nothing of what it is.
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
	report, err := compare(ctx, o, stdout, newProgress(stderr, isTerminal(stderr), len(o.jobs)))
	if o.json != "" {
		err = errors.Join(err, report.writeFile(o.json))
	}
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(stderr, "benchmarks: %s\n", strings.TrimSpace(line))
		}
		return statusFailed
	}
	if !report.Complete {
		fmt.Fprintf(stderr, "benchmarks: interrupted: %d of %d rows were measured\n", len(report.Results), len(o.jobs))
		return statusInterrupted
	}
	return statusOK
}

// compare measures the jobs one after the other, and prints each table as soon as it is whole, or ctx has ended.
func compare(ctx context.Context, o *options, stdout io.Writer, p *progress) (report, error) {
	rep := report{Machine: thisMachine(), Began: time.Now(), Rounds: o.rounds, Quick: o.quick}
	if _, err := io.WriteString(stdout, heading(o, rep.Machine)); err != nil {
		return rep, err
	}
	defer p.finish()
	printed := 0 // of the results
	for i, j := range o.jobs {
		if i == 0 || o.jobs[i-1].section.name != j.section.name {
			p.hide()
			if _, err := fmt.Fprintf(stdout, "\n== %s\n%s\n", j.section.name, j.section.about); err != nil {
				return rep, err
			}
		}
		p.show(i, j.row.name)
		samples, n, ok := measure(ctx, j.row, o.rounds)
		if ok {
			rep.Results = append(rep.Results, summarize(j.section.name, j.row, n, samples))
		}
		if whole := i+1 == len(o.jobs) || o.jobs[i+1].row.table != j.row.table; whole || !ok {
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

func heading(o *options, m machine) string {
	return fmt.Sprintf(`Troupe benchmarks: %d rows, %d rounds each, on %s.
ns and allocs (their bytes) are medians, per message. The last columns are ratios of times: the median of the rounds,
and the lowest and highest. Below 1, the first named is quicker. Only ratios within one run mean something.
`, len(o.jobs), o.rounds, m)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
