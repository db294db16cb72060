// Wordcount counts the words of text files in a pipeline, and prints those that come most often.
//
//	go run ./examples/wordcount README.md ARCHITECTURE.md
//	go run ./examples/wordcount -top 5 -least 4 *.txt      of words of four letters or more, the first five
//	go run ./examples/wordcount -stages README.md          and what went through each stage
//	cat *.md | go run ./examples/wordcount -               what comes in
//
// The pipeline:
//
//	lines ──▶ batch ──▶ count, on all processors ──▶ add up
//
// Each stage is an actor of its own, and a slow one holds up those before it: however long the files are, no more of them is
// in memory than the stages' buffers hold. A batch is work enough to be worth its way to another processor, and as the order
// in which batches are added up does not matter, none waits for another.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	goruntime "runtime"
)

// Exit statuses.
const (
	statusOK     = 0
	statusFailed = 1
	statusUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program without its process. It returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return statusOK
	case err != nil:
		fmt.Fprintf(stderr, "wordcount: %v\n", err)
		return statusUsage
	}
	c, err := o.count(ctx, stdin)
	if err != nil {
		fmt.Fprintf(stderr, "wordcount: %v\n", err)
		return statusFailed
	}
	o.report(stdout, c)
	return statusOK
}

// options is what the command line says.
type options struct {
	files      []string
	top, least int
	workers    int
	stages     bool
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("wordcount", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&o.top, "top", 10, "how many words are printed")
	flags.IntVar(&o.least, "least", 1, "the fewest letters that a word has")
	flags.IntVar(&o.workers, "workers", goruntime.GOMAXPROCS(0), "how many batches are counted at once")
	flags.BoolVar(&o.stages, "stages", false, "print what went through each stage")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(stderr, "Usage: wordcount [flags] file ...   (- is the standard input)")
			flags.SetOutput(stderr)
			flags.PrintDefaults()
		}
		return o, err
	}
	o.files = flags.Args()
	switch {
	case len(o.files) == 0:
		return o, errors.New("there is no file: want one or more, or - for the standard input (see -help)")
	case o.top < 0:
		return o, fmt.Errorf("-top is %d: want 0 or more", o.top)
	case o.least < 1:
		return o, fmt.Errorf("-least is %d: want 1 or more", o.least)
	case o.workers < 1 || o.workers > 1024:
		return o, fmt.Errorf("-workers is %d: want 1 to 1024", o.workers)
	}
	return o, nil
}
