// Crawler crawls a web site with actors: politely, extracting records and checking links.
//
//	go run ./examples/crawler                     crawls a generated market of second-hand homes, which it serves itself
//	go run ./examples/crawler -links l.csv URL    crawls a site of yours, and writes where each link leads
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/sirupsen/logrus"
	"golang.org/x/term"

	"github.com/troupe-go/troupe/examples/crawler/crawl"
	"github.com/troupe-go/troupe/examples/crawler/report"
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
		fmt.Fprintln(os.Stderr, "\ncrawler: interrupted: finishing the requests under way; interrupt again to leave at once")
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
		complain(stderr, err)
		return statusUsage
	}
	summary, err := execute(ctx, o, stderr)
	if summary != nil { // even if a file failed in the end: the crawl may have taken hours
		err = errors.Join(err, summary.WriteText(stdout))
	}
	if err == nil {
		err = verdict(summary)
	}
	switch {
	case err != nil:
		complain(stderr, err)
		return statusFailed
	case summary.Interrupted:
		return statusInterrupted
	}
	return statusOK
}

// verdict returns what is wrong with a crawl that came to its end.
func verdict(s *report.Summary) error {
	left, right := s.Identity()
	switch {
	case left != right:
		return fmt.Errorf("%d messages were sent and %d are accounted for: this is a bug in Troupe", left, right)
	case s.Interrupted || s.Kinds["ok"]+s.Kinds["other"] > 0:
		return nil
	case s.Moved != "":
		return fmt.Errorf("%s leads to another host: start from %s, or use -any-host", s.Start, s.Moved)
	case s.Kinds["forbidden"] > 0:
		return fmt.Errorf("%s is forbidden by robots.txt", s.Start)
	}
	why := strings.Join(slices.Sorted(maps.Keys(s.Kinds)), ", ")
	return fmt.Errorf("not one page could be fetched from %s: %s", s.Start, why)
}

// complain prints one line for each error. The name of the package that it comes from says nothing to a user.
func complain(w io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "page: "), "report: ")
		fmt.Fprintf(w, "crawler: %s\n", line)
	}
}

// execute crawls as o says, and leaves the files behind. They are closed, and thus whole, whatever happens.
func execute(ctx context.Context, o *options, stderr io.Writer) (summary *report.Summary, err error) {
	cfg := o.Config
	if o.embedded {
		site, err := serveMarket()
		if err != nil {
			return nil, err
		}
		defer site.Close()
		cfg.Start = site.URL
	}
	if o.out != "" {
		if cfg.Records, err = report.CreateRecords(o.out, cfg.Spec.Names()); err != nil {
			return nil, err
		}
		defer closing(cfg.Records, &err)
	}
	if o.links != "" {
		if cfg.Links, err = report.CreateLinks(o.links); err != nil {
			return nil, err
		}
		defer closing(cfg.Links, &err)
	}
	if o.report != "" {
		if _, err := os.Stat(filepath.Dir(o.report)); err != nil {
			return nil, err
		}
	}
	progress := report.NewProgress(stderr, isTerminal(stderr), o.quiet)
	cfg.Status = progress.Show
	// Failures are counted in the summary; a line for each would drown the progress.
	logger := logrus.New()
	logger.SetOutput(stderr)
	logger.SetLevel(logrus.ErrorLevel)
	cfg.Logger = logger
	summary, err = crawl.Run(ctx, cfg)
	progress.Finish()
	if err != nil {
		return nil, err
	}
	if o.report != "" {
		err = summary.WriteFile(o.report)
	}
	return summary, err
}

func closing(c io.Closer, err *error) {
	*err = errors.Join(*err, c.Close())
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
